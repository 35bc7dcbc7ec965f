import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import type { ArrayTree } from "../engine/engine.ts";
import { HypertrainError } from "../util/error.ts";
import { leavesOf } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { plainLayers } from "./layer.ts";
import { mlp } from "./mlp.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

test("names its layers and the places where dropout can act", () => {
  const network = mlp({ inputs: 5, hidden: [4, 3], outputs: 2 });
  expect(network.layers.map(({ name, weight }) => [name, ...weight.shape])).toEqual([
    ["fc1", 5, 4],
    ["fc2", 4, 3],
    ["fc3", 3, 2],
  ]);
  expect(network.places).toEqual([
    { name: "input", shape: [5] },
    { name: "fc1", shape: [4] },
    { name: "fc2", shape: [3] },
  ]);
});

test("draws weights and biases on ±1/sqrt(inputs), other ones for each layer", () => {
  const params = mlp({ inputs: 16, hidden: [16], outputs: 16 }).init(randomKey(0, "params"));
  const leaves = leavesOf(params);
  expect(leaves.map(([path, { shape }]) => [path, ...shape])).toEqual([
    ["fc1.weight", 16, 16],
    ["fc1.bias", 16],
    ["fc2.weight", 16, 16],
    ["fc2.bias", 16],
  ]);
  for (const [, { data }] of leaves) {
    const greatest = Math.max(...Array.from(data, Math.abs));
    expect(greatest).toBeLessThanOrEqual(0.25);
    expect(greatest).toBeGreaterThan(0.15);
  }
  expect(leaves[0]?.[1].data).not.toEqual(leaves[2]?.[1].data);
});

test("is ReLU between affine layers, with dropout asked for at every place in turn", () => {
  const network = mlp({ inputs: 2, hidden: [2], outputs: 1 });
  const f64 = (values: unknown) => np.array(values as number[], { dtype: np.float64 });
  const params = {
    fc1: { weight: f64([[1, -1], [2, 0.5]]), bias: f64([0.5, 0.25]) }, // prettier-ignore
    fc2: { weight: f64([[2], [4]]), bias: f64([-1]) },
  } as unknown as ArrayTree;
  const places: string[] = [];
  const y = network.apply(
    plainLayers(params),
    f64([
      [1, 1],
      [-2, 0.5],
    ]),
    (place, x) => {
      // prettier-ignore
      places.push(place);
      return x;
    },
  );
  expect([...y.dataSync()]).toEqual([2 * 3.5 - 1, 4 * 2.5 - 1]);
  expect(places).toEqual(["input", "fc1"]);
});

test("flattens examples of any shape", () => {
  const network = mlp({ inputs: 6, hidden: [], outputs: 2 });
  const seen: number[][] = [];
  network.apply(
    {
      apply: (_, x) => (seen.push([...x.shape]), x),
      base: () => np.zeros([]),
      squaredNorm: () => np.zeros([]),
      params: () => ({}),
    },
    np.zeros([3, 1, 2, 3]),
    (_, x) => x,
  );
  expect(seen).toEqual([[3, 6]]);
});

test("refuses a size that is no positive integer", () => {
  expect(() => mlp({ inputs: 2, hidden: [0], outputs: 1 })).toThrow(HypertrainError);
  expect(() => mlp({ inputs: 2, hidden: [2.5], outputs: 1 })).toThrow(
    "`hidden` of mlp must be a list, each of it a whole number, at least 1, but got [2.5]",
  );
});

test("examples of another length than its inputs are refused by both", () => {
  const network = mlp({ inputs: 3, hidden: [4], outputs: 2 });
  expect(() => network.apply(plainLayers({}), np.zeros([8, 2, 5]), (_, x) => x)).toThrow(
    "mlp must have as many inputs as an example has numbers, 10, but has 3; make it with `inputs: 10`",
  );
});
