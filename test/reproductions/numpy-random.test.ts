import { expect, test } from "vitest";

import { numpyRandom, startedByNumpy } from "../../reproductions/hyper-training-2018/numpy-random.ts";
import { linearHypernet } from "../../src/response/hypernet.ts";
import { hostZeros, leavesOf } from "../../src/util/host-array.ts";
import { randomKey } from "../../src/util/random.ts";

/** What numpy 2.4.6 gives for `RandomState(seed).randn(count)`; the legacy generator has been the same since 1.0. */
const KNOWN: readonly [seed: number, first: readonly number[]][] = [
  [0, [1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458, 1.8675579901499675]],
  [7, [1.690525703800356, -0.4659373705408328, 0.0328201636785844, 0.40751628299650783, -0.7889230286257386]],
  [2 ** 32 - 1, [0.6484086742306527, 0.6693235306338161, -1.0805437227474493]],
];

test.each(KNOWN)("normal numbers of RandomState(%i)", (seed, first) => {
  const drawn = numpyRandom(seed).randn(first.length);
  first.forEach((value, i) => expect(drawn[i]).toBeCloseTo(value, 14));
});

test("goes on through many states of the twister", () => {
  const drawn = numpyRandom(7).randn(20_000);
  expect(drawn.at(-2)).toBeCloseTo(-1.0166054445430375, 13);
  expect(drawn.at(-1)).toBeCloseTo(-0.3388362992250332, 13);
  expect(drawn.reduce((sum, z) => sum + z)).toBeCloseTo(-163.67454975482445, 9);
});

test("two calls go on where one would", () => {
  const whole = numpyRandom(7).randn(7);
  const { randn } = numpyRandom(7);
  expect([...randn(3), ...randn(4)]).toEqual([...whole]);
});

test("a hypernetwork starts from the draws, weights before biases", () => {
  const like = { fc1: { weight: hostZeros([2, 2]), bias: hostZeros([2]) } };
  const hypernet = startedByNumpy(linearHypernet({ initialBias: "random" }), 7, 0.01);
  const started = leavesOf(hypernet.init(1, like, randomKey(0, "unused")));
  expect(started.map(([path, { shape }]) => [path, shape])).toEqual([
    ["layer1.weight", [1, 6]],
    ["layer1.bias", [6]],
  ]);
  const values = started.flatMap(([, { data }]) => [...data]);
  expect(values).toEqual([...numpyRandom(7).randn(12)].map((z) => z * 0.01));
});
