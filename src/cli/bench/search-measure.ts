import { createSearch } from "../../search/ask-tell.ts";
import { gpSampler } from "../../search/gp-sampler.ts";
import { random } from "../../search/random.ts";
import type { Sampler, Trial } from "../../search/sampler.ts";
import { tpe } from "../../search/tpe.ts";
import { real } from "../../space/real.ts";
import { createSpace, type HyperValues, type Space } from "../../space/space.ts";
import { thisMachine, versions } from "./machine.ts";
import { askOptuna, type OptunaOptions } from "./search-peer.ts";
import { searchRatios, type SearchReport, type SearchResult } from "./search-report.ts";
import { spreadOf } from "./statistics.ts";

/** What {@link measureSearch} measures. */
export interface SearchBenchOptions {
  /** Numbers of the sphere; default 10. */
  readonly dimensions?: number;
  /** Trials of random search and of TPE; default 1000. */
  readonly trials?: number;
  /** Random trials that the Gaussian process is given; default 200. */
  readonly gpPoints?: number;
  /** Its suggestions that count, each told before the next; default 30. */
  readonly gpTrials?: number;
  /** An integer; default 0. */
  readonly seed?: number;
  /** Measures Optuna as well, with this Python; default not. */
  readonly peer?: Pick<OptunaOptions, "python">;
  /** What is measured next, for people. */
  readonly onProgress?: (what: string) => void;
}

/**
 * Measures what a trial costs beside the function that it evaluates: asking and telling, on the sphere, one trial after the other.
 *
 * Every trial counts, those of the start included, since that is how Optuna's figures were taken; only the code is warmed up, by a
 * tenth of the trials of another search. `describeSearch` makes text of the report.
 *
 * @throws {HypertrainError} if Optuna is asked for and missing.
 */
export async function measureSearch({
  dimensions = 10,
  trials = 1000,
  gpPoints = 200,
  gpTrials = 30,
  seed = 0,
  peer,
  onProgress,
}: SearchBenchOptions = {}): Promise<SearchReport> {
  const space = sphereSpace(dimensions);
  const results: SearchResult[] = [];
  for (const sampler of [random(), tpe()]) {
    onProgress?.(`${sampler.name}, ${trials} trials`);
    timeTrials(space, sampler, { count: Math.ceil(trials / 10), seed: seed + 1, trials: [] });
    results.push(timeTrials(space, sampler, { count: trials, seed, trials: [] }));
  }
  onProgress?.(`gp, ${gpTrials} trials after ${gpPoints}`);
  results.push(
    timeTrials(space, gpSampler(), { count: gpTrials, seed, trials: randomTrials(space, gpPoints) }),
  );
  const optuna = peer && (onProgress?.("optuna"), await askOptuna({ ...peer, dimensions, trials, seed }));
  const all = [...results, ...(optuna?.results ?? [])];
  return {
    kind: "search",
    date: new Date().toISOString(),
    machine: thisMachine(),
    versions: { ...versions(), ...optuna?.versions },
    sphere: dimensions,
    results: all,
    ratios: searchRatios(all),
  };
}

interface Timed {
  readonly count: number;
  readonly seed: number;
  /** The history to begin with. */
  readonly trials: readonly Trial[];
}

function timeTrials(space: Space, sampler: Sampler, { count, seed, trials }: Timed): SearchResult {
  const search = createSearch(space, sampler, { seed, trials });
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    const { number, values } = search.ask();
    search.tell(number, sphereAt(values));
    times.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(before); // microseconds
  return {
    by: "hypertrain",
    sampler: sampler.name,
    before: trials.length,
    trials: count,
    mean: times.reduce((sum, ms) => sum + ms, 0) / count,
    cpu: (user + system) / 1e3 / count,
    best: search.best?.value ?? NaN,
    ...spreadOf(times),
  };
}

const sphereSpace = (dimensions: number): Space =>
  createSpace(
    Object.fromEntries(
      Array.from({ length: dimensions }, (_, j) => [`x${j}`, real(1, { low: -5, high: 5 })]),
    ),
  );

const sphereAt = (values: Readonly<HyperValues>): number =>
  Object.values(values).reduce<number>((sum, x) => sum + (x as number) ** 2, 0);

function randomTrials(space: Space, count: number): readonly Trial[] {
  const search = createSearch(space, random(), { seed: 1 });
  for (let i = 0; i < count; i++) {
    const { number, values } = search.ask();
    search.tell(number, sphereAt(values));
  }
  return search.trials;
}
