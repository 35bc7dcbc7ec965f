import { useMemo, useState } from "preact/hooks";

import type { WireTable } from "../../src/api/columns.ts";
import type { SegmentNote } from "../../src/cli/dashboard/segment-table.ts";
import { Chart, type Series } from "../chart.tsx";
import { frontOf } from "../front.ts";
import { columnOf, type StudyData } from "../study-data.ts";
import { Choice } from "./contour.tsx";

interface ParetoProps {
  readonly data: StudyData;
  readonly rows: Uint32Array;
  readonly log: boolean;
  readonly segments: WireTable<SegmentNote>;
  readonly open: (trial: number) => void;
}

/** Two things that are the better the lower, of each trial; the line is the front of those that no other beats in both. */
export function Pareto({ data, rows, log, segments, open }: ParetoProps) {
  const seconds = useMemo(() => secondsOf(segments, data.rows), [segments, data.rows]);
  const aims = useMemo(() => {
    const own = data.columns.filter(
      ({ name, options }) => !options && name !== "trial" && name !== "attempt",
    );
    const timed = !columnOf(data, "seconds") && seconds.some((value) => value > 0); // which are told more exactly
    return [...own, ...(timed ? [{ name: "seconds", values: seconds }] : [])].map(({ name, values }) => ({
      name,
      values,
    }));
  }, [data, seconds]);
  const [chosen, setChosen] = useState<{ readonly x?: string; readonly y?: string }>({});
  const aim = (name: string | undefined) => aims.find((one) => one.name === name);
  const x = aim(chosen.x) ?? aim("seconds") ?? aim("epochs");
  const y = aim(chosen.y) ?? aim("loss");
  const front = useMemo(() => (x && y ? frontOf(rows, x.values, y.values) : new Uint32Array()), [rows, x, y]);
  const series = useMemo((): readonly Series[] => {
    if (!x || !y) return [];
    const ids = columnOf(data, "trial")?.values ?? [];
    const on = (values: ArrayLike<number>) => Float64Array.from(front, (row) => values[row] as number);
    return [
      { kind: "points", x: x.values, y: y.values, rows, color: "faint", ids, name: "trial" },
      { kind: "step", x: on(x.values), y: on(y.values), color: "best", width: 2 },
      {
        kind: "points",
        x: on(x.values),
        y: on(y.values),
        color: "best",
        ids: front,
        name: "trial",
        width: 6,
      },
    ];
  }, [data, rows, x, y, front]);
  if (!x || !y) return null;
  const names = aims.map(({ name }) => name);
  return (
    <section>
      <h2>Pareto front</h2>
      <p class="caption">
        Trials that no other beats in both, the lower the better: {front.length} of {rows.length}.
        {x.values === seconds &&
          " Seconds are those between claim and last report, of the last 20,000 segments."}
      </p>
      <p class="tools-inline">
        <Choice
          label="across"
          names={names}
          value={x.name}
          set={(name) => setChosen({ ...chosen, x: name })}
        />
        <Choice label="up" names={names} value={y.name} set={(name) => setChosen({ ...chosen, y: name })} />
      </p>
      <Chart
        about={`${y.name} against ${x.name}, with the front of ${front.length} trials`}
        series={series}
        x={{ label: x.name, log: x.name === "seconds" }}
        y={{ label: y.name, log: log && y.name === "loss", clip: true }}
        pick={open}
      />
    </section>
  );
}

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
