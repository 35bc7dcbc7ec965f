import { numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import {
  linearWithPenalties,
  penaltiesOf,
  searchedPenalties,
  squaredErrorOf,
  type Grouping,
} from "../../reproductions/hyper-training-2018/linear-penalties.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { createSearch } from "../../src/search/ask-tell.ts";
import { random } from "../../src/search/random.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";

beforeAll(() => jaxEngine()); // chooses the device

const weight = randomNormal(randomKey(1, "weight"), 0, 7840);
const bias = randomNormal(randomKey(1, "bias"), 0, 10);

/** The penalty by hand: weights pixel by pixel, then the biases, each a row of ten classes. */
const byHand = (l2: ArrayLike<number>): number =>
  [...weight, ...bias].reduce((sum, w, i) => sum + (l2[i % l2.length] as number) * w * w, 0);

test.each<[Grouping, number]>([
  ["class", 10],
  ["weight", 7850],
])("a penalty for each %s weighs its own squares", (grouping, count) => {
  expect(penaltiesOf(grouping)).toBe(count);
  const l2 = randomNormal(randomKey(2, grouping), 0, count).map(Math.exp);
  const problem = linearWithPenalties(grouping, -4);
  expect(problem.space.size).toBe(count);
  const params = { weight: np.array(weight).reshape([784, 10]), bias: np.array(bias) };
  const penalty = problem.penalty!(plainLayers({ fc1: params }), { l2: np.array(l2).reshape([1, count]) });
  expect(penalty.shape).toEqual([]);
  expect(Number(penalty.item()) / byHand(l2)).toBeCloseTo(1, 4);
});

test("searches draw every λ from the range", () => {
  const { values } = createSearch(searchedPenalties("weight", -8, 0), random(), { seed: 1 }).ask();
  const lambdas = (values.l2 as readonly number[]).map(Math.log);
  expect(lambdas).toHaveLength(7850);
  expect(Math.min(...lambdas)).toBeGreaterThan(-8);
  expect(Math.max(...lambdas)).toBeLessThan(0);
  expect(lambdas.reduce((sum, lambda) => sum + lambda, 0) / 7850).toBeCloseTo(-4, 0);
});

test("a mean squared error of 0.04 is a loss of 50 MSE - 1.3836", () => {
  expect(squaredErrorOf(50 * 0.04 - 1.3836466)).toBeCloseTo(0.04, 7);
});
