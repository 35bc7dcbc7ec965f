import { describe, expect, test } from "vitest";

import { mlp } from "../nn/mlp.ts";
import { parseConfig } from "./config.ts";
import { demandMemory, leastBytes } from "./memory.ts";

const configOf = (input: object) => parseConfig({ batchSize: 10, ...input }, (field) => field);
const facts = { network: mlp({ inputs: 3, hidden: [4], outputs: 2 }), hypers: 5, rows: 100 };
const weights = 3 * 4 + 4 + 4 * 2 + 2;
const outputs = 4 + 2;

describe("the least bytes of a run", () => {
  test("are three copies of the weights and the layers of a minibatch where nothing responds", () => {
    expect(leastBytes(configOf({ method: "fixed" }), facts)).toBe(4 * (3 * weights + 10 * outputs));
    expect(leastBytes(configOf({ method: "fixed", precision: "float64" }), { ...facts, rows: 7 })).toBe(
      8 * (3 * weights + 7 * outputs),
    );
  });

  test("grow by the response", () => {
    const beside = (response: string) =>
      leastBytes(configOf({ response, rank: 7 }), facts) - leastBytes(configOf({ method: "fixed" }), facts);
    expect(beside("factored")).toBe(4 * 3 * (weights + 5 * outputs));
    expect(beside("dense")).toBe(4 * 3 * 5 * weights);
    expect(beside("low-rank")).toBe(4 * 3 * 7 * (5 + weights));
  });

  test("beyond the machine's are refused with the figure", () => {
    const network = mlp({ inputs: 13, hidden: [1_000_000, 1_000_000], outputs: 3 });
    expect(() => demandMemory(configOf({}), { ...facts, network }, 24 * 2 ** 30)).toThrow(
      /memory of 24 GiB, but with 1000018000003 weights .* at least 22400 GiB; lower --hidden 1000000,1000000$/,
    );
    expect(() => demandMemory(configOf({}), facts, 2 ** 20)).not.toThrow();
  });
});
