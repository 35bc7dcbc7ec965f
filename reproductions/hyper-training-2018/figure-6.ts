/**
 * Figure 6 of hyper-training (Lorraine and Duvenaud 2018): three ways to infer the validation loss at hyperparameters at which no
 * model was trained. A Gaussian process and a hypernetwork see the same 25 hyperparameters, a stochastic hypernetwork sees 25 fresh
 * ones at every step. Models trained from scratch judge all three.
 *
 * The training loss is `50 MSE - 1.3836 + 1/10 Σ_k exp(λ_k) |W_k|`, with one hyperparameter for each class's column of weights, the
 * norm not squared and biases left out, as in the authors' code.
 */
import { numpy as np, tree } from "@jax-js/jax";

import { gather } from "../../src/data/batches.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { ArrayTree, Program } from "../../src/engine/engine.ts";
import { gradients, overRows } from "../../src/engine/transform.ts";
import { plainLayers, type Layers } from "../../src/nn/layer.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { trainObjective, type Objective } from "../../src/problem/objective.ts";
import { linearHypernet, unflattened } from "../../src/response/hypernet.ts";
import { fit } from "../../src/search/gp/fit.ts";
import { toLog } from "../../src/search/gp/parameters.ts";
import { predictMean } from "../../src/search/gp/posterior.ts";
import { rbf } from "../../src/search/gp/rbf.ts";
import { fixedHypers, uniformHypers, type HyperDistribution } from "../../src/space/distribution.ts";
import { real } from "../../src/space/real.ts";
import { createSpace, naturalArrays } from "../../src/space/space.ts";
import { HostArray, hostScalar } from "../../src/util/host-array.ts";
import { partKey, randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";
import type { Reproduction, Setting } from "../reproduction.ts";
import { CLASSES, elementary, PIXELS, readDigits, rowsOf, WEIGHTS, weightsIn } from "./elementary.ts";
import { figureOf, type Inferred } from "./figure-6-panels.ts";
import { consecutive, manyModels, type Weights } from "./many-linear-models.ts";

const RANGE = 3; // λ_k is uniform on (-3, 3)
const FIT = 25; // models that the Gaussian process sees, and λ of one step of a hypernetwork
const BATCH = 100; // examples of a minibatch
const GROUP = 32; // models trained at once: larger groups leave the cache
const INITIAL_SD = 1e-5; // of all weights: of the models, which share one draw, and of the hypernetworks

const scales = {
  paper: {
    ...{ models: 10_240, steps: 1000, learningRate: 1e-4, judges: 10_000 }, // the truth
    ...{ fixedSteps: 500, freshSteps: 600, hypernetRate: 1e-4, hypernetBatch: 100 }, // the hypernetworks
  },
  /** Fewer models, larger and fewer steps, fewer validation images. */
  quick: {
    ...{ models: 96, steps: 100, learningRate: 1e-3, judges: 2000 },
    ...{ fixedSteps: 250, freshSteps: 360, hypernetRate: 2e-4, hypernetBatch: 25 },
  },
};
type Scale = (typeof scales)[keyof typeof scales];
type Data = Readonly<Record<"train" | "valid", Dataset>>;

/** The figure. */
export const figure6: Reproduction = async (setting) => {
  const scale = scales[setting.scale];
  const { train, valid } = await readDigits(setting.dataDir);
  const data = { train, valid: rowsOf(valid, 0, scale.judges) };
  return figureOf(await inferences(setting, data, scale, await trueLosses(setting, data, scale)));
};

/** Every λ [models, 10] and the validation loss of the model trained there. */
export interface Truth {
  readonly lambdas: Float64Array;
  readonly losses: Float64Array;
}

/** Trains all models from scratch. */
export async function trueLosses(
  { engine, seed, signal, note }: Setting,
  data: Data,
  scale: Scale,
): Promise<Truth> {
  const { models, steps, learningRate } = scale;
  const uniforms = randomUniform(randomKey(seed, "true hyperparameters"), 0, models * CLASSES);
  const lambdas = Float64Array.from(uniforms, (u) => RANGE * (2 * u - 1));
  const start = Float32Array.from(
    randomNormal(randomKey(seed, "true weights"), 0, WEIGHTS),
    (z) => z * INITIAL_SD,
  );
  const losses = new Float64Array(models);
  const group = manyModels(engine, data, { group: GROUP, batchSize: BATCH, learningRate });
  try {
    for (let from = 0; from < models; from += GROUP) {
      signal.throwIfAborted();
      const key = partKey(randomKey(seed, "true minibatches"), String(from));
      await group.train(lambdas.slice(from * CLASSES, (from + GROUP) * CLASSES), start, steps, key, signal);
      losses.set(await group.judge(), from);
      note(`${from + GROUP} of ${models} models trained from scratch`);
    }
  } finally {
    group.dispose();
  }
  return { lambdas, losses };
}

/** What each estimator says of the models that it has not seen, beside the truth. */
export async function inferences(
  setting: Setting,
  data: Data,
  scale: Scale,
  truth: Truth,
): Promise<Inferred[]> {
  const seen = truth.lambdas.subarray(0, FIT * CLASSES);
  const unseen = truth.lambdas.subarray(FIT * CLASSES);
  const points = Array.from({ length: FIT }, (_, i) =>
    Array.from(seen.subarray(i * CLASSES, (i + 1) * CLASSES)),
  );
  const fresh = uniformHypers({ low: -RANGE, high: RANGE });
  const process = gaussianProcess(seen, truth.losses.subarray(0, FIT), setting.seed);
  const learned = async (p: HyperDistribution, steps: number) =>
    lossesOf(setting, data, unseen, await trainHypernet(setting, data, scale, p, steps));
  const of = (name: string, inferred: ArrayLike<number>): Inferred => ({
    name,
    inferred,
    true: truth.losses.subarray(FIT),
  });
  return [
    of("Gaussian process", predictMean(process.posterior, unseen)),
    of("hypernet, 25 fixed λ", await learned(fixedHypers(points), scale.fixedSteps)),
    of("hypernet, fresh λ", await learned(fresh, scale.freshSteps)),
  ];
}

/** As scikit-learn's GaussianProcessRegressor(RBF(), n_restarts_optimizer=1): only the length scale is fitted, the prior mean is 0. */
function gaussianProcess(inputs: Float64Array, targets: Float64Array, seed: number) {
  const noise = 1e-10;
  const kernel = rbf(CLASSES, { lengthScales: "isotropic" });
  return fit({ inputs, targets }, kernel, {
    key: randomKey(seed, "Gaussian process"),
    starts: 2,
    initial: toLog({ signalVariance: 1, lengthScales: [1], noise }),
    ...{ signalVariance: 1, lengthScales: { low: 1e-5, high: 1e5 }, noise },
  });
}

/** A linear hypernetwork 10 -> 7850 trained on p(λ), each λ of a step on a minibatch of its own, as in the authors' code. */
async function trainHypernet(
  { engine, seed, signal }: Setting,
  { train }: Data,
  { hypernetBatch: batch, hypernetRate }: Scale,
  distribution: HyperDistribution,
  steps: number,
): Promise<Record<"weight" | "bias", HostArray>> {
  const params = hypernet.init(CLASSES, like, randomKey(seed, "hypernetwork"));
  const session = engine.open({ step: hypernetStep }, { params, optimizer: adam().init(params) }, "float32");
  try {
    for (let step = 0; step < steps; step++) {
      signal.throwIfAborted();
      const first = randomUniform(randomKey(seed, "hypernetwork minibatches"), step, FIT);
      const rows = Array.from(first, (u) => consecutive(Math.floor(u * (train.rows - batch)), batch));
      const { x, y } = gather(train, Uint32Array.from(rows.flat())) as Record<"x" | "y", HostArray>;
      await session.run("step", {
        lambdas: distribution.sample(randomKey(seed, "hypernetwork samples"), step, FIT, CLASSES),
        x: new HostArray(x.data, [FIT, batch, PIXELS]),
        y: new HostArray(y.data, [FIT, batch, CLASSES]),
        settings: { learningRate: hostScalar(hypernetRate) },
      });
    }
    return ((await session.read(["params"])).params as Record<string, Record<"weight" | "bias", HostArray>>)[
      "layer1"
    ]!;
  } finally {
    session.dispose();
  }
}

const hypernet = linearHypernet({
  initialScale: INITIAL_SD,
  initialBias: "random",
  scaleInputs: false,
});

/** One step of Adam on the mean training objective at the λ of the step. */
const hypernetStep: Program = (state, inputs) => {
  const { lambdas, x, y } = inputs as Record<"lambdas" | "x" | "y", np.Array>;
  const objective = (phi: ArrayTree): [np.Array, { loss: np.Array }] => {
    const at = (flat: np.Array, lambda: np.Array, x: np.Array, y: np.Array): Objective => {
      const hypers = naturalArrays(problem.space, lambda.reshape([1, CLASSES]));
      const objective = trainObjective(problem, plainLayers(unflattened(flat, like)), { x, y }, hypers, {});
      tree.dispose({ x, y, hypers });
      return objective;
    };
    const { loss, penalty } = overRows(at, hypernet.apply(phi, lambdas.ref), lambdas, x, y);
    const total = np.mean(loss.add(penalty));
    return [total.ref, { loss: total }];
  };
  const { grads, reported } = gradients(objective, tree.ref(state.params as ArrayTree));
  const settings = inputs.settings as Record<string, np.Array>;
  const [params, optimizer] = adam().update(grads[0], state.optimizer!, state.params!, settings);
  return [{ params, optimizer }, reported];
};

/** The elementary model with a penalty for each class. */
const problem = {
  ...elementary("authors-code", 0),
  space: createSpace({ l2: real(1, { log: true, perturb: "minibatch", shape: [CLASSES] }) }),
  penalty(layers: Pick<Layers, "params">, { l2 }: Record<string, np.Array>): np.Array {
    const { weight, bias } = weightsIn(layers);
    bias.dispose();
    const norms = np.sqrt(np.square(weight).sum(0)); // [10]
    return norms
      .mul((l2 as np.Array).reshape([CLASSES]))
      .sum()
      .mul(1 / CLASSES);
  },
};

/** The structure of its weights. */
const like = problem.init(randomKey(0, "params"));

/** The validation losses of the weights that a hypernetwork gives at each λ. */
async function lossesOf(
  { engine, signal }: Setting,
  data: Data,
  lambdas: Float64Array,
  { weight, bias }: Record<"weight" | "bias", HostArray>,
): Promise<number[]> {
  const losses: number[] = [];
  const group = manyModels(engine, data, { group: GROUP, batchSize: BATCH, learningRate: 0 });
  try {
    for (let from = 0; from < lambdas.length; from += GROUP * CLASSES) {
      signal.throwIfAborted();
      const weights: Weights = new Float32Array(GROUP * WEIGHTS);
      lambdas.subarray(from, from + GROUP * CLASSES).forEach((lambda, i) => {
        const [at, k] = [Math.floor(i / CLASSES) * WEIGHTS, i % CLASSES];
        for (let w = 0; w < WEIGHTS; w++) {
          weights[at + w]! += lambda * weight.data[k * WEIGHTS + w]! + (k === 0 ? bias.data[w]! : 0);
        }
      });
      group.write(weights);
      losses.push(...(await group.judge()));
    }
  } finally {
    group.dispose();
  }
  return losses.slice(0, lambdas.length / CLASSES); // the last group is not full
}
