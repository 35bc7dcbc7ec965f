import { mlpHypernet } from "../../src/response/hypernet.ts";
import type { HyperDistribution } from "../../src/space/distribution.ts";
import { globalHyperTraining } from "../../src/tuners/hyper-training.ts";
import { createRun } from "../../src/tuners/run.ts";
import { HostArray } from "../../src/util/host-array.ts";
import type { Reproduction } from "../reproduction.ts";
import { close } from "./close.ts";
import { bestOf, crossValidation, type LossPoint } from "./cross-validation.ts";
import { elementary, type Preset } from "./elementary.ts";
import { drawnWeights, fewImages, learnedLosses, linspace } from "./few-images.ts";
import { BLACK, lossFigure, RED } from "./loss-figure.ts";
import { numpyRandom, startedByNumpy } from "./numpy-random.ts";

const PRESET: Preset = "authors-code"; // e^λ |w|; the truth with e^λ |w|² has its minimum elsewhere (fineBestOfPaperPreset)
const HIDDEN = [50]; // 1-50-7850 units, 400,450 parameters
const START_SCALE = 0.01; // standard deviation of all initial weights
const SAMPLES = 10; // λ of one step
const LAMBDA = { mean: 1, sd: 3, high: 4 }; // their distribution; what is above `high` is moved there
const GRID = { low: -1, high: 3, count: 10 }; // the crosses
const FINE = 81; // models for the true minimum
const LOSSES = [2.55, 3.6]; // of the figure
const CURVE = { low: -2, high: 4 };
const TRUE_LAMBDA = 1.8; // the minimum that the paper draws, from a search over about 1,000 points
const LONG_STEPS = 10_000; // the true minimum moves while the models train: its place after more steps than the crosses have
const PATH = { low: 1, high: 2.5, count: 31 }; // where the curve's minimum is looked for on the way
const SCALES = {
  quick: {
    ...{ rows: 1000, steps: 600, rate: 4e-4, traceEvery: 150 },
    ...{ crossSteps: 250, crossRate: 4e-4, points: 31, tolerance: { lambda: 0.5, loss: 0.05 } },
  },
  paper: {
    ...{ rows: 10_000, steps: 100_000, rate: 1e-4, traceEvery: 9200 }, // known from the authors' code after 9,200 steps
    ...{ crossSteps: 1000, crossRate: 1e-4, points: 200, tolerance: { lambda: 0.1, loss: 0.01 } },
  },
};

/** The λ of step `step` as the authors' code draws them: from numpy's generator with the step as its seed. */
const distribution: HyperDistribution = {
  name: "authors-code",
  points: Infinity,
  sample(_key, step, count, size) {
    const draws = numpyRandom(step).randn(count * size);
    return new HostArray(
      draws.map((z) => Math.min(LAMBDA.mean + LAMBDA.sd * z, LAMBDA.high)),
      [count, size],
    );
  },
};

/** Figure 2: a hypernetwork learns the best response for all λ at once, and its validation loss has the true one's minimum. */
export const figure2: Reproduction = async ({ scale, dataDir, engine, seed, note, signal }) => {
  const settings = SCALES[scale];

  // Data and model.
  const data = await fewImages(dataDir, settings.rows);
  const problem = elementary(PRESET, LAMBDA.mean);
  const task = { problem, data };

  // The truth: models trained from scratch, each with its λ held (Algorithm 1).
  const start = drawnWeights(seed, START_SCALE);
  const cross = { start, learningRate: settings.crossRate, steps: settings.crossSteps, signal };
  const grid = (count: number) => linspace(GRID.low, GRID.high, count);
  const near = linspace(PATH.low, PATH.high, PATH.count);
  const crosses = await crossValidation(task, engine, grid(GRID.count), cross);
  note(`trained ${crosses.length} models from scratch; the best at λ = ${bestOf(crosses).lambda.toFixed(3)}`);
  const other = { problem: elementary("paper", LAMBDA.mean), data };
  const finer = scale === "paper" && {
    fineBest: bestOf(await crossValidation(task, engine, grid(FINE), cross)),
    fineBestOfPaperPreset: bestOf(await crossValidation(other, engine, grid(FINE), cross)),
    longBest: bestOf(await crossValidation(task, engine, near, { ...cross, steps: LONG_STEPS })),
  };

  // Loop (Algorithm 2).
  const tuner = globalHyperTraining({
    origin: "zero",
    hypernet: startedByNumpy(mlpHypernet({ hidden: HIDDEN, initialBias: "random" }), seed, START_SCALE),
    learningRate: settings.rate,
    samples: SAMPLES,
    distribution,
    hypernetEpochs: settings.steps, // an epoch is one step on all training images
  });
  const options = {
    epochs: settings.steps,
    batchSize: data.train.rows,
    evaluateEvery: settings.traceEvery,
    evaluationBatchSize: 1000,
    seed,
  };
  const run = createRun(task, tuner, engine, options, { clock: performance, signal });
  const curveNow = async (lambdas: readonly number[]) =>
    learnedLosses(task, tuner, engine, await run.snapshot(), lambdas, signal);
  const path: (LossPoint & { step: number })[] = []; // the curve's minimum on the way
  for await (const event of run.events()) {
    if (event.kind !== "epoch") continue;
    const { step } = event.trace;
    const best = bestOf(await curveNow(near));
    path.push({ step, ...best });
    note(`step ${step} of ${settings.steps}: least loss ${best.valid.toFixed(4)} at λ = ${best.lambda}`);
  }
  signal.throwIfAborted();
  const curve = await curveNow(linspace(CURVE.low, CURVE.high, settings.points));
  run.dispose();

  // Figure.
  const [truth, found] = [bestOf(crosses), bestOf(curve)];
  const { tolerance } = settings;
  const claims = [
    close("λ of the hypernetwork's least validation loss", found.lambda, TRUE_LAMBDA, tolerance.lambda),
    close("that loss, beside the best cross", found.valid, truth.valid, tolerance.loss),
  ];
  if (finer) {
    const what = `that λ, beside the best of ${FINE} models trained from scratch`;
    claims.push(close(what, found.lambda, finer.fineBest.lambda, tolerance.lambda));
  }
  const valid = (points: readonly LossPoint[]) => points.map(({ lambda, valid }) => [lambda, valid] as const);
  return {
    numbers: { preset: PRESET, crossesBest: truth, curveBest: found, ...finer, path, crosses, curve },
    claims,
    figure: lossFigure({
      title: "One hypernetwork for the best response at all λ",
      lines: [{ name: "hypernetwork, validation", color: RED, points: valid(curve) }],
      crosses: [{ name: "trained from scratch, validation", color: BLACK, points: valid(crosses) }],
      marked: { name: "optimal λ in the paper", at: TRUE_LAMBDA },
      domain: LOSSES,
    }),
  };
};
