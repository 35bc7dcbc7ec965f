/**
 * The bias of joint training on ridge regression, by the width s of the perturbations: closed forms as lines, trained tuners as
 * points.
 *
 *     node scripts/figures/ridge-bias.ts
 *
 * | symbol | meaning |
 * |---|---|
 * | λ | logarithm of the penalty's weight, held |
 * | s | standard deviation of the perturbations of λ |
 * | w*, ∂w* | best response at λ and its derivative by λ |
 * | w0, Θ | what a tuner has learned: the weights at λ, and their slope |
 */
import { parseArgs } from "node:util";

import type { TopLevelSpec } from "vega-lite";

import { jaxEngine } from "../../src/engine/jax.ts";
import { ridge, type LinearData } from "../../src/problem/ridge.ts";
import { dense } from "../../src/response/dense.ts";
import {
  bestResponse,
  centeredFit,
  jointFit,
  penaltyMoments,
  responseDerivative,
} from "../../src/testing/ridge-oracle.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { stn } from "../../src/tuners/stn.ts";
import type { Host } from "../../src/tuners/host.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { writeFigure } from "./render.ts";

const { values: args } = parseArgs({
  options: { out: { type: "string", default: "docs/figures/ridge-bias.svg" } },
});

const ROWS = 12;
const TRUTH = [1, -2, 0.5]; // the weights that made the targets
const NOISE = 1; // standard deviation of the targets' errors
const LAMBDA = 0.7;
const WIDTHS = [0.1, 0.2, 0.4, 0.8, 1.6]; // s of the trained tuners
const LINE_WIDTHS = Array.from({ length: 41 }, (_, i) => 0.08 * 25 ** (i / 40)); // s of the closed forms: 0.08 to 2
const COPIES = 16; // of the training rows in a minibatch, each with a perturbation of its own
const rateAt = (s: number) => 0.004 / Math.max(1, s) ** 2; // wide perturbations make the slope's curvature large,
const stepsAt = (s: number) => 4000 * Math.max(1, 0.2 / s) ** 1.5; // and narrow ones make it small
const FLOOR = 1e-7; // what is nearer to zero is drawn there
const METHODS = [
  { name: "STN", tuner: stn, fit: (moments: Moments) => jointFit(train, moments) },
  { name: "centred STN", tuner: centeredStn, fit: (moments: Moments) => centeredFit(train, LAMBDA, moments) },
  { name: "Delta-STN", tuner: deltaStn, fit: (moments: Moments) => centeredFit(train, LAMBDA, moments) },
];
type Moments = ReturnType<typeof penaltyMoments>;
type Fit = ReturnType<typeof jointFit>;

const engine = await jaxEngine();
const train = regressionData();
const draws = normalQuantiles(COPIES);

// Lines: the fixed points for these very draws. Points: where gradient descent on the tuner's own objective ends.
const errors: { name: string; s: number; kind: string; weights: number; slope: number }[] = [];
for (const { name, tuner, fit } of METHODS) {
  for (const s of LINE_WIDTHS) errors.push({ name, s, kind: "closed form", ...errorsOf(fit(momentsAt(s))) });
  for (const s of WIDTHS) {
    const found = await trained(
      tuner({ response: dense, learningRate: rateAt(s), warmupEpochs: Infinity }),
      s,
      name === "STN" ? LAMBDA : 0,
    );
    const [now, then] = [errorsOf(found), errorsOf(fit(momentsAt(s)))];
    errors.push({ name, s, kind: "trained", ...now });
    console.log(
      `${name.padEnd(12)} s ${String(s).padEnd(5)} |w0 - w*| ${now.weights.toExponential(2)} (${then.weights.toExponential(2)})`,
      ` |Θ - ∂w*| ${now.slope.toExponential(2)} (${then.slope.toExponential(2)})`,
    );
  }
}
const files = await writeFigure(args.out, figure());
console.log(`in brackets: closed form; wrote ${files.join(", ")}`);

function momentsAt(s: number): Moments {
  return penaltyMoments(
    LAMBDA,
    draws.map((z) => s * z),
  );
}

function errorsOf({ base, slope }: Fit): { weights: number; slope: number } {
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.hypot(...a.map((v, i) => v - (b[i] as number)));
  return {
    weights: distance(base, bestResponse(train, LAMBDA)),
    slope: distance(slope, responseDerivative(train, LAMBDA)),
  };
}

/** The response after training at perturbation width s; `at` is where on its input the hyperparameters lie. */
async function trained(tuner: Tuner, s: number, at: number): Promise<Fit> {
  const perturbation = { scale: s, tuneScale: false };
  const task = ridge({ train, valid: train, start: LAMBDA, copies: COPIES, perturbation });
  const { programs, state, advance } = tuner.prepare(task, 0, endlessRun);
  const session = engine.open(programs, state, "float64");
  const rows = Float64Array.from(draws.flatMap((z) => train.y.map(() => z)));
  const host: Host = {
    stepsPerEpoch: 1,
    run: (program, inputs) => session.run(program, inputs),
    trainInputs: () => ({ batch: task.data.train.fields, noise: {} }),
    validBatch: () => task.data.valid.fields,
    perturbation: () => new HostArray(rows, [rows.length, 1]),
  };
  for (let step = 0; step < stepsAt(s); step++) await advance(host, step);
  const end = await session.read(["params", "response"]);
  session.dispose();
  const weightsOf = (tree: unknown) => [...(tree as { w: { weight: HostArray } }).w.weight.data];
  const slope = weightsOf(end.response);
  return { base: weightsOf(end.params).map((w, i) => w + at * (slope[i] as number)), slope };
}

/** Columns and targets with mean 0, so that the bias plays no part. */
function regressionData(): LinearData {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    return values.map((v) => v - mean);
  };
  const key = randomKey(1, "ridge bias");
  const columns = TRUTH.map((_, j) => centred([...randomNormal(key, j, ROWS)]));
  const x = Array.from({ length: ROWS }, (_, i) => columns.map((column) => column[i] as number));
  const errors = randomNormal(key, TRUTH.length, ROWS);
  const y = x.map((row, i) =>
    row.reduce((sum, v, j) => sum + v * (TRUTH[j] as number), NOISE * (errors[i] as number)),
  );
  return { x, y: centred(y) };
}

/** `count` numbers, even, symmetric about 0 and with unit variance, spread about as normal draws. */
function normalQuantiles(count: number): number[] {
  const grid = Array.from({ length: 8001 }, (_, i) => -4 + i / 1000);
  const density = grid.map((z) => Math.exp((-z * z) / 2));
  const total = density.reduce((sum, d) => sum + d, 0);
  let below = 0;
  const cumulative = density.map((d) => (below += d / total));
  const upper = Array.from({ length: count / 2 }, (_, k) => 0.5 + (k + 0.5) / count).map(
    (q) => grid[cumulative.findIndex((c) => c >= q)] as number,
  );
  const deviation = Math.sqrt(upper.reduce((sum, z) => sum + z * z, 0) / upper.length);
  return upper.flatMap((z) => [z / deviation, -z / deviation]);
}

function figure(): TopLevelSpec {
  const domain = METHODS.map(({ name }) => name);
  const panel = (field: "weights" | "slope", title: string, low: number) => ({
    width: 340,
    height: 260,
    title,
    data: { values: errors.map((error) => ({ ...error, shown: Math.max(error[field], low) })) },
    encoding: {
      x: {
        field: "s",
        type: "quantitative",
        scale: { type: "log", domain: [0.08, 2] },
        title: "perturbation width s (standard deviation of λ)",
        axis: { values: [0.1, 0.2, 0.5, 1, 2], format: "~g" },
      },
      y: {
        field: "shown",
        type: "quantitative",
        scale: { type: "log", domain: [low, 2] },
        axis: { title: null, format: ".0e", values: [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1] },
      },
      color: {
        field: "name",
        scale: { domain, range: ["#d95f02", "#6baed6", "#08306b"] },
        legend: { title: null, orient: "bottom", symbolType: "circle" },
      },
    },
    layer: [
      {
        transform: [{ filter: "datum.kind == 'closed form'" }],
        mark: { type: "line", clip: true },
        encoding: {
          strokeWidth: { condition: { test: "datum.name === 'centred STN'", value: 5 }, value: 1.6 },
        },
      },
      {
        transform: [{ filter: "datum.kind == 'trained'" }],
        mark: { type: "point", size: 70, strokeWidth: 2 },
        encoding: {
          shape: { field: "name", scale: { domain, range: ["circle", "square", "cross"] }, legend: null },
        },
      },
    ],
  });
  return {
    title: {
      text: "Joint training biases the weights; centring removes that",
      subtitle: [
        `Ridge regression at λ = ${LAMBDA}: closed forms (lines) and trained tuners (points).`,
        `Errors of the weights below ${FLOOR} are drawn there.`,
      ],
      offset: 14,
    },
    hconcat: [
      panel("weights", "Error of the weights, |w0 - w*|", FLOOR),
      panel("slope", "Error of the response, |Θ - ∂w*|", 1e-4),
    ],
    spacing: 40,
    padding: 12,
  } as unknown as TopLevelSpec; // the panels' literal types are lost in the helper function
}
