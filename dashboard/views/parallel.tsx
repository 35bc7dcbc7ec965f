import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { WireColumn } from "../../src/api/columns.ts";
import { axis, axisOver, type Axis } from "../axis.ts";
import { sortedRows } from "../sorted-rows.ts";
import { columnOf, shortNumber, type StudyData } from "../study-data.ts";
import { themeOf, useRedraw } from "../theme.ts";
import { byBounds } from "./pareto.tsx";

interface ParallelProps {
  readonly data: StudyData;
  readonly rows: Uint32Array;
  /** The column that charts show: an axis of its own beside that of the loss. */
  readonly goal: string;
  /** A part of an axis that was brushed; without one the brush is taken away. */
  readonly brush: (column: WireColumn, part?: readonly [low: number, high: number]) => void;
}

/** The most lines: of more trials, so many of the best and a sample of the others. */
const [MOST, BEST] = [2000, 300];

const margin = { top: 34, bottom: 12, side: 60 };

/** Parallel coordinates: a line a trial within the study's bounds, an axis a hyperparameter and the loss; what is brushed on an axis goes into the filter. */
export function Parallel({ data, rows, goal, brush }: ParallelProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const version = useRedraw(canvas);
  const [drag, setDrag] = useState<{ readonly axis: number; readonly from: number; readonly to: number }>();
  const columns = useMemo(() => {
    const aims = data.columns.filter(({ name }) => name === "loss" || name === goal);
    return [...data.columns.filter(({ hyper }) => hyper), ...aims];
  }, [data, goal]);
  const axes = useMemo(() => columns.map(axisOf), [columns]);
  const lines = useMemo(() => linesOf(data, rows), [data, rows]);
  useEffect(() => {
    if (canvas.current && version > 0) draw(canvas.current, columns, axes, lines, drag);
  }, [columns, axes, lines, drag, version]);
  const placeOf = (event: PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return { axis: 0, at: 0 };
    const step = (box.width - 2 * margin.side) / Math.max(1, axes.length - 1);
    const nearest = Math.round((event.clientX - box.left - margin.side) / step);
    const at = 1 - (event.clientY - box.top - margin.top) / (box.height - margin.top - margin.bottom);
    return { axis: Math.min(axes.length - 1, Math.max(0, nearest)), at: Math.min(1, Math.max(0, at)) };
  };
  const end = () => {
    if (!drag) return;
    const [column, over] = [columns[drag.axis] as WireColumn, axes[drag.axis] as Axis];
    const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    if (high - low < 0.02) brush(column);
    else brush(column, [over.at(low), over.at(high)]);
    setDrag(undefined);
  };
  return (
    <div class="scroll">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`parallel coordinates of ${rows.length} trials`}
        style={{
          height: "300px",
          width: "100%",
          minWidth: `${columns.length * 90}px`,
          touchAction: "pan-x",
          cursor: "ns-resize",
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const { axis, at } = placeOf(event);
          setDrag({ axis, from: at, to: at });
        }}
        onPointerMove={(event) => drag && setDrag({ ...drag, to: placeOf(event).at })}
        onPointerUp={end}
        onPointerCancel={() => setDrag(undefined)}
      />
    </div>
  );
}

const axisOf = ({ values, log, options, name }: WireColumn): Axis =>
  options
    ? axis(0, options.length - 1)
    : axisOver([{ values }], { log: log ?? name === "loss", clip: name === "loss" });

/** Rows that are drawn, the worst first, each with its place among all by loss: from 0, the best, to 1. */
function linesOf(
  data: StudyData,
  rows: Uint32Array,
): readonly { readonly row: number; readonly rank: number }[] {
  const losses = columnOf(data, "loss")?.values ?? [];
  let sorted = sortedRows(byBounds(data, rows)[0], losses);
  let there = sorted.length; // what has no loss comes last
  while (there > 0 && !Number.isFinite(losses[sorted[there - 1] as number])) there--;
  sorted = sorted.subarray(0, there);
  const best = Math.min(sorted.length, sorted.length > MOST ? BEST : MOST);
  const stride = Math.max(1, (sorted.length - best) / (MOST - BEST));
  const others = Array.from({ length: Math.floor((sorted.length - best) / stride) }, (_, i) =>
    Math.floor(best + i * stride),
  );
  return [...Array.from({ length: best }, (_, i) => i), ...others].reverse().map((i) => ({
    row: sorted[i] as number,
    rank: i / Math.max(1, sorted.length - 1),
  }));
}

function draw(
  canvas: HTMLCanvasElement,
  columns: readonly WireColumn[],
  axes: readonly Axis[],
  lines: readonly { readonly row: number; readonly rank: number }[],
  drag: { readonly axis: number; readonly from: number; readonly to: number } | undefined,
): void {
  const { context, width, height, color } = themeOf(canvas);
  const left = (i: number) => margin.side + (i * (width - 2 * margin.side)) / Math.max(1, axes.length - 1);
  const top = (place: number) => margin.top + (1 - place) * (height - margin.top - margin.bottom);
  const [best, other] = [color("valid"), color("train")];
  const strong = Math.min(0.8, 100 / lines.filter(({ rank }) => rank < 0.1).length); // many are no block of colour
  for (const { row, rank } of lines) {
    context.globalAlpha = rank < 0.1 ? strong : Math.max(0.04, 0.3 * (1 - rank));
    context.strokeStyle = rank < 0.1 ? best : other;
    context.lineWidth = rank < 0.1 ? 1.4 : 1;
    context.beginPath();
    columns.forEach(({ values }, i) => {
      const value = values[row] as number;
      if (!Number.isNaN(value)) context.lineTo(left(i), top((axes[i] as Axis).place(value)));
    });
    context.stroke();
  }
  context.globalAlpha = 1;
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  const room = Math.max(8, Math.floor((left(1) - left(0)) / 7.5)); // letters between two axes
  const write = (text: string, x: number, y: number): void => {
    context.strokeStyle = color("paper"); // lines pass behind
    context.lineWidth = 3;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  };
  columns.forEach(({ name, options, values }, i) => {
    const over = axes[i] as Axis;
    context.fillStyle = color("line");
    context.fillRect(left(i) - 0.5, margin.top, 1, height - margin.top - margin.bottom);
    context.fillStyle = color("ink");
    context.fillText(name.length > room ? `${name.slice(0, room - 1)}…` : name, left(i), 14);
    context.fillStyle = color("muted");
    // the ends of the values, inside the axis's margins
    const marks = options
      ? options.map((text, at) => ({ value: at, text }))
      : [over.at(0.037), over.at(0.963)].map((value) => ({
          value,
          text: shortNumber(Number(value.toPrecision(2))),
        }));
    marks.forEach(({ value, text }, mark) => {
      write(text, left(i), top(over.place(value)) + (mark === 0 ? 16 : -3)); // the lowest below its lines
    });
    const beyond = lines.filter(({ row }) => (values[row] as number) > over.high).length;
    if (beyond > 0) write(`▲ ${beyond}`, left(i), margin.top - 4);
  });
  if (!drag) return;
  context.globalAlpha = 0.25;
  context.fillStyle = color("valid");
  const [a, b] = [top(drag.from), top(drag.to)];
  context.fillRect(left(drag.axis) - 9, Math.min(a, b), 18, Math.abs(b - a));
  context.globalAlpha = 1;
}
