/**
 * Trials a second by ask and tell, with random search and no training: hypertrain's storage against Optuna's, which take turns, on a SQLite file
 * and on PostgreSQL.
 *
 *     node bench/studies.ts [--trials 100] [--rounds 3] [--processes 1,4,16] [--stores sqlite,postgres] [--alone] [--apart] [--python /usr/bin/python3]
 *
 * Each process asks for a trial of four hyperparameters and tells its loss, so many times, Optuna's a fifth as often. They begin when all are ready;
 * time is from the first ask to the last tell. As workers do, ours tell a loss and ask for the next trial at once; `--apart` lets them do one after
 * the other. Optuna needs Debian's python3-optuna and python3-psycopg2; `--alone` does without.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { askedConfigOf, planOf } from "../src/cli/serve/asked-study.ts";
import { openStorage } from "../src/storage/open-storage.ts";
import type { Claimed, Decide } from "../src/storage/storage.ts";
import { nextSegment } from "../src/study/next-segment.ts";
import { quantilesOf } from "../src/util/statistics.ts";
import { startPostgres } from "../test/storage/postgres-server.ts";

const real = { kind: "real", low: 1e-5, high: 1, log: true } as const;
const config = await askedConfigOf({
  name: "bench",
  space: { a: real, b: real, c: { ...real, log: false }, n: { kind: "integer", low: 1, high: 100 } },
  method: "random",
  trials: 1_000_000,
});

const { values: flags } = parseArgs({
  options: {
    trials: { type: "string", default: "100" }, // of each process
    rounds: { type: "string", default: "3" },
    processes: { type: "string", default: "1,4,16" },
    stores: { type: "string", default: "sqlite,postgres" },
    alone: { type: "boolean", default: false },
    apart: { type: "boolean", default: false },
    python: { type: "string", default: "/usr/bin/python3" },
    work: { type: "string" }, // a process of this script: the store
  },
});

if (flags.work !== undefined) await work(flags.work, Number(flags.trials));
else await measure();

/** Asks and tells so many times, and prints when it began and ended. */
async function work(store: string, trials: number): Promise<void> {
  await using storage = await openStorage(store);
  const plan = await planOf(config);
  process.stdout.write("ready\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  process.stdin.destroy();
  const begun = Date.now();
  const next: Decide = (all, enqueued) => nextSegment(plan, all, enqueued);
  let claimed: Claimed | undefined;
  for (let i = 0; i < trials; i++) {
    claimed ??= await storage.claim("bench", "{}", next);
    if (claimed.kind !== "segment") throw new Error("a trial was expected");
    const { claim, trial } = claimed;
    const loss = Number(trial.values["a"]);
    const point = { step: 1, epoch: 1, examples: 1, gradientEvaluations: 1, seconds: 0 };
    const last = { budget: 1, point: { ...point, valid: { loss }, hyperparameters: {} } };
    const end = { kind: "trained", complete: true, evaluations: [last] } as const;
    const apart = flags.apart || i === trials - 1;
    claimed = apart
      ? void (await storage.tell(claim, end))
      : await storage.tellAndClaim(claim, end, "{}", next);
  }
  process.stdout.write(`${JSON.stringify([begun, Date.now()])}\n`);
}

async function measure(): Promise<void> {
  const stores = flags.stores.split(",");
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-bench-"));
  await using postgres = stores.includes("postgres") ? await startPostgres() : undefined;
  const peer = fileURLToPath(new URL("peers/optuna_studies.py", import.meta.url));
  const script = fileURLToPath(import.meta.url);
  const trials = Number(flags.trials);
  for (const kind of stores) {
    for (const processes of flags.processes.split(",").map(Number)) {
      const rates = { hypertrain: [] as number[], optuna: [] as number[] };
      for (let round = 0; round < Number(flags.rounds); round++) {
        const ours = await placeOf(`ours_${processes}_${round}`);
        await (async () => {
          await using storage = await openStorage(ours);
          await storage.create("bench", config);
        })();
        const apart = flags.apart ? ["--apart"] : [];
        const own = [process.execPath, script, "--work", ours, ...apart, "--trials"] as const;
        rates.hypertrain.push(await rateOf(own, processes, trials));
        if (flags.alone) continue;
        const theirs = await placeOf(`optuna_${processes}_${round}`);
        const url =
          kind === "sqlite" ? `sqlite:///${theirs}` : theirs.replace("postgres:", "postgresql+psycopg2:");
        const other = [flags.python, "-W", "ignore", peer, url] as const;
        await rateOf(other, 1, 0); // makes the tables
        const rate = await rateOf(other, processes, Math.ceil(trials / 5)).catch((error: Error) => error);
        if (rate instanceof Error)
          process.stdout.write(`Optuna with ${processes} processes: ${rate.message}\n`);
        else rates.optuna.push(rate);
      }
      const told = (all: readonly number[]) =>
        `${all.length === 0 ? "none" : quantilesOf(all).q50.toPrecision(3)} (${all.map((rate) => rate.toPrecision(3)).join(" ")})`;
      const times =
        rates.optuna.length === 0
          ? ""
          : `, ${(quantilesOf(rates.hypertrain).q50 / quantilesOf(rates.optuna).q50).toFixed(1)} times`;
      process.stdout.write(
        `${kind}, ${processes} processes: hypertrain ${told(rates.hypertrain)}${flags.alone ? "" : `, Optuna ${told(rates.optuna)}`} trials a second${times}\n`,
      );
    }

    async function placeOf(name: string): Promise<string> {
      return kind === "sqlite"
        ? join(folder, `${name}.db`)
        : (postgres as NonNullable<typeof postgres>).database(name);
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Trials a second of some processes of a command together, each of so many trials, which begin when all are ready. */
async function rateOf(
  [command, ...args]: readonly [string, ...string[]],
  processes: number,
  trials: number,
): Promise<number> {
  const children = Array.from({ length: processes }, () => {
    const child = spawn(command, [...args, String(trials)], { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    let last = "";
    child.stderr.on("data", (chunk: Buffer) => (last = String(chunk).trim().split("\n").at(-1) ?? ""));
    child.stdin.on("error", () => undefined); // it has ended, and says why
    const ready = new Promise<void>((resolve) =>
      child.stdout.on("data", (chunk: Buffer) => {
        said += String(chunk);
        if (said.includes("\n")) resolve();
      }),
    );
    const ended = new Promise<[number, number]>((resolve, reject) =>
      child.on("close", (code) => {
        if (code === 0) resolve(JSON.parse(said.split("\n")[1] ?? "") as [number, number]);
        else reject(new Error(`${command} ended with ${String(code)}: ${last}`));
      }),
    );
    return { child, ready, ended };
  });
  await Promise.race([
    Promise.all(children.map(({ ready }) => ready)),
    Promise.all(children.map(({ ended }) => ended)), // which fails where one of them does
  ]);
  for (const { child } of children) child.stdin.end("go\n");
  const outcomes = await Promise.allSettled(children.map(({ ended }) => ended)); // all, so that none is left to disturb the next
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
  const times = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const seconds =
    (Math.max(...times.map(([, end]) => end)) - Math.min(...times.map(([begun]) => begun))) / 1000;
  return (processes * trials) / seconds;
}
