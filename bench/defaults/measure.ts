/**
 * Trains every method on every table from every seed for some seconds of processor time, one after the other, and appends a line of
 * JSON for each. Processor time, because it is the same on a machine that does other work as well.
 *
 *     node bench/defaults/measure.ts [--data-dir DIR] [--seconds 10] [--seeds 1,2,3] [--only TABLES] [--methods METHODS]
 *         [--results FILE] [--python PYTHON] [--through "nice -n -10"] [--for 600] [--list]
 *
 * What the results hold is not done again, so a run that was stopped goes on. Tables whose files --data-dir lacks are named and left
 * out, and so is the peer where Python lacks PyTorch or Optuna. `--through` is a command that runs each training, for example alone;
 * after `--for` seconds no other is begun.
 * Every method sees the rows that `hypertrain tune` makes of table and seed. `node bench/defaults/summarise.ts` tells the outcome.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { parseConfig } from "../../src/cli/config/config.ts";
import { loadTask } from "../../src/cli/registry/tasks.ts";
import type { SupervisedData } from "../../src/data/supervised-data.ts";
import { benchMethods, type BenchMethod } from "./methods.ts";
import { readResults, RESULTS, type BenchResult } from "./results.ts";
import { benchTables, type BenchTable } from "./tables.ts";

const { values: args } = parseArgs({
  options: {
    "data-dir": { type: "string", default: "data" },
    seconds: { type: "string", default: "10" },
    seeds: { type: "string", default: "1,2,3" },
    only: { type: "string", default: Object.keys(benchTables).join(",") },
    methods: { type: "string", default: Object.keys(benchMethods).join(",") },
    results: { type: "string", default: RESULTS },
    python: { type: "string", default: "python3" },
    through: { type: "string", default: "" },
    for: { type: "string", default: "Infinity" },
    list: { type: "boolean", default: false },
  },
});

const root = fileURLToPath(new URL("../../", import.meta.url));
const seconds = Number(args.seconds);
const seeds = args.seeds.split(",").map(Number);
const methods = pickedFrom(benchMethods, args.methods, "--methods");
const folder = mkdtempSync(join(tmpdir(), "hypertrain-defaults-"));
const commit = spawnSync("git", ["-C", root, "rev-parse", "--short", "HEAD"], {
  encoding: "utf8",
}).stdout.trim();

/** A table with its rows on disk, as the command line reads them. */
interface Prepared extends BenchTable {
  readonly name: string;
  readonly flags: readonly string[];
}

try {
  const tables = await prepared();
  const peer = methods.some(([, { method }]) => method === undefined) && peerWorks();
  for (const seed of seeds) {
    for (const table of tables) {
      for (const [name, method] of methods) {
        if (method.method === undefined && !peer) continue;
        const key = { data: table.name, method: name, seconds, seed };
        const late = performance.now() > 1000 * Number(args.for);
        if (!late && !isDone(key)) measure(table, method, key);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

type Key = Pick<BenchResult, "data" | "method" | "seconds" | "seed">;

function isDone(key: Key): boolean {
  const names = ["data", "method", "seconds", "seed"] as const;
  return readResults(args.results).some((result) => names.every((name) => result[name] === key[name]));
}

function measure(table: Prepared, method: BenchMethod, key: Key): void {
  if (args.list) return console.log(JSON.stringify(key));
  const began = performance.now();
  const found =
    method.method === undefined ? runPeer(key) : compare(table, [method.method, ...method.flags], key.seed);
  const took = Math.round((performance.now() - began) / 100) / 10;
  const [load = NaN] = loadavg();
  const result: BenchResult = { ...key, ...found, commit, load: Math.round(10 * load) / 10, took };
  appendFileSync(args.results, `${JSON.stringify(result)}\n`);
  console.log(JSON.stringify(result));
}

/** The tables that are here, each as text in the temporary folder. */
async function prepared(): Promise<Prepared[]> {
  const found: Prepared[] = [];
  for (const [name, table] of pickedFrom(benchTables, args.only, "--only")) {
    const text = await table.csv?.(args["data-dir"]);
    if (table.csv && text === undefined) {
      console.error(`${name} is left out: its files are not in --data-dir ${args["data-dir"]}`);
      continue;
    }
    const file = join(folder, `${name}.csv`);
    if (text !== undefined) writeFileSync(file, text);
    const own = text === undefined ? {} : { data: file, target: "y", task: table.task };
    const flags = Object.entries({ ...own, ...table.fields }).flatMap(([field, value]) => [
      `--${field}`,
      `${value}`,
    ]);
    found.push({ ...table, name, flags });
  }
  await Promise.all(found.flatMap((table) => seeds.map((seed) => writeRows(table, seed))));
  return found;
}

type Found = Pick<BenchResult, "valid" | "test" | "trials" | "gradients" | "failed">;

/** What `hypertrain compare` finds with one method from one seed. */
function compare({ flags }: Prepared, [method, ...own]: readonly string[], seed: number): Found {
  const out = join(folder, "comparison");
  rmSync(out, { recursive: true, force: true });
  const rows = own.includes("--folds") ? without("--valid", flags) : flags; // folds draw their own
  const { stdout, stderr } = run(process.execPath, [
    ...["--import", new URL("processor-clock.ts", import.meta.url).href],
    ...[join(root, "bin/hypertrain.js"), "compare", ...rows, ...own],
    ...["--methods", method as string, "--seeds", "1", "--seed", `${seed}`, "--time", `${seconds}s`],
    ...["--threads", "1", "--out", out, "--json", "--quiet"],
  ]);
  const { standings, failures } = (lastJson(stdout) ?? {}) as Partial<Comparison>;
  const [standing] = standings ?? [];
  if (!standing) return { failed: lastLine(stderr) };
  const { valid, test, trials, gradientEvaluations } = standing;
  return {
    ...(valid.median !== null && { valid: valid.median }),
    ...(typeof test?.median === "number" && { test: test.median }),
    trials: trials.median,
    gradients: gradientEvaluations.median,
    ...(failures?.[0] && { failed: failures[0].reason }),
  };
}

/** Flags with their values, without one of them. */
function without(flag: string, flags: readonly string[]): readonly string[] {
  const at = flags.indexOf(flag);
  return at < 0 ? flags : flags.toSpliced(at, 2);
}

interface Comparison {
  readonly standings: readonly Readonly<
    Record<"valid" | "test" | "trials" | "gradientEvaluations", { readonly median: number }>
  >[];
  readonly failures: readonly { readonly reason: string }[];
}

/** What Optuna and PyTorch find. */
function runPeer({ data, seed }: Key): Found {
  const budget = ["--seconds", `${seconds}`, "--seed", `${seed}`];
  const { stdout, stderr } = run(args.python, [
    join(root, "bench/peers/optuna_mlp.py"),
    rowsFolder(data, seed),
    ...budget,
  ]);
  const found = lastJson(stdout);
  return found ? (found as Found) : { failed: lastLine(stderr) };
}

function peerWorks(): boolean {
  const { status } = spawnSync(args.python, ["-c", "import torch, optuna"]);
  if (status === 0) return true;
  console.error(`optuna-tpe is left out: ${args.python} has no PyTorch or no Optuna; --python names another`);
  return false;
}

/** Runs a program, by way of --through. */
function run(program: string, argv: readonly string[]) {
  const [first, ...rest] = [...args.through.split(" ").filter(Boolean), program, ...argv] as [
    string,
    ...string[],
  ];
  return spawnSync(first, rest, { encoding: "utf8", maxBuffer: 2 ** 28 });
}

function rowsFolder(data: string, seed: number): string {
  return join(folder, `${data}-${seed}`);
}

/** The encoded rows of a table for the peer, as the command line makes them. */
async function writeRows({ name, flags }: Prepared, seed: number): Promise<void> {
  const pairs = Array.from({ length: flags.length / 2 }, (_, i) => flags.slice(2 * i, 2 * i + 2));
  const fields = pairs.map(([flag, value]) => [(flag as string).slice(2), numeric(value as string)]);
  const { supervised } = await loadTask(
    parseConfig({ ...Object.fromEntries(fields), seed }, (field) => field),
  );
  const { splits, outputs, task, inputShape } = (supervised as { data: SupervisedData }).data; // no problem of one's own
  const path = rowsFolder(name, seed);
  mkdirSync(path);
  const parts = Object.entries(splits);
  for (const [part, { fields }] of parts) {
    writeFileSync(join(path, `${part}-x.bin`), fields.x?.data as Float32Array);
    writeFileSync(join(path, `${part}-y.bin`), fields.y?.data as Float32Array | Int32Array);
  }
  const rows = Object.fromEntries(parts.map(([part, { rows }]) => [part, rows]));
  const inputs = inputShape.reduce((product, n) => product * n, 1);
  writeFileSync(join(path, "data.json"), JSON.stringify({ task, inputs, outputs, rows }));
}

function numeric(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** The entries that a list behind commas names. */
function pickedFrom<T>(all: Readonly<Record<string, T>>, list: string, flag: string): [string, T][] {
  return list.split(",").map((name) => {
    const entry = all[name];
    if (entry !== undefined) return [name, entry];
    console.error(`${flag} must name some of ${Object.keys(all).join(", ")}, but got "${name}"`);
    process.exit(2);
  });
}

function lastJson(text: string): unknown {
  try {
    return JSON.parse(lastLine(text));
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
