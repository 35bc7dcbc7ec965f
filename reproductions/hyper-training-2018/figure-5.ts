/**
 * The upper half of figure 5 of hyper-training (Lorraine and Duvenaud 2018): one L2 penalty for each of the 7,850 weights of a linear
 * model, tuned by hyper-training within one training run, and by unrolled differentiation, which trains anew for every step of λ.
 *
 * Beside them stand plain training with the penalties held at their start, which the paper lacks; hyper-training with another
 * hypernetwork; and unrolled differentiation with shorter trainings in larger steps, which suits it.
 */
import { adam } from "../../src/nn/optim/adam.ts";
import { elementwiseHypernet, factoredHypernet } from "../../src/response/hypernet.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { hyperTraining } from "../../src/tuners/hyper-training.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import type { PaperClaim, Reproduction } from "../reproduction.ts";
import { curveFigure, endOf, numbersOf, type Curve } from "./curve-figure.ts";
import { digitParts } from "./digit-parts.ts";
import { linearWithPenalties, squaredErrorOf } from "./linear-penalties.ts";
import { trainingCurve, unrolledCurve, type Budget } from "./training-curves.ts";

const START = -4; // every λ at first: the paper does not tell its own
const BATCH = 100; // the paper says up to 1,000
const PAPER = { samples: 2, trainSteps: 10, scale: Math.sqrt(1e-5) }; // its variance of p(λ | λ^); 10 steps: weak evidence
const ELEMENTWISE = { samples: 2, trainSteps: 10, scale: 1, hyperLearningRate: 0.03 }; // ours: wider samples, larger steps
const UNROLLED_RATE = 0.3; // Adam's step size of λ, of which the time allows for some twenty: the λ_i end 3 apart
const THRESHOLD = 0.0395;

const scales = {
  paper: {
    ...{ rows: 10_000, learningRate: 1e-4, evaluateEvery: 250 },
    ...{ joint: { seconds: 60, steps: 1e7 }, unrolled: { seconds: 240, steps: 1e7 } },
    trainings: { paper: { steps: 4000, learningRate: 1e-4 }, short: { steps: 500, learningRate: 1e-3 } },
  },
  /** Fewer rows, and ten times the step size; ended by steps, so that no number but the seconds depends on the clock. */
  quick: {
    ...{ rows: 1000, learningRate: 1e-3, evaluateEvery: 50 },
    ...{ joint: { seconds: Infinity, steps: 400 }, unrolled: { seconds: Infinity, steps: 1000 } },
    trainings: { paper: { steps: 125, learningRate: 1e-3 }, short: { steps: 50, learningRate: 2e-3 } },
  },
};

/** The figure. */
export const figure5: Reproduction = async (setting) => {
  const scale = scales[setting.scale];
  const { learningRate, joint, evaluateEvery, trainings } = scale;
  const data = await digitParts(setting.dataDir, scale.rows);
  const task = { problem: linearWithPenalties("weight", START), data };
  const train = async (method: string, tuner: Tuner): Promise<Curve> => {
    setting.note(method);
    const options = { budget: joint, batchSize: BATCH, evaluateEvery };
    return inErrors(method, await trainingCurve(setting, task, tuner, options));
  };
  const unroll = async (method: string, training: typeof trainings.paper, budget: Budget): Promise<Curve> => {
    setting.note(method);
    const { seed } = setting;
    const tuning = { batchSize: BATCH, hyperLearningRate: UNROLLED_RATE, evaluationBatchSize: 1000, seed };
    return inErrors(method, await unrolledCurve(setting, task, { ...training, ...tuning }, budget));
  };
  const paper = { ...PAPER, learningRate, hypernet: factoredHypernet({ scaleInputs: false }) };
  const curves = [
    await train("hyper-training", hyperTraining({ ...paper, hyperLearningRate: learningRate })),
    await unroll("unrolled", trainings.paper, scale.unrolled),
    await train("penalties held", fixed({ optimizer: adam(), learningRate })),
    await train(
      "elementwise",
      hyperTraining({ ...ELEMENTWISE, learningRate, hypernet: elementwiseHypernet() }),
    ),
    await unroll("unrolled, short trainings", trainings.short, joint),
  ] as const;
  return {
    numbers: {
      threshold: THRESHOLD,
      curves: curves.map((curve) => ({ ...numbersOf(curve), secondsToThreshold: crossed(curve) })),
    },
    claims: setting.scale === "paper" ? paperClaims(curves) : orderClaims(curves),
    figure: curveFigure({
      title: "Hyper-training, figure 5 above: 7,850 penalties of a linear model",
      subtitle: `MNIST, ${scale.rows.toLocaleString("en")} images each for training, validation and test`,
      panels: [{ title: "784-10", curves }],
      loss: "mean squared error",
      domain: setting.scale === "paper" ? [0.035, 0.045] : [0.03, 0.1],
      colours: COLOURS,
    }),
  };
};

const COLOURS = {
  "hyper-training": "#08306b",
  elementwise: "#7fb8e6",
  "penalties held": "#d95f02",
  unrolled: "#31a354",
  "unrolled, short trainings": "#a1d99b",
};

type Curves = readonly [hyper: Curve, unrolled: Curve, held: Curve, elementwise: Curve, short: Curve];

/** Mean squared errors in place of losses. */
const inErrors = (method: string, points: Curve["points"]): Curve => ({
  method,
  points: points.map((point) => ({
    ...point,
    valid: squaredErrorOf(point.valid),
    test: squaredErrorOf(point.test),
  })),
});

/** Processor seconds until the validation error is below the threshold for the first time. */
const crossed = ({ points }: Curve): number =>
  points.find(({ valid }) => valid < THRESHOLD)?.seconds ?? Infinity;

/** What the paper's figure shows, read off it, and what our control says of it. */
function paperClaims(curves: Curves): PaperClaim[] {
  const [hyper, unrolled, held] = curves;
  const seconds = `${crossed(hyper).toFixed(1)} s, unrolled ${crossed(unrolled).toFixed(1)} s`;
  return [
    level(hyper, 0.0391),
    level(unrolled, 0.0383),
    {
      what: `hyper-training is below ${THRESHOLD} before unrolled differentiation`,
      ...{ expected: "sooner", measured: seconds, holds: crossed(hyper) < crossed(unrolled) },
    },
    ...orderClaims(curves),
    below("hyper-training ends lower than with penalties held (our control)", hyper, held, 0.99),
    below("unrolled differentiation ends lower than with penalties held (our control)", unrolled, held, 0.99),
  ];
}

function orderClaims([hyper, unrolled]: Curves): PaperClaim[] {
  const gaps = [unrolled, hyper].map((curve) => endOf(curve).test - endOf(curve).valid) as [number, number];
  return [
    below("unrolled differentiation ends lower on validation data", unrolled, hyper, 1),
    {
      what: "and overfits it more: the gap to the test error",
      ...{ expected: ".0018 > .0012", measured: gaps.map((gap) => gap.toFixed(4)).join(", ") },
      holds: gaps[0] > gaps[1],
    },
  ];
}

function level(curve: Curve, expected: number): PaperClaim {
  const { valid, test } = endOf(curve);
  return {
    what: `validation error of ${curve.method}`,
    ...{ expected: `${expected} within 10 %`, measured: `${valid.toFixed(4)} (test ${test.toFixed(4)})` },
    holds: Math.abs(valid / expected - 1) < 0.1,
  };
}

function below(what: string, lower: Curve, upper: Curve, factor: number): PaperClaim {
  const [a, b] = [endOf(lower).valid, endOf(upper).valid];
  return {
    what,
    expected: factor === 1 ? "lower" : `lower by ${Math.round(100 * (1 - factor))} %`,
    measured: `${a.toFixed(4)}, ${b.toFixed(4)}`,
    holds: a < factor * b,
  };
}
