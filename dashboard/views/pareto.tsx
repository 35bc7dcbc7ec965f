import { useMemo, useState } from "preact/hooks";

import type { WireTable } from "../../src/api/columns.ts";
import type { SegmentNote } from "../../src/cli/dashboard/segment-table.ts";
import { boundStates, countsIn, failedIn } from "../../src/cli/dashboard/study-columns.ts";
import type { Goals } from "../../src/search/goals.ts";
import { paretoFront } from "../../src/search/pareto.ts";
import { Chart, type Series } from "../chart.tsx";
import { frontOf, type Aim } from "../front.ts";
import { pointsOf } from "../points.ts";
import { columnOf, type StudyData } from "../study-data.ts";
import { AxisChoices, type ChosenAxes } from "./choice.tsx";

interface ParetoProps {
  readonly data: StudyData;
  readonly rows: Uint32Array;
  readonly log: boolean;
  /** What its trials are called; default trial. */
  readonly called?: string;
  /** Who trained what when, for their seconds. */
  readonly segments?: WireTable<SegmentNote>;
  readonly open?: (trial: number) => void;
}

/**
 * Two things of each trial, at first what the study follows; the line is the front of those within the study's bounds that no other beats in
 * both. Where it follows more than two, the trials that no other beats in all are on the front instead, without a line.
 */
export function Pareto({ data, rows, log, called = "trial", segments, open }: ParetoProps) {
  const seconds = useMemo(
    () => (segments ? secondsOf(segments, data.rows) : new Float32Array()),
    [segments, data.rows],
  );
  const aims = useMemo(() => aimsOf(data, seconds), [data, seconds]);
  const [chosen, setChosen] = useState<ChosenAxes>({});
  const [firstX, firstY] = firstAims(data.goals);
  const aim = (name: string | undefined) => aims.find((one) => one.name === name);
  const x = aim(chosen.x) ?? aim(firstX) ?? aim("seconds") ?? aim("epochs");
  const y = aim(chosen.y) ?? aim(firstY) ?? aim("loss");
  const { objectives } = data.goals;
  const isOwn = (one: Aim | undefined) => objectives.some(({ name }) => name === one?.name);
  const whole = objectives.length > 2 && isOwn(x) && isOwn(y);
  const [within, beyond] = useMemo(() => byBounds(data, rows), [data, rows]);
  const front = useMemo(() => {
    if (!x || !y) return new Uint32Array();
    return whole ? wholeFront(data, within) : frontOf(within, x, y);
  }, [data, within, x, y, whole]);
  const series = useMemo((): readonly Series[] => {
    if (!x || !y) return [];
    const ids = columnOf(data, "trial")?.values ?? [];
    const on = ({ values }: Aim) => Float64Array.from(front, (row) => values[row] as number);
    const best = { x: on(x), y: on(y), color: "best" };
    return [
      ...pointsOf(x.values, y.values, ids, within, beyond, called),
      ...(whole ? [] : [{ ...best, kind: "step" as const, width: 2 }]),
      { ...best, kind: "points", ids: front, name: called, width: 6 },
    ];
  }, [data, x, y, within, beyond, front, whole]);
  if (!x || !y) return null;
  const names = aims.map(({ name }) => name);
  return (
    <section>
      <h2>Pareto front</h2>
      <p class="caption">
        {called[0]?.toUpperCase() + called.slice(1)}s that no other beats in{" "}
        {whole ? `all ${objectives.length} objectives` : "both"}, {betterText(x, y)}: {front.length} of{" "}
        {within.length}
        {data.goals.bounds.length > 0 && ` within the bounds; the ${beyond.length} beyond them are orange`}.
        {x.values === seconds &&
          " Seconds are those between claim and last report, of the last 20,000 segments."}
      </p>
      <AxisChoices names={names} x={x.name} y={y.name} set={(axis) => setChosen({ ...chosen, ...axis })} />
      <Chart
        about={`${y.name} against ${x.name}, with the front of ${front.length} ${called}s`}
        series={series}
        x={{ label: x.name, log: x.name === "seconds", whole: x.name === "epochs" }}
        y={{ label: y.name, log: log && y.name === "loss", clip: true }}
        {...(open && { pick: open })}
      />
    </section>
  );
}

/** Rows within the study's bounds, and those that are known to be beyond, without those of trials that failed. */
export function byBounds(data: StudyData, rows: Uint32Array): readonly [Uint32Array, Uint32Array] {
  const failed = failedIn(data.columns);
  const states = columnOf(data, "bounds")?.values ?? [];
  const broken = boundStates.indexOf("broken");
  return [rows.filter(countsIn(data.columns)), rows.filter((row) => states[row] === broken && !failed(row))];
}

/** All that a front may be sought in: columns of numbers. What a study wants large is the better the larger, all else the lower. */
function aimsOf(data: StudyData, seconds: Float32Array): readonly Aim[] {
  const { objectives, bounds } = data.goals;
  const isLargest = (name: string) =>
    objectives.find((one) => one.name === name)?.largest ??
    bounds.some((one) => one.name === name && !one.most);
  const own = data.columns.filter(({ name, options }) => !options && name !== "trial" && name !== "attempt");
  const timed = !columnOf(data, "seconds") && seconds.some((value) => value > 0); // which are told more exactly
  return [...own, ...(timed ? [{ name: "seconds", values: seconds }] : [])].map(({ name, values }) => ({
    ...{ name, values },
    largest: isLargest(name),
  }));
}

/** What a study is about: across its second objective, or else what it bounds, and up its first. */
function firstAims({
  objectives,
  bounds,
}: Goals): readonly [across: string | undefined, up: string | undefined] {
  const up = objectives[0]?.name;
  return [objectives[1]?.name ?? bounds.find(({ name }) => name !== up)?.name, up];
}

/** The rows that no other beats in all objectives of the study. */
function wholeFront(data: StudyData, rows: Uint32Array): Uint32Array {
  const { objectives } = data.goals;
  const columns = objectives.map(({ name }) => columnOf(data, name)?.values ?? []);
  const costs = Array.from(rows, (row) =>
    objectives.map(({ largest }, i) => (largest ? -1 : 1) * (columns[i]?.[row] ?? NaN)),
  );
  return Uint32Array.from(paretoFront(costs), (i) => rows[i] as number);
}

const betterText = (x: Aim, y: Aim): string =>
  x.largest === y.largest
    ? `the ${x.largest ? "higher" : "lower"} the better`
    : `${x.name} the ${x.largest ? "higher" : "lower"}, ${y.name} the ${y.largest ? "higher" : "lower"} the better`;

/** How long each trial was trained, by its segments; NaN where there are none. */
function secondsOf({ columns, rows }: WireTable<SegmentNote>, trials: number): Float32Array {
  const of = (name: string) => columns.find((column) => column.name === name)?.values ?? [];
  const [numbers, began, ended] = [of("trial"), of("began"), of("ended")];
  const seconds = new Float32Array(trials).fill(NaN);
  for (let i = 0; i < rows; i++) {
    const trial = numbers[i] as number;
    if (trial >= trials) continue;
    seconds[trial] = (seconds[trial] || 0) + (ended[i] as number) - (began[i] as number);
  }
  return seconds;
}
