import { randomKey, randomUniform } from "../src/util/random.ts";

/** Bytes that stand for pixels. */
export const randomBytes = (seed: number, count: number): Uint8Array =>
  Uint8Array.from(randomUniform(randomKey(seed, "bytes"), 0, count), (u) => Math.floor(256 * u));
