/**
 * The comparison of hyper-training's workshop version and poster (Lorraine and Duvenaud, NIPS 2017 workshop): hyper-training against
 * random search and Bayesian optimisation at equal time, for 10 penalties of a linear model, one a class, and for 7,850.
 *
 * The searches train every trial from scratch. So that tuning can be told from training for longer, two controls stand beside them
 * that the poster lacks: one plain training with the penalties held, for as long; and searches with shorter and longer trials.
 */
import { adam } from "../../src/nn/optim/adam.ts";
import { elementwiseHypernet, factoredHypernet, linearHypernet } from "../../src/response/hypernet.ts";
import { gpSampler } from "../../src/search/gp-sampler.ts";
import { random } from "../../src/search/random.ts";
import type { Sampler } from "../../src/search/sampler.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { hyperTraining } from "../../src/tuners/hyper-training.ts";
import type { Tuner } from "../../src/tuners/tuner.ts";
import type { PaperClaim, Reproduction } from "../reproduction.ts";
import { curveFigure, endOf, numbersOf, type Curve } from "./curve-figure.ts";
import { digitParts } from "./digit-parts.ts";
import { linearWithPenalties, searchedPenalties, type Grouping } from "./linear-penalties.ts";
import { searchCurve, trainingCurve } from "./training-curves.ts";

const RANGE = { low: -8, high: 0 }; // of every λ for the searches; the paper does not tell its own
const START = (RANGE.low + RANGE.high) / 2; // of hyper-training: the middle, so that nobody is given more than the others
const BATCH = 100;
const PAPER = { samples: 2, trainSteps: 10, scale: Math.sqrt(1e-5) }; // as in figure 5
const ELEMENTWISE = { samples: 2, trainSteps: 10, scale: 1, hyperLearningRate: 0.03 }; // ours, as in figure 5

const scales = {
  paper: {
    ...{ rows: 10_000, learningRate: 1e-4, evaluateEvery: 250, budget: { seconds: 60, steps: 1e7 } },
    trials: { short: 1000, usual: 4000, long: 16_000 }, // steps; plain training moves little after 4,000 and rests at 8,000
  },
  /** Fewer rows, and ten times the step size; ended by steps, so that no number but the seconds depends on the clock. */
  quick: {
    ...{ rows: 2000, learningRate: 1e-3, evaluateEvery: 50, budget: { seconds: Infinity, steps: 300 } },
    trials: { short: 10, usual: 30, long: 60 },
  },
};

/** The comparison. */
export const workshopComparison: Reproduction = async (setting) => {
  const { rows, learningRate, evaluateEvery, budget, trials } = scales[setting.scale];
  const data = await digitParts(setting.dataDir, rows);
  const options = { budget, batchSize: BATCH, evaluateEvery };
  const plain = fixed({ optimizer: adam(), learningRate });
  const taskOf = (grouping: Grouping) => ({ problem: linearWithPenalties(grouping, START), data });
  const train = async (method: string, grouping: Grouping, tuner: Tuner): Promise<Curve> => {
    setting.note(`a penalty for each ${grouping}: ${method}`);
    return { method, points: await trainingCurve(setting, taskOf(grouping), tuner, options) };
  };
  const search = async (method: string, grouping: Grouping, sampler: Sampler, trialSteps: number) => {
    setting.note(`a penalty for each ${grouping}: ${method}`);
    const how = { sampler, trialSteps, space: searchedPenalties(grouping, RANGE.low, RANGE.high) };
    return { method, points: await searchCurve(setting, taskOf(grouping), plain, how, options) };
  };
  const joint = { ...PAPER, learningRate, hyperLearningRate: learningRate };
  const held = await train("penalties held", "class", plain); // the same with a penalty for each weight
  const ten = {
    hyper: await train("hyper-training", "class", hyperTraining({ ...joint, hypernet: linearHypernet() })),
    gp: await search("Gaussian process", "class", gpSampler(), trials.usual),
    random: await search("random search", "class", random(), trials.usual),
    held,
    short: await search("random, short trials", "class", random(), trials.short),
    long: await search("random, long trials", "class", random(), trials.long),
  };
  const factored = hyperTraining({ ...joint, hypernet: factoredHypernet({ scaleInputs: false }) });
  const elementwise = hyperTraining({ ...ELEMENTWISE, learningRate, hypernet: elementwiseHypernet() });
  const each = {
    hyper: await train("hyper-training", "weight", factored),
    random: await search("random search", "weight", random(), trials.usual),
    held,
    elementwise: await train("elementwise", "weight", elementwise),
  };
  const panels = [
    { title: "10 penalties, one a class", curves: Object.values(ten) },
    { title: "7,850 penalties, one a weight", curves: Object.values(each) },
  ];
  return {
    numbers: {
      ...{ range: RANGE, start: START, trialSteps: trials },
      panels: panels.map(({ title, curves }) => ({ title, curves: curves.map(numbersOf) })),
    },
    claims: [
      below("10 penalties: below Bayesian optimisation", ".485 < .593", ten.hyper, ten.gp),
      below("10 penalties: below random search", ".485 < .60", ten.hyper, ten.random),
      below("7,850 penalties: below random search", ".54 < .616", each.hyper, each.random),
      ...(setting.scale === "paper" ? controls(ten, each) : []),
    ],
    figure: curveFigure({
      title: "Hyper-training, the workshop's comparison",
      subtitle: `Loss 50 MSE - 1.3836 on MNIST, ${rows.toLocaleString("en")} images each; searches draw their best trial so far`,
      ...{ panels, loss: "loss", colours: COLOURS },
      domain: setting.scale === "paper" ? [0.45, 0.85] : [0.7, 1.4],
    }),
  };
};

const COLOURS = {
  "hyper-training": "#08306b",
  elementwise: "#7fb8e6",
  "penalties held": "#d95f02",
  "Gaussian process": "#6a51a3",
  "random search": "#222222",
  "random, short trials": "#777777",
  "random, long trials": "#bbbbbb",
};

/** What tells tuning from training for longer. */
const controls = (
  ten: Readonly<Record<"hyper" | "random" | "held" | "short", Curve>>,
  each: Readonly<Record<"hyper" | "held", Curve>>,
): PaperClaim[] => [
  below(
    "10 penalties: below penalties held for as long (our control)",
    "lower by 1 %",
    ten.hyper,
    ten.held,
    0.99,
  ),
  below("7,850 penalties: likewise (our control)", "lower by 1 %", each.hyper, each.held, 0.99),
  below(
    "10 penalties: random search below that with shorter trials",
    "lower by 1 %",
    ten.random,
    ten.short,
    0.99,
  ),
];

/** That one method's last validation loss is below another's. */
function below(what: string, expected: string, lower: Curve, upper: Curve, factor = 1): PaperClaim {
  const [a, b] = [endOf(lower), endOf(upper)];
  const told = ({ valid, test }: typeof a) => `${valid.toFixed(3)} (test ${test.toFixed(3)})`;
  return { what, expected, measured: `${told(a)}, ${told(b)}`, holds: a.valid < factor * b.valid };
}
