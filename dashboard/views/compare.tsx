import { useMemo, useState } from "preact/hooks";

import type { RunPage } from "../../src/report/run-page.ts";
import { Chart, type Series } from "../chart.tsx";
import { courseOfRun, meanCourse, spending, type Course } from "../courses.ts";
import { unitOf } from "../run-unit.ts";
import { shortNumber } from "../study-data.ts";
import { Choice } from "./choice.tsx";
import { COLORS, Legend, Units } from "./parts.tsx";

/** What is compared. */
export interface Compared {
  readonly runs: readonly RunPage[];
  readonly studies: readonly Course[];
}

/** Runs and studies over each other: the lowest validation loss so far against epochs, seconds or trainings. */
export function CompareView({ compared }: { compared: Compared }) {
  const [by, setBy] = useState<(typeof spending)[number]>("epochs");
  const [log, setLog] = useState(true);
  const courses = useMemo(() => [...compared.studies, ...coursesOf(compared.runs)], [compared]);
  const series = useMemo(
    () =>
      courses.flatMap((course, i): readonly Series[] => {
        const color = `s${(i % COLORS) + 1}`;
        const { x, y, low, high } = course.by[by];
        const band = low && high ? [{ kind: "band" as const, color, alpha: 0.18, x, y: low, y2: high }] : [];
        const dash = i >= COLORS;
        return [...band, { kind: "step", color, width: 2, dash, name: titleOf(course), x, y }];
      }),
    [courses, by],
  );
  if (courses.length === 0) return <NothingCompared />;
  return (
    <>
      <p class="eyebrow">
        <a href="#/">hypertrain</a> / comparison
      </p>
      <h1>{courses.length} compared</h1>
      <section>
        <h2>Lowest validation loss so far</h2>
        <p class="tools-inline">
          <Choice label="against" names={spending} value={by} set={(name) => setBy(name as typeof by)} />
          <label>
            <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />{" "}
            log loss
          </label>
        </p>
        <Legend series={series} />
        <Chart
          about={`lowest loss so far of ${courses.length} runs and studies`}
          series={series}
          x={{ label: by, whole: by !== "seconds" }}
          y={{ label: "lowest validation loss", log, clip: true }}
          height={340}
        />
        {courses.some(({ seeds }) => seeds > 1) && (
          <p class="caption">Of several seeds the mean, and the band between the lowest and the highest.</p>
        )}
      </section>
      <section>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th />
                <th>best validation loss</th>
                <th>test loss there</th>
                <th>seeds</th>
                <th>trainings</th>
                <th>epochs</th>
                <th>seconds</th>
              </tr>
            </thead>
            <tbody>
              {[...courses]
                .sort((a, b) => a.best - b.best)
                .map((course) => (
                  <tr key={course.name}>
                    <td>{course.name}</td>
                    <td>{numberOr(course.best)}</td>
                    <td>{numberOr(course.test)}</td>
                    <td>{course.seeds}</td>
                    <td>{shortNumber(course.trials)}</td>
                    <td>{numberOr(course.by.epochs.x.at(-1))}</td>
                    <td>{numberOr(course.by.seconds.x.at(-1))}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
        <Units of={courses} />
      </section>
    </>
  );
}

const NothingCompared = () => (
  <>
    <p class="eyebrow">
      <a href="#/">hypertrain</a> / comparison
    </p>
    <h1>Nothing to compare yet</h1>
    <p class="lead">
      Tick runs or studies <a href="#/">in the overview</a>, then follow its link “Compare”.
    </p>
  </>
);

const titleOf = ({ name, seeds }: Course): string => (seeds > 1 ? `${name} (${seeds} seeds)` : name);

const numberOr = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? "–" : shortNumber(Number(value.toPrecision(4)));

/** A course for each run; runs that differ in nothing but their seeds are one. */
function coursesOf(runs: readonly RunPage[]): readonly Course[] {
  const groups = Map.groupBy(runs, ({ config }) => {
    const { seed: _, out: _out, ...rest } = config as Readonly<Record<string, unknown>>; // it is an object
    return JSON.stringify(rest);
  });
  return [...groups.values()].map((group) => {
    const courses = group.map((page) => courseOfRun(page.run, page.trace, unitOf(page)));
    const [first] = courses;
    return first && courses.length === 1
      ? first
      : meanCourse(group.map(({ run }) => run).join(", "), courses);
  });
}
