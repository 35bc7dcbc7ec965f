import { describe, expect, test } from "vitest";

import { mlp } from "../../nn/mlp.ts";
import { sequential, type SequentialOptions } from "../../nn/sequential.ts";
import { parseConfig } from "../config/config.ts";
import { demandMemory, leastBytes } from "./memory.ts";

const configOf = (input: object) => parseConfig({ batchSize: 10, ...input }, (field) => field);
const facts = { network: mlp({ inputs: 3, hidden: [4], outputs: 2 }), hypers: 5, rows: 100 };
const weights = 3 * 4 + 4 + 4 * 2 + 2;
const outputs = 4 + 2;

describe("the least bytes of a run", () => {
  test("are three copies of the weights and the layers of a minibatch where nothing responds", () => {
    expect(leastBytes(configOf({ method: "fixed" }), facts)).toBe(4 * (3 * weights + 2 * 10 * outputs));
    expect(leastBytes(configOf({ method: "fixed", precision: "float64" }), { ...facts, rows: 7 })).toBe(
      8 * (3 * weights + 2 * 7 * outputs),
    );
  });

  test("grow by the response", () => {
    const beside = (response: string) =>
      leastBytes(configOf({ response, rank: 7 }), facts) -
      leastBytes(configOf({ method: "fixed" }), facts) -
      4 * 2 * 10 * outputs; // held of a minibatch
    expect(beside("factored")).toBe(4 * 3 * (weights + 5 * outputs));
    expect(beside("dense")).toBe(4 * 3 * 5 * weights);
    expect(beside("low-rank")).toBe(4 * 3 * 7 * (5 + weights));
  });

  test("count every place of an image, all pairs of steps that attend and the gates of an LSTM", () => {
    const held = (
      layers: SequentialOptions["layers"],
      input: readonly number[],
      outputs: number,
      perStep = false,
    ) => {
      const network = sequential({ input, outputs, layers, perStep });
      const bytesAt = (batchSize: number) =>
        leastBytes(configOf({ method: "fixed", batchSize }), { ...facts, network });
      return (bytesAt(2) - bytesAt(1)) / (2 * 4);
    };
    const wide = [
      { layer: "conv2d", channels: 6, kernel: 3 },
      { layer: "relu" },
      { layer: "flatten" },
      { layer: "linear" },
    ] as const;
    expect(held(wide, [3, 102, 52], 7)).toBe(6 * 100 * 50 + 7);
    const attentive = [
      { layer: "attention", heads: 2 },
      { layer: "sequence-mean" },
      { layer: "linear" },
    ] as const;
    expect(held(attentive, [50, 4], 3)).toBe(2 * 50 * 50 + 4 * 50 * 4 + 3);
    const recurrent = [{ layer: "lstm", units: 5 }, { layer: "last-step" }, { layer: "linear" }] as const;
    expect(held(recurrent, [40, 3], 2)).toBeGreaterThan(40 * 5 * 6);
  });

  test("beyond the machine's are refused with the figure", () => {
    const network = mlp({ inputs: 13, hidden: [1_000_000, 1_000_000], outputs: 3 });
    expect(() => demandMemory(configOf({}), { ...facts, network }, 24 * 2 ** 30)).toThrow(
      /memory of 24 GiB, but with 1000018000003 weights, 5 hyperparameters .* at least 22353 GiB; lower --hidden 1000000,1000000$/,
    );
    expect(() => demandMemory(configOf({}), facts, 2 ** 20)).not.toThrow();
  });
});
