import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { axisOver, namedAxis, type Axis } from "./axis.ts";
import { shortNumber } from "./study-data.ts";
import { themeOf, useRedraw } from "./theme.ts";

/** What a chart draws. */
export interface Series {
  readonly kind: "points" | "line" | "step" | "band" | "ring";
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Which of the points it has, by index; all without it. */
  readonly rows?: Uint32Array;
  /** The other edge of a band. */
  readonly y2?: ArrayLike<number>;
  /** The name of a colour of the stylesheet, without `--`. */
  readonly color: string;
  readonly width?: number;
  readonly alpha?: number;
  readonly dash?: boolean;
  /** What `pick` is called with, point by point; or for the whole line. */
  readonly ids?: ArrayLike<number> | number;
  /** What the pointer tells of it; without one, it tells nothing. */
  readonly name?: string;
}

interface AxisOptions {
  readonly label: string;
  readonly log?: boolean;
  /** Whether a few values that are far above the others lie on the edge. */
  readonly clip?: boolean;
  /** Whether it counts, such as epochs: nothing is written between whole numbers. */
  readonly whole?: boolean;
  /** What is counted through, where the values are places in a list. */
  readonly names?: readonly string[];
}

interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly about: string;
  readonly series: readonly Series[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  readonly height?: number;
  /** Whether the pointer tells of all lines at a place, and not of the nearest alone. */
  readonly together?: boolean;
  readonly pick?: (id: number) => void;
}

const margin = { left: 52, right: 10, top: 8, bottom: 34 };

/** Lines and points on two axes, on a canvas; the pointer tells the nearest, and arrow keys go from one to the next. */
export function Chart({ about, series, x, y, height = 240, together = false, pick }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Axes | undefined>(undefined);
  const [tip, setTip] = useState<Found | undefined>();
  const [beyond, setBeyond] = useState(0);
  const version = useRedraw(canvas);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || version === 0) return;
    const xAxis = x.names
      ? namedAxis(x.names)
      : axisOver(
          series.map(({ x: values, rows }) => ({ values, rows })),
          { ...(x.log && { log: true }), ...(x.whole && { whole: true }), count: element.clientWidth / 110 },
        );
    const spread = series.filter(({ kind, name }) => kind !== "step" || name !== undefined); // a lowest so far repeats what points have
    const yAxis = axisOver(
      spread.flatMap(({ y: values, y2, rows }) => [{ values, rows }, ...(y2 ? [{ values: y2, rows }] : [])]),
      { ...(y.log && { log: true }), ...(y.clip && { clip: true }) },
    );
    drawn.current = { xAxis, yAxis };
    draw(element, series, xAxis, yAxis, x.label);
    setBeyond(markBeyond(element, series, xAxis, yAxis));
  }, [series, x.names, x.label, x.log, x.whole, y.log, height, version]);
  const sizeOf = ({ clientWidth: width, clientHeight: height }: HTMLCanvasElement): Size => ({
    width,
    height,
  });
  const find = (event: PointerEvent | MouseEvent): Found | undefined => {
    const element = canvas.current;
    if (!element || !drawn.current) return undefined;
    const box = element.getBoundingClientRect();
    return nearestTo(
      series,
      drawn.current,
      sizeOf(element),
      event.clientX - box.left,
      event.clientY - box.top,
    );
  };
  const press = (event: KeyboardEvent): void => {
    const element = canvas.current;
    const way = ways[event.key];
    if (event.key === "Enter" && tip?.id !== undefined) pick?.(tip.id);
    if (!element || !drawn.current || !way) return;
    event.preventDefault();
    setTip(nextTo(series, drawn.current, sizeOf(element), tip, way));
  };
  return (
    <div class="chart">
      <p class="axis">
        {y.label}
        {beyond > 0 &&
          ` · ▲ ${beyond} above ${shortNumber(Number(drawn.current?.yAxis.high.toPrecision(2)))}`}
      </p>
      <canvas
        ref={canvas}
        role="img"
        aria-label={about}
        tabIndex={0}
        style={{ height: `${height}px`, cursor: pick && tip?.id !== undefined ? "pointer" : "default" }}
        onPointerMove={(event) => setTip(find(event))}
        onPointerLeave={() => setTip(undefined)}
        onBlur={() => setTip(undefined)}
        onKeyDown={press}
        onClick={(event) => {
          const id = find(event)?.id;
          if (id !== undefined) pick?.(id);
        }}
      />
      {tip && (
        <div class="tip" role="status" style={{ ...tip.side, top: `${tip.top}px` }}>
          <b>{tip.name}</b> {x.label} {shortNumber(tip.x)}, {y.label} {shortNumber(tip.y)}
          {together &&
            othersAt(series, tip).map(([name, value]) => (
              <div key={name}>
                {name} {shortNumber(value)}
              </div>
            ))}
        </div>
      )}
    </div>
  );
}

interface Found {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Where its text stands: beside it, towards the middle. */
  readonly side: { readonly left: string } | { readonly right: string };
  readonly top: number;
  readonly id?: number;
  /** Which of the series, and which of its points. */
  readonly at: readonly [series: number, point: number];
}

/** Where arrow keys lead: along a series, or to another one. */
const ways: Readonly<Record<string, readonly [along: number, across: number] | undefined>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Size {
  readonly width: number;
  readonly height: number;
}

function frameOf({ width, height }: Size) {
  const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  return {
    left: (axis: Axis, value: number) => margin.left + axis.place(value) * w,
    top: (axis: Axis, value: number) => margin.top + (1 - axis.place(value)) * h,
  };
}

function draw(
  canvas: HTMLCanvasElement,
  series: readonly Series[],
  xAxis: Axis,
  yAxis: Axis,
  label: string,
): void {
  const { context, width, height, color } = themeOf(canvas);
  const { left, top } = frameOf({ width, height });
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const { value, text } of yAxis.ticks) {
    const at = top(yAxis, value);
    context.fillStyle = color("grid");
    context.fillRect(margin.left, Math.round(at), width - margin.left - margin.right, 1);
    context.fillStyle = color("muted");
    context.textAlign = "right";
    context.fillText(text, margin.left - 8, at);
  }
  context.textAlign = "center";
  for (const { value, text } of xAxis.ticks)
    context.fillText(text, left(xAxis, value), height - margin.bottom + 12);
  context.textAlign = "right";
  context.fillText(label, width - margin.right, height - 6);
  for (const one of series) {
    context.globalAlpha = one.alpha ?? 1;
    context.strokeStyle = context.fillStyle = color(one.color);
    context.lineWidth = one.width ?? 1.5;
    context.setLineDash(one.dash ? [5, 4] : []);
    if (one.kind === "points" && lengthOf(one) > MANY) {
      paintMany(context, one, { xAxis, yAxis }, { width, height });
      continue;
    }
    paint[one.kind](context, one, (i) => [left(xAxis, one.x[i] as number), top(yAxis, one.y[i] as number)], {
      other: (i) => top(yAxis, one.y2?.[i] as number),
      high: yAxis.high,
      paper: color("paper"),
    });
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

type Where = (i: number) => readonly [number, number];
type Painter = (
  context: CanvasRenderingContext2D,
  series: Series,
  at: Where,
  more: {
    /** Where the other edge of a band lies. */
    readonly other: (i: number) => number;
    /** The greatest value on the axis. */
    readonly high: number;
    readonly paper: string;
  },
) => void;

const paint: Readonly<Record<Series["kind"], Painter>> = {
  points(context, series, at, { high }) {
    const { x, y, rows, width = 4 } = series;
    for (let k = 0; k < lengthOf(series); k++) {
      const i = rows ? (rows[k] as number) : k;
      if (!Number.isFinite(x[i]) || !((y[i] as number) <= high)) continue;
      const [left, top] = at(i);
      context.fillRect(left - width / 2, top - width / 2, width, width);
    }
  },
  line(context, { x, y }, at) {
    context.beginPath();
    for (let i = 0, pen = false; i < x.length; i++) {
      if (!Number.isFinite(y[i])) {
        pen = false;
        continue;
      }
      const [left, top] = at(i);
      if (pen) context.lineTo(left, top);
      else context.moveTo(left, top);
      pen = true;
      const isAlone = !Number.isFinite(y[i - 1]) && !Number.isFinite(y[i + 1]);
      if (isAlone) context.fillRect(left - 2, top - 2, 4, 4); // a line of one point is none
    }
    context.stroke();
  },
  step(context, { x }, at) {
    context.beginPath();
    for (let i = 0; i < x.length; i++) {
      const [left, top] = at(i);
      if (x.length === 1) context.fillRect(left - 2, top - 2, 4, 4);
      if (i === 0) context.moveTo(left, top);
      else {
        context.lineTo(left, at(i - 1)[1]);
        context.lineTo(left, top);
      }
    }
    context.stroke();
  },
  band(context, { x }, at, { other }) {
    context.beginPath();
    for (let i = 0; i < x.length; i++) context.lineTo(...at(i));
    for (let i = x.length - 1; i >= 0; i--) context.lineTo(at(i)[0], other(i));
    context.fill();
  },
  ring(context, { x }, at, { paper }) {
    context.fillStyle = paper;
    context.lineWidth = 2;
    for (let i = 0; i < x.length; i++) {
      context.beginPath();
      context.arc(...at(i), 4.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  },
};

/** Pixels between two marks of what lies beyond an axis. */
const MARK = 6;

/** Marks, at the upper edge, where named series have values above the axis. @returns how many */
function markBeyond(canvas: HTMLCanvasElement, series: readonly Series[], xAxis: Axis, yAxis: Axis): number {
  const { left } = frameOf({ width: canvas.clientWidth, height: canvas.clientHeight });
  const places = new Set<number>();
  let count = 0;
  for (const one of series) {
    if (one.name === undefined) continue;
    for (let k = 0; k < lengthOf(one); k++) {
      const i = one.rows ? (one.rows[k] as number) : k;
      if (!((one.y[i] as number) > yAxis.high) || !Number.isFinite(one.x[i])) continue;
      places.add(Math.round(left(xAxis, one.x[i] as number) / MARK));
      count++;
    }
  }
  const context = canvas.getContext("2d");
  if (!context || count === 0) return count;
  context.fillStyle = getComputedStyle(canvas).getPropertyValue("--test");
  context.beginPath();
  for (const place of places) {
    context.moveTo(place * MARK, 0);
    context.lineTo(place * MARK - 4, margin.top - 1);
    context.lineTo(place * MARK + 4, margin.top - 1);
  }
  context.fill();
  return count;
}

const lengthOf = ({ x, rows }: Series): number => rows?.length ?? x.length;

/** Points beyond which they are counted by cells of pixels, and the side of such a cell. */
const [MANY, CELL] = [3000, 2];

/** Many points: cells of some pixels, the darker the more points lie in them. */
function paintMany(
  context: CanvasRenderingContext2D,
  series: Series,
  { xAxis, yAxis }: Axes,
  size: Size,
): void {
  const { left, top } = frameOf(size);
  const columns = Math.ceil(size.width / CELL);
  const counts = new Uint32Array(columns * Math.ceil(size.height / CELL));
  const { x, y, rows, alpha = 1 } = series;
  for (let k = 0; k < lengthOf(series); k++) {
    const i = rows ? (rows[k] as number) : k;
    if (!Number.isFinite(x[i]) || !((y[i] as number) <= yAxis.high)) continue;
    const cell =
      Math.floor(top(yAxis, y[i] as number) / CELL) * columns +
      Math.floor(left(xAxis, x[i] as number) / CELL);
    counts[cell] = (counts[cell] as number) + 1;
  }
  let most = 1;
  for (let cell = 0; cell < counts.length; cell++) most = Math.max(most, counts[cell] as number);
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] as number;
    if (count === 0) continue;
    context.globalAlpha = alpha * (0.35 + (0.65 * Math.log(count)) / Math.max(1, Math.log(most)));
    context.fillRect((cell % columns) * CELL, Math.floor(cell / columns) * CELL, CELL, CELL);
  }
}

/** The point nearest to the pointer, within 30 pixels. */
function nearestTo(
  series: readonly Series[],
  axes: Axes,
  size: Size,
  pointerLeft: number,
  pointerTop: number,
): Found | undefined {
  const { left, top } = frameOf(size);
  let least = 30 ** 2;
  let found: Found["at"] | undefined;
  series.forEach(({ x, y, name, rows }, s) => {
    if (name === undefined) return;
    for (let k = 0; k < (rows ?? x).length; k++) {
      const i = rows ? (rows[k] as number) : k;
      const [a, b] = [left(axes.xAxis, x[i] as number), top(axes.yAxis, y[i] as number)];
      const distance = (a - pointerLeft) ** 2 + (b - pointerTop) ** 2;
      if (!(distance < least)) continue;
      least = distance;
      found = [s, k];
    }
  });
  return found && foundAt(series, axes, size, found);
}

/** The next point along a series, or the first of another one; the first of all where there was none. */
function nextTo(
  series: readonly Series[],
  axes: Axes,
  size: Size,
  from: Found | undefined,
  [along, across]: readonly [along: number, across: number],
): Found | undefined {
  const named = series.flatMap(({ name }, s) => (name === undefined ? [] : [s]));
  const place = from ? named.indexOf(from.at[0]) + across : 0;
  const s = named[(place + named.length) % named.length];
  if (s === undefined) return undefined;
  const { x, y, rows } = series[s] as Series;
  const length = (rows ?? x).length;
  for (let step = 0, k = from ? from.at[1] + along : 0; step < length; step++, k += along || 1) {
    const at = ((k % length) + length) % length;
    const i = rows ? (rows[at] as number) : at;
    if (!Number.isNaN(x[i]) && !Number.isNaN(y[i])) return foundAt(series, axes, size, [s, at]);
  }
  return undefined;
}

/** What the other lines have at the place of a point. */
const othersAt = (series: readonly Series[], { at, x }: Found): readonly (readonly [string, number])[] =>
  series.flatMap((one, s) => {
    const value = one.y[Array.prototype.indexOf.call(one.x, x)];
    return s === at[0] || one.name === undefined || value === undefined || Number.isNaN(value)
      ? []
      : [[one.name, value] as const];
  });

interface Axes {
  readonly xAxis: Axis;
  readonly yAxis: Axis;
}

function foundAt(series: readonly Series[], { xAxis, yAxis }: Axes, size: Size, at: Found["at"]): Found {
  const { left, top } = frameOf(size);
  const { x, y, rows, ids, name } = series[at[0]] as Series;
  const i = rows ? (rows[at[1]] as number) : at[1];
  const id = typeof ids === "number" ? ids : ids?.[i];
  const across = left(xAxis, x[i] as number);
  return {
    ...{ at, x: x[i] as number, y: y[i] as number },
    name: typeof ids === "object" && id !== undefined ? `${name} ${id}:` : `${name}:`,
    side: across < size.width / 2 ? { left: `${across + 12}px` } : { right: `${size.width - across + 12}px` },
    top: top(yAxis, y[i] as number) + 26,
    ...(id !== undefined && { id }),
  };
}
