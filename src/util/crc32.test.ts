import { crc32 as zlibCrc32 } from "node:zlib";

import fc from "fast-check";
import { expect, test } from "vitest";

import { crc32, crcDigits } from "./crc32.ts";

test("the checksum of the standard's example", () => {
  expect(crcDigits(crc32(new TextEncoder().encode("123456789")))).toBe("cbf43926");
  expect(crc32(new Uint8Array())).toBe(0);
});

test("any bytes have zlib's checksum, in one piece and in two", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, at) => {
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(zlibCrc32(bytes));
    }),
  );
});
