import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { ArrayTree } from "../engine/engine.ts";
import { flattened, HostArray, leavesOf, type HostTree } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
  unflattened,
  weightsOf,
} from "./hypernet.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const params: HostTree = {
  fc1: {
    weight: new HostArray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
    bias: new HostArray(Float64Array.of(7, 8), [2]),
  },
  gain: new HostArray(Float64Array.of(9), []),
};
const key = randomKey(0, "test");
const onDevice = (tree: HostTree): ArrayTree =>
  tree instanceof HostArray
    ? np.array([...tree.data], { shape: [...tree.shape], dtype: np.float64 })
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, onDevice(child)]));
const rows = (values: number[][]) => np.array(values, { dtype: np.float64 });

test("the sizes are those of the paper's table", () => {
  expect(mlpHypernet().parameterCount(1, 7850)).toBe(400_450);
  expect(linearHypernet().parameterCount(1, 7850)).toBe(15_700);
  expect(factoredHypernet().parameterCount(7850, 7850)).toBe(164_860);
  expect(elementwiseHypernet().parameterCount(7850, 7850)).toBe(15_700);
});

test("an elementwise hypernetwork moves each weight with its own hyperparameter", () => {
  const hypernet = elementwiseHypernet();
  const phi = onDevice(hypernet.init(9, params, key)) as { shared: np.Array; slope: np.Array };
  const slope = np.array([1, 0, 0, 2, 0, 0, 0, 0, -1], { dtype: np.float64 });
  const hypers = rows([[1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 0, 0, 0, 0, 0, 0, 0, 0]]); // prettier-ignore
  expect(hypernet.apply({ shared: phi.shared, slope }, hypers).js()).toEqual([
    [2, 2, 3, 12, 5, 6, 7, 8, 0],
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  ]);
  expect(() => hypernet.init(8, params, key)).toThrow(/one hyperparameter for each of 9 weights, but got 8/);
});

test("inputs are divided by the square root of their number, unless asked not to", () => {
  const at = (scaleInputs: boolean, value: number) => {
    const hypernet = linearHypernet({ scaleInputs });
    return [
      ...hypernet
        .apply(onDevice(hypernet.init(4, params, key)), rows([Array(4).fill(value) as number[]]))
        .dataSync(),
    ];
  };
  at(true, 2).forEach((v, i) => expect(v).toBeCloseTo(at(false, 1)[i] as number, 12));
});

test.each([linearHypernet(), factoredHypernet({ units: 3 }), mlpHypernet({ hidden: [4, 5] })])(
  "the $name hypernetwork has as many parameters as it says, and one row of weights for each λ",
  (hypernet) => {
    const phi = hypernet.init(2, params, key);
    const count = leavesOf(phi).reduce((sum, [, { data }]) => sum + data.length, 0);
    expect(hypernet.parameterCount(2, weightsOf(params))).toBe(count);
    const all = hypernet.apply(onDevice(phi), rows([[1, 2], [0, 0], [-3, 1]])); // prettier-ignore
    expect(all.shape).toEqual([3, 9]);
    const second = hypernet.apply(onDevice(phi), rows([[0, 0]])).dataSync();
    expect([...all.dataSync().subarray(9, 18)]).toEqual([...second]);
  },
);

describe("a hypernetwork starts", () => {
  const at = (options: object): number[] => {
    const hypernet = linearHypernet(options);
    return [...hypernet.apply(onDevice(hypernet.init(2, params, key)), rows([[0, 0]])).dataSync()];
  };

  test("at the model's own weights", () => expect(at({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]));

  test("or at random ones of the initial scale", () => {
    const small = at({ initialBias: "random", initialScale: 0.01 });
    const large = at({ initialBias: "random", initialScale: 1 });
    expect(new Set(small).size).toBe(9);
    expect(Math.max(...small.map(Math.abs))).toBeLessThan(0.05);
    small.forEach((v, i) => expect(100 * v).toBeCloseTo(large[i] as number, 10));
  });
});

test("a tree comes back from its flat vector", () => {
  const flat = flattened(params);
  expect([...flat]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const back = unflattened(np.array([...flat], { dtype: np.float64 }), params) as {
    fc1: { weight: np.Array; bias: np.Array };
    gain: np.Array;
  };
  expect(back.fc1.weight.js()).toEqual([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  expect(back.fc1.bias.js()).toEqual([7, 8]);
  expect(back.gain.js()).toBe(9);
});

test.each([
  [
    "hidden units",
    () => mlpHypernet({ hidden: [0] }),
    /each of it a whole number, at least 1, but got \[0\]/,
  ],
  [
    "units",
    () => factoredHypernet({ units: 2.5 }),
    /`units` of factoredHypernet must be a whole number, at least 1, but got 2.5/,
  ],
  [
    "scale",
    () => linearHypernet({ initialScale: -1 }),
    /`initialScale` of linearHypernet must be a number, at least 0, but got -1/,
  ],
])("bad %s are refused", (_, make, sentence) => expect(make).toThrow(sentence));
