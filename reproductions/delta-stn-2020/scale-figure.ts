import type { TopLevelSpec } from "vega-lite";

/** A final validation loss. */
export interface ScalePoint {
  readonly what: "scale" | "train steps" | "learning rate";
  readonly at: number;
  readonly method: string;
  readonly seed: number;
  readonly valid: number;
}

/** Final validation losses, their means as lines: left by the perturbations' scale, right by the training steps to a hyperparameter step. */
export function scaleFigure(points: readonly ScalePoint[]): TopLevelSpec {
  const panel = (what: ScalePoint["what"], title: string) => {
    const x = { field: "at", type: "quantitative", scale: { type: "log" }, title };
    const y = { type: "quantitative", scale: { zero: false }, title: "final validation loss" };
    const color = {
      field: "method",
      scale: { domain: ["stn", "centered-stn", "delta-stn"], range: ["#d95f02", "#6baed6", "#08306b"] },
      legend: { title: null, orient: "bottom" },
    };
    return {
      ...{ width: 320, height: 240 },
      data: { values: points.filter((point) => point.what === what) },
      layer: [
        { mark: "line", encoding: { x, y: { ...y, field: "valid", aggregate: "mean" }, color } },
        {
          mark: { type: "point", filled: true, size: 30 },
          encoding: { x, y: { ...y, field: "valid" }, color },
        },
      ],
    };
  };
  const spec = {
    title: "simple-cnn on digits: how much the perturbations' scale and the rhythm matter",
    hconcat: [
      panel("scale", "perturbation scale of unconstrained rates"),
      panel("train steps", "training steps to a hyperparameter step"),
    ],
    padding: 12,
  };
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost
}
