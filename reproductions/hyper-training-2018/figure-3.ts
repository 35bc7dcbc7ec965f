import { numpy as np } from "@jax-js/jax";

import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Task } from "../../src/problem/problem.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { hyperTraining } from "../../src/tuners/hyper-training.ts";
import { createRun } from "../../src/tuners/run.ts";
import { hostVector, type HostArray } from "../../src/util/host-array.ts";
import type { Reproduction } from "../reproduction.ts";
import { close } from "./close.ts";
import { surfaceFigure } from "./surface-figure.ts";

/*
 * | symbol | meaning |
 * |---|---|
 * | w    | the only weight, called x in the authors' code |
 * | λ    | the only hyperparameter, called y there |
 * | w*   | the best response, sin(λ + π) = -sin λ |
 * | U, u | the linear hypernetwork: w(λ) = λ U + u |
 */

const AT = 0; // λ^, where the response is linearised: w* has the slope -1 and the value 0 there
const START = 1; // the weight's initial value, off the best response
const TOLERANCE = { slope: 0.02, intercept: 0.01, lambda: 0.05 };
const BEST_LAMBDA = Math.PI / 2; // where sin(w*(λ)) is least
const LINEAR = { scale: 0.1, samples: 10, learningRate: 0.5, steps: 2000 }; // E cos λ = exp(-scale² / 2) = 0.995
// Descent on φ is stable for step sizes below 2 / (1.46 (1 + λ²)), where 1.46 is the training loss's curvature in w: 0.4 at the end.
const JOINT = { scale: 0.3, samples: 10, learningRate: 0.2, hyperLearningRate: 0.01, steps: 4000 };

const bestResponse = (lambda: number): number => Math.sin(lambda + Math.PI);
const trainLoss = (w: number, lambda: number): number =>
  -Math.log(Math.exp(-1) + Math.exp(-((w - bestResponse(lambda)) ** 2))) -
  (lambda + Math.sin(2 * lambda)) / 10;
const validLoss = (w: number): number => Math.sin(w);

/** The same losses for the library: a problem with one weight, one hyperparameter and no data. */
const toy: Task = {
  problem: {
    name: "toy",
    space: createSpace({ lambda: real(AT, { perturb: "minibatch" }) }),
    noise: {},
    init: () => ({ w: hostVector([START]) }),
    predict: (layers) => (layers.params() as { w: np.Array }).w,
    loss(outputs, _batch, hypers) {
      const lambda = hypers.lambda as np.Array; // [1]
      const away = (outputs as np.Array).sub(np.sin(lambda.ref.add(Math.PI)));
      const well = np.negative(np.log(np.exp(np.negative(np.square(away))).add(Math.exp(-1))));
      return well.sub(lambda.ref.add(np.sin(lambda.mul(2))).mul(0.1)); // [1]
    },
    validLoss: (outputs) => np.sin(outputs as np.Array),
  },
  data: { train: { rows: 1, fields: {} }, valid: { rows: 1, fields: {} } },
};

/** Figure 3: the exact and the linear best response on the loss surfaces of a problem with one weight and one hyperparameter. */
export const figure3: Reproduction = async ({ engine, seed, note, signal }) => {
  const train = async ({
    steps,
    ...settings
  }: {
    readonly steps: number;
    readonly hyperLearningRate: number;
  }) => {
    const tuner = hyperTraining({
      optimizer: gradientDescent(),
      hyperOptimizer: gradientDescent(),
      ...settings,
    });
    const options = { epochs: steps, batchSize: 1, evaluateEvery: steps / 4, seed };
    const run = createRun(toy, tuner, engine, options, { clock: performance, signal });
    for await (const event of run.events()) {
      if (event.kind !== "epoch") continue;
      const { step, hyperparameters } = event.trace;
      note(`step ${step} of ${steps}: λ^ = ${(hyperparameters.lambda?.value as number).toFixed(4)}`);
    }
    const { params, hypers } = (await run.snapshot()).state;
    run.dispose();
    signal.throwIfAborted();
    const { weight, bias } = (params as { layer1: { weight: HostArray; bias: HostArray } }).layer1;
    const [slope, intercept, lambda] = [weight, bias, hypers as HostArray].map(({ data }) => data[0]);
    return { slope, intercept, lambda } as { slope: number; intercept: number; lambda: number };
  };
  const linear = await train({ ...LINEAR, hyperLearningRate: 0 }); // λ^ held
  const joint = await train(JOINT);
  return {
    numbers: { linear, joint, settings: { linear: LINEAR, joint: JOINT } },
    claims: [
      close("slope of the response learned at λ^ = 0", linear.slope, -1, TOLERANCE.slope),
      close("its value at λ^ = 0", linear.intercept, 0, TOLERANCE.intercept),
      close("λ^ after joint training from 0", joint.lambda, BEST_LAMBDA, TOLERANCE.lambda),
    ],
    figure: surfaceFigure({
      ...{ trainLoss, validLoss, bestResponse },
      response: (lambda) => linear.slope * lambda + linear.intercept,
      at: AT,
    }),
  };
};
