import { useMemo } from "preact/hooks";

import type { TrialPage } from "../../src/cli/dashboard/study-source.ts";
import { shellWord } from "../../src/util/shell-word.ts";
import { Chart, type Series } from "../chart.tsx";
import { shortNumber } from "../study-data.ts";
import { NoteBox, type Do } from "./acts.tsx";
import { Legend, State, Units } from "./parts.tsx";
import { TrialActs } from "./trial-acts.tsx";

/** A trial: its values, its curve, and what became of it. */
export function TrialView({ study, page, act }: { study: string; page: TrialPage; act: Do | undefined }) {
  const { trial, points, worker, note, reached } = page;
  const measures = Object.entries(reached).filter(
    ([name, value]) => name !== "loss" && name !== "epochs" && value !== 0,
  );
  const series = useMemo((): readonly Series[] => {
    const x = points.map(({ budget }) => budget);
    const line = (name: string, color: string, y: readonly (number | undefined)[]): readonly Series[] =>
      y.some((loss) => loss !== undefined)
        ? [{ kind: "line", name, color, width: 2, x, y: y.map((loss) => loss ?? NaN) }]
        : [];
    return [
      ...line(
        "training",
        "train",
        points.map(({ point }) => point.train?.loss),
      ),
      ...line(
        "test",
        "test",
        points.map(({ point }) => point.test?.loss),
      ),
      ...line(
        "validation",
        "valid",
        points.map(({ point }) => point.valid.loss),
      ),
    ];
  }, [points]);
  const values = Object.entries(trial.values);
  const enqueue = values
    .filter(([, value]) => typeof value !== "object")
    .map(([name, value]) => shellWord(`${name}=${String(value)}`))
    .join(" ");
  return (
    <>
      <p class="eyebrow">
        <a href="#/">hypertrain</a> / <a href={`#/study/${encodeURIComponent(study)}`}>{study}</a> / trial
      </p>
      <h1>Trial {trial.number}</h1>
      <p class="lead">
        <State state={trial.state} />
        {trial.reason !== undefined && `: ${trial.reason}`}. Claimed {trial.attempt}{" "}
        {trial.attempt === 1 ? "time" : "times"}, trained to {shortNumber(trial.curve.at(-1)?.budget ?? 0)} of{" "}
        {shortNumber(trial.to)}.{worker !== null && ` It is trained by ${worker}.`}
      </p>
      <NoteBox
        about={`A note on trial ${trial.number}`}
        text={note}
        keep={act && ((text) => act({ study, trial: trial.number, name: "note", body: { text } }))}
      />
      <section>
        <h2>Loss</h2>
        <Units of={[{ name: study, lossUnit: page.lossUnit }]} />
        <Legend series={series} />
        <Chart
          about={`losses of trial ${trial.number}`}
          series={series}
          x={{ label: "epoch", whole: true }}
          y={{ label: "loss", clip: true }}
        />
      </section>
      {measures.length > 0 && (
        <section>
          <h2>Measures</h2>
          <p class="caption">Where the validation loss was lowest, and what the trial cost in all.</p>
          <Pairs pairs={measures} />
          <Measured points={points} />
        </section>
      )}
      <section>
        <h2>Values</h2>
        <Pairs pairs={values} />
        {act && <TrialActs study={study} trial={trial} act={act} />}
        <p class="caption">To try these values again from a terminal:</p>
        <pre>
          hypertrain study enqueue {shellWord(study)} {enqueue} --store STORE
        </pre>
      </section>
    </>
  );
}

/** Names and values, in a table. */
const Pairs = ({ pairs }: { pairs: readonly (readonly [string, unknown])[] }) => (
  <div class="scroll">
    <table>
      <tbody>
        {pairs.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{typeof value === "number" ? shortNumber(value) : String(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** The course of each measure of the validation rows, where there are several evaluations. */
function Measured({ points }: Pick<TrialPage, "points">) {
  const charts = useMemo(() => {
    const scores = points.map(({ point: { valid } }) => ({
      ...valid.measures,
      ...(valid.metric && { [valid.metric.name]: valid.metric.value }),
    }));
    const x = points.map(({ budget }) => budget);
    return [...new Set(scores.flatMap(Object.keys))].map((name) => {
      const y = scores.map((score) => score[name] ?? NaN);
      return { name, series: [{ kind: "line", color: "valid", width: 2, name, x, y }] as const };
    });
  }, [points]);
  if (points.length < 2) return null;
  return (
    <div class="cards">
      {charts.map(({ name, series }) => (
        <figure key={name}>
          <Chart
            about={`${name} by epoch`}
            series={series}
            x={{ label: "epoch", whole: true }}
            y={{ label: name }}
            height={190}
          />
        </figure>
      ))}
    </div>
  );
}
