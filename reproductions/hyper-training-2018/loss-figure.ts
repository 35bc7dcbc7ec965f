import type { TopLevelSpec } from "vega-lite";

export const [RED, BLUE, BLACK, GREY] = ["#d62728", "#1f77b4", "#222", "#777"] as const;
export const [PALE_RED, PALE_BLUE] = ["#e06666", "#5b9bd0"] as const;

/** Points [λ, loss] of one kind. */
interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [lambda: number, loss: number])[];
}

/** What {@link lossFigure} draws. */
export interface LossFigureOptions {
  readonly title: string;
  /** What was learned. */
  readonly lines: readonly Series[];
  /** The models trained from scratch. */
  readonly crosses: readonly Series[];
  /** A dashed line at one λ. */
  readonly marked: { readonly name: string; readonly at: number };
  /** The losses from the lower edge of the figure to the upper. */
  readonly domain: readonly number[];
}

/** Losses over λ as in figures 2 and 4 of the paper: a line for what was learned, crosses for the truth. */
export function lossFigure({ title, lines, crosses, marked, domain }: LossFigureOptions): TopLevelSpec {
  const named = [...lines, ...crosses, { name: marked.name, color: GREY }];
  const stroke = (name: string) => ({
    datum: name,
    scale: { domain: named.map(({ name }) => name), range: named.map(({ color }) => color) },
    legend: { title: null, orient: "bottom", columns: 1, symbolType: "stroke" },
  });
  const x = {
    field: "lambda",
    type: "quantitative",
    title: "hyperparameter λ",
    axis: { format: "d", tickCount: 6 },
  };
  const y = { field: "loss", type: "quantitative", title: "loss", scale: { domain } };
  const layer =
    (mark: object) =>
    ({ name, points }: Series) => ({
      data: { values: points.map(([lambda, loss]) => ({ lambda, loss })) },
      mark: { clip: true, ...mark },
      encoding: { x, y, stroke: stroke(name) },
    });
  const spec = {
    ...{ width: 420, height: 280, padding: 10, title },
    layer: [
      {
        data: { values: [{ lambda: marked.at }] },
        mark: { type: "rule", strokeDash: [5, 4], strokeWidth: 1.5 },
        encoding: { x, stroke: stroke(marked.name) },
      },
      ...lines.map(layer({ type: "line", strokeWidth: 2 })),
      ...crosses.map(layer({ type: "point", shape: CROSS, size: 120, strokeWidth: 2 })),
    ],
  };
  return spec as unknown as TopLevelSpec; // the layers' literal types are lost
}

const CROSS = "M-.7,-.7L.7,.7M-.7,.7L.7,-.7"; // ×, which Vega lacks
