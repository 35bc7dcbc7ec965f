/**
 * What a worker waits for between two trials, and what that keeps: processor time of a decision, the suggestion included, over so many made-up trials
 * of 10 hyperparameters that have ended, by TPE and by the Gaussian process; and memory.
 *
 *     node bench/suggestions.ts [--methods tpe,gp] [--trials 100,1000,10000] [--decisions 5]
 *
 * Each count is measured in a process of its own: the first decision, which reads all trials, and those after it, of which each has one trial more.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import type { SearchName } from "../src/methods/lookup.ts";
import { askedConfigOf, planOf } from "../src/cli/serve/asked-study.ts";
import { nextSegment, type TrialRecord } from "../src/study/next-segment.ts";
import { randomKey, randomUniform } from "../src/util/random.ts";
import { quantilesOf } from "../src/util/statistics.ts";

const { values: flags } = parseArgs({
  options: {
    methods: { type: "string", default: "tpe,gp" },
    trials: { type: "string", default: "100,1000,10000" },
    decisions: { type: "string", default: "5" },
    work: { type: "string" }, // a process of this script: the method
  },
});
const hypers = Array.from({ length: 10 }, (_, i) => `x${i}`);

if (flags.work !== undefined) await work(flags.work as SearchName, Number(flags.trials));
else measure();

function measure(): void {
  const script = fileURLToPath(import.meta.url);
  for (const method of flags.methods.split(",")) {
    for (const trials of flags.trials.split(",")) {
      const args = [script, "--work", method, "--trials", trials, "--decisions", flags.decisions];
      process.stdout.write(execFileSync(process.execPath, ["--expose-gc", ...args], { encoding: "utf8" }));
    }
  }
}

async function work(method: SearchName, count: number): Promise<void> {
  const real = { kind: "real", low: -5, high: 5 } as const;
  const space = Object.fromEntries(hypers.map((name) => [name, real]));
  const plan = await planOf(await askedConfigOf({ name: "bench", space, method, trials: 1_000_000 }));
  const draws = randomUniform(randomKey(1, "suggestions"), 0, 10 * count);
  const trials = Array.from({ length: count }, (_, number) =>
    endedTrial(
      number,
      Object.fromEntries(hypers.map((name, i) => [name, 10 * (draws[10 * number + i] as number) - 5])),
    ),
  );
  const before = memory();
  const times: number[] = [];
  for (let i = 0; i <= Number(flags.decisions); i++) {
    const busy = process.cpuUsage();
    const next = nextSegment(plan, trials);
    const { user, system } = process.cpuUsage(busy);
    times.push((user + system) / 1000);
    if (next.kind !== "segment") throw new Error("a segment was expected");
    trials.push(endedTrial(trials.length, next.trial.values as Readonly<Record<string, number>>));
  }
  const [first = NaN, ...later] = times;
  const { q50 } = quantilesOf(later);
  process.stdout.write(
    `${method}, ${count} trials: first decision ${first.toFixed(0)} ms, then ${q50.toPrecision(3)} ms; ${(memory() - before).toFixed(1)} MB kept, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most resident\n`,
  );
}

/** A trial of the sphere, whose loss is its distance from (1, …, 1), squared. */
function endedTrial(number: number, values: Readonly<Record<string, number>>): TrialRecord {
  const loss = Object.values(values).reduce((sum, value) => sum + (value - 1) ** 2, 0);
  return {
    ...{ number, values, state: "complete", attempt: 1, deaths: 0, to: 1, curve: [{ budget: 1, loss }] },
    suggested: { asked: number, values, told: loss },
  };
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}
