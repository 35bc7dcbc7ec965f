import type { WireTable } from "../src/api/columns.ts";
import type { TracePoint } from "../src/api/trace.ts";
import type { SegmentNote } from "../src/cli/dashboard/segment-table.ts";
import { countsIn } from "../src/cli/dashboard/study-columns.ts";
import { isBetter } from "../src/tuners/best.ts";
import { columnOf, type StudyData } from "./study-data.ts";

/** The lowest validation loss so far of a run or a study, against what was spent on it. */
export interface Course {
  readonly name: string;
  /** Of a run or a study; of several seeds with the band between the lowest and the highest. */
  readonly by: Readonly<Record<Spent, Line>>;
  readonly best: number;
  /** What losses are in, where that is not plain. */
  readonly lossUnit?: string | undefined;
  /** The test loss at the lowest validation loss, where there is one. */
  readonly test?: number;
  readonly trials: number;
  /** Of how many seeds it is the mean. */
  readonly seeds: number;
}

/** What may be spent: epochs of training, seconds by the clock, trainings begun. */
export const spending = ["epochs", "seconds", "trials"] as const;
type Spent = (typeof spending)[number];

interface Line {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

/** The course of a run's trace. */
export function courseOfRun(name: string, trace: readonly TracePoint[], lossUnit?: string): Course {
  let best: TracePoint | undefined;
  const y = trace.map((point) => {
    if (!best || isBetter(point, best)) best = point;
    return best.valid.loss;
  });
  const line = (of: (point: TracePoint) => number): Line => ({ x: trace.map(of), y });
  return {
    ...{ name, seeds: 1, best: best?.valid.loss ?? NaN, lossUnit },
    by: {
      epochs: line(({ epoch }) => epoch),
      seconds: line(({ seconds }) => seconds),
      trials: line(({ trial }) => (trial?.number ?? 0) + 1),
    },
    ...(best?.test && { test: best.test.loss }),
    trials: new Set(trace.map(({ trial }) => trial?.number)).size,
  };
}

/** The course of a study, its trials in the order in which they were last heard of, or else in that of their numbers. */
export function courseOfStudy(data: StudyData, { columns, rows }: WireTable<SegmentNote>): Course {
  const of = (name: string) => columns.find((column) => column.name === name)?.values ?? [];
  const [numbers, began, ended] = [of("trial"), of("began"), of("ended")];
  const heard = new Float64Array(data.rows);
  let start = Infinity;
  for (let i = 0; i < rows; i++) {
    start = Math.min(start, began[i] as number);
    heard[numbers[i] as number] = Math.max(heard[numbers[i] as number] ?? 0, ended[i] as number);
  }
  const order = new Uint32Array(data.rows)
    .map((_, trial) => trial)
    .sort((a, b) => (heard[a] as number) - (heard[b] as number) || a - b);
  const losses = columnOf(data, "loss")?.values ?? [];
  const counts = countsIn(data.columns);
  const epochs = columnOf(data, "epochs")?.values ?? [];
  const points: {
    readonly epochs: number;
    readonly seconds: number;
    readonly trials: number;
    readonly best: number;
  }[] = [];
  let [spent, best] = [0, Infinity];
  order.forEach((trial, i) => {
    spent += (epochs[trial] as number) || 0;
    const loss = counts(trial) ? (losses[trial] as number) : NaN;
    const isLast = i === order.length - 1;
    if (!(loss < best) && !(isLast && best < Infinity)) return;
    best = Math.min(best, Number.isNaN(loss) ? Infinity : loss);
    const seconds = heard[trial] ? (heard[trial] as number) - start : NaN;
    points.push({ epochs: spent, seconds, trials: i + 1, best });
  });
  const line = (name: Spent): Line => ({
    x: points.map((point) => point[name]),
    y: points.map((point) => point.best),
  });
  return {
    ...{ name: data.name, seeds: 1, best, trials: data.rows, lossUnit: data.lossUnit },
    by: { epochs: line("epochs"), seconds: line("seconds"), trials: line("trials") },
  };
}

/** The mean of the courses of some seeds, with the band between the lowest and the highest, where all of them have begun. */
export function meanCourse(name: string, courses: readonly Course[]): Course {
  const mean = (of: (course: Course) => number) =>
    courses.reduce((sum, course) => sum + of(course), 0) / courses.length;
  const tests = courses.flatMap(({ test }) => (test === undefined ? [] : [test]));
  return {
    ...{
      name,
      seeds: courses.length,
      lossUnit: courses[0]?.lossUnit,
      best: mean(({ best }) => best),
      trials: mean(({ trials }) => trials),
    },
    by: {
      epochs: meanLine(courses.map(({ by }) => by.epochs)),
      seconds: meanLine(courses.map(({ by }) => by.seconds)),
      trials: meanLine(courses.map(({ by }) => by.trials)),
    },
    ...(tests.length === courses.length && { test: mean(({ test = NaN }) => test) }),
  };
}

/** Each line holds its value until its next point. */
function meanLine(lines: readonly Line[]): Line {
  const first = Math.max(...lines.map(({ x }) => x[0] ?? Infinity));
  const x = [...new Set(lines.flatMap((line) => line.x))].filter((at) => at >= first).sort((a, b) => a - b);
  const values = x.map((at) =>
    lines.map((line) => line.y[line.x.findLastIndex((other) => other <= at)] as number),
  );
  return {
    x,
    y: values.map((all) => all.reduce((a, b) => a + b, 0) / all.length),
    low: values.map((all) => Math.min(...all)),
    high: values.map((all) => Math.max(...all)),
  };
}
