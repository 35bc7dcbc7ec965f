/**
 * Trials a second by ask and tell on a SQLite file, with random search and no training: hypertrain's storage against Optuna's, which take turns.
 *
 *     node bench/studies.ts [--trials 400] [--rounds 3] [--processes 1,4] [--python /usr/bin/python3]
 *
 * Each process asks for a trial of four hyperparameters, reports one loss and tells, until all of them have done so many trials together. Time is
 * of the processes' own, from the first ask to the last tell: their start is not in it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { askedConfigOf, planOf } from "../src/cli/serve/asked-study.ts";
import { openStorage } from "../src/storage/open-storage.ts";
import { nextSegment } from "../src/study/next-segment.ts";
import { quantilesOf } from "../src/util/statistics.ts";

const real = { kind: "real", low: 1e-5, high: 1, log: true } as const;
const config = await askedConfigOf({
  name: "bench",
  space: { a: real, b: real, c: { ...real, log: false }, n: { kind: "integer", low: 1, high: 100 } },
  method: "random",
  trials: 1_000_000,
});

const { values: flags } = parseArgs({
  options: {
    trials: { type: "string", default: "400" },
    rounds: { type: "string", default: "3" },
    processes: { type: "string", default: "1,4" },
    python: { type: "string", default: "/usr/bin/python3" },
    work: { type: "string" }, // a process of this script: the store
    share: { type: "string" },
  },
});

if (flags.work !== undefined) await work(flags.work, Number(flags.share));
else await measure();

/** Asks and tells so many times, and prints when it began and ended. */
async function work(store: string, trials: number): Promise<void> {
  await using storage = await openStorage(store);
  const plan = await planOf(config);
  const begun = Date.now();
  for (let i = 0; i < trials; i++) {
    const claimed = await storage.claim("bench", "{}", (all, enqueued) => nextSegment(plan, all, enqueued));
    if (claimed.kind !== "segment") throw new Error("a trial was expected");
    const { claim, trial } = claimed;
    const loss = Number(trial.values["a"]);
    const point = { step: 1, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 0 };
    await storage.report(claim, 1, { ...point, valid: { loss }, hyperparameters: {} });
    await storage.tell(claim, { kind: "trained", complete: true });
  }
  process.stdout.write(`${JSON.stringify([begun, Date.now()])}\n`);
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-bench-"));
  const peer = fileURLToPath(new URL("peers/optuna_studies.py", import.meta.url));
  const trials = Number(flags.trials);
  for (const processes of flags.processes.split(",").map(Number)) {
    const share = String(Math.ceil(trials / processes));
    const rates = { hypertrain: [] as number[], optuna: [] as number[] };
    for (let round = 0; round < Number(flags.rounds); round++) {
      const ours = join(folder, `ours-${processes}-${round}.db`);
      await (async () => {
        await using storage = await openStorage(ours);
        await storage.create("bench", config);
      })();
      const script = fileURLToPath(import.meta.url);
      const own = [process.execPath, script, "--work", ours, "--share", share] as const;
      rates.hypertrain.push(await rateOf(own, processes, trials));
      const theirs = join(folder, `optuna-${processes}-${round}.db`);
      await rateOf([flags.python, "-W", "ignore", peer, theirs, "0"], 1, 0); // makes the tables
      rates.optuna.push(await rateOf([flags.python, "-W", "ignore", peer, theirs, share], processes, trials));
    }
    const [mine, other] = [quantilesOf(rates.hypertrain).q50, quantilesOf(rates.optuna).q50];
    process.stdout.write(
      `${processes} processes: hypertrain ${mine.toFixed(0)}, Optuna ${other.toFixed(1)} trials a second, ${(mine / other).toFixed(1)} times\n`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Trials a second of some processes of a command together. */
async function rateOf(
  [command, ...args]: readonly [string, ...string[]],
  processes: number,
  trials: number,
): Promise<number> {
  const times = await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += String(chunk)));
      const code = await new Promise((resolve) => child.on("close", resolve));
      if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
      return JSON.parse(said) as [number, number];
    }),
  );
  const seconds =
    (Math.max(...times.map(([, end]) => end)) - Math.min(...times.map(([begun]) => begun))) / 1000;
  return trials / seconds;
}
