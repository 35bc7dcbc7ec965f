/**
 * The counter-based generator behind every random number of a run: Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and
 * Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).
 *
 * A number depends on (seed, stream, step, position) alone. So a run that stops and resumes, an engine that prefetches and a
 * golden trace that stores its inputs all see the same noise, and nothing of the generator needs to be saved.
 *
 * | symbol | meaning |
 * |---|---|
 * | key    | two 32-bit words, made from the seed and the stream's name |
 * | step   | first counter word: the training step, the epoch, … |
 * | block  | second counter word: position within one step; a block is two 32-bit words |
 */
import { demandGiven } from "./given.ts";
import { integer, seed as aSeed, type ValueRule } from "./rule.ts";
import { threefrySimd, type ThreefrySimd } from "./threefry-simd.ts";

/** The key of one stream. */
export type RandomKey = readonly [number, number];

const PARITY = 0x1bd11bda;

/**
 * Encrypts the counters `(c0, c1)`, `(c0, c1 + 1)`, … with the key `(k0, k1)`: two unsigned words each, to `out` from `from` to
 * before `to`.
 *
 * Unrolled, all in 32-bit integers. {@link threefrySimd} makes the same numbers where there are many.
 */
export function threefry2x32(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
  out: Uint32Array,
  from: number,
  to: number,
): void {
  k0 |= 0;
  k1 |= 0;
  const k2 = PARITY ^ k0 ^ k1;
  const first = (c0 + k0) | 0;
  const i0 = (k2 + 1) | 0; // what is injected into y after rounds 4, 8, 12, 16 and 20
  const i1 = (k0 + 2) | 0;
  const i2 = (k1 + 3) | 0;
  const i3 = (k2 + 4) | 0;
  const i4 = (k0 + 5) | 0;
  let second = (c1 + k1) | 0;
  for (let at = from; at < to; at += 2) {
    let x = first;
    let y = second;
    second = (second + 1) | 0;
    x = (x + y) | 0;
    y = rotate(y, 13) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 15) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 26) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 6) ^ x;
    x = (x + k1) | 0;
    y = (y + i0) | 0;
    x = (x + y) | 0;
    y = rotate(y, 17) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 29) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 16) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 24) ^ x;
    x = (x + k2) | 0;
    y = (y + i1) | 0;
    x = (x + y) | 0;
    y = rotate(y, 13) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 15) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 26) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 6) ^ x;
    x = (x + k0) | 0;
    y = (y + i2) | 0;
    x = (x + y) | 0;
    y = rotate(y, 17) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 29) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 16) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 24) ^ x;
    x = (x + k1) | 0;
    y = (y + i3) | 0;
    x = (x + y) | 0;
    y = rotate(y, 13) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 15) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 26) ^ x;
    x = (x + y) | 0;
    y = rotate(y, 6) ^ x;
    x = (x + k2) | 0;
    y = (y + i4) | 0;
    out[at] = x;
    out[at + 1] = y;
  }
}

/** The key of the stream `name` under `seed` (an integer of at most 53 bits). @throws {HypertrainError} for anything else. */
export function randomKey(seed: number, name: string): RandomKey {
  demandGiven("randomKey", { seed, name }, { seed: aSeed, name: aStream });
  return streamKey(seed, name);
}

/** `count` unsigned 32-bit words at `step`. @throws {HypertrainError} for what is no key, or no whole number. */
export function randomBits(key: RandomKey, step: number, count: number): Uint32Array<ArrayBuffer> {
  demandGiven("randomBits", { key, step, count }, ofDraws);
  return bitsAt(key, step, count);
}

/** `count` numbers uniform on [0, 1), multiples of 2^-24, at `step`. @throws {HypertrainError} as {@link randomBits} does. */
export function randomUniform(key: RandomKey, step: number, count: number): Float32Array<ArrayBuffer> {
  demandGiven("randomUniform", { key, step, count }, ofDraws);
  return uniformsAt(key, step, count);
}

/** `count` standard normal numbers at `step`, by Box and Muller's transform of pairs of uniforms. @throws {HypertrainError} as {@link randomBits} does. */
export function randomNormal(key: RandomKey, step: number, count: number): Float64Array<ArrayBuffer> {
  demandGiven("randomNormal", { key, step, count }, ofDraws);
  return normalsAt(key, step, count);
}

/** A uniform permutation of 0..count-1 at `step`, by Fisher and Yates' shuffle. @throws {HypertrainError} as {@link randomBits} does. */
export function randomPermutation(key: RandomKey, step: number, count: number): Uint32Array<ArrayBuffer> {
  demandGiven("randomPermutation", { key, step, count }, ofDraws);
  return permutationAt(key, step, count);
}

const aStream: ValueRule<string> = {
  must: "a text, the stream's name",
  holds: (value) => typeof value === "string",
};

/** What a key must be. */
export const aKey: ValueRule<RandomKey> = {
  must: 'a key, such as randomKey(0, "noise")',
  holds: (value) =>
    Array.isArray(value) && value.length === 2 && value.every((word) => typeof word === "number"),
};

const ofDraws = { key: aKey, step: integer(0), count: integer(0) };

/** {@link randomKey} of what is known to be one, for every step of a run. */
export function streamKey(seed: number, name: string): RandomKey {
  const words = new Uint32Array(2);
  threefry2x32(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, hashOf(name), name.length, words, 0, 2);
  return [words[0] as number, words[1] as number];
}

/** A key for one part of what `key` stands for, for example one layer of a model: the part's name is hashed with the key. */
export const partKey = (key: RandomKey, part: string): RandomKey =>
  streamKey(key[0] * 2 ** 21 + (key[1] >>> 11), part);

/** {@link randomBits} likewise. */
export function bitsAt(key: RandomKey, step: number, count: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(count + (count & 1));
  const made = vectors(count)?.bits(key[0], key[1], step, 0, words) ?? 0;
  inRanges(made, words.length, (from, to) => threefry2x32(key[0], key[1], step, from >>> 1, words, from, to));
  return words.length === count ? words : words.subarray(0, count);
}

/** {@link randomUniform} likewise. */
export function uniformsAt(key: RandomKey, step: number, count: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const made = vectors(count)?.uniforms(key[0], key[1], step, 0, values) ?? 0;
  const words = new Uint32Array(RANGE);
  inRanges(made, count, (from, to) => {
    threefry2x32(key[0], key[1], step, from >>> 1, words, 0, to - from);
    for (let i = from; i < to; i++) values[i] = ((words[i - from] as number) >>> 8) * 2 ** -24;
  });
  return values;
}

/** {@link randomNormal} likewise. */
export function normalsAt(key: RandomKey, step: number, count: number): Float64Array<ArrayBuffer> {
  const words = bitsAt(key, step, count + (count & 1));
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[i] as number) + 1) * 2 ** -32));
    const angle = 2 * Math.PI * (words[i + 1] as number) * 2 ** -32;
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** {@link randomPermutation} likewise. */
export function permutationAt(key: RandomKey, step: number, count: number): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const words = bitsAt(key, step, Math.max(count - 1, 0));
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((words[i - 1] as number) * 2 ** -32 * (i + 1));
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}

/** FNV-1a over the name's UTF-16 units. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** The generator in vectors, where so many numbers are wanted that it is worth compiling, and it can be. */
function vectors(count: number): ThreefrySimd | undefined {
  if (count < RANGE) return undefined;
  simd ??= threefrySimd() ?? "none";
  return simd === "none" ? undefined : simd;
}

let simd: ThreefrySimd | "none" | undefined;

/**
 * Covers `begin` to before `end` by calls of `work` with short ranges. V8 compiles a function that is called often to three times
 * faster code than a long loop that is entered once.
 */
function inRanges(begin: number, end: number, work: (from: number, to: number) => void): void {
  for (let from = begin; from < end; from += RANGE) work(from, Math.min(from + RANGE, end));
}

const RANGE = 1024;
