/**
 * What it takes a new process to open a SQLite study of many made-up trials of 20 hyperparameters: its record and first thousand trials, of which the
 * dashboard draws its first picture, and all of them.
 *
 *     node bench/open-study.ts [--trials 100000] [--rounds 5]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { openStorage } from "../src/storage/open-storage.ts";
import type { TrialRecord } from "../src/study/next-segment.ts";
import { randomKey, randomUniform } from "../src/util/random.ts";
import { quantilesOf } from "../src/util/statistics.ts";

const { values: flags } = parseArgs({
  options: {
    trials: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
    open: { type: "string" }, // a process of this script: the file
  },
});

if (flags.open !== undefined) await open(flags.open);
else await measure();

/** Prints milliseconds by the clock and of the processor: opened, with the first thousand trials, with all. */
async function open(file: string): Promise<void> {
  const begun = performance.now();
  const busy = process.cpuUsage();
  const told: number[] = [];
  const tell = () => {
    const { user, system } = process.cpuUsage(busy);
    told.push(performance.now() - begun, (user + system) / 1000);
  };
  await using storage = await openStorage(file);
  await storage.find("large");
  tell();
  await storage.someTrials("large", { from: 0, to: 1000 });
  tell();
  await storage.trials("large");
  tell();
  process.stdout.write(JSON.stringify(told));
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-bench-"));
  const file = join(folder, "large.db");
  const count = Number(flags.trials);
  const draws = randomUniform(randomKey(1, "large"), 0, 21 * count);
  const trials = Array.from({ length: count }, (_, number): TrialRecord => {
    const values = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`x${i}`, draws[21 * number + i] as number]),
    );
    const curve = [{ budget: 1, loss: draws[21 * number + 20] as number }];
    return { number, values, state: "complete", attempt: 1, deaths: 0, to: 1, curve };
  });
  await (async () => {
    await using storage = await openStorage(file);
    await storage.create("large", {}, undefined, trials);
  })();
  const rounds = Array.from({ length: Number(flags.rounds) }, () => {
    const args = [fileURLToPath(import.meta.url), "--open", file];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as number[];
  });
  const told = (i: number) => quantilesOf(rounds.map((round) => round[i] as number)).q50.toFixed(0);
  for (const [i, what] of ["opened", "first thousand trials", "all trials"].entries()) {
    process.stdout.write(`${what}: ${told(2 * i)} ms by the clock, ${told(2 * i + 1)} of the processor\n`);
  }
  rmSync(folder, { recursive: true, force: true });
}
