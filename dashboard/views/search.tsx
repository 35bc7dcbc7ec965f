import { useMemo } from "preact/hooks";

import type { RunPage } from "../../src/report/run-page.ts";
import type { Goals } from "../../src/search/goals.ts";
import { isBetter } from "../../src/tuners/best.ts";
import { leastOf, mostOf } from "../../src/util/statistics.ts";
import { Chart, type Series } from "../chart.tsx";
import { byFit, historyOf } from "../history.ts";
import { pointsOf } from "../points.ts";
import { searchData } from "../search-data.ts";
import { countedOf, curveOf, type Training } from "../trainings.ts";
import { Pareto } from "./pareto.tsx";
import { Legend } from "./parts.tsx";

/** The trainings of a run that trained again and again: each is a line of its own, over its own epochs. */
export function SearchCharts({ page, trainings }: { page: RunPage; trainings: readonly Training[] }) {
  const { baseline, goals } = page;
  const best = trainings.reduce((a, b) => (isBetter(b.best, a.best) ? b : a));
  const curves = useMemo(() => curvesOf(trainings, best, baseline), [trainings, baseline]);
  const counted = useMemo(() => countedOf(trainings), [trainings]);
  const failed = trainings.length - counted.length;
  const history = useMemo(() => historyOf(counted), [counted]);
  const [kept, beyond] = byFit(counted).map(({ length }) => length) as [number, number];
  const names = Object.keys(best.best.hyperparameters);
  return (
    <>
      {goals && <Front run={page.run} trainings={counted} goals={goals} />}
      <section>
        <h2>History</h2>
        {beyond > 0 && (
          <p class="caption">
            {kept === 0
              ? "All trainings are beyond the bounds."
              : `Trainings beyond the bounds, ${beyond} of ${counted.length}, are orange, and do not count in the lowest so far.`}
          </p>
        )}
        {failed > 0 && (
          <p class="caption">
            Trainings that diverged, {failed} of {trainings.length}, are among the learning curves alone.
          </p>
        )}
        <Chart
          about={`lowest loss of ${counted.length} trainings, and the lowest so far${beyond > 0 ? ", those beyond the bounds apart" : ""}`}
          series={history}
          x={{ label: "training", whole: true }}
          y={{ label: "lowest validation loss", log: true, clip: true }}
        />
      </section>
      <section>
        <h2>Learning curves</h2>
        <Legend series={curves.filter(({ color }) => color !== "faint")} />
        <Chart
          about={`validation loss of ${trainings.length} trainings over their own epochs`}
          series={curves}
          x={{ label: "epoch of the training", whole: true }}
          y={{ label: "validation loss", log: true, clip: true }}
          height={300}
        />
      </section>
      {names.length > 0 && (
        <section>
          <h2>Hyperparameters</h2>
          <p class="caption">The lowest validation loss of each training over each hyperparameter.</p>
          <div class="cards">
            {names.map((name) => (
              <Slice key={name} name={name} trainings={counted} />
            ))}
          </div>
        </section>
      )}
    </>
  );
}

/** What a search followed, as a study shows it. */
function Front({ run, trainings, goals }: { run: string; trainings: readonly Training[]; goals: Goals }) {
  const data = useMemo(() => searchData(run, trainings, goals), [run, trainings, goals]);
  const rows = useMemo(() => Uint32Array.from(trainings, ({ number }) => number), [trainings]);
  return <Pareto data={data} rows={rows} log called="training" />;
}

function curvesOf(
  trainings: readonly Training[],
  best: Training,
  baseline: RunPage["baseline"],
): readonly Series[] {
  const alpha = trainings.length > 50 ? 0.35 : 0.7;
  const line = (training: Training): Series => ({
    ...{ kind: "line", name: `training ${training.number}`, color: "faint", width: 1, alpha },
    ...curveOf(training),
  });
  const held: Series = {
    ...{ kind: "line", name: "held at the start", color: "fixed", width: 2, dash: true },
    x: baseline.map(({ epoch }) => epoch),
    y: baseline.map(({ valid }) => valid.loss),
  };
  return [
    ...trainings.filter((one) => one !== best).map(line),
    ...(baseline.length > 0 ? [held] : []),
    { ...line(best), name: `training ${best.number}, the best`, color: "valid", width: 2, alpha: 1 },
  ];
}

function Slice({ name, trainings }: { name: string; trainings: readonly Training[] }) {
  const { series, options, log } = useMemo(() => {
    const values = trainings.map(({ best }) => best.hyperparameters[name]?.value);
    const texts = values.some((value) => typeof value !== "number")
      ? [...new Set(values.map(String))]
      : undefined;
    const x = values.map((value) => (texts ? texts.indexOf(String(value)) : Number(value)));
    const y = trainings.map(({ best }) => best.valid.loss);
    const ids = trainings.map(({ number }) => number);
    const [within, ...beyond] = pointsOf(x, y, ids, ...byFit(trainings), "training");
    return {
      series: [{ ...(within as Series), color: "valid", alpha: 0.7 }, ...beyond],
      options: texts,
      log: !texts && x.every((value) => value > 0) && mostOf(x) > 10 * leastOf(x),
    };
  }, [name, trainings]);
  return (
    <figure>
      <figcaption>
        <b>{name}</b>
      </figcaption>
      <Chart
        about={`lowest loss over ${name}`}
        series={series}
        x={{ label: name, log, ...(options && { names: options }) }}
        y={{ label: "lowest validation loss", log: true, clip: true }}
        height={190}
      />
    </figure>
  );
}
