import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { WireColumn } from "../../src/api/columns.ts";
import { bestRow } from "../../src/cli/dashboard/study-columns.ts";
import { axisOver, type Axis } from "../axis.ts";
import { columnOf, shortNumber, type StudyData } from "../study-data.ts";
import { surfaceOf, type Surface } from "../surface.ts";
import type { Importances } from "../source.ts";
import { themeOf, useRedraw } from "../theme.ts";
import { AxisChoices, type ChosenAxes } from "./choice.tsx";

/** How many heights are told apart, and the most trials that are drawn as points. */
const [LEVELS, MOST] = [9, 1500];

const margin = { left: 56, right: 10, top: 8, bottom: 34 };

/** What charts call a column: of a trial's losses it is the lowest. */
export const titleOf = (goal: string): string => (goal === "loss" ? "lowest loss" : goal);

/** The loss, or a measure, over two hyperparameters, between trials as {@link surfaceOf} says; the two that decide most at first. */
export function Contour({
  data,
  rows,
  log,
  goal,
  importances,
}: {
  data: StudyData;
  rows: Uint32Array;
  log: boolean;
  goal: string;
  importances: Importances | undefined;
}) {
  const hypers = useMemo(
    () =>
      data.columns
        .filter(({ hyper, options }) => hyper && !options)
        .sort((a, b) => (importances?.[b.name] ?? 0) - (importances?.[a.name] ?? 0)),
    [data, importances],
  );
  const [chosen, setChosen] = useState<ChosenAxes>({});
  const x = hypers.find(({ name }) => name === chosen.x) ?? hypers[0];
  const y = hypers.find(({ name }) => name === chosen.y) ?? hypers.find((one) => one !== x);
  if (!x || !y) return null;
  const names = data.columns.filter(({ hyper, options }) => hyper && !options).map(({ name }) => name);
  return (
    <section>
      <h2>Two hyperparameters</h2>
      <AxisChoices names={names} x={x.name} y={y.name} set={(axis) => setChosen({ ...chosen, ...axis })} />
      <Plot data={data} rows={rows} log={log} goal={goal} x={x} y={y} />
    </section>
  );
}

interface Drawn {
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  /** The axis of heights. */
  readonly up: Axis;
  readonly surface: Surface;
  readonly low: number;
  readonly high: number;
  /** How many trials lie above the axis of heights. */
  readonly beyond: number;
  /** Where trials lie: across and up, one after the other. */
  readonly points: Float32Array;
  readonly best: readonly [number, number] | undefined;
}

function Plot({
  data,
  rows,
  log,
  goal,
  x,
  y,
}: {
  data: StudyData;
  rows: Uint32Array;
  log: boolean;
  goal: string;
  x: WireColumn;
  y: WireColumn;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const version = useRedraw(canvas);
  const near = version > 0;
  const drawn = useMemo(
    () => (near ? drawnOf(data, rows, { log, goal }, x, y) : undefined),
    [data, rows, log, goal, x, y, near],
  );
  useEffect(() => {
    if (canvas.current && drawn) draw(canvas.current, drawn, x.name);
  }, [drawn, version]);
  const height = (level: number): string =>
    shortNumber(Number((drawn?.up.scale.back(level) ?? NaN).toPrecision(3)));
  return (
    <>
      <p class="caption">
        The {titleOf(goal)} between trials: the mean of them all, weighted by a Gaussian of the distance
        {drawn && ` with a standard deviation of ${(100 * drawn.surface.width).toFixed(0)} % of an axis`}
        {drawn && spreads[drawn.up.scale.kind]}. The other hyperparameters are whatever they were. Blank where
        no trial is near{goal === "loss" && "; the cross is the best one"}.
        {drawn && drawn.beyond > 0 && ` ${drawn.beyond} above ${shortNumber(drawn.up.high)} count as that.`}
      </p>
      {drawn && (
        <p class="legend">
          <span>
            {height(drawn.low)} <i class="ramp" /> {height(drawn.high)}
          </span>
        </p>
      )}
      <div class="chart">
        <p class="axis">{y.name}</p>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${titleOf(goal)} over ${x.name} and ${y.name}`}
          style={{ height: "360px" }}
        />
      </div>
    </>
  );
}

/** What is said of the scale of heights. */
const spreads = {
  linear: "",
  log: ", of its logarithm",
  "both signs": ", on a scale that is logarithmic to both sides of 0",
} as const satisfies Record<Axis["scale"]["kind"], string>;

function drawnOf(
  data: StudyData,
  rows: Uint32Array,
  { log, goal }: { readonly log: boolean; readonly goal: string },
  x: WireColumn,
  y: WireColumn,
): Drawn {
  const losses = columnOf(data, goal)?.values ?? [];
  const xAxis = axisOver([{ values: x.values, rows }], { log: x.log ?? false, count: 8 });
  const yAxis = axisOver([{ values: y.values, rows }], { log: y.log ?? false });
  const axisUp = axisOver([{ values: losses, rows }], { log, clip: true }); // some far off would hide the others
  const [u, v, height] = [0, 1, 2].map(() => new Float64Array(rows.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const points: number[] = [];
  let beyond = 0;
  const stride = Math.ceil(rows.length / MOST);
  rows.forEach((row, i) => {
    const [across, up, loss] = [x.values[row], y.values[row], losses[row]] as [number, number, number];
    u[i] = Number.isNaN(across) ? NaN : xAxis.place(across);
    v[i] = Number.isNaN(up) ? NaN : yAxis.place(up);
    height[i] = axisUp.scale.by(Math.min(loss, axisUp.high));
    if (loss > axisUp.high) beyond++;
    if (i % stride === 0 && !Number.isNaN(loss)) points.push(u[i] as number, v[i] as number);
  });
  const at = goal === "loss" ? bestRow(data.columns, rows) : undefined;
  const place = (axis: Axis, { values }: WireColumn, row: number) => axis.place(values[row] as number);
  const best = at === undefined ? undefined : ([place(xAxis, x, at), place(yAxis, y, at)] as const);
  const surface = surfaceOf(u, v, height);
  let [low, high] = [Infinity, -Infinity];
  for (const value of surface.values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { xAxis, yAxis, up: axisUp, surface, low, high, beyond, points: Float32Array.from(points), best };
}

function draw(canvas: HTMLCanvasElement, drawn: Drawn, label: string): void {
  const { xAxis, yAxis, surface, low, high, points, best } = drawn;
  const { context, width, height, color } = themeOf(canvas);
  const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const [left, top] = [(u: number) => margin.left + u * w, (v: number) => margin.top + (1 - v) * h];
  context.fillStyle = color("valid");
  const STEP = 3;
  for (let px = 0; px < w; px += STEP) {
    for (let py = 0; py < h; py += STEP) {
      const value = between(surface, (px + STEP / 2) / w, 1 - (py + STEP / 2) / h);
      if (Number.isNaN(value)) continue;
      const part = high > low ? (value - low) / (high - low) : 0.5;
      const level = Math.min(LEVELS - 1, Math.max(0, Math.floor(part * LEVELS)));
      context.globalAlpha = 0.06 + 0.84 * (1 - level / (LEVELS - 1)) ** 1.5;
      context.fillRect(margin.left + px, margin.top + py, Math.min(STEP, w - px), Math.min(STEP, h - py));
    }
  }
  context.globalAlpha = points.length > 600 ? 0.35 : 0.7;
  context.fillStyle = color("ink");
  for (let i = 0; i < points.length; i += 2)
    context.fillRect(left(points[i] as number) - 1, top(points[i + 1] as number) - 1, 2, 2);
  context.globalAlpha = 1;
  if (best) {
    for (const [wide, name] of [
      [5, "paper"],
      [2.5, "test"],
    ] as const) {
      context.lineWidth = wide;
      context.strokeStyle = color(name);
      context.beginPath();
      for (const [dx, dy] of [
        [6, 6],
        [6, -6],
      ] as const) {
        context.moveTo(left(best[0]) - dx, top(best[1]) - dy);
        context.lineTo(left(best[0]) + dx, top(best[1]) + dy);
      }
      context.stroke();
    }
  }
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = color("muted");
  context.textAlign = "right";
  for (const { value, text } of yAxis.ticks) context.fillText(text, margin.left - 8, top(yAxis.place(value)));
  context.textAlign = "center";
  for (const { value, text } of xAxis.ticks)
    context.fillText(text, left(xAxis.place(value)), height - margin.bottom + 12);
  context.textAlign = "right";
  context.fillText(label, width - margin.right, height - 6);
}

/** The surface at a place, linear between the middles of cells; of cells that are there. */
function between({ cells, values }: Surface, u: number, v: number): number {
  const [a, b] = [u, v].map((place) => Math.min(cells - 1, Math.max(0, place * cells - 0.5))) as [
    number,
    number,
  ];
  const nearest = values[Math.round(b) * cells + Math.round(a)] as number;
  const [a0, b0] = [Math.floor(a), Math.floor(b)];
  const [a1, b1] = [Math.min(cells - 1, a0 + 1), Math.min(cells - 1, b0 + 1)];
  const at = (column: number, row: number) => values[row * cells + column] as number;
  const [low, high] = [
    at(a0, b0) * (1 - (a - a0)) + at(a1, b0) * (a - a0),
    at(a0, b1) * (1 - (a - a0)) + at(a1, b1) * (a - a0),
  ];
  const value = low * (1 - (b - b0)) + high * (b - b0);
  return Number.isNaN(value) ? nearest : value;
}
