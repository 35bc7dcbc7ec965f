/*
 * A self-tuning network written around the current λ: the same fit as the paper's, where the paper's own coordinates diverge.
 */
import { beforeAll, describe, expect, test } from "vitest";

import { ridge } from "../../src/problem/ridge.ts";
import { dense } from "../../src/response/dense.ts";
import { factored } from "../../src/response/factored.ts";
import { jointFit, penaltyMoments } from "../../src/testing/ridge-oracle.ts";
import { stn } from "../../src/tuners/stn.ts";
import { HostArray, hostVector } from "../../src/util/host-array.ts";
import { inSession, leaf, linearData, ready, settle } from "./settle.ts";

beforeAll(ready);

const LAMBDA = Math.log(1000); // as far from 0 as the logarithm of a small penalty
const SCALE = 0.8;
const draws = [-1.5, -0.5, 0.5, 1.5].map((z) => z / Math.sqrt(1.25)); // mean 0, variance 1
const stretched = (seed: number) => {
  const { x, y } = linearData(seed, 12, 3, [1, -2, 0.5], 1);
  return { x: x.map((row) => row.map((v) => 30 * v)), y: y.map((v) => 30 * v) }; // so that the penalty is one among others
};
const [train, valid] = [stretched(1), stretched(2)];
const task = ridge({
  ...{ train, valid, start: LAMBDA, copies: draws.length },
  perturbation: { scale: SCALE, tuneScale: false },
});
const perturbation = () =>
  new HostArray(Float64Array.from(draws.flatMap((z) => train.y.map(() => z))), [
    draws.length * train.y.length,
    1,
  ]);
const LEARNING_RATE = 2e-5; // the curvature of the weights is about 10^4

describe.each([factored, dense].map((response) => [response.name, response] as const))(
  "an STN with the %s response at λ = 6.9",
  (_, response) => {
    test("O3: ends at the joint affine fit with a centred input", async () => {
      const tuner = stn({ response, learningRate: LEARNING_RATE, input: "centred" });
      const state = await settle(task, tuner, { steps: 1500, perturbation });
      const gains = response === dense ? [1] : leaf(state, "response.w.weightGain");
      const directions = leaf(state, response === dense ? "response.w.weight" : "response.w.weightDirection");
      const { base, slope } = jointFit(
        train,
        penaltyMoments(
          LAMBDA,
          draws.map((z) => z * SCALE),
        ),
      );
      expect(Math.hypot(...slope)).toBeGreaterThan(0.05);
      leaf(state, "params.w.weight").forEach((w, i) => expect(w).toBeCloseTo(base[i] as number, 6));
      directions.forEach((v, i) => expect(v * (gains[0] as number)).toBeCloseTo(slope[i] as number, 6));
    });

    test("is the same function of λ before and after a hyperparameter step", async () => {
      const tuner = stn({
        ...{ response, learningRate: LEARNING_RATE, input: "centred" },
        ...{ warmupEpochs: 0, trainSteps: 20, hyperLearningRate: 0.5 },
      });
      const elsewhere = hostVector(Float64Array.of(LAMBDA + 1.3));
      await inSession(task, tuner, { perturbation }, async ({ prepared, session, host }) => {
        const weights = async () => {
          const { params } = await session.run("respondWeights", { at: elsewhere });
          return leaf({ params } as never, "params.w.weight");
        };
        let before: number[] = [];
        const watched = {
          ...host,
          async run(program: string, inputs: Parameters<typeof host.run>[1]) {
            if (program === "tune") before = await weights();
            return host.run(program, inputs);
          },
        };
        for (let step = 0; step < 20; step++) await prepared.advance(watched, step);
        const [lambda] = leaf(await session.read(["hypers"]), "hypers") as [number];
        expect(Math.abs(lambda - LAMBDA)).toBeGreaterThan(0.1);
        (await weights()).forEach((w, i) => expect(w).toBeCloseTo(before[i] as number, 10));
      });
    });
  },
);

test("the paper's input makes a dense response diverge at the same step size", async () => {
  const tuner = stn({ response: dense, learningRate: LEARNING_RATE });
  const state = await settle(task, tuner, { steps: 1500, perturbation });
  expect(Math.abs(leaf(state, "params.w.weight")[0] as number)).not.toBeLessThan(1e6);
});
