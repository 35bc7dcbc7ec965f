import { beforeAll, describe, expect, test } from "vitest";

import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { dense } from "../../src/response/dense.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import { cournot, followerQuantity, leaderQuantity } from "../../src/testing/cournot.ts";
import { gridMinimum } from "../../src/testing/line-search.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { stn } from "../../src/tuners/stn.ts";
import { leaf, ready, tuneFully } from "./settle.ts";

const market = { highestPrice: 3, cost: 0.6 };

beforeAll(ready);

test("the equilibrium is the best of a grid over the leader's quantity", () => {
  const { highestPrice, cost } = market;
  const loss = (q1: number) => -(highestPrice - q1 - followerQuantity(market, q1) - cost) * q1;
  expect(gridMinimum(loss, [0, 2.4], 2401)).toBeCloseTo(leaderQuantity(market), 10);
});

describe.each([
  ["stn", stn],
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const)("O11: %s ends at the equilibrium of leader and follower", (_, method) => {
  test.each([dense, lowRank(2)])("with the response $name", async (response) => {
    const task = cournot({
      ...market,
      start: 0.2,
      perturbation: { scale: 0.5, tuneScale: false },
    });
    const tuner = method({
      response,
      learningRate: 0.05,
      warmupEpochs: 200,
      hyperOptimizer: gradientDescent(),
      hyperLearningRate: 0.1,
    });
    const state = await tuneFully(task, tuner, { steps: 1200 });
    const [q1] = leaf(state, "hypers") as [number];
    expect(Math.abs(q1 - 1.2)).toBeLessThan(1e-6);
    const [base] = leaf(state, "params.follower") as [number];
    const follower = method === stn ? base + slopeOf(state) * q1 : base;
    expect(Math.abs(follower - 0.6)).toBeLessThan(1e-6);
    expect(Math.abs(slopeOf(state) + 0.5)).toBeLessThan(1e-6);
  });
});

/** dq2/dq1 of a state, in the form of its response. */
function slopeOf(state: Awaited<ReturnType<typeof tuneFully>>): number {
  if (!("gain" in (state.response as { follower: object }).follower))
    return leaf(state, "response.follower")[0] as number;
  const direction = leaf(state, "response.follower.direction");
  return leaf(state, "response.follower.gain").reduce((sum, g, r) => sum + g * (direction[r] as number), 0);
}
