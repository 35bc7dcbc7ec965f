/** The CRC-32C checksum of bytes (Castagnoli's polynomial), by which TensorBoard's event files find damage. */
export function crc32c(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) sum = (table[(sum ^ byte) & 255] as number) ^ (sum >>> 8); // in range
  return ~sum >>> 0;
}

/** The remainders of all bytes by the reversed polynomial. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0x82f63b78 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});
