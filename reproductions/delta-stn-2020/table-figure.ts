import type { TopLevelSpec } from "vega-lite";

/** Where a method stood at an evaluation. */
export interface TablePoint {
  readonly method: string;
  readonly epoch: number;
  readonly seconds: number;
  readonly minutes: number;
  readonly valid: number;
  /** The lowest validation loss so far, and the test loss there. */
  readonly bestValid: number;
  readonly bestTest: number;
  readonly hyperparameters: Readonly<Record<string, number>>;
}

/** The best validation loss against time for every method, and below it where Delta-STN's hyperparameters went. */
export function tableFigure(
  data: string,
  methods: readonly string[],
  points: readonly TablePoint[],
): TopLevelSpec {
  const schedules = points
    .filter(({ method }) => method === "delta-stn")
    .flatMap(({ hyperparameters, minutes }) =>
      Object.entries(hyperparameters).map(([name, value]) => ({ name, value, minutes })),
    );
  const lowest = methods.flatMap(
    (method) => points.findLast((point) => point.method === method)?.bestValid ?? [],
  );
  const highest = Math.max(...points.map(({ bestValid }) => bestValid));
  // without the first epochs, whose losses would take all of the height
  const shown = [0.97 * Math.min(...lowest), Math.min(1.03 * highest, 1.5 * Math.max(...lowest))];
  const time = { field: "minutes", type: "quantitative", title: "minutes" };
  const spec = {
    title: `${data}: best validation loss at equal wall-clock, and Delta-STN's hyperparameters`,
    vconcat: [
      {
        data: { values: points.map(({ hyperparameters: _, ...point }) => point) },
        ...{ width: 480, height: 240 },
        mark: { type: "line", interpolate: "step-after", clip: true },
        encoding: {
          x: time,
          y: {
            ...{ field: "bestValid", type: "quantitative", title: "validation loss" },
            scale: { domain: shown, nice: false },
          },
          color: { field: "method", scale: { domain: methods }, legend: { title: null } },
        },
      },
      {
        data: { values: schedules },
        facet: { field: "name", title: null },
        columns: 4,
        spec: {
          ...{ width: 110, height: 80 },
          mark: "line",
          encoding: { x: time, y: { field: "value", type: "quantitative", title: null } },
        },
        resolve: { scale: { y: "independent" } },
      },
    ],
  };
  return spec as TopLevelSpec; // literals widen to string
}
