import type { TopLevelSpec } from "vega-lite";

import type { Point } from "./training-curves.ts";

/** A method's losses over time. */
export interface Curve {
  readonly method: string;
  readonly points: readonly Point[];
}

/** Curves that are compared with each other. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

/** What {@link curveFigure} draws. */
export interface CurveFigureOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly panels: readonly Panel[];
  /** What stands at the axis of losses, and its range. */
  readonly loss: string;
  readonly domain: readonly [number, number];
  /** The colour of every method. */
  readonly colours: Readonly<Record<string, string>>;
}

/** Losses over processor seconds on a log scale: one colour a method; validation data drawn through, test data dashed. */
export function curveFigure(options: CurveFigureOptions): TopLevelSpec {
  const { title, subtitle, panels, colours } = options;
  const used = new Set(panels.flatMap(({ curves }) => curves.map(({ method }) => method)));
  const methods = Object.keys(colours).filter((method) => used.has(method));
  const figure = {
    title: { text: title, subtitle, offset: 14 },
    hconcat: panels.map((panel, i) => drawn(panel, i, methods, options)),
    ...{ spacing: 20, padding: 12 },
  };
  return figure as unknown as TopLevelSpec; // the panels' literal types are lost
}

const PARTS = ["valid", "test"] as const;

function drawn(
  { title, curves }: Panel,
  i: number,
  methods: readonly string[],
  { loss, domain, colours, panels }: CurveFigureOptions,
): object {
  const values = curves.flatMap(({ method, points }) =>
    thinned(points).flatMap((point) =>
      PARTS.map((data) => ({ method, data, seconds: short(point.seconds), loss: short(point[data]) })),
    ),
  );
  const bottom = { title: null, orient: "bottom", columns: 2 };
  return {
    ...{ width: panels.length === 1 ? 560 : 360, height: 270, title, data: { values } },
    mark: { type: "line", interpolate: "step-after", strokeWidth: 1.4, clip: true },
    encoding: {
      x: {
        field: "seconds",
        type: "quantitative",
        title: "processor seconds",
        scale: { type: "log", nice: false },
      },
      y: {
        ...{ field: "loss", type: "quantitative", title: i === 0 ? loss : null },
        scale: { domain, nice: false },
      },
      color: {
        ...{ field: "method", legend: bottom },
        scale: { domain: methods, range: methods.map((method) => colours[method]) },
      },
      strokeDash: { field: "data", legend: bottom, scale: { domain: PARTS, range: [[], [4, 3]] } },
    },
  };
}

/** The first point, the last, and those between whose time is at least a twentieth more than that of the one before. */
export function thinned<P extends { readonly seconds: number }>(points: readonly P[]): P[] {
  const kept: P[] = [];
  for (const [i, point] of points.entries()) {
    const before = kept.at(-1);
    if (!before || i === points.length - 1 || point.seconds >= 1.05 * before.seconds) kept.push(point);
  }
  return kept;
}

/** Where a method ended: mean losses over the last tenth of its seconds, since single evaluations scatter. */
export function endOf({ points }: Curve): Pick<Point, "valid" | "test"> {
  const from = 0.9 * (points.at(-1)?.seconds ?? 0);
  const late = points.filter(({ seconds }) => seconds >= from);
  const mean = (part: "valid" | "test") => late.reduce((sum, point) => sum + point[part], 0) / late.length;
  return { valid: mean("valid"), test: mean("test") };
}

/** A curve's numbers as they are written: [step, processor seconds, validation loss, test loss]. */
export const numbersOf = ({ method, points }: Curve) => ({
  method,
  end: mapped(endOf({ method, points })),
  lambdas: { mean: short(points.at(-1)?.mean ?? NaN), spread: short(points.at(-1)?.spread ?? NaN) },
  steps: points.at(-1)?.step,
  points: thinned(points).map(({ step, seconds, valid, test }) => [
    step,
    ...[seconds, valid, test].map(short),
  ]),
});

const mapped = ({ valid, test }: Pick<Point, "valid" | "test">) => ({
  valid: short(valid),
  test: short(test),
});

const short = (value: number): number => Number(value.toPrecision(4));
