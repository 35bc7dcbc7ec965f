import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import type { WireTable } from "../../src/api/columns.ts";
import { bestRow } from "../../src/cli/dashboard/study-columns.ts";
import type { SegmentNote } from "../../src/cli/dashboard/segment-table.ts";
import type { Curves } from "../../src/cli/dashboard/study-source.ts";
import type { Goals } from "../../src/search/goals.ts";
import { formatDigits } from "../../src/report/format.ts";
import type { Note } from "../../src/storage/storage.ts";
import { Chart, type Series } from "../chart.tsx";
import { studyRows } from "../csv.ts";
import { brushed, parseFilter } from "../filter.ts";
import { pointsOf } from "../points.ts";
import { go } from "../route.ts";
import { columnOf, labelsOf, lostOf, shortNumber, withMeasures, type StudyData } from "../study-data.ts";
import type { Importances } from "../source.ts";
import { painted } from "../theme.ts";
import { NoteBox, type Do } from "./acts.tsx";
import { Choice } from "./choice.tsx";
import { Contour, titleOf } from "./contour.tsx";
import { Parallel } from "./parallel.tsx";
import { byBounds, Pareto } from "./pareto.tsx";
import { State, Units } from "./parts.tsx";
import { Save } from "./save.tsx";
import { StudyActs } from "./study-acts.tsx";
import { Timeline } from "./timeline.tsx";
import { TrialTable } from "./trial-table.tsx";

/** What takes longer than a study's table, and comes behind it. */
export interface StudyMore {
  readonly curves: Curves;
  readonly importances: Importances;
  readonly segments: WireTable<SegmentNote>;
  readonly notes: readonly Note[];
  /** Which come last, since every evaluation is read for them. */
  readonly measures?: WireTable<null>;
}

interface StudyProps {
  readonly data: StudyData;
  readonly more: StudyMore | undefined;
  readonly act: Do | undefined;
}

/** A study: one filter for all that is shown of it. */
export function StudyView({ data: own, more, act }: StudyProps) {
  const { curves, importances: shares, segments, notes = [], measures } = more ?? {};
  const data = useMemo(() => withMeasures(own, measures), [own, measures]);
  const importances = useMemo(() => {
    const labels = labelsOf(own, measures);
    return (
      shares &&
      Object.fromEntries(Object.entries(shares).map(([name, share]) => [labels.get(name) ?? name, share]))
    );
  }, [own, measures, shares]);
  const goals = ["loss", ...data.columns.filter(({ measure }) => measure).map(({ name }) => name)];
  const [chosen, setGoal] = useState("loss");
  const goal = goals.includes(chosen) ? chosen : "loss";
  const [text, setText] = useState("");
  const [log, setLog] = useState(true);
  const filter = useMemo(() => parseFilter(text, data.columns), [text, data]);
  const rows = useMemo(() => {
    const all = new Uint32Array(data.rows);
    for (let row = 0; row < all.length; row++) all[row] = row;
    return filter.kind === "rows" && text.trim() !== "" ? all.filter(filter.keeps) : all;
  }, [data, filter]);
  // What is below comes after the first picture.
  const [isPainted, setPainted] = useState(false);
  useEffect(() => void painted().then(() => setPainted(true)), []);
  const input = useRef<HTMLInputElement>(null);
  // As soon as the page is to be seen: an effect that waits for a frame would lose keys that are pressed at once.
  useLayoutEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const open = (trial: number) => go(`/study/${encodeURIComponent(data.name)}/trial/${trial}`);
  return (
    <>
      <p class="eyebrow">
        <a href="#/">hypertrain</a> / study
      </p>
      <h1>{data.name}</h1>
      <Tiles data={data} />
      <Units of={[data]} />
      {more && (
        <NoteBox
          about="A note on this study"
          text={notes.find(({ trial }) => trial === undefined)?.text ?? ""}
          keep={act && ((text) => act({ study: data.name, name: "note", body: { text } }))}
        />
      )}
      <div class="tools">
        <input
          ref={input}
          type="search"
          aria-label="filter of trials"
          placeholder="filter: loss<0.5 state=complete"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="muted">
          {filter.kind === "mistake" ? filter.sentence : `${rows.length} of ${data.rows} trials`}
        </span>
        <label>
          <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />{" "}
          log {goal}
        </label>
        {goals.length > 1 && <Choice label="show" names={goals} value={goal} set={setGoal} />}
      </div>
      <section>
        <h2>History</h2>
        <History data={data} rows={rows} log={log} goal={goal} open={open} />
      </section>
      {isPainted && (
        <>
          <section>
            <h2>Learning curves</h2>
            <LearningCurves curves={curves} rows={rows} log={log} open={open} />
          </section>
          <section>
            <h2>Parallel coordinates</h2>
            <p class="caption">
              The best tenth in colour. Drag along an axis to keep a part of it; a click takes that away.
              {data.goals.bounds.length > 0 && " Trials beyond the bounds are left out."}
            </p>
            <Parallel
              data={data}
              rows={rows}
              goal={goal}
              brush={(column, part) => setText(brushed(text, column, part))}
            />
          </section>
          {importances && Object.keys(importances).length > 0 && (
            <section>
              <h2>Importances</h2>
              <p class="caption">
                How much each hyperparameter alone decides whether a trial is in the best tenth (PED-ANOVA).
              </p>
              <Bars shares={importances} />
            </section>
          )}
          <section>
            <h2>Slices</h2>
            <p class="caption">The {titleOf(goal)} of each trial over each hyperparameter.</p>
            <Slices data={data} rows={rows} log={log} goal={goal} open={open} />
          </section>
          <Contour data={data} rows={rows} log={log} goal={goal} importances={importances} />
          {segments && <Pareto data={data} rows={rows} log={log} segments={segments} open={open} />}
          {segments && segments.rows > 0 && (
            <section>
              <h2>Workers</h2>
              <p class="caption">Who trained what when, by the clock of the store.</p>
              <Timeline segments={segments} open={open} />
            </section>
          )}
          <section>
            <h2>Trials</h2>
            <TrialTable data={data} rows={rows} open={open} />
            <Save name={data.name} rows={() => studyRows(data, rows)} />
          </section>
          <TrialNotes study={data.name} notes={notes} />
          {act && (
            <section>
              <StudyActs study={data.name} state={data.state} act={act} />
            </section>
          )}
        </>
      )}
    </>
  );
}

/** What somebody wrote about trials. */
function TrialNotes({ study, notes }: { study: string; notes: readonly Note[] }) {
  const ofTrials = notes.filter(({ trial }) => trial !== undefined);
  if (ofTrials.length === 0) return null;
  return (
    <section>
      <h2>Notes</h2>
      <dl class="notes">
        {ofTrials.map(({ trial, text }) => (
          <div key={trial}>
            <dt>
              <a href={`#/study/${encodeURIComponent(study)}/trial/${trial}`}>trial {trial}</a>
            </dt>
            <dd class="note-text">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const Bars = ({ shares }: { shares: Importances }) => (
  <div class="bars">
    {Object.entries(shares)
      .sort(([, a], [, b]) => b - a)
      .map(([name, share]) => (
        <p key={name}>
          <span>{name}</span>
          <i style={{ width: `${70 * share}%` }} />
          <b>{(100 * share).toFixed(0)} %</b>
        </p>
      ))}
  </div>
);

interface PlotProps {
  readonly data: StudyData;
  readonly rows: Uint32Array;
  readonly log: boolean;
  /** The column that charts show: the loss, or a measure. */
  readonly goal: string;
  readonly open: (trial: number) => void;
}

function Tiles({ data }: { data: StudyData }) {
  const { best, counts } = useMemo(() => summaryOf(data), [data]);
  return (
    <dl class="tiles">
      <div>
        <dt>state</dt>
        <dd>
          <State state={data.state} />
        </dd>
      </div>
      <div>
        <dt>best loss</dt>
        <dd>{best === undefined ? "–" : formatDigits(best.loss)}</dd>
        <dd class="note">
          {best && (
            <a href={`#/study/${encodeURIComponent(data.name)}/trial/${best.trial}`}>trial {best.trial}</a>
          )}
        </dd>
      </div>
      <div>
        <dt>trials</dt>
        <dd>{data.rows}</dd>
        <dd class="note">{counts}</dd>
      </div>
      {goalsText(data.goals) !== "" && (
        <div>
          <dt>follows</dt>
          <dd class="note">{goalsText(data.goals)}</dd>
        </div>
      )}
    </dl>
  );
}

/** What a study follows, as people read it; nothing where that is the least loss alone. */
function goalsText({ objectives, bounds }: Goals): string {
  const aims = objectives.map(({ name, largest }) => `${largest ? "most" : "least"} ${name}`);
  const limits = bounds.map(({ name, most, value }) => `${name} ${most ? "≤" : "≥"} ${shortNumber(value)}`);
  const [only = ""] = aims;
  return aims.length === 1 && limits.length === 0 && only === "least loss"
    ? ""
    : `${aims.join(", ")}${limits.length > 0 ? `, where ${limits.join(", ")}` : ""}`;
}

function summaryOf(data: StudyData) {
  const [losses, states] = [columnOf(data, "loss"), columnOf(data, "state")];
  const trial = bestRow(
    data.columns,
    Array.from({ length: data.rows }, (_, row) => row),
  );
  const best = trial === undefined ? undefined : { trial, loss: losses?.values[trial] as number };
  const options = states?.options ?? [];
  const tally = new Uint32Array(options.length);
  for (let trial = 0; trial < data.rows; trial++) {
    const state = states?.values[trial] as number;
    tally[state] = (tally[state] as number) + 1;
  }
  const counts = options.flatMap((state, i) => {
    const lost = state === "failed" && lostOf(data);
    return tally[i] ? [`${tally[i]} ${state}${lost ? ` (${lost} without a finite loss)` : ""}`] : [];
  });
  return { best, counts: counts.join(", ") };
}

function History({ data, rows, log, goal, open }: PlotProps) {
  const series = useMemo((): readonly Series[] => {
    const x = columnOf(data, "trial")?.values ?? [];
    const y = columnOf(data, goal)?.values ?? [];
    const [within, beyond] = byBounds(data, rows);
    const points = pointsOf(x, y, x, within, beyond);
    const objective = data.goals.objectives.find(({ name }) => name === goal);
    if (goal !== "loss" && !objective) return points; // whose better side is not known
    const sign = objective?.largest ? -1 : 1;
    const least = { x: [] as number[], y: [] as number[] };
    let low = Infinity;
    for (let i = 0; i < within.length; i++) {
      const row = within[i] as number;
      const cost = sign * (y[row] as number);
      if (!(cost < low) && i < within.length - 1) continue;
      low = Math.min(low, Number.isFinite(cost) ? cost : Infinity);
      if (low === Infinity) continue;
      least.x.push(row);
      least.y.push(sign * low);
    }
    return [...points, { kind: "step", ...least, color: "valid", width: 2 }];
  }, [data, rows, goal]);
  return (
    <Chart
      about={`${titleOf(goal)} of ${rows.length} trials in their order${goal === "loss" ? ", and the lowest so far" : ""}${data.goals.bounds.length > 0 ? ", those beyond the bounds apart" : ""}`}
      series={series}
      x={{ label: "trial", whole: true }}
      y={{ label: titleOf(goal), log, clip: true }}
      pick={open}
    />
  );
}

function LearningCurves({
  curves,
  rows,
  log,
  open,
}: Omit<PlotProps, "data" | "goal"> & { curves: Curves | undefined }) {
  const kept = useMemo(() => new Set(rows), [rows]);
  const series = useMemo(
    (): readonly Series[] =>
      (curves?.curves ?? [])
        .filter(({ trial }) => kept.has(trial))
        .map(({ trial, budgets, losses }) => ({
          ...{
            kind: "line",
            x: budgets,
            y: losses,
            color: "valid",
            width: 1,
            ids: trial,
            name: `trial ${trial}`,
          },
          alpha: (curves?.curves.length ?? 0) > 50 ? 0.35 : 0.7,
        })),
    [curves, kept],
  );
  if (!curves) return <p class="muted">…</p>;
  return (
    <>
      {curves.curves.length < curves.trials && (
        <p class="caption">
          Those of the best {curves.curves.length} of {curves.trials} trials.
        </p>
      )}
      <Chart
        about={`loss by epoch of ${series.length} trials`}
        series={series}
        x={{ label: "epoch", whole: true }}
        y={{ label: "validation loss", log, clip: true }}
        pick={open}
      />
    </>
  );
}

function Slices({ data, rows, log, goal, open }: PlotProps) {
  const charts = useMemo(() => {
    const [y, ids] = [columnOf(data, goal)?.values ?? [], columnOf(data, "trial")?.values ?? []];
    return data.columns
      .filter(({ hyper }) => hyper)
      .map(({ name, values, options, log: isLog = false }) => ({
        ...{ name, isLog, options },
        series: [
          { kind: "points", x: values, y, rows, color: "valid", alpha: 0.6, ids, name: "trial" },
        ] as const,
      }));
  }, [data, rows, goal]);
  return (
    <div class="cards">
      {charts.map(({ name, isLog, options, series }) => (
        <figure key={name}>
          <Chart
            about={`${titleOf(goal)} over ${name}`}
            series={series}
            x={{ label: name, log: isLog, ...(options && { names: options }) }}
            y={{ label: titleOf(goal), log, clip: true }}
            height={190}
            pick={open}
          />
        </figure>
      ))}
    </div>
  );
}
