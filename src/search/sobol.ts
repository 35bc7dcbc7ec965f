/**
 * Sobol's sequence (1967): points of the unit cube that cover it more evenly than random ones, in whole prefixes of 2^k.
 *
 * | symbol | meaning |
 * |---|---|
 * | i      | number of a point, 0, 1, 2, … |
 * | v_k    | direction numbers of one dimension, 32 bits each, from a and m in `sobol-directions.ts` |
 * | x      | one coordinate, as a fraction of 2^32: the exclusive or of the v_k at which bit k of i is 1 |
 *
 *     v_k = m_k 2^(32 - k) for k <= s;  v_k = a_1 v_{k-1} ^ … ^ a_{s-1} v_{k-s+1} ^ v_{k-s} ^ (v_{k-s} >> s) after that
 */
import { inputError } from "../util/error.ts";
import { bitsAt, type RandomKey } from "../util/random.ts";
import { SOBOL_DIRECTIONS } from "./sobol-directions.ts";

/** The most dimensions that direction numbers are here for. */
export const SOBOL_DIMENSIONS = 128;

/**
 * Point `index` of Sobol's sequence in its plain order (not the Gray code's), the origin first. Multiples of 2^-32. [dimensions]
 *
 * @throws {HypertrainError} if there are more than {@link SOBOL_DIMENSIONS} dimensions, or the index is no 32-bit number.
 */
export const sobolPoint = (index: number, dimensions: number): Float64Array =>
  Float64Array.from({ length: checked(index, dimensions) }, (_, j) => wordOf(index, j) / 2 ** 32);

/**
 * The same point under Owen's nested uniform scrambling (Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995) by the hash of Burley,
 * "Practical hash-based Owen scrambling", 2020: uniform on the cube, strictly inside, and as even as Sobol's points for every
 * key. [dimensions]
 *
 * @throws {HypertrainError} as {@link sobolPoint}.
 */
export function scrambledSobolPoint(key: RandomKey, index: number, dimensions: number): Float64Array {
  const seeds = bitsAt(key, 0, checked(index, dimensions));
  return Float64Array.from(seeds, (seed, j) => (scrambled(wordOf(index, j), seed) + 0.5) / 2 ** 32);
}

function checked(index: number, dimensions: number): number {
  if (dimensions > SOBOL_DIMENSIONS) {
    throw inputError(
      `a quasi-random search must have at most ${SOBOL_DIMENSIONS} numbers to choose, but got ${dimensions}; search at random`,
    );
  }
  if (!(Number.isInteger(index) && index >= 0 && index < 2 ** 32)) {
    throw inputError(`a point of Sobol's sequence must have a 32-bit number, but got ${index}; count from 0`);
  }
  return dimensions;
}

/** One coordinate as an unsigned word. */
function wordOf(index: number, dimension: number): number {
  const directions = directionsOf(dimension);
  let word = 0;
  for (let rest = index, k = 0; rest > 0; rest >>>= 1, k++) {
    if (rest & 1) word ^= directions[k] as number;
  }
  return word >>> 0;
}

/** v_1 to v_32 of a dimension, made once. */
function directionsOf(dimension: number): Int32Array {
  return (made[dimension] ??= dimension === 0 ? vanDerCorput() : joeKuo(dimension));
}

const made: Int32Array[] = [];

const vanDerCorput = (): Int32Array => Int32Array.from({ length: 32 }, (_, k) => 1 << (31 - k));

function joeKuo(dimension: number): Int32Array {
  const [a, ...m] = (SOBOL_DIRECTIONS.trim().split("\n")[dimension - 1] as string).split(" ").map(Number);
  const s = m.length;
  const v = Int32Array.from({ length: 32 }, (_, k) => (m[k] ?? 0) << (31 - k));
  for (let k = s; k < 32; k++) {
    const oldest = v[k - s] as number;
    let word = oldest ^ (oldest >>> s);
    for (let j = 1; j < s; j++) {
      if (((a as number) >>> (s - 1 - j)) & 1) word ^= v[k - j] as number;
    }
    v[k] = word;
  }
  return v;
}

/** Flips every bit by a hash of the seed and of the bits above it. */
function scrambled(word: number, seed: number): number {
  let x = (reversed(word) + seed) | 0;
  for (const factor of BURLEY) x ^= Math.imul(x, factor);
  return reversed(x);
}

const BURLEY = [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6];

/** The word's 32 bits from the last to the first, unsigned. */
function reversed(word: number): number {
  let x = word;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}
