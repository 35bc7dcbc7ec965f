import { formatNumber } from "../../util/format-number.ts";
import { formatTable } from "../../report/format.ts";
import type { MachineFacts } from "./machine.ts";
import type { Spread } from "./statistics.ts";

/** The document of `hypertrain bench search --json`. Times are in milliseconds. */
export interface SearchReport {
  readonly kind: "search";
  readonly date: string;
  readonly machine: MachineFacts;
  readonly versions: Readonly<Record<string, string>>;
  /** The function that is minimised: the sum of squares of so many numbers on [-5, 5]. */
  readonly sphere: number;
  readonly results: readonly SearchResult[];
  /** Optuna's milliseconds a trial by ours: processor time in this run, and the published times by our processor time. */
  readonly ratios: readonly SearchRatio[];
}

/** The times of one sampler. */
export interface SearchResult extends Spread {
  /** `hypertrain` or `optuna`. */
  readonly by: string;
  readonly sampler: string;
  /** Trials that had been told before the first that counts. */
  readonly before: number;
  /** Trials that count. */
  readonly trials: number;
  /** What a trial took on average, from asking to having told. */
  readonly mean: number;
  /** Processor time of a trial on average, collection of garbage included: what other work on the machine changes less. */
  readonly cpu: number;
  /** The least value that was found. */
  readonly best: number;
}

/** How many times as long another program took for a trial. */
export interface SearchRatio {
  readonly sampler: string;
  readonly to: string;
  readonly ratio: number;
}

/**
 * What Optuna was published to take for a trial of ten hyperparameters, on average over 1,000 trials, in milliseconds; measured on
 * another machine. For its TPE the least that was found.
 */
const PUBLISHED = {
  random: { "optuna, published": 0.34 },
  tpe: { "optuna, published": 41, "optuna with SQLite, published": 97 },
} as const satisfies Record<string, Record<string, number>>;

/** The ratios of a report: by sampler, others' averages by ours, in processor time, since a busy machine makes single trials long. Optuna's `tpe-joint` and `tpe-sqlite` are compared with `tpe`. */
export function searchRatios(results: readonly SearchResult[]): SearchRatio[] {
  const published: Readonly<Record<string, Readonly<Record<string, number>>>> = PUBLISHED;
  return results
    .filter(({ by }) => by === "hypertrain")
    .flatMap(({ sampler, cpu }) => [
      ...results
        .filter((other) => other.by !== "hypertrain" && other.sampler.split("-")[0] === sampler)
        .map((other) => ({ sampler, to: `${other.by} ${other.sampler}`, ratio: other.cpu / cpu })),
      ...Object.entries(published[sampler] ?? {}).map(([to, ms]) => ({ sampler, to, ratio: ms / cpu })),
    ]);
}

/** A report for people. */
export function describeSearch({ sphere, machine, versions, results, ratios }: SearchReport): string {
  const title = `a suggestion for ${sphere} hyperparameters, on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB`;
  const rows = results.map((one) => [
    `${one.by} ${one.sampler}, trials ${one.before} to ${one.before + one.trials - 1}`,
    ...[one.mean, one.cpu, one.median, one.upperQuartile, one.max, one.best].map((value) =>
      formatNumber(value, 3),
    ),
  ]);
  const sections = [
    title,
    formatTable([
      ["milliseconds a trial", "mean", "processor", "median", "3/4 below", "most", "best value"],
      ...rows,
    ]),
    formatTable([
      ["times as long", "processor"],
      ...ratios.map(({ sampler, to, ratio }) => [`${to} / hypertrain ${sampler}`, formatNumber(ratio, 3)]),
    ]),
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ];
  return `${sections.join("\n\n")}\n`;
}
