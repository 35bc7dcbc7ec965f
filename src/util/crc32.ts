/**
 * The CRC-32 checksum of bytes (ISO-HDLC, as in gzip): it finds every change of up to 32 bits in a row. Takes eight bytes at a time, since a
 * checkpoint has tens of megabytes (slicing by eight; Kounavis and Berry 2005).
 *
 * @param before the checksum of the bytes before these
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const at = (i: number): number => bytes[i] as number; // in range
  const eights = bytes.length - (bytes.length % 8);
  let sum = ~before;
  for (let i = 0; i < eights; i += 8) {
    sum ^= at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    sum =
      rest(7, sum) ^ rest(6, sum >>> 8) ^ rest(5, sum >>> 16) ^ rest(4, sum >>> 24) ^
      rest(3, at(i + 4)) ^ rest(2, at(i + 5)) ^ rest(1, at(i + 6)) ^ rest(0, at(i + 7)); // prettier-ignore
  }
  for (let i = eights; i < bytes.length; i++) sum = rest(0, sum ^ at(i)) ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** A checksum as eight hexadecimal digits. */
export const crcDigits = (sum: number): string => sum.toString(16).padStart(8, "0");

/** The remainders by the reversed polynomial of all bytes with 0 to 7 bytes of zeros behind them. */
const table = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  table[byte] = rest;
}
for (let i = 256; i < table.length; i++) {
  const shorter = table[i - 256] as number;
  table[i] = (table[shorter & 255] as number) ^ (shorter >>> 8);
}

/** @param zeros how many bytes of zeros come behind the last byte of `sum` */
const rest = (zeros: number, sum: number): number => table[256 * zeros + (sum & 255)] as number;
