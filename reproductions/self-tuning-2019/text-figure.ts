import type { TopLevelSpec } from "vega-lite";

import type { KeptPoint } from "../kept-run.ts";

/** Training and validation losses by epoch, tuned and held, and below them where the hyperparameters went. */
export function textFigure(
  curves: readonly (KeptPoint & { readonly method: string; readonly seed: number })[],
): TopLevelSpec {
  const epoch = { field: "epoch", type: "quantitative", title: "epoch" };
  const detail = { field: "seed", type: "nominal" };
  const losses = curves.flatMap(({ method, seed, epoch, train, valid }) => [
    ...(train === undefined ? [] : [{ method, seed, epoch, part: "training", loss: train }]),
    { method, seed, epoch, part: "validation", loss: valid },
  ]);
  const rates = curves
    .filter(({ method }) => method !== "fixed")
    .flatMap(({ seed, epoch, hyperparameters }) =>
      Object.entries(hyperparameters).map(([name, value]) => ({ seed, epoch, name, value })),
    );
  const spec = {
    title: "an LSTM on 50,000 characters, tuned and held",
    vconcat: [
      {
        data: { values: losses.filter(({ epoch }) => epoch > 0) },
        ...{ width: 480, height: 240, mark: "line" },
        encoding: {
          x: epoch,
          y: { field: "loss", type: "quantitative", scale: { zero: false }, title: "nats a character" },
          color: { field: "method", legend: { title: null } },
          strokeDash: { field: "part", legend: { title: null } },
          detail,
        },
      },
      {
        data: { values: rates },
        facet: { field: "name", title: null },
        columns: 3,
        spec: {
          ...{ width: 140, height: 80, mark: "line" },
          encoding: { x: epoch, y: { field: "value", type: "quantitative", title: null }, detail },
        },
        resolve: { scale: { y: "independent" } },
      },
    ],
    padding: 12,
  };
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost
}
