import type { TopLevelSpec } from "vega-lite";

import type { Case } from "./linear-regression-table.ts";

const LEVELS = [30, 10, 3, 1, 0.3]; // percent, outermost band first
const FLOOR = 0.001; // percent; what is below is drawn there
const MAP = { l2: [1e-5, 10], dropout: [0, 0.7] };
const PATH_EVERY = 75; // steps between the points of a path, so that its noise does not hide the bands
const SIZE = { width: 215, height: 190 };

const names: Record<string, string> = { stn: "STN", "centered-stn": "centred STN", "delta-stn": "Delta-STN" };
const order = Object.values(names);
const method = {
  stroke: {
    field: "method",
    scale: { domain: order, range: ["#d95f02", "#7fb8e6", "#08306b"] },
    legend: { title: "method (the last two coincide)", orient: "bottom", symbolType: "stroke" },
  },
  strokeWidth: { condition: { test: "datum.method === 'centred STN'", value: 3.6 }, value: 1.3 },
};

/**
 * Above, the paths of the hyperparameters with few training rows over bands of the closed-form loss; below, its excess over the
 * steps, with few and with all training rows.
 */
export function linearRegressionFigure(cases: readonly Case[]): TopLevelSpec {
  const sets = [...new Set(cases.map(({ set }) => set))];
  const fewest = Math.min(...cases.map(({ rows }) => rows));
  const few = cases.filter(({ rows }) => rows === fewest);
  const all = cases.filter(({ rows }) => rows !== fewest);
  const row = (panels: readonly object[]) => (panels.length > 0 ? [{ hconcat: panels, spacing: 18 }] : []);
  const spec = {
    title: {
      offset: 14,
      text: "Linear regression: weight decay and input dropout tuned in one training run",
      subtitle: [
        "Top: paths from a weak (○) and a strong (□) start over the closed form's validation loss; ◇: where they end.",
        "Below: excess of the closed-form validation loss at the hyperparameters of a step over the optimum, from both starts.",
      ],
    },
    vconcat: [
      ...row(few.map((one, i) => mapPanel(one, i === 0))),
      ...row(few.map((one, i) => excessPanel(one, i === 0))),
      ...row(all.map((one, i) => excessPanel(one, i === 0))),
    ],
    spacing: 22,
    resolve: { scale: { x: "independent", y: "independent" } },
    padding: 12,
  };
  if (sets.length === 0) throw new Error("there must be at least one case to draw");
  return spec as unknown as TopLevelSpec; // the panels' literal types are lost in the helper functions
}

function mapPanel({ set, rows, map, paths }: Case, first: boolean): object {
  const x = (title: string | null) => ({
    field: "l2",
    type: "quantitative",
    scale: { type: "log", domain: MAP.l2 },
    axis: { title, format: ".0e", values: [1e-5, 1e-3, 1e-1, 10] },
  });
  const y = { type: "quantitative", scale: { domain: MAP.dropout }, title: first ? "input dropout p" : null };
  const points = paths.flatMap((path) =>
    path.points
      .filter(({ step }) => step % PATH_EVERY === 0)
      .map((point) => ({ ...point, method: names[path.method], run: path.start + path.method })),
  );
  const ends = paths.map(({ method, points }) => ({ method: names[method], ...points.at(-1) }));
  const starts = paths.map(({ start, points }) => ({ start, ...points[0] }));
  return {
    ...SIZE,
    title: `${set}, ${rows} training rows`,
    layer: [
      ...LEVELS.map((level) => ({
        data: { values: band(map, level) },
        mark: { type: "area", clip: true },
        encoding: {
          x: x("weight decay λ"),
          y: { field: "low", ...y },
          y2: { field: "high" },
          fill: {
            datum: `${level} %`,
            scale: {
              domain: LEVELS.map((one) => `${one} %`),
              range: ["#f2f4ee", "#dfe8d6", "#c3d9b5", "#94c287", "#4f9d55"],
            },
            legend: { title: "excess over the optimum below", orient: "bottom", symbolType: "square" },
          },
        },
      })),
      {
        data: { values: points },
        mark: { type: "line", clip: true },
        encoding: {
          x: x("weight decay λ"),
          y: { field: "dropout", ...y },
          order: { field: "step" },
          detail: { field: "run" },
          ...method,
        },
      },
      {
        data: { values: ends },
        mark: { type: "point", shape: "diamond", size: 70, clip: true },
        encoding: {
          x: x("weight decay λ"),
          y: { field: "dropout", ...y },
          ...method,
        },
      },
      {
        data: { values: starts },
        mark: {
          type: "point",
          filled: true,
          size: 55,
          color: "white",
          opacity: 1,
          stroke: "#222",
          strokeWidth: 1.5,
        },
        encoding: {
          x: x("weight decay λ"),
          y: { field: "dropout", ...y },
          shape: {
            field: "start",
            scale: { domain: ["weak", "strong"], range: ["circle", "square"] },
            legend: null,
          },
        },
      },
    ],
  };
}

function excessPanel({ set, rows, paths }: Case, first: boolean): object {
  const values = paths.flatMap((path) =>
    path.points.map(({ step, excess }) => ({
      step,
      excess: Math.max(excess, FLOOR),
      method: names[path.method],
      run: path.start + path.method,
    })),
  );
  return {
    ...SIZE,
    height: 0.75 * SIZE.height,
    title: `${set}, ${rows} training rows`,
    data: { values },
    mark: { type: "line", clip: true },
    encoding: {
      x: { field: "step", type: "quantitative", title: "training step", axis: { tickCount: 5 } },
      y: {
        field: "excess",
        type: "quantitative",
        scale: { type: "log", domain: [FLOOR, 300] },
        axis: { values: [0.001, 0.01, 0.1, 1, 10, 100], format: "~g", title: first ? "excess / %" : null },
      },
      detail: { field: "run" },
      ...method,
    },
  };
}

/** For every λ of the grid the dropout rates between which the excess is below a level, by linear interpolation. */
function band(map: Case["map"], level: number): { l2: number; low: number; high: number }[] {
  const columns = Map.groupBy(map, ({ l2 }) => l2);
  return [...columns].flatMap(([l2, cells]) => {
    const inside = cells.flatMap(({ excess }, i) => (excess < level ? [i] : []));
    const [first, last] = [inside.at(0), inside.at(-1)];
    if (first === undefined || last === undefined) return [];
    const crossing = (from: number, to: number): number => {
      const [a, b] = [cells[from], cells[to]];
      if (!a || !b) return a?.dropout ?? 0;
      return a.dropout + ((b.dropout - a.dropout) * (level - a.excess)) / (b.excess - a.excess);
    };
    return [{ l2, low: crossing(first, first - 1), high: crossing(last, last + 1) }];
  });
}
