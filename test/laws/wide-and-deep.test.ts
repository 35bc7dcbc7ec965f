import { numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import type { ArrayTree } from "../../src/engine/engine.ts";
import { linearization } from "../../src/engine/transform.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { wideAndDeep } from "../../src/nn/networks/wide-and-deep.ts";
import type { ApplyEffect } from "../../src/nn/network.ts";
import { factored } from "../../src/response/factored.ts";
import { HostArray, leavesOf, mapTree, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { ready } from "../oracles/settle.ts";

beforeAll(ready);

const sizes = { inputs: 3, hidden: [5, 4], outputs: 2 };
const network = wideAndDeep(sizes);
const WIDE = /^wide\./;

const normal = (name: string, shape: readonly number[]): HostArray =>
  new HostArray(
    randomNormal(
      randomKey(0, name),
      0,
      shape.reduce((product, n) => product * n, 1),
    ),
    shape,
  );

/** Numbers for the leaves whose path is asked for, 0 for the others. */
const drawn = (like: HostTree, wanted: (path: string) => boolean): HostTree =>
  mapTree(like, ({ data, shape }, path) =>
    wanted(path) ? normal(path, shape) : new HostArray(new Float64Array(data.length), shape),
  );

const weights = network.init(randomKey(0, "weights"));
const withPaths = (wanted: (path: string) => boolean): ArrayTree => arrays(drawn(weights, wanted));

const arrays = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? np.array(Float64Array.from(host.data), { shape: [...host.shape], dtype: np.float64 })
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, arrays(child)]));

const x = () => arrays(normal("x", [6, 3])) as np.Array;
const plain: ApplyEffect = (_, y) => y;

/** Scales each place by a factor of its own, as dropout would. */
const dropping: ApplyEffect = (place, y) => y.mul({ input: 0.5, fc1: 2, fc2: 3 }[place] as number);

const demandClose = (actual: np.Array, expected: np.Array, digits = 12) => {
  const [one, other] = [actual.dataSync(), expected.dataSync()];
  expect(Math.max(...other.map(Math.abs))).toBeGreaterThan(0.1);
  other.forEach((v, i) => expect(one[i] as number).toBeCloseTo(v, digits));
};

test("the deep path has the layers and the dropout places of a perceptron, the wide one a layer of its own", () => {
  expect(network.layers.map(({ name, weight }) => [name, ...weight.shape])).toEqual([
    ["fc1", 3, 5],
    ["fc2", 5, 4],
    ["fc3", 4, 2],
    ["wide", 3, 2],
  ]);
  expect(network.places.map(({ name }) => name)).toEqual(["input", "fc1", "fc2"]);
});

test("is the linear model where the deep path's weights are 0, whatever is dropped there", () => {
  const params = withPaths((path) => WIDE.test(path)) as Record<string, ArrayTree>;
  const linear = mlp({ ...sizes, hidden: [] });
  demandClose(
    network.apply(plainLayers(params), x(), dropping),
    linear.apply(plainLayers({ fc1: params.wide as ArrayTree }), x(), plain),
  );
});

test("is the perceptron where the wide path's weights are 0", () => {
  const params = plainLayers(withPaths((path) => !WIDE.test(path)));
  demandClose(network.apply(params, x(), dropping), mlp(sizes).apply(params, x(), dropping));
});

test.each([
  ["wide", (path: string) => WIDE.test(path)],
  ["deep", (path: string) => !WIDE.test(path)],
])("the %s path responds to the hyperparameters by its derivative", (_, responds) => {
  const params = withPaths(() => true);
  const theta = factored.init(network.layers, weights, 2, randomKey(0, "theta"));
  expect(leavesOf(theta).some(([path]) => responds(path))).toBe(true);
  const response = arrays(drawn(theta, responds));
  const direction = arrays(normal("h", [6, 2])) as np.Array; // one for each example
  const predict = (h: np.Array): np.Array => network.apply(factored.layers(params, response, h), x(), plain);
  const step = 1e-5;
  const [up, down] = [predict(direction.ref.mul(step)), predict(direction.ref.mul(-step))];
  const along = linearization(predict, np.zerosLike(direction.ref), direction) as np.Array;
  demandClose(along.sub(predict(np.zeros([6, 2], { dtype: np.float64 }))), up.sub(down).mul(0.5 / step), 6);
});

test("refuses to be without hidden layers", () => {
  expect(() => wideAndDeep({ ...sizes, hidden: [] })).toThrow(/at least one hidden layer, but got none/);
});
