import type { TopLevelSpec } from "vega-lite";

import { linspace } from "./few-images.ts";
import { BLUE, GREY, RED } from "./loss-figure.ts";

/** What {@link surfaceFigure} draws: losses of one weight w and one hyperparameter λ. */
export interface SurfaceFigureOptions {
  trainLoss(w: number, lambda: number): number;
  validLoss(w: number): number;
  /** The weight with the least training loss at λ. */
  bestResponse(lambda: number): number;
  /** What was learned in its place. */
  response(lambda: number): number;
  /** λ^, where it was learned. */
  readonly at: number;
}

const W = [-2, 2] as const;
const LAMBDA = [-Math.PI, Math.PI] as const;
const CELLS = 40; // along an axis of a surface on which the loss changes
const POINTS = 81; // of a curve
const LINE_RANGE = [-1.95, 1.95] as const; // λ for which the linear response is drawn, as in the paper: w stays within its axis
const SIZE = { width: 260, height: 210 };
const GREEN = "#2ca02c";
const EXACT = "best response w*(λ)";
const LEARNED = "learned linear response";

/**
 * The two surfaces as maps over (λ, w), training on the left and validation on the right, with the exact and the learned best
 * response on them; below, the losses along the two. The paper draws wireframes in three dimensions instead.
 */
export function surfaceFigure(options: SurfaceFigureOptions): TopLevelSpec {
  const validLoss = (w: number) => options.validLoss(w);
  const spec = {
    padding: 10,
    title: {
      text: "Exact and linear best response on the loss surfaces of one weight and one hyperparameter",
      subtitle: "Above: the training and the validation loss. Below: the same losses along the two curves.",
      offset: 12,
    },
    vconcat: [
      {
        hconcat: [
          surface("training loss", options.trainLoss, CELLS, options),
          surface("validation loss", validLoss, 1, options),
        ],
      },
      {
        hconcat: [
          profile("training loss", options.trainLoss, options),
          profile("validation loss", validLoss, options),
        ],
      },
    ],
    resolve: { scale: { fill: "independent" } },
  };
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost
}

type Loss = (w: number, lambda: number) => number;

const lambdaAxis = {
  type: "quantitative",
  title: "hyperparameter λ",
  scale: { domain: LAMBDA, nice: false },
};
const stroke = (name: string) => ({
  datum: name,
  scale: { domain: [EXACT, LEARNED, "λ^", "best λ"], range: [BLUE, RED, GREEN, GREY] },
  legend: { title: null, orient: "bottom", columns: 2, symbolType: "stroke" },
});

function surface(title: string, loss: Loss, columns: number, options: SurfaceFigureOptions): object {
  const y = { type: "quantitative", title: "weight w", scale: { domain: W, nice: false } };
  const [dx, dy] = [(LAMBDA[1] - LAMBDA[0]) / columns, (W[1] - W[0]) / CELLS];
  const centres = Array.from({ length: columns * CELLS }, (_, i) => ({
    lambda: LAMBDA[0] + ((i % columns) + 0.5) * dx,
    w: W[0] + (Math.floor(i / columns) + 0.5) * dy,
  }));
  const cells = centres.map(({ lambda, w }) => ({
    ...{ left: rounded(lambda - dx / 2), right: rounded(lambda + 0.52 * dx) }, // a little over the next, which hides the seams
    ...{ low: rounded(w - dy / 2), high: rounded(w + 0.52 * dy) },
    loss: rounded(loss(w, lambda)),
  }));
  const map = {
    data: { values: cells },
    mark: { type: "rect", clip: true, aria: false },
    encoding: {
      x: { field: "left", ...lambdaAxis },
      x2: { field: "right" },
      y: { field: "low", ...y },
      y2: { field: "high" },
      fill: {
        field: "loss",
        type: "quantitative",
        scale: { range: ["#777", "#fff"] },
        legend: { title: null, gradientLength: SIZE.height },
      },
    },
  };
  const line = (name: string, range: readonly [number, number], w: (lambda: number) => number) => ({
    data: { values: linspace(...range, POINTS).map((lambda) => ({ lambda, w: w(lambda) })) },
    mark: { type: "line", clip: true, strokeWidth: 2.5 },
    encoding: { x: { field: "lambda", ...lambdaAxis }, y: { field: "w", ...y }, stroke: stroke(name) },
  });
  return {
    ...SIZE,
    title,
    layer: [
      map,
      ...rules(options),
      line(EXACT, LAMBDA, options.bestResponse),
      line(LEARNED, LINE_RANGE, options.response),
    ],
  };
}

/** The losses along the exact and the learned response. */
function profile(title: string, loss: Loss, options: SurfaceFigureOptions): object {
  const line = (name: string, range: readonly [number, number], w: (lambda: number) => number) => ({
    data: {
      values: linspace(...range, POINTS).map((lambda) => ({ lambda, loss: loss(w(lambda), lambda) })),
    },
    mark: { type: "line", strokeWidth: 2 },
    encoding: {
      x: { field: "lambda", ...lambdaAxis },
      y: { field: "loss", type: "quantitative", title, scale: { zero: false } },
      stroke: stroke(name),
    },
  });
  return {
    ...SIZE,
    height: 0.6 * SIZE.height,
    layer: [
      ...rules(options),
      line(EXACT, LAMBDA, options.bestResponse),
      line(LEARNED, LINE_RANGE, options.response),
    ],
  };
}

/** Dashed lines at λ^ and where the validation loss of the exact response is least. */
function rules({ at, validLoss, bestResponse }: SurfaceFigureOptions): object[] {
  const best = linspace(...LAMBDA, 10 * POINTS).reduce((a, b) =>
    validLoss(bestResponse(b)) < validLoss(bestResponse(a)) ? b : a,
  );
  return [
    { name: "λ^", lambda: at },
    { name: "best λ", lambda: best },
  ].map(({ name, lambda }) => ({
    data: { values: [{ lambda }] },
    mark: { type: "rule", strokeDash: [5, 4], strokeWidth: 1.5 },
    encoding: { x: { field: "lambda", ...lambdaAxis }, stroke: stroke(name) },
  }));
}

const rounded = (value: number): number => Number(value.toFixed(3));
