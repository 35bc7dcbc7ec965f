import { useMemo, useState } from "preact/hooks";

import type { ComparisonDocument } from "../../src/api/comparison.ts";
import { comparisonHead, comparisonTables } from "../../src/report/comparison-markup.ts";
import { mediansOf } from "../../src/report/medians.ts";
import { Chart, type Series } from "../chart.tsx";
import { Markup } from "./markup.tsx";
import { Check, COLORS, Legend } from "./parts.tsx";
import { Save } from "./save.tsx";

/** A comparison of methods: the lowest losses so far against time, medians over the seeds, and what each seed came to. */
export function ComparisonView({ name, document }: { name: string; document: ComparisonDocument }) {
  const [log, setLog] = useState(true);
  const series = useMemo(() => seriesOf(document), [document]);
  const parts = useMemo(
    () => ({ head: comparisonHead(name, document), tables: comparisonTables(document) }),
    [name, document],
  );
  return (
    <>
      <Markup html={parts.head} />
      <section>
        <h2>Best so far</h2>
        {series.length === 0 ? (
          <p>
            There is nothing to draw: no method had a loss from most of its seeds at any moment. Give them
            more time.
          </p>
        ) : (
          <>
            <p class="caption">
              Lowest validation loss against time: the median over the seeds, and the middle half as a band.
            </p>
            <p class="tools-inline">
              <Check label="log loss" is={log} set={setLog} />
            </p>
            <Legend series={series} />
            <Chart
              about="lowest validation loss of each method against time"
              series={series}
              x={{ label: "seconds" }}
              y={{ label: "lowest validation loss", log, clip: true }}
              height={340}
            />
          </>
        )}
        <Save name={name} rows={() => seedRows(document)} />
      </section>
      <Markup html={parts.tables} />
    </>
  );
}

/** A line and a band for each method that had a loss from most of its seeds. */
function seriesOf({ standings, curves, seconds }: ComparisonDocument): readonly Series[] {
  return standings.flatMap(({ method }, i): readonly Series[] => {
    const medians = mediansOf(
      curves.filter((curve) => curve.method === method),
      seconds,
    );
    if (medians.length === 0) return [];
    const color = `s${(i % COLORS) + 1}`;
    const x = medians.map((moment) => moment.seconds);
    return [
      {
        ...{ kind: "band", color, alpha: 0.15, x },
        ...{ y: medians.map(({ lower }) => lower), y2: medians.map(({ upper }) => upper) },
      },
      {
        ...{ kind: "step", color, width: 2, dash: i >= COLORS, name: method, x },
        y: medians.map(({ median }) => median),
      },
    ];
  });
}

/** Every improvement of every method from every seed. */
const seedRows = ({ curves }: ComparisonDocument): (string | number)[][] => [
  ["method", "seed", "seconds", "gradients", "validation loss", "test loss"],
  ...curves.flatMap(({ method, seed, points }) =>
    points.map(({ seconds, gradientEvaluations, valid, test }) => [
      ...[method, seed, seconds, gradientEvaluations, valid.loss],
      test?.loss ?? NaN,
    ]),
  ),
];
