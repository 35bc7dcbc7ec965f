/**
 * What a worker costs beside a plain search of the same trainings: processor time of random search on digits, without a store and by a worker on a
 * SQLite file, in turns in one process, with the engine's threads.
 *
 *     node bench/worker-overhead.ts [--hidden 512,512] [--trials 3] [--epochs 40] [--rounds 5]
 *
 * `--epochs` are those of a trial. Both begin with the data loaded, and end with the best network in memory; a run folder is written by neither.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { readConfig } from "../src/cli/config/read-config.ts";
import { loadJob, stepsPerEpochOf } from "../src/cli/run/job.ts";
import { studyConfigOf, studyJob } from "../src/cli/study/study-job.ts";
import { trainStudy } from "../src/cli/study/worker.ts";
import { trainingOptions } from "../src/cli/run/run-options.ts";
import { openStorage } from "../src/storage/open-storage.ts";
import { createSearchRun } from "../src/study/search-run.ts";
import { quantilesOf } from "../src/util/statistics.ts";

const { values: flags } = parseArgs({
  options: {
    hidden: { type: "string", default: "512,512" },
    trials: { type: "string", default: "3" },
    epochs: { type: "string", default: "40" },
    rounds: { type: "string", default: "5" },
  },
});
const trials = Number(flags.trials);
const epochs = Number(flags.epochs) * trials;
const environment = { clock: performance, signal: new AbortController().signal };
const folder = mkdtempSync(join(tmpdir(), "hypertrain-bench-"));

const jobOf = async () => {
  const words = { data: "digits", method: "random", engine: "onnx", threads: 1 } as const;
  const hidden = flags.hidden.split(",").map(Number);
  const config = await readConfig(undefined, { ...words, hidden, epochs, trialEpochs: epochs / trials });
  return studyJob(await loadJob(config, {}), "bench", trials);
};

/** Seconds of the processor, in all threads. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function plain(): Promise<number> {
  const { search, plan, engine, config, named } = await jobOf();
  const options = { ...trainingOptions(config, stepsPerEpochOf(config, named)), epochs };
  const before = spent();
  const searcher = { sampler: plan.sampler, scheduler: plan.scheduler, tuner: search.tuner };
  const run = createSearchRun(search.task, searcher, engine, options, environment);
  for await (const event of run.events()) if (event.kind === "end") break;
  const seconds = spent() - before;
  run.dispose();
  return seconds;
}

async function worker(round: number): Promise<number> {
  const job = await jobOf();
  await using storage = await openStorage(join(folder, `${round}.db`));
  await storage.create("bench", await studyConfigOf(job));
  const before = spent();
  await trainStudy(job, { storage, note: () => {}, ...environment });
  return spent() - before;
}

await plain(); // compiles what both use
const times = { plain: [] as number[], worker: [] as number[] };
for (let round = 0; round < Number(flags.rounds); round++) {
  times.plain.push(await plain());
  times.worker.push(await worker(round));
}
rmSync(folder, { recursive: true, force: true });
const told = (all: readonly number[]) =>
  `${quantilesOf(all).q50.toFixed(2)} s (${all.map((one) => one.toFixed(2)).join(" ")})`;
const more = quantilesOf(times.worker.map((one, i) => one / (times.plain[i] as number) - 1)).q50;
process.stdout.write(
  `${flags.hidden}, ${epochs} epochs: plain ${told(times.plain)}, worker ${told(times.worker)}, ${(100 * more).toFixed(1)} % more, the median of the rounds\n`,
);
