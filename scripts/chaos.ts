/**
 * Disturbs a study until it is done, then holds every trial against an undisturbed run of the same study.
 *
 *     node scripts/chaos.ts [--store sqlite|postgres] [--artifacts sql|file] [--faults kill,outage] [--workers 8] [--trials 200] [--seed 1] [--pause 1] [--limit 900]
 *
 * A disturbance every `--pause` seconds kills a worker with SIGKILL, except that every eighth is one of the other faults, in turn:
 * `outage` stops PostgreSQL for three seconds; `network` lets the connections that are open hang for good, and refuses none; `disk` fills the
 * disk that a SQLite store lies on for three seconds (needs the right to mount). With `clock` the clocks of all workers jump by up to a day
 * each second.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { openStorage } from "../src/storage/open-storage.ts";
import type { Storage } from "../src/storage/storage.ts";
import { randomKey, randomUniform } from "../src/util/random.ts";
import { openNetwork } from "../test/storage/hanging-network.ts";
import { startPostgres, type PostgresServer } from "../test/storage/postgres-server.ts";

const OUTAGE = 3000; // milliseconds without a database, or space on the disk
const DISK = 24; // MiB of the disk that is filled

const { values: flags } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    artifacts: { type: "string", default: "sql" }, // or file: in a folder
    faults: { type: "string" }, // default: kill, and outage with PostgreSQL
    workers: { type: "string", default: "8" },
    trials: { type: "string", default: "200" },
    epochs: { type: "string", default: "20" }, // of a trial
    seed: { type: "string", default: "1" },
    pause: { type: "string", default: "1" }, // seconds between two disturbances
    limit: { type: "string", default: "900" }, // seconds after which the study is given up
    out: { type: "string" },
  },
});
const faults = (flags.faults ?? (flags.store === "postgres" ? "kill,outage" : "kill")).split(",");
const launcher = fileURLToPath(new URL("../bin/hypertrain.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hypertrain-chaos-"));
const disk = join(folder, "disk");
mkdirSync(disk);
if (faults.includes("disk"))
  demand(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}m`, "tmpfs", disk]));
const postgres = flags.store === "postgres" ? await startPostgres() : undefined;
const place = postgres ? await postgres.database("chaos") : join(disk, "chaos.db");
const network = faults.includes("network") ? await openNetwork(place) : undefined;

/** The words of the command on a study. */
const search = (study: string, store: string, workers: string, out: string) =>
  [
    `tune --data wine --hidden 8 --method random --trial-epochs ${flags.epochs} --batch-size 10 --engine onnx --threads 1`,
    `${flags.artifacts === "file" ? `--artifacts file:${join(folder, "artifacts")} ` : ""}--trials ${flags.trials} --quiet --no-baseline --store ${store} --study ${study} --workers ${workers} --out ${join(folder, out)}`,
  ].flatMap((line) => line.split(" "));

const jumping = `data:text/javascript,${encodeURIComponent(
  "const now = Date.now; let off = 0; setInterval(() => { off = (Math.random() - 0.5) * 1728e5 }, 1000).unref(); Date.now = () => Math.round(now() + off)",
)}`;

/** Runs a command to its end, which a limit may bring. */
function run(args: readonly string[], limit = Infinity): Promise<number | null> {
  const env = {
    ...process.env,
    ...(faults.includes("clock") && { NODE_OPTIONS: `--import=${jumping}` }),
  };
  const child = spawn(process.execPath, [launcher, ...args], {
    ...{ cwd: folder, env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const timer = Number.isFinite(limit) ? setTimeout(() => child.kill("SIGTERM"), limit) : undefined;
  return new Promise((resolve) => child.on("close", (code) => (clearTimeout(timer), resolve(code))));
}

/** Disturbs until the study has ended. */
async function disturb(storage: Storage, ended: { now: boolean }) {
  const draws = randomUniform(randomKey(Number(flags.seed), "chaos"), 0, 10_000);
  const done = { kills: 0, outages: 0, hangs: 0, full: 0 };
  const others = faults.filter((fault) => fault in rare);
  for (let i = 0; !ended.now; i++) {
    await sleep(1000 * Number(flags.pause));
    const fault = others[Math.floor(i / 8) % others.length];
    if (i % 8 === 7 && fault !== undefined) done[await (rare[fault] as Disturbance)()]++;
    else if (faults.includes("kill") && (await killOne(storage, draws[i] as number))) done.kills++;
  }
  return done;
}

type Disturbance = () => Promise<"outages" | "hangs" | "full">;

const rare: Readonly<Record<string, Disturbance>> = {
  async outage() {
    if (!postgres) throw new Error("an outage needs --store postgres");
    await postgres.stop();
    await sleep(OUTAGE);
    await postgres.start();
    return "outages";
  },
  async network() {
    network?.hang();
    return "hangs";
  },
  async disk() {
    const ballast = join(disk, "ballast");
    spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"], { stdio: "ignore" }); // until nothing is free
    await sleep(OUTAGE);
    rmSync(ballast);
    return "full";
  },
};

/** @param draw from 0 to 1: which */
async function killOne(storage: Storage, draw: number): Promise<boolean> {
  const held = await storage.held("stormy").catch(() => []);
  const victim = held[Math.floor(draw * held.length)];
  if (!victim) return false;
  try {
    process.kill((JSON.parse(victim.worker) as { readonly pid: number }).pid, "SIGKILL");
    return true;
  } catch {
    return false; // it had ended
  }
}

function demand({ status, stderr }: ReturnType<typeof spawnSync>): void {
  if (status !== 0) throw new Error(String(stderr));
}

/** What the database is busy with, for whoever looks for the cause of a study that does not end. */
async function activity(server: PostgresServer | undefined): Promise<unknown> {
  if (!server) return undefined;
  const { default: pg } = await import("pg");
  const client = new pg.Client(place);
  await client.connect();
  const { rows } = await client.query(
    "select pid, state, wait_event_type, wait_event, query, now() - xact_start as age from pg_stat_activity where datname = 'chaos'",
  );
  await client.end();
  return rows;
}

const trialsOf = async (storage: Storage, study: string) =>
  (await storage.trials(study)).map(({ number, values, state, curve }) => ({ number, values, state, curve }));

const calm = await run(search("calm", place, "2", "calm"));
const storage = await openStorage(place);
const ended = { now: false };
const disturbing = disturb(storage, ended);
const begun = performance.now();
let commands = 0;
const left = () => begun + 1000 * Number(flags.limit) - performance.now();
const isDone = async () => (await storage.find("stormy").catch(() => undefined))?.state === "done";
while (left() > 0 && !(await isDone())) {
  await run(search("stormy", network?.url ?? place, flags.workers, `stormy-${commands++}`), left());
}
ended.now = true;
const disturbances = await disturbing;

const [expected, found] = [await trialsOf(storage, "calm"), await trialsOf(storage, "stormy")];
const records = await storage.trials("stormy");
const named = new Set<string | undefined>();
for (const study of ["calm", "stormy"]) {
  named.add((await storage.find(study))?.model?.sha);
  for (const { checkpoint } of await storage.trials(study)) named.add(checkpoint);
}
const files = flags.artifacts === "file" ? readdirSync(join(folder, "artifacts"), { recursive: true }) : [];
const kept = files.flatMap((path) => /[0-9a-f]{64}/.exec(String(path))?.[0] ?? []);
const report = {
  store: flags.store,
  artifacts: flags.artifacts,
  kept: kept.length,
  unnamed: kept.filter((sha) => !named.has(sha)).length, // that nothing refers to
  faults: faults.join(","),
  workers: Number(flags.workers),
  trials: expected.length,
  seed: Number(flags.seed),
  pause: Number(flags.pause),
  ...disturbances,
  seconds: Math.round((performance.now() - begun) / 1000),
  commands,
  claims: records.reduce((sum, { attempt }) => sum + attempt, 0),
  lost: expected.length - found.length,
  failed: records.filter(({ state }) => state === "failed").length,
  different: expected
    .filter(({ number }) => found[number]?.state !== "failed") // whose workers died too often; those are counted apart
    .filter((trial) => JSON.stringify(trial) !== JSON.stringify(found[trial.number]))
    .map(({ number }) => number),
  twice: (await storage.decisions("stormy")).length - found.length, // each random trial is decided once
};
process.stdout.write(`${JSON.stringify(report)}\n`);
if (!(await isDone())) {
  const open = records.filter(({ state }) => !["complete", "failed"].includes(state));
  process.stdout.write(
    `${JSON.stringify({ open, held: await storage.held("stormy"), sql: await activity(postgres) })}\n`,
  );
}
if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(report, null, 2)}\n`);
await storage[Symbol.asyncDispose]();
network?.[Symbol.dispose]();
await postgres?.[Symbol.asyncDispose]();
if (faults.includes("disk")) spawnSync("umount", [disk]);
rmSync(folder, { recursive: true, force: true });
process.exit(calm === 0 && report.lost === 0 && report.twice === 0 && report.different.length === 0 ? 0 : 1);
