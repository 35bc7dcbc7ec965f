import { numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { inSession, leaf, linearData, ready, tuneFully } from "../../test/oracles/settle.ts";
import type { Task } from "../problem/problem.ts";
import { ridge } from "../problem/ridge.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { HostArray } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { deltaStn } from "./delta-stn.ts";

beforeAll(ready);

const rows = 12;
const train = linearData(1, rows, 3, [1, -2, 0.5], 1);
const single = ridge({ train, valid: linearData(2, rows, 3, [1, -2, 0.5], 1), start: 0.7 });

/** The same penalty, as the geometric mean of four. */
const four: Task = {
  ...single,
  problem: {
    ...single.problem,
    space: createSpace({ penalty: real(Math.exp(0.7), { log: true, shape: [4] }) }),
    penalty: (layers, { penalty }) =>
      single.problem.penalty?.(layers, { penalty: np.exp(np.log(penalty as np.Array).mean(-1)) }) as np.Array,
  },
};

/** Draws for each row; the first of each row is the same for any number of hyperparameters. */
const draws = (stream: string, columns: number) => (index: number) => {
  const first = randomNormal(randomKey(3, stream), index, rows);
  const others = randomNormal(randomKey(4, stream), index, rows * columns);
  return new HostArray(
    others.map((z, i) => (i % columns === 0 ? (first[i / columns] as number) : z)),
    [rows, columns],
  );
};

const ended = async (task: Task, response: typeof dense, mostApart: number) => {
  const columns = task.problem.space.size;
  const state = await tuneFully(
    task,
    deltaStn({
      response,
      mostApart,
      warmupEpochs: 20,
      trainSteps: 2,
      responseLearningRate: 0.02,
      learningRate: 0.02,
    }),
    { steps: 80, perturbation: draws("train", columns), validPerturbation: draws("valid", columns) },
  );
  return {
    hypers: leaf(state, "hypers"),
    scales: leaf(state, "scales"),
    weights: leaf(state, "params.w.weight"),
  };
};

test.each([dense, factored])(
  "many hyperparameters together are as one, by the response $name",
  async (response) => {
    const [alone, together, apart] = await Promise.all([
      ended(single, response, 3),
      ended(four, response, 3),
      ended(four, response, 4),
    ]);
    expect(Math.abs((alone.hypers[0] as number) - 0.7)).toBeGreaterThan(0.05); // it has moved
    for (const part of ["hypers", "scales"] as const) {
      expect(together[part]).toEqual(Array(4).fill(expect.closeTo(alone[part][0] as number, 5)));
    }
    expect(together.weights).toEqual(alone.weights.map((w) => expect.closeTo(w, 5) as number));
    expect(apart.hypers[1]).not.toBeCloseTo(apart.hypers[0] as number, 5);
  },
);

test("a tuner says which hyperparameters it moves as one", async () => {
  const remarksOf = (mostApart: number) =>
    inSession(four, deltaStn({ mostApart }), {}, ({ prepared }) => Promise.resolve(prepared.remarks));
  expect(await remarksOf(4)).toEqual([]);
  expect(await remarksOf(3)).toEqual([
    "delta-stn moves the 4 hyperparameters of penalty as one, since a response cannot tell more than 3 of one name apart; a method without a response moves each by itself",
  ]);
});
