import { useMemo, useState } from "preact/hooks";

import type { TracePoint } from "../../src/api/trace.ts";
import type { RunPage } from "../../src/cli/dashboard/run-source.ts";
import { Chart, type Series } from "../chart.tsx";
import { traceRows } from "../csv.ts";
import { shortNumber } from "../study-data.ts";
import { trainingsOf } from "../trainings.ts";
import { Save } from "./save.tsx";
import { SearchView } from "./search.tsx";
import { Legend } from "./trial.tsx";

/** A run; one that trained again and again is told as a search. */
export function RunView({ page }: { page: RunPage }) {
  const trainings = useMemo(() => trainingsOf(page.trace), [page]);
  return trainings.length > 0 ? <SearchView page={page} trainings={trainings} /> : <SingleRun page={page} />;
}

/** A run: losses beside those of the fixed start, and its hyperparameters over time with their bands. */
function SingleRun({ page }: { page: RunPage }) {
  const { run, trace, baseline } = page;
  const losses = useMemo(() => lossSeries(trace, baseline), [trace, baseline]);
  const names = Object.keys(trace.at(-1)?.hyperparameters ?? {});
  const [log, setLog] = useState(true);
  const best = trace.reduce<TracePoint | undefined>(
    (a, b) => (a && !(b.valid.loss < a.valid.loss) ? a : b),
    undefined,
  );
  return (
    <>
      <p class="eyebrow">
        <a href="#/">hypertrain</a> / run
      </p>
      <h1>{run}</h1>
      {best && (
        <p class="lead">
          Validation loss <strong>{shortNumber(best.valid.loss)}</strong> at epoch {shortNumber(best.epoch)}
          {best.test && `, test loss ${shortNumber(best.test.loss)} there`}.
        </p>
      )}
      <section>
        <h2>Loss</h2>
        <p class="tools-inline">
          <label>
            <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />{" "}
            log loss
          </label>
        </p>
        <Legend series={losses} />
        <Chart
          about="losses over epochs"
          series={losses}
          x={{ label: "epoch" }}
          y={{ label: "loss", log, clip: true }}
          height={300}
        />
        <Save name={run} rows={() => traceRows(trace)} />
      </section>
      {names.length > 0 && (
        <section>
          <h2>Hyperparameters</h2>
          <p class="caption">Their course, with one standard deviation of the perturbations to both sides.</p>
          <div class="cards">
            {names.map((name) => (
              <Course key={name} name={name} trace={trace} />
            ))}
          </div>
        </section>
      )}
    </>
  );
}

function lossSeries(trace: readonly TracePoint[], baseline: readonly TracePoint[]): readonly Series[] {
  const line = (
    from: readonly TracePoint[],
    [name, color, dash]: readonly [string, string, boolean],
    of: (point: TracePoint) => number | undefined,
  ): readonly Series[] => {
    const y = from.map((point) => of(point) ?? NaN);
    const none = y.every(Number.isNaN);
    return none ? [] : [{ kind: "line", name, color, width: 2, dash, x: from.map(({ epoch }) => epoch), y }];
  };
  return [
    ...line(trace, ["training", "train", false], ({ train }) => train?.loss),
    ...line(trace, ["test", "test", false], ({ test }) => test?.loss),
    ...line(baseline, ["validation, held at the start", "fixed", true], ({ valid }) => valid.loss),
    ...line(trace, ["validation", "valid", false], ({ valid }) => valid.loss),
  ];
}

function Course({ name, trace }: { name: string; trace: readonly TracePoint[] }) {
  const { series, log, last } = useMemo(() => courseOf(name, trace), [name, trace]);
  return (
    <figure>
      <figcaption>
        <b>{name}</b> <span>{last}</span>
      </figcaption>
      <Chart
        about={`${name} over epochs`}
        series={series}
        x={{ label: "epoch" }}
        y={{ label: "value", log }}
        height={170}
      />
    </figure>
  );
}

function courseOf(name: string, trace: readonly TracePoint[]) {
  const found = trace.flatMap(({ epoch, hyperparameters }) => {
    const point = hyperparameters[name];
    return point && typeof point.value === "number" ? [{ epoch, value: point.value, band: point.band }] : [];
  });
  const x = found.map(({ epoch }) => epoch);
  const banded = found.filter(({ band }) => band !== undefined);
  const all = found.flatMap(({ value, band }) => [value, ...(band ?? [])]);
  const log = all.every((value) => value > 0) && Math.max(...all) > 10 * Math.min(...all);
  const last = trace.at(-1)?.hyperparameters[name]?.value;
  const series: readonly Series[] = [
    {
      ...{ kind: "band", color: "band", alpha: 0.8, x: banded.map(({ epoch }) => epoch) },
      ...{ y: banded.map(({ band }) => band?.[0] ?? NaN), y2: banded.map(({ band }) => band?.[1] ?? NaN) },
    },
    { kind: "line", color: "valid", width: 2, name, x, y: found.map(({ value }) => value) },
  ];
  return { series, log, last: typeof last === "number" ? shortNumber(last) : String(last) };
}
