import type { TopLevelSpec } from "vega-lite";

import type { PaperClaim, Reproduced } from "../reproduction.ts";

/** What one estimator says of some models, beside the truth. */
export interface Inferred {
  readonly name: string;
  readonly inferred: ArrayLike<number>;
  readonly true: ArrayLike<number>;
}

const CENTRED = 0.03; // where the paper's axis of errors goes from -0.35 to 0.6

/** The Gaussian process, the hypernetwork of fixed λ and the stochastic one as the paper draws and reads them. */
export function figureOf(estimators: readonly Inferred[]): Reproduced {
  const judged = estimators.map(judge) as [Judged, Judged, Judged];
  const models = estimators[0]?.true.length as number;
  const [process, fixed, fresh] = judged;
  const measured = ({ mean, rms }: Judged) =>
    `mean error ${signed(mean)}, root mean square ${rms.toFixed(4)}`;
  const claim = (what: string, expected: string, of: Judged, holds: boolean): PaperClaim => ({
    ...{ what, expected, measured: measured(of), holds },
  });
  return {
    numbers: { models, actualBest: round(Math.min(...fresh.true)), estimators: judged.map(numbersOf) },
    claims: [
      claim("the Gaussian process under-predicts", "mean error below 0", process, process.mean < 0),
      claim("the hypernetwork of 25 fixed λ over-predicts", "mean error above 0", fixed, fixed.mean > 0),
      claim(
        "the stochastic hypernetwork's errors are centred on 0",
        `mean error within ${CENTRED} and nearer to 0 than the other hypernetwork's`,
        fresh,
        Math.abs(fresh.mean) < Math.min(CENTRED, Math.abs(fixed.mean)),
      ),
    ],
    figure: spec(judged, models),
  };
}

interface Judged {
  readonly name: string;
  readonly true: readonly number[];
  readonly inferred: readonly number[];
  /** Inferred less true. */
  readonly errors: readonly number[];
  readonly mean: number;
  readonly rms: number;
}

function judge({ name, inferred, true: truth }: Inferred): Judged {
  const errors = Array.from(truth, (loss, i) => (inferred[i] as number) - loss);
  const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
  const rms = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
  return { name, true: Array.from(truth), inferred: Array.from(inferred), errors, mean, rms };
}

/** Its errors, and what truly comes of the λ that it likes best. */
function numbersOf({ name, mean, rms, inferred, true: truth, errors }: Judged) {
  const lowest = Math.min(...inferred);
  const achieved = round(truth[inferred.indexOf(lowest)] as number);
  const spread = round(Math.sqrt(Math.max(rms * rms - mean * mean, 0)));
  return {
    ...{ name, meanError: round(mean), rms: round(rms), spread, predictedBest: round(lowest), achieved },
    errors: histogram(errors).map(({ from, models }) => [from, models]),
  };
}

const CELL = 0.01; // of the histogram of errors, in units of the loss
const SQUARE = 0.02; // of the two-dimensional one

function histogram(values: readonly number[]): { from: number; models: number }[] {
  const counts = Map.groupBy(values, (value) => Math.floor(value / CELL));
  return [...counts]
    .map(([cell, { length }]) => ({ from: round(cell * CELL), models: length }))
    .toSorted((a, b) => a.from - b.from);
}

function cells({ name, true: truth, inferred }: Judged): object[] {
  const cellOf = (value: number) => round(Math.floor(value / SQUARE) * SQUARE);
  const counts = Map.groupBy(
    truth.keys(),
    (i) => `${cellOf(truth[i] as number)} ${cellOf(inferred[i] as number)}`,
  );
  return [...counts].map(([key, { length }]) => {
    const [x, y] = key.split(" ").map(Number) as [number, number];
    return { name, x, x2: round(x + SQUARE), y, y2: round(y + SQUARE), models: length };
  });
}

const COLOURS = ["reds", "greens", "blues"] as const; // the paper's
const BARS = ["#cb3b3b", "#31a354", "#3b7fcb"] as const;

function spec(judged: readonly Judged[], models: number): TopLevelSpec {
  const domainOf = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
  const [low, high] = domainOf(judged.flatMap((of) => [...of.true, ...of.inferred]));
  const errors = domainOf(judged.flatMap((of) => of.errors));
  const most = Math.max(...judged.flatMap((of) => histogram(of.errors).map((bar) => bar.models)));
  const axis = { type: "quantitative", scale: { domain: [low, high], zero: false, nice: true } };
  const size = { width: 230, height: 230 };
  const scatter = (of: Judged, i: number) => ({
    ...size,
    title: of.name,
    layer: [
      {
        data: { values: cells(of) },
        mark: { type: "rect", aria: false }, // which halves the file
        encoding: {
          x: { ...axis, field: "x", title: "true loss" },
          x2: { field: "x2" },
          y: { ...axis, field: "y", axis: { minExtent: 45 }, title: i === 0 ? "inferred loss" : null },
          y2: { field: "y2" },
          color: {
            field: "models",
            type: "quantitative",
            scale: { type: "log", scheme: COLOURS[i] },
            legend: null,
          },
        },
      },
      {
        data: { values: [low, high].map((end) => ({ end })) },
        mark: { type: "line", color: "black", strokeWidth: 1 },
        encoding: { x: { ...axis, field: "end" }, y: { ...axis, field: "end" } },
      },
    ],
    resolve: { scale: { color: "independent" } },
  });
  const bars = (of: Judged, i: number) => ({
    ...size,
    height: 120,
    layer: [
      {
        data: { values: histogram(of.errors).map((bar) => ({ ...bar, to: round(bar.from + CELL) })) },
        mark: { type: "bar", color: BARS[i] },
        encoding: {
          x: {
            field: "from",
            bin: "binned",
            type: "quantitative",
            scale: { domain: errors },
            title: "inferred - true loss",
          },
          x2: { field: "to" },
          y: {
            field: "models",
            type: "quantitative",
            scale: { domain: [0, most] },
            axis: { minExtent: 45 },
            title: i === 0 ? "models" : null,
          },
        },
      },
      { mark: { type: "rule", strokeDash: [4, 3] }, encoding: { x: { datum: 0 } } },
    ],
  });
  const figure = {
    title: {
      text: "Hyper-training, figure 6: inferring the validation loss of models that were not trained",
      subtitle: `${models} linear models of MNIST, each trained from scratch at ten penalties of its own, judge three estimators.`,
    },
    data: { values: [{}] },
    vconcat: [
      { hconcat: judged.map(scatter), spacing: 16 },
      { hconcat: judged.map(bars), spacing: 16 },
    ],
    resolve: { scale: { color: "independent" } },
    padding: 12,
  };
  return figure as unknown as TopLevelSpec; // the panels' literal types are lost in the helper functions
}

const round = (value: number): number => Number(value.toFixed(4));
const signed = (value: number): string => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
