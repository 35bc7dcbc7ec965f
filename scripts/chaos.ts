/**
 * Disturbs a study until it is done, then holds every trial against an undisturbed run of the same study.
 *
 *     node scripts/chaos.ts [--store sqlite|postgres] [--artifacts sql|file] [--faults kill,outage] [--workers 8] [--machines] [--trials 200] [--seed 1] [--pause 1] [--limit 900]
 *
 * A disturbance every `--pause` seconds kills a worker with SIGKILL, except that every eighth is one of the other faults, in turn:
 * `outage` stops PostgreSQL for three seconds; `network` lets the connections that are open hang for good, and refuses none; `stall` carries
 * nothing on them for up to 45 seconds, longer than a worker may be silent, and then goes on; `disk` fills the disk that a SQLite store lies on
 * for three seconds (needs the right to mount). With `clock` the clocks of all workers jump by up to a day each second.
 *
 * With `--machines` each worker takes itself for a machine of its own, with its own way to the database (needs the right to name machines): whether another one is
 * dead it can tell from its silence alone, and `network` and `stall` strike one at a time.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { WAITS } from "../src/cli/study/processes.ts";
import { openStorage } from "../src/storage/open-storage.ts";
import type { Storage } from "../src/storage/storage.ts";
import { randomKey, randomUniform } from "../src/util/random.ts";
import { openNetwork, type HangingNetwork } from "../test/storage/hanging-network.ts";
import { startPostgres, type PostgresServer } from "../test/storage/postgres-server.ts";

const OUTAGE = 3000; // milliseconds without a database, or space on the disk
const MOST_STALL = 45_000; // milliseconds in which a network carries nothing
const DISK = 24; // MiB of the disk that is filled

const { values: flags } = parseArgs({
  options: {
    store: { type: "string", default: "sqlite" },
    artifacts: { type: "string", default: "sql" }, // or file: in a folder
    faults: { type: "string" }, // default: kill, and outage with PostgreSQL
    workers: { type: "string", default: "8" },
    machines: { type: "boolean", default: false }, // whether each takes itself for a machine of its own
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
/** Each a way to the database, of one machine or of all workers. */
const networks: HangingNetwork[] = [];
const isWired = faults.includes("network") || faults.includes("stall");
const wayToStore = async (): Promise<string> => {
  if (!isWired) return place;
  const network = await openNetwork(place);
  networks.push(network);
  return network.url;
};

/** The words of the command on a study. */
const search = (study: string, store: string, workers: string, out: string) =>
  [
    `tune --data wine --hidden 8 --method random --trial-epochs ${flags.epochs} --batch-size 10 --engine onnx --threads 1`,
    `${flags.artifacts === "file" ? `--artifacts file:${join(folder, "artifacts")} ` : ""}--trials ${flags.trials} --quiet --no-baseline --store ${store} --study ${study} --workers ${workers} --out ${join(folder, out)}`,
  ].flatMap((line) => line.split(" "));

const jumping = new URL("./jumping-clock.ts", import.meta.url).href;

/** Runs a command to its end, which a limit may bring. @param as the name of the machine that it takes itself to be on */
function run(args: readonly string[], limit = Infinity, as?: string): Promise<number | null> {
  const env = {
    ...{ ...process.env, CHAOS_SEED: flags.seed },
    ...(faults.includes("clock") && { NODE_OPTIONS: `--import=${jumping}` }),
    ...(as !== undefined && { [WAITS]: "1" }),
  };
  const command = [process.execPath, launcher, ...args];
  const named = ["unshare", "--uts", "sh", "-c", `hostname ${as} && exec "$@"`, "sh", ...command];
  const [program = "", ...words] = as === undefined ? command : named;
  const child = spawn(program, words, { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
  const timer = Number.isFinite(limit) ? setTimeout(() => child.kill("SIGTERM"), limit) : undefined;
  return new Promise((resolve) => child.on("close", (code) => (clearTimeout(timer), resolve(code))));
}

/** Lets a machine work on the study until it has ended: in the place of a worker that died comes another one, which cannot see that. */
async function machine(number: number, ended: { now: boolean }): Promise<void> {
  const store = await wayToStore();
  while (!ended.now && !(await storage.find("stormy").catch(() => undefined))) await sleep(100);
  for (let life = 0; !ended.now; life++) {
    const code = await run(
      ["work", store, "--study", "stormy", "--threads", "1", "--quiet"],
      left(),
      `machine-${number}-${life}`,
    );
    if (code === 0) return;
    await sleep(100);
  }
}

/** Disturbs until the study has ended. */
async function disturb(storage: Storage, ended: { now: boolean }) {
  const draws = randomUniform(randomKey(Number(flags.seed), "chaos"), 0, 10_000);
  const done = { kills: 0, outages: 0, hangs: 0, stalls: 0, full: 0 };
  const others = faults.filter((fault) => fault in rare);
  for (let i = 0; !ended.now; i++) {
    await sleep(1000 * Number(flags.pause));
    const fault = others[Math.floor(i / 8) % others.length];
    if (i % 8 === 7 && fault !== undefined) done[await (rare[fault] as Disturbance)(draws[i] as number)]++;
    else if (faults.includes("kill") && (await killOne(storage, draws[i] as number))) done.kills++;
  }
  return done;
}

/** @param draw from 0 to 1: where, or for how long */
type Disturbance = (draw: number) => Promise<"outages" | "hangs" | "stalls" | "full">;

const rare: Readonly<Record<string, Disturbance>> = {
  async outage() {
    if (!postgres) throw new Error("an outage needs --store postgres");
    await postgres.stop();
    await sleep(OUTAGE);
    await postgres.start();
    return "outages";
  },
  async network(draw) {
    networks[Math.floor(draw * networks.length)]?.hang();
    return "hangs";
  },
  async stall(draw) {
    const network = networks[Math.floor(draw * networks.length)];
    void network?.stall(MOST_STALL * ((draw * networks.length) % 1)); // kills go on meanwhile
    return "stalls";
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
const machines = flags.machines ? Number(flags.workers) - 1 : 0; // beside that of the command
const working = Array.from({ length: machines }, (_, i) => machine(i, ended));
const store = await wayToStore();
while (left() > 0 && !(await isDone())) {
  const workers = flags.machines ? "1" : flags.workers;
  await run(search("stormy", store, workers, `stormy-${commands++}`), left());
}
ended.now = true;
const disturbances = await disturbing;
await Promise.all(working);

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
  machines: flags.machines,
  trials: expected.length,
  seed: Number(flags.seed),
  pause: Number(flags.pause),
  ...disturbances,
  seconds: Math.round((performance.now() - begun) / 1000),
  commands,
  claims: records.reduce((sum, { attempt }) => sum + attempt, 0),
  lost: expected.length - found.length,
  failed: records.filter(({ state }) => state === "failed").length,
  reasons: records.flatMap(({ number, reason }) => (reason === undefined ? [] : [{ trial: number, reason }])),
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
for (const network of networks) network[Symbol.dispose]();
await postgres?.[Symbol.asyncDispose]();
if (faults.includes("disk")) spawnSync("umount", [disk]);
rmSync(folder, { recursive: true, force: true });
process.exit(calm === 0 && report.lost === 0 && report.twice === 0 && report.different.length === 0 ? 0 : 1);
