import { expect, test } from "vitest";

import { randomKey, randomUniform } from "../util/random.ts";
import { nextToken } from "./next-token.ts";

const logits = [1, 3, -2, 3, 0.5];
const DRAWS = 20_000;

test.each([1, 0.5, 3])("draws have the probabilities of the outputs at temperature %f", (temperature) => {
  const counts = logits.map(() => 0);
  for (const u of randomUniform(randomKey(7, "draws"), 0, DRAWS)) {
    const token = nextToken(logits, temperature, u);
    counts[token] = (counts[token] as number) + 1;
  }
  const total = logits.reduce((sum, z) => sum + Math.exp(z / temperature), 0);
  for (const [i, z] of logits.entries()) {
    const p = Math.exp(z / temperature) / total;
    const sd = Math.sqrt((p * (1 - p)) / DRAWS);
    expect(Math.abs((counts[i] as number) / DRAWS - p)).toBeLessThan(4 * sd);
  }
});

test("at temperature 0 it is the likeliest, and close to 0 one of those", () => {
  for (const u of [0, 0.3, 1 - 2 ** -24]) {
    expect(nextToken(logits, 0, u)).toBe(1);
    expect([1, 3]).toContain(nextToken(logits, 1e-3, u));
  }
});
