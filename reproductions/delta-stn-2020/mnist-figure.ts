import type { TopLevelSpec } from "vega-lite";

/** Where a run stood after an epoch. */
export interface Point {
  readonly method: string;
  readonly epoch: number;
  readonly minutes: number;
  readonly valid: number;
  readonly test: number;
  readonly hyperparameters: Readonly<Record<string, number>>;
}

const NAMES: Readonly<Record<string, string>> = {
  "delta-stn": "Delta-STN",
  "centered-stn": "centred STN",
  stn: "STN",
  fixed: "start held fixed",
};
const COLOURS = { "delta-stn": "#08306b", "centered-stn": "#7fb8e6", stn: "#d95f02", fixed: "#777777" };

/** Above the validation loss against epochs and against time, below the dropout rates against epochs. */
export function mnistFigure(methods: readonly string[], curves: readonly Point[]): TopLevelSpec {
  const domain = methods.map((method) => NAMES[method] ?? method);
  const range = methods.map((method) => COLOURS[method as keyof typeof COLOURS] ?? "black");
  const color = { field: "name", scale: { domain, range }, legend: { title: null, orient: "bottom" } };
  const y = {
    field: "valid",
    type: "quantitative",
    scale: { type: "log", domain: [0.035, 0.2], clamp: true },
  };
  const named = curves.map((point) => ({ ...point, name: NAMES[point.method] }));
  const rates = named.flatMap(({ hyperparameters, ...point }) =>
    Object.entries(hyperparameters).map(([place, rate]) => ({ ...point, place: place.split(".")[1], rate })),
  );
  const losses = (field: string, title: string) => ({
    width: 330,
    height: 220,
    mark: { type: "line", clip: true, strokeWidth: 1.3 },
    encoding: { x: { field, type: "quantitative", title }, y: { ...y, title: "validation loss" }, color },
  });
  const spec = {
    title: {
      text: "MNIST, 784-1200-1200-10: three dropout rates tuned from 0.05 in one training run",
      subtitle:
        "The times are of these runs on two cores, partly beside other work: see the table for steps timed in turn.",
    },
    data: { values: named },
    vconcat: [
      { hconcat: [losses("epoch", "epoch"), losses("minutes", "minutes")], spacing: 24 },
      {
        data: { values: rates },
        facet: { field: "place", title: null, sort: ["input", "fc1", "fc2"] },
        spec: {
          width: 208,
          height: 150,
          mark: { type: "line", strokeWidth: 1.3 },
          encoding: {
            x: { field: "epoch", type: "quantitative" },
            y: { field: "rate", type: "quantitative", title: "dropout rate", scale: { domain: [0, 0.95] } },
            color,
          },
        },
      },
    ],
    padding: 12,
  };
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost in the helper function
}
