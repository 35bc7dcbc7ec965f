import type { TopLevelSpec } from "vega-lite";

/** What the figure of the gate oracle shows. */
export interface GateFigureOptions {
  /** Derivatives of the logarithms of the gates in closed form. */
  readonly line: readonly { readonly unit: number; readonly lambda: number; readonly gain: number }[];
  /** The same as they were learned. */
  readonly gains: readonly { readonly unit: number; readonly lambda: number; readonly gain: number }[];
  /** Where λ went when it was tuned. */
  readonly paths: readonly {
    readonly response: string;
    readonly start: number;
    readonly step: number;
    readonly lambda: number;
  }[];
  readonly best: number;
}

/** Left the derivatives of four gates, right the paths of λ. */
export function gateFigure({ line, gains, paths, best }: GateFigureOptions): TopLevelSpec {
  const size = { width: 320, height: 240 };
  const named = (points: GateFigureOptions["line"]) =>
    points.map(({ unit, ...point }) => ({ ...point, unit: `unit ${unit + 1}` }));
  const spec = {
    title: {
      text: "A two-layer linear network responds to a penalty by a gate for each hidden unit",
      subtitle: "Lines: closed form. Points: what Delta-STN's gate response learned.",
    },
    hconcat: [
      {
        ...size,
        encoding: {
          x: { field: "lambda", type: "quantitative", title: "λ" },
          y: { field: "gain", type: "quantitative", title: "derivative of a unit's weights, of themselves" },
          color: { field: "unit", legend: { title: null, orient: "bottom" } },
        },
        layer: [
          { data: { values: named(line) }, mark: "line" },
          { data: { values: named(gains) }, mark: { type: "point", filled: true, size: 50 } },
        ],
      },
      {
        ...size,
        layer: [
          {
            data: { values: [{ best }] },
            mark: { type: "rule", strokeDash: [5, 4] },
            encoding: { y: { field: "best", type: "quantitative" } },
          },
          {
            data: { values: paths },
            mark: { type: "line" },
            encoding: {
              x: { field: "step", type: "quantitative", title: "training step" },
              y: { field: "lambda", type: "quantitative", title: "λ" },
              stroke: { field: "response", legend: { title: null, orient: "bottom", symbolType: "stroke" } },
              detail: { field: "start" },
            },
          },
        ],
      },
    ],
    resolve: { scale: { color: "independent", stroke: "independent" } },
    padding: 12,
  };
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost
}
