import { expect, test, vi } from "vitest";

import { threefry2x32 } from "./random.ts";
import { threefrySimd, type ThreefrySimd } from "./threefry-simd.ts";

const simd = threefrySimd() as ThreefrySimd;

/** The words that the plain generator makes. */
function plain(k0: number, k1: number, c0: number, c1: number, count: number): Uint32Array {
  const words = new Uint32Array(count + (count & 1));
  threefry2x32(k0, k1, c0, c1, words, 0, words.length);
  return words.subarray(0, count);
}

test.each([
  ["a few blocks", [1, 2, 3, 0], 24],
  ["more than fit into its memory at once", [0x13198a2e, 0x03707344, 7, 0], 20_000],
  ["words that wrap around", [0xffffffff, 0xffffffff, 0xffffffff, 0xfffffffe], 64],
] as const)("makes the same numbers as the plain generator: %s", (_, [k0, k1, c0, c1], count) => {
  const bits = new Uint32Array(count);
  expect(simd.bits(k0, k1, c0, c1, bits)).toBe(count);
  expect(bits).toEqual(plain(k0, k1, c0, c1, count));
  const uniforms = new Float32Array(count);
  expect(simd.uniforms(k0, k1, c0, c1, uniforms)).toBe(count);
  expect(uniforms).toEqual(Float32Array.from(bits, (word) => (word >>> 8) * 2 ** -24));
});

test("leaves the last few numbers to others", () => {
  const bits = new Uint32Array(30).fill(5);
  expect(simd.bits(1, 2, 3, 4, bits)).toBe(24);
  expect([...bits.subarray(24)]).toEqual(Array(6).fill(5));
});

test("is not there where WebAssembly is forbidden", () => {
  vi.stubGlobal("WebAssembly", undefined);
  expect(threefrySimd()).toBeUndefined();
  vi.unstubAllGlobals();
});
