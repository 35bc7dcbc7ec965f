import { numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import {
  binaryTournament,
  truncation,
  type Exploit,
} from "../../src/search/schedulers/population-based-exploit.ts";
import type { Explore } from "../../src/search/schedulers/population-based-explore.ts";
import { populationBased } from "../../src/search/schedulers/population-based.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { searchStudy, type StudyEvent } from "../../src/testing/study-evaluations.ts";
import { trialRunner } from "../../src/study/trial.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { hostVector } from "../../src/util/host-array.ts";

/**
 * Figure 2 of Jaderberg et al. (2017): Q(θ) = 1.2 - (θ0² + θ1²) is to be as great as can be, by gradient steps on
 * 1.2 - (h0 θ0² + h1 θ1²). So the training loss is h0 θ0² + h1 θ1², the validation loss θ0² + θ1²; a step is an epoch.
 */
function figureTwo(): Task {
  const problem: Problem = {
    name: "figure 2",
    space: createSpace({ h0: real(0.5, { low: 0, high: 1 }), h1: real(0.5, { low: 0, high: 1 }) }),
    noise: {},
    init: () => ({ theta: hostVector([0.9, 0.9]) }),
    predict: (layers) => (layers.params() as { theta: np.Array }).theta, // [2]
    loss: (theta, _batch, { h0, h1 }) =>
      np
        .square(theta as np.Array)
        .mul(np.concatenate([h0 as np.Array, h1 as np.Array]))
        .sum(0, { keepdims: true }), // [1]
    validLoss: (theta) => np.square(theta as np.Array).sum(0, { keepdims: true }), // [1]
  };
  const nothing = { rows: 1, fields: {} };
  return { problem, data: { train: nothing, valid: nothing } };
}

/**
 * Members of the figure, where h is [1, 0] and [0, 1]: each sees one of the two weights. Values must lie strictly inside their
 * ranges, and differ for one to be the better: nobody wins a tournament of equals.
 */
const pair = [{ h0: 0.999, h1: 0.001 }, { h0: 0.001, h1: 0.99 }] as const; // prettier-ignore
const oneWeightEach: Sampler = {
  name: "one weight each",
  suggest: ({ number }) => pair[number % 2] ?? pair[0],
};

const STEPS = 300;

let engine: Engine;
beforeAll(async () => {
  engine = await jaxEngine("cpu");
});

/** Trains one population of two to its end. */
async function population(options: { exploit: Exploit; explore?: Explore; seed?: number }) {
  const { seed = 0, ...methods } = options;
  const task = figureTwo();
  const runner = trialRunner({
    task,
    tuner: fixed({ optimizer: gradientDescent(), learningRate: 0.01 }),
    engine,
    run: { evaluateEvery: 5 },
    environment: { clock: { now: () => 0 } },
  });
  const scheduler = populationBased({ budget: STEPS, members: 2, interval: 5, ...methods });
  const heard: StudyEvent[] = [];
  const study = { space: task.problem.space, sampler: oneWeightEach, scheduler, runner, seed };
  for await (const event of searchStudy(study)) {
    if (event.trial > 1) break; // the next population
    heard.push(event);
  }
  runner.dispose();
  const q = heard.map(({ trace }) => 1.2 - trace.valid.loss);
  return { heard, best: Math.max(...q) };
}

describe("figure 2: two members of which each sees one weight", () => {
  const alone = { exploit: truncation({ fraction: 0 }) };

  test("end at 0.4 where neither copies: grid search", async () => {
    const { best } = await population(alone);
    const shrunk = (h: number) => 0.9 * (1 - 2 * 0.01 * h) ** STEPS;
    expect(best).toBeCloseTo(1.2 - shrunk(pair[0].h0) ** 2 - shrunk(pair[0].h1) ** 2, 5);
    expect(best).toBeLessThan(0.41);
  });

  test("end at 0.4 too where copies keep the hyperparameters of their source", async () => {
    const { best } = await population({ exploit: binaryTournament(), explore: (values) => values });
    expect(best).toBeLessThan(0.41);
  });

  test.each([
    ["truncation", truncation()],
    ["binary tournament", binaryTournament()],
  ])("reach 1.2 where they copy by %s and explore", async (_, exploit) => {
    for (const seed of [0, 1, 2]) {
      const { best, heard } = await population({ exploit, seed });
      expect(best).toBeGreaterThan(1.19);
      expect(heard.at(-1)?.gradientEvaluations).toBe(2 * STEPS); // copying costs none
    }
  });
});
