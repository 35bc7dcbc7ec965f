import type { TopLevelSpec } from "vega-lite";

/** A condition number, in closed form or measured. */
export interface ConditionPoint {
  readonly method: string;
  readonly lambda: number;
  readonly condition: number;
}

/** Left the condition number against λ, lines in closed form and points measured; right the error against steps at one λ. */
export function conditioningFigure(
  line: readonly ConditionPoint[],
  measured: readonly (ConditionPoint & { readonly errors: readonly number[] })[],
  at: number,
): TopLevelSpec {
  const color = {
    field: "method",
    scale: { domain: ["stn", "centered-stn", "delta-stn"], range: ["#d95f02", "#6baed6", "#08306b"] },
    legend: { title: null, orient: "bottom" },
  };
  const paths = measured
    .filter(({ lambda }) => lambda === at)
    .flatMap(({ method, errors }) =>
      errors.map((error, step) => ({ method, step, error: Math.max(error, 1e-12) })),
    );
  const points = measured.map(({ errors: _, ...point }) => point);
  const size = { width: 320, height: 240 };
  const spec = {
    title: {
      text: "Centring makes the response's problem well conditioned",
      subtitle:
        "Lines: closed form. Points: from the rate at which the package's tuners converge, at the best step size.",
    },
    hconcat: [
      {
        ...size,
        encoding: {
          x: { field: "lambda", type: "quantitative", title: "hyperparameter λ, unconstrained" },
          y: { field: "condition", type: "quantitative", scale: { type: "log" }, title: "condition number" },
          color,
        },
        layer: [
          { data: { values: line }, mark: "line" },
          { data: { values: points }, mark: { type: "point", filled: true, size: 50 } },
        ],
      },
      {
        ...size,
        title: `a dropout rate of .05 (λ = ${at})`,
        data: { values: paths },
        mark: { type: "line", clip: true },
        encoding: {
          x: { field: "step", type: "quantitative", title: "training step" },
          y: {
            field: "error",
            type: "quantitative",
            scale: { type: "log", domain: [1e-6, 10] },
            axis: { format: ".0e" },
            title: "error of weights and response",
          },
          color,
        },
      },
    ],
    padding: 12,
  };
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost
}
