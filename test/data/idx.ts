/** Small idx files for tests. */

/** An idx3-ubyte file of `rows` images; pixel i of the file is i modulo 256. */
export const idxImages = (rows: number, height: number, width: number): Uint8Array =>
  Uint8Array.from([
    ...[0x00000803, rows, height, width].flatMap(word),
    ...Array.from({ length: rows * height * width }, (_, i) => i % 256),
  ]);

/** An idx1-ubyte file. */
export const idxLabels = (labels: readonly number[]): Uint8Array =>
  Uint8Array.from([...[0x00000801, labels.length].flatMap(word), ...labels]);

const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
