import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { axisOver, namedAxis, type Axis } from "./axis.ts";
import { shortNumber } from "./study-data.ts";
import { themeOf, useRedraw } from "./theme.ts";

/** What a chart draws. */
export interface Series {
  readonly kind: "points" | "line" | "step" | "band";
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
  readonly pick?: (id: number) => void;
}

const margin = { left: 52, right: 10, top: 8, bottom: 34 };

/** Lines and points on two axes, on a canvas; the pointer tells the nearest. */
export function Chart({ about, series, x, y, height = 240, pick }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<{ xAxis: Axis; yAxis: Axis } | undefined>(undefined);
  const [tip, setTip] = useState<Found | undefined>();
  const version = useRedraw(canvas);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || version === 0) return;
    const xAxis = x.names
      ? namedAxis(x.names)
      : axisOver(
          series.map(({ x: values, rows }) => ({ values, rows })),
          { ...(x.log && { log: true }), count: element.clientWidth / 110 },
        );
    const yAxis = axisOver(
      series.flatMap(({ y: values, y2, rows }) => [{ values, rows }, ...(y2 ? [{ values: y2, rows }] : [])]),
      {
        ...(y.log && { log: true }),
        ...(y.clip && { clip: true }),
      },
    );
    drawn.current = { xAxis, yAxis };
    draw(element, series, xAxis, yAxis, x.label);
  }, [series, x.names, x.label, x.log, y.log, height, version]);
  const find = (event: PointerEvent | MouseEvent): Found | undefined => {
    const element = canvas.current;
    if (!element || !drawn.current) return undefined;
    const box = element.getBoundingClientRect();
    const size = { width: element.clientWidth, height: element.clientHeight };
    return nearestTo(series, drawn.current, size, event.clientX - box.left, event.clientY - box.top);
  };
  return (
    <div class="chart">
      <p class="axis">{y.label}</p>
      <canvas
        ref={canvas}
        role="img"
        aria-label={about}
        style={{ height: `${height}px`, cursor: pick && tip?.id !== undefined ? "pointer" : "default" }}
        onPointerMove={(event) => setTip(find(event))}
        onPointerLeave={() => setTip(undefined)}
        onClick={(event) => {
          const id = find(event)?.id;
          if (id !== undefined) pick?.(id);
        }}
      />
      {tip && (
        <div class="tip" style={{ left: `${tip.left}px`, top: `${tip.top}px` }}>
          <b>{tip.name}</b> {x.label} {shortNumber(tip.x)}, {y.label} {shortNumber(tip.y)}
        </div>
      )}
    </div>
  );
}

interface Found {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly top: number;
  readonly id?: number;
}

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
    paint[one.kind](
      context,
      one,
      (i) => [left(xAxis, one.x[i] as number), top(yAxis, one.y[i] as number)],
      (i) => top(yAxis, one.y2?.[i] as number),
    );
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

type Where = (i: number) => readonly [number, number];
type Painter = (
  context: CanvasRenderingContext2D,
  series: Series,
  at: Where,
  other: (i: number) => number,
) => void;

const paint: Readonly<Record<Series["kind"], Painter>> = {
  points(context, series, at) {
    const { x, y, rows, width = 4 } = series;
    for (let k = 0; k < lengthOf(series); k++) {
      const i = rows ? (rows[k] as number) : k;
      if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
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
  band(context, { x }, at, other) {
    context.beginPath();
    for (let i = 0; i < x.length; i++) context.lineTo(...at(i));
    for (let i = x.length - 1; i >= 0; i--) context.lineTo(at(i)[0], other(i));
    context.fill();
  },
};

const lengthOf = ({ x, rows }: Series): number => rows?.length ?? x.length;

/** Points beyond which they are counted by cells of pixels, and the side of such a cell. */
const [MANY, CELL] = [3000, 2];

/** Many points: cells of some pixels, the darker the more points lie in them. */
function paintMany(
  context: CanvasRenderingContext2D,
  series: Series,
  { xAxis, yAxis }: { readonly xAxis: Axis; readonly yAxis: Axis },
  size: Size,
): void {
  const { left, top } = frameOf(size);
  const columns = Math.ceil(size.width / CELL);
  const counts = new Uint32Array(columns * Math.ceil(size.height / CELL));
  const { x, y, rows, alpha = 1 } = series;
  for (let k = 0; k < lengthOf(series); k++) {
    const i = rows ? (rows[k] as number) : k;
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
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
  { xAxis, yAxis }: { readonly xAxis: Axis; readonly yAxis: Axis },
  size: Size,
  pointerLeft: number,
  pointerTop: number,
): Found | undefined {
  const { left, top } = frameOf(size);
  let least = 30 ** 2;
  let found: Found | undefined;
  for (const one of series) {
    const { x, y, ids, name, rows } = one;
    if (name === undefined) continue;
    for (let k = 0; k < lengthOf(one); k++) {
      const i = rows ? (rows[k] as number) : k;
      const [a, b] = [left(xAxis, x[i] as number), top(yAxis, y[i] as number)];
      const distance = (a - pointerLeft) ** 2 + (b - pointerTop) ** 2;
      if (!(distance < least)) continue;
      least = distance;
      const id = typeof ids === "number" ? ids : ids?.[i];
      const of = typeof ids === "object" && id !== undefined ? `${name} ${id}:` : `${name}:`;
      found = {
        name: of,
        x: x[i] as number,
        y: y[i] as number,
        left: Math.min(a + 12, size.width - 180),
        top: b + 26,
        ...(id !== undefined && { id }),
      };
    }
  }
  return found;
}
