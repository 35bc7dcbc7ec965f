/**
 * The CRC-32 checksum of bytes (ISO-HDLC, as in gzip): it finds every change of up to 32 bits in a row.
 *
 * @param before the checksum of the bytes before these
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let sum = ~before;
  for (const byte of bytes) sum = (table[(sum ^ byte) & 255] as number) ^ (sum >>> 8); // in range
  return ~sum >>> 0;
}

/** A checksum as eight hexadecimal digits. */
export const crcDigits = (sum: number): string => sum.toString(16).padStart(8, "0");

/** The remainders of all bytes by the reversed polynomial. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});
