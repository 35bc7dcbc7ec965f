import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { WireTable } from "../../src/api/columns.ts";
import { segmentEnds, type SegmentNote } from "../../src/cli/dashboard/segment-table.ts";
import { axis, type Axis } from "../axis.ts";
import { shortNumber } from "../study-data.ts";
import { themeOf, useRedraw } from "../theme.ts";

/** The height of a worker's lane in pixels, and the most of them: the last ones. */
const [LANE, MOST] = [34, 40];

const margin = { left: 8, right: 10, bottom: 26 };

/** The colours of how a segment ended. */
const colors = {
  running: "valid",
  trained: "train",
  failed: "test",
  "handed back": "band",
  died: "test",
} as const satisfies Record<(typeof segmentEnds)[number], string>;

interface Bar {
  readonly lane: number;
  readonly trial: number;
  readonly from: number;
  readonly to: number;
  readonly how: (typeof segmentEnds)[number];
}

/** Who trained what when: a lane a worker, a bar a segment, minutes since the first of them. */
export function Timeline({
  segments,
  open,
}: {
  segments: WireTable<SegmentNote>;
  open: (trial: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const version = useRedraw(canvas);
  const [tip, setTip] = useState<{ readonly bar: Bar; readonly left: number; readonly top: number }>();
  const { bars, workers, hidden, unit } = useMemo(() => barsOf(segments), [segments]);
  const time = useMemo(
    () => axis(0, bars.reduce((most, { to }) => Math.max(most, to), 0) || 1, false, 8),
    [bars],
  );
  const height = workers.length * LANE + margin.bottom;
  useEffect(() => {
    if (canvas.current && version > 0) draw(canvas.current, bars, workers, time, unit);
  }, [bars, workers, time, version]);
  const find = (event: MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return undefined;
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    const at = (left - margin.left) / (box.width - margin.left - margin.right);
    const slack = 3 / box.width;
    const bar = bars.findLast(
      ({ lane, from, to }) =>
        lane === Math.floor(top / LANE) && at >= time.place(from) - slack && at <= time.place(to) + slack,
    );
    return bar && { bar, left: Math.min(left + 12, box.width - 240), top: top + 18 };
  };
  return (
    <>
      <p class="legend">
        {segmentEnds
          .filter((how) => bars.some((bar) => bar.how === how))
          .map((how) => (
            <span key={how}>
              <i class={how === "died" ? "hollow" : ""} style={{ background: `var(--${colors[how]})` }} />{" "}
              {how}
            </span>
          ))}
      </p>
      {hidden > 0 && (
        <p class="caption">
          The last {MOST} workers; {hidden} earlier ones are not shown.
        </p>
      )}
      <div class="chart">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${bars.length} segments of ${workers.length} workers over time`}
          style={{ height: `${height}px`, cursor: tip ? "pointer" : "default" }}
          onPointerMove={(event) => setTip(find(event))}
          onPointerLeave={() => setTip(undefined)}
          onClick={(event) => {
            const bar = find(event)?.bar;
            if (bar) open(bar.trial);
          }}
        />
        {tip && (
          <div class="tip" style={{ left: `${tip.left}px`, top: `${tip.top}px` }}>
            <b>trial {tip.bar.trial}</b> {tip.bar.how},{" "}
            {shortNumber(Number((tip.bar.to - tip.bar.from).toPrecision(3)))} {unit}
          </div>
        )}
      </div>
    </>
  );
}

/** Bars of the last workers, in seconds, minutes or hours since the first segment. */
function barsOf({ columns, rows }: WireTable<SegmentNote>) {
  const of = (name: string) => columns.find((column) => column.name === name)?.values ?? [];
  const [trials, places, began, ended, how] = ["trial", "worker", "began", "ended", "how"].map(of);
  const names = columns.find(({ name }) => name === "worker")?.options ?? [];
  const hidden = Math.max(0, names.length - MOST);
  let [first, last] = [Infinity, -Infinity];
  for (let i = 0; i < rows; i++) {
    if ((places?.[i] as number) < hidden) continue;
    first = Math.min(first, began?.[i] as number);
    last = Math.max(last, ended?.[i] as number);
  }
  const [unit, seconds] =
    last - first > 7200 ? ["hours", 3600] : last - first > 240 ? ["minutes", 60] : ["seconds", 1];
  const bars: Bar[] = [];
  for (let i = 0; i < rows; i++) {
    const lane = (places?.[i] as number) - hidden;
    if (lane < 0) continue;
    bars.push({
      ...{ lane, trial: trials?.[i] as number, how: segmentEnds[how?.[i] as number] ?? "running" },
      from: ((began?.[i] as number) - first) / (seconds as number),
      to: ((ended?.[i] as number) - first) / (seconds as number),
    });
  }
  return { bars, workers: names.slice(hidden), hidden, unit: unit as string };
}

function draw(
  canvas: HTMLCanvasElement,
  bars: readonly Bar[],
  workers: readonly string[],
  time: Axis,
  unit: string,
): void {
  const { context, width, color } = themeOf(canvas);
  const left = (value: number) => margin.left + time.place(value) * (width - margin.left - margin.right);
  const palette = Object.fromEntries(Object.values(colors).map((name) => [name, color(name)]));
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "center";
  const bottom = workers.length * LANE;
  for (const { value, text } of time.ticks) {
    context.fillStyle = color("grid");
    context.fillRect(Math.round(left(value)), 0, 1, bottom);
    context.fillStyle = color("muted");
    context.fillText(text, left(value), bottom + 12);
  }
  context.textAlign = "right";
  context.fillText(unit, width, bottom + 12);
  for (const { lane, from, to, how } of bars) {
    const [a, b] = [left(from), left(to)];
    const [top, high, wide] = [lane * LANE + 16, LANE - 20, Math.max(1.5, b - a - 0.5)];
    context.fillStyle = context.strokeStyle = palette[colors[how]] as string;
    if (how === "died") context.strokeRect(a + 0.5, top + 0.5, Math.max(1, wide - 1), high - 1);
    else context.fillRect(a, top, wide, high);
  }
  context.textAlign = "left";
  context.font = "11px system-ui, sans-serif";
  workers.forEach((name, lane) => {
    const y = lane * LANE + 8;
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = color("paper");
    context.strokeText(name, margin.left + 4, y);
    context.fillStyle = color("ink");
    context.fillText(name, margin.left + 4, y);
  });
}
