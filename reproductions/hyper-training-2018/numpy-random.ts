import type { Hypernet } from "../../src/response/hypernet.ts";
import { HostArray, mapTree, sizeOf } from "../../src/util/host-array.ts";

/*
 * The random numbers of numpy's `RandomState`, so that a figure can start from the very draws of the authors' code: the
 * Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) under an integer seed, and normal numbers by Marsaglia's polar method.
 */

const SIZE = 624; // words of the twister's state
const MIDDLE = 397; // how far apart two words are that make a new one

/** Draws as numpy's `RandomState(seed)`: each call goes on where the last one ended. */
export interface NumpyRandom {
  /** Standard normal numbers, as `randn(count)`. */
  randn(count: number): Float64Array;
}

/** As numpy's `RandomState(seed)`, with an integer seed from 0 to 2^32 - 1. */
export function numpyRandom(seed: number): NumpyRandom {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const last = state[i - 1] as number;
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  let at = SIZE;

  const word = (): number => {
    if (at === SIZE) {
      twist(state);
      at = 0;
    }
    let y = state[at++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };

  /** Uniform on [0, 1) with 53 bits: 27 of one word above 26 of the next. */
  const uniform = (): number => {
    const high = word() >>> 5;
    return (high * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  };

  let kept: number | undefined; // each pair of uniforms makes two normal numbers
  const normal = (): number => {
    if (kept !== undefined) {
      const value = kept;
      kept = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      kept = factor * x;
      return factor * y;
    }
  };
  return { randn: (count) => Float64Array.from({ length: count }, normal) };
}

/**
 * A hypernetwork that starts as in the authors' code: layer after layer, first the weight, then the bias, from
 * `RandomState(seed).randn` times `scale`.
 */
export const startedByNumpy = (hypernet: Hypernet, seed: number, scale: number): Hypernet => ({
  ...hypernet,
  init(size, params, key) {
    const { randn } = numpyRandom(seed);
    return mapTree(hypernet.init(size, params, key), ({ shape }) => {
      return new HostArray(
        randn(sizeOf(shape)).map((z) => z * scale),
        shape,
      );
    });
  },
});

/** The next 624 words, in place. */
function twist(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i++) {
    const joined = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % SIZE] as number) & 0x7fffffff);
    const odd = joined & 1 ? 0x9908b0df : 0;
    state[i] = (state[(i + MIDDLE) % SIZE] as number) ^ (joined >>> 1) ^ odd;
  }
}
