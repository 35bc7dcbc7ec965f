import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { linearHypernet } from "../../src/response/hypernet.ts";
import { hyperTraining, simplifiedHyperTraining } from "../../src/tuners/hyper-training.ts";
import { createRun, type Snapshot } from "../../src/tuners/run.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import type { PaperClaim, Reproduction } from "../reproduction.ts";
import { close } from "./close.ts";
import { bestOf, crossValidation, type LossPoint } from "./cross-validation.ts";
import { elementary, type Preset } from "./elementary.ts";
import { drawnWeights, fewImages, learnedLosses, linspace } from "./few-images.ts";
import { BLUE, lossFigure, PALE_BLUE, PALE_RED, RED } from "./loss-figure.ts";
import { startedByNumpy } from "./numpy-random.ts";
import { restartedAdam } from "./restarted-adam.ts";

const PRESET: Preset = "authors-code"; // e^λ |w|
const START = -3.5; // λ
const START_SCALE = 0.01; // standard deviation of all initial weights
const AUTHORS_SEED = 7; // of numpy's generator; the end depends on it
const GRID = { low: -1, high: 3, count: 10 }; // the crosses
const CURVE = { low: -2, high: 4 };
const LOSSES = [-1.5, 3.8]; // of the figure
const END = { lambda: 1.8357, valid: 2.6022, test: 2.6154 }; // where the authors' code ends, in float64
const [NEAR, RIGHT] = [0.5, 0.05]; // up to this far from λ^ the response must be this near to the crosses, and further off beyond
const SCALES = {
  quick: {
    ...{ rows: 1000, steps: 1000, rate: 3e-4, hyperRate: 0.05, crossSteps: 250, crossRate: 4e-4 },
    ...{ points: 31, sampling: undefined },
  },
  paper: {
    ...{ rows: 10_000, steps: 6000, rate: 1e-4, hyperRate: 0.01, crossSteps: 1000, crossRate: 1e-4 },
    ...{ points: 200, sampling: { scale: 0.1, samples: 2 } }, // Algorithm 3 besides: does sampling make the end independent?
  },
};

/** Figure 4: a linear hypernetwork learns the best response near λ^ only, while λ^ follows the validation loss through it. */
export const figure4: Reproduction = async ({ scale, dataDir, engine, seed, note, signal }) => {
  const settings = SCALES[scale];

  // Data and model.
  const data = await fewImages(dataDir, settings.rows);
  const task = { problem: elementary(PRESET, START), data };

  // The truth: models trained from scratch, each with its λ held (Algorithm 1).
  const start = drawnWeights(seed, START_SCALE);
  const cross = { start, learningRate: settings.crossRate, steps: settings.crossSteps, signal };
  const crosses = await crossValidation(task, engine, linspace(GRID.low, GRID.high, GRID.count), cross);
  note(`trained ${crosses.length} models from scratch; the best at λ = ${bestOf(crosses).lambda.toFixed(3)}`);

  // Loop.
  const options = {
    origin: "zero" as const,
    hypernet: startedByNumpy(linearHypernet({ initialBias: "random" }), seed, START_SCALE),
    optimizer: gradientDescent(),
    learningRate: settings.rate,
    hyperOptimizer: restartedAdam,
    hyperLearningRate: settings.hyperRate,
  };
  const runOptions = {
    epochs: settings.steps, // one step each, on all training images
    batchSize: data.train.rows,
    validBatchSize: data.valid.rows,
    evaluateEvery: settings.steps / 10,
    evaluationBatchSize: 1000,
    seed,
  };
  const tune = async (tuner: Tuner): Promise<{ path: PathPoint[]; snapshot: Snapshot }> => {
    const path: PathPoint[] = [];
    const run = createRun(task, tuner, engine, runOptions, { clock: performance, signal });
    for await (const event of run.events()) {
      if (event.kind !== "start" && event.kind !== "epoch") continue;
      const { step, hyperparameters, valid, test } = event.trace;
      const lambda = Math.log(hyperparameters.l2?.value as number);
      path.push({ step, lambda, valid: valid.loss, test: test?.loss as number });
      note(`${tuner.name}, step ${step}: λ ${lambda.toFixed(4)}, validation loss ${valid.loss.toFixed(4)}`);
    }
    const snapshot = await run.snapshot();
    run.dispose();
    signal.throwIfAborted();
    return { path, snapshot };
  };
  const tuner = simplifiedHyperTraining(options); // Algorithm 4: the authors' code samples with standard deviation zero
  const { path, snapshot } = await tune(tuner);
  const { sampling } = settings;
  const sampledPath = sampling && (await tune(hyperTraining({ ...options, ...sampling }))).path;

  // Figure.
  const learned = (lambdas: readonly number[]) =>
    learnedLosses(task, tuner, engine, snapshot, lambdas, signal);
  const curve = await learned(linspace(CURVE.low, CURVE.high, settings.points));
  const atCrosses = await learned(crosses.map(({ lambda }) => lambda));
  const end = path.at(-1) as PathPoint; // of at least two
  const before = path.at(-2) as PathPoint;
  const series = (points: readonly LossPoint[], part: "train" | "valid") =>
    points.map((point) => [point.lambda, point[part]] as const);
  const measured = { preset: PRESET, end, path, crosses, curve, atCrosses };
  const authorsOwn = scale === "paper" && seed === AUTHORS_SEED;
  return {
    numbers: { ...measured, ...(sampling && { sampling, sampledPath }) },
    claims: [
      ...(authorsOwn
        ? [
            close("λ^ at the end", end.lambda, END.lambda, 0.002),
            close("validation loss at the end", end.valid, END.valid, 0.001),
            close("test loss at the end", end.test, END.test, 0.001),
            close("λ^ a tenth of the steps before the end", before.lambda, end.lambda, 0.002),
          ]
        : [close("validation loss beside the best cross", end.valid, bestOf(crosses).valid, 0.05)]),
      rightNearby(end.lambda, crosses, atCrosses),
    ],
    figure: lossFigure({
      title: "A linear hypernetwork is right near the current λ only",
      lines: [
        { name: "hypernetwork, training with penalty", color: BLUE, points: series(curve, "train") },
        { name: "hypernetwork, validation", color: RED, points: series(curve, "valid") },
      ],
      crosses: [
        { name: "trained from scratch, training", color: PALE_BLUE, points: series(crosses, "train") },
        { name: "trained from scratch, validation", color: PALE_RED, points: series(crosses, "valid") },
      ],
      marked: { name: "λ^ at the end", at: end.lambda },
      domain: LOSSES,
    }),
  };
};

type PathPoint = Omit<LossPoint, "train"> & { readonly step: number };

/** The claim that the response's validation loss is that of the crosses near λ^, and is not far from it. */
function rightNearby(
  lambda: number,
  crosses: readonly LossPoint[],
  learned: readonly LossPoint[],
): PaperClaim {
  const worst = (within: (distance: number) => boolean) =>
    Math.max(
      ...crosses.map((cross, i) =>
        within(Math.abs(cross.lambda - lambda)) ? Math.abs(cross.valid - (learned[i] as LossPoint).valid) : 0,
      ),
    );
  const near = worst((distance) => distance <= NEAR);
  const far = worst((distance) => distance > 2 * NEAR);
  return {
    what: `validation loss of the linear response, within ${NEAR} of λ^ and beyond ${2 * NEAR}`,
    expected: `off by less than ${RIGHT}, and by more`,
    measured: `${near.toFixed(3)}, and ${far.toFixed(3)}`,
    holds: near < RIGHT && far > RIGHT,
  };
}
