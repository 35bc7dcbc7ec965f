/**
 * Disturbs a study: kills its workers with SIGKILL at random moments, and stops and starts its database, until it is done; then holds every
 * trial against an undisturbed run of the same study.
 *
 *     node scripts/chaos.ts [--store sqlite|postgres] [--workers 4] [--trials 40] [--seed 1] [--pause 2] [--out FILE.json]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { openStorage } from "../src/storage/open-storage.ts";
import type { Storage } from "../src/storage/storage.ts";
import { randomKey, randomUniform } from "../src/util/random.ts";
import { startPostgres } from "../test/storage/postgres-server.ts";

const OUTAGE = 3000; // milliseconds without a database, at every fourth disturbance

const { values: flags } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    workers: { type: "string", default: "4" },
    trials: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    pause: { type: "string", default: "2" }, // seconds between two disturbances
    out: { type: "string" },
  },
});
const launcher = fileURLToPath(new URL("../bin/hypertrain.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hypertrain-chaos-"));
const postgres = flags.store === "postgres" ? await startPostgres() : undefined;
const store = postgres ? await postgres.database("chaos") : join(folder, "study.db");
const search = [
  ...[
    "tune",
    "--data",
    "wine",
    "--hidden",
    "8",
    "--method",
    "random",
    "--trial-epochs",
    "20",
    "--batch-size",
    "10",
  ],
  ...["--engine", "onnx", "--threads", "1", "--trials", flags.trials, "--store", store, "--quiet"],
];

const run = (args: readonly string[]) => {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise<number | null>((resolve) => child.on("close", resolve));
};

/** Kills workers, one a second, and the database now and then, until the study has ended. */
async function disturb(storage: Storage, ended: { now: boolean }) {
  const draws = randomUniform(randomKey(Number(flags.seed), "chaos"), 0, 10_000);
  const done = { kills: 0, outages: 0 };
  for (let i = 0; !ended.now; i++) {
    await sleep(1000 * Number(flags.pause));
    if (postgres && i % 4 === 3) {
      await postgres.stop();
      await sleep(OUTAGE);
      await postgres.start();
      done.outages++;
      continue;
    }
    const held = await storage.held("stormy").catch(() => []);
    const victim = held[Math.floor((draws[i] as number) * held.length)];
    if (!victim) continue;
    try {
      process.kill((JSON.parse(victim.worker) as { readonly pid: number }).pid, "SIGKILL");
      done.kills++;
    } catch {
      // it had ended
    }
  }
  return done;
}

const trialsOf = async (storage: Storage, study: string) =>
  (await storage.trials(study)).map(({ number, values, state, curve }) => ({ number, values, state, curve }));

const calm = await run([...search, "--study", "calm", "--workers", "2", "--out", join(folder, "calm")]);
const storage = await openStorage(store);
const ended = { now: false };
const disturbing = disturb(storage, ended);
let codes: (number | null)[] = [];
const isDone = async () => (await storage.find("stormy").catch(() => undefined))?.state === "done";
while (codes.length < 100 && !(await isDone())) {
  codes = [
    ...codes,
    await run([
      ...search,
      "--study",
      "stormy",
      "--workers",
      flags.workers,
      "--out",
      join(folder, `stormy-${codes.length}`),
    ]),
  ];
}
ended.now = true;
const disturbances = await disturbing;

const [expected, found] = [await trialsOf(storage, "calm"), await trialsOf(storage, "stormy")];
const records = await storage.trials("stormy");
const report = {
  store: flags.store,
  workers: Number(flags.workers),
  trials: expected.length,
  seed: Number(flags.seed),
  pause: Number(flags.pause),
  ...disturbances,
  commands: codes.length,
  attempts: records.reduce((sum, { attempt }) => sum + attempt, 0),
  lost: expected.length - found.length,
  failed: records.filter(({ state }) => state === "failed").length,
  different: expected
    .filter(({ number }) => found[number]?.state !== "failed") // whose workers died too often; those are counted apart
    .filter((trial) => JSON.stringify(trial) !== JSON.stringify(found[trial.number]))
    .map(({ number }) => number),
  twice: (await storage.decisions("stormy")).length - found.length, // each random trial is decided once
};
process.stdout.write(`${JSON.stringify(report)}\n`);
if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(report, null, 2)}\n`);
await storage[Symbol.asyncDispose]();
await postgres?.[Symbol.asyncDispose]();
rmSync(folder, { recursive: true, force: true });
process.exitCode =
  calm === 0 && report.lost === 0 && report.twice === 0 && report.different.length === 0 ? 0 : 1;
