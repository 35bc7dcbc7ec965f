/**
 * Does tuning help on noisy tables? Made-up tables of 2,000 rows whose labels are mostly noise, and the bundled diabetes table: a
 * perceptron tuned by Delta-STN beside the same start held fixed, the default network for tables (wide-and-deep) likewise, a linear model
 * and random search. Each run's length is in epochs, so that other work on the machine changes nothing. Prints markdown; writes JSON.
 *
 *     node bench/noisy-tables.ts [--epochs N] [--seeds N] [--from N] [--tables a,b] [--methods a,b] [--set JSON] [--by-epoch] [--out FILE.json]
 *
 * `--epochs` shortens the runs but random search's, `--set` changes the configuration of the tuned run, `--by-epoch` writes every epoch's losses.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parseConfig, type ConfigInput } from "../src/cli/config/config.ts";
import { loadJob, stepsPerEpochOf } from "../src/cli/run/job.ts";
import { methodRun } from "../src/cli/run/method-run.ts";
import { runOptions } from "../src/cli/run/run-options.ts";
import { randomKey, randomNormal, randomUniform } from "../src/util/random.ts";

const SEEDS = 10; // each draws the split, the weights and the noise anew; the table stays
const ROWS = 2000;
const FEATURES = 12;
const TRIALS = 6; // of random search: about the gradients that Delta-STN takes

const { values } = parseArgs({
  options: {
    epochs: { type: "string" },
    seeds: { type: "string" },
    from: { type: "string" },
    tables: { type: "string" },
    methods: { type: "string" },
    set: { type: "string" },
    "by-epoch": { type: "boolean", default: false },
    out: { type: "string" },
  },
});

/** One row's target, from standard normal columns and draws of its own: one normal, one uniform. */
type Target = (x: readonly number[], normal: number, uniform: number) => string;

const sigmoid = (t: number): number => 1 / (1 + Math.exp(-t));
const at = (x: readonly number[], i: number): number => x[i] as number;

const targets: Readonly<Record<string, Target>> = {
  /** A quarter of the customers leaves, for reasons of which the columns tell a little. */
  churn: (x, _, u) =>
    u < sigmoid(-1.3 + 0.6 * at(x, 0) - 0.5 * at(x, 1) + 0.4 * at(x, 2) * at(x, 3) + 0.3 * Math.abs(at(x, 4)))
      ? "leaves"
      : "stays",
  /** One machine of twelve fails, most where two columns are high at once. */
  failure: (x, _, u) =>
    u < 0.03 + 0.5 * sigmoid(3 * (at(x, 0) + at(x, 1) - 2.2)) + 0.1 * sigmoid(4 * (at(x, 2) ** 2 - 4))
      ? "1"
      : "0",
  /** Prices with a long tail: the logarithm is what the columns tell of. */
  prices: (x, z) =>
    Math.exp(0.4 * at(x, 0) + 0.3 * at(x, 1) * at(x, 2) - 0.3 * Math.tanh(at(x, 3)) + 0.8 * z).toFixed(4),
  /** Five grades of which every third is wrong. */
  grades: (x, z, u) =>
    u < 1 / 3
      ? String(Math.floor(15 * u))
      : String(
          Math.min(4, Math.max(0, Math.round(2 + 0.8 * at(x, 0) + 0.6 * at(x, 1) * at(x, 2) + 0.6 * z))),
        ),
};

const folder = mkdtempSync(join(tmpdir(), "noisy-tables-"));
const files: Record<string, ConfigInput> = {
  ...Object.fromEntries(Object.keys(targets).map((name) => [name, { data: madeUp(name), target: "y" }])),
  diabetes: { data: "diabetes" },
};

function madeUp(name: string): string {
  const z = randomNormal(randomKey(1, name), 0, ROWS * (FEATURES + 1));
  const u = randomUniform(randomKey(1, name), 1, ROWS);
  const columns = Array.from({ length: FEATURES }, (_, j) => `x${j}`);
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const x = Array.from(z.subarray(i * (FEATURES + 1), (i + 1) * (FEATURES + 1) - 1));
    const y = (targets[name] as Target)(x, z[(i + 1) * (FEATURES + 1) - 1] as number, u[i] as number);
    return [...x.map((v) => v.toFixed(4)), y].join(",");
  });
  const path = join(folder, `${name}.csv`);
  writeFileSync(path, [[...columns, "y"].join(","), ...lines].join("\n"));
  return path;
}

const methods: Readonly<Record<string, ConfigInput>> = {
  tuned: { model: "mlp", ...(JSON.parse(values.set ?? "{}") as ConfigInput) },
  fixed: { model: "mlp", method: "fixed" },
  "wide-and-deep": { model: "wide-and-deep" },
  "wide-and-deep-fixed": { model: "wide-and-deep", method: "fixed" },
  linear: { method: "fixed", model: "linear", hyper: { l2: 1e-4 } },
  random: { model: "mlp", method: "random" },
};

interface Ended {
  readonly table: string;
  readonly seed: number;
  readonly method: string;
  readonly valid: number;
  readonly test: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly gradients: number;
  readonly seconds: number;
  /** The step at which training began anew. */
  readonly restartedAt?: number;
  /** The losses of each epoch. */
  readonly byEpoch?: { readonly valid: readonly number[]; readonly test: readonly number[] };
}

async function run(table: string, seed: number, method: string): Promise<Ended> {
  const length = values.epochs === undefined ? {} : { epochs: Number(values.epochs) };
  const input = { ...files[table], ...length, ...methods[method], seed, threads: 1 };
  const { config: settled, ...rest } = await loadJob(parseConfig(input, String), {});
  const stepsPerEpoch = stepsPerEpochOf(settled, rest.named);
  const config =
    method === "random"
      ? { ...settled, epochs: TRIALS * Math.max(10, Math.ceil(1000 / stepsPerEpoch)) }
      : settled;
  const options = runOptions(config, rest.named);
  const training = await methodRun(config, rest.named, rest.engine, options, { clock: performance });
  const byEpoch: { valid: number[]; test: number[] } = { valid: [], test: [] };
  for await (const event of training.events()) {
    if (event.kind === "epoch") {
      byEpoch.valid.push(rounded(event.trace.valid.loss));
      byEpoch.test.push(rounded(event.trace.test?.loss ?? NaN));
    }
    if (event.kind !== "end") continue;
    const { best, final } = event;
    training.dispose();
    return {
      ...{ table, seed, method, valid: best.valid.loss, test: best.test?.loss ?? NaN },
      ...{
        epoch: best.epoch,
        epochs: final.epoch,
        gradients: final.gradientEvaluations,
        seconds: final.seconds,
      },
      ...(final.restartedAt !== undefined && { restartedAt: final.restartedAt }),
      ...(values["by-epoch"] && { byEpoch }),
    };
  }
  throw new Error("internal: a run must end");
}

const rounded = (loss: number): number => Math.round(1e4 * loss) / 1e4;
const listed = (text: string | undefined, all: readonly string[]) => text?.split(",") ?? all;
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const from = Number(values.from ?? 0);
const seeds = Array.from({ length: Number(values.seeds ?? SEEDS) }, (_, i) => from + i);
const before =
  values.out && existsSync(values.out) ? (JSON.parse(readFileSync(values.out, "utf8")) as Ended[]) : [];
const all = [...before]; // goes on where it ended
for (const table of listed(values.tables, Object.keys(files))) {
  for (const method of listed(values.methods, Object.keys(methods))) {
    const runs = await Promise.all(
      seeds.map(async (seed) => {
        const known = before.find((r) => r.table === table && r.method === method && r.seed === seed);
        if (known) return known;
        const ended = await run(table, seed, method);
        all.push(ended);
        if (values.out) writeFileSync(values.out, `${JSON.stringify(all, null, 1)}\n`);
        return ended;
      }),
    );
    const shown = runs
      .map((r) => `${r.valid.toFixed(4)}/${r.test.toFixed(4)}@${r.epoch.toFixed(0)}`)
      .join(" ");
    say(
      `| ${table} | ${method} | ${mean(runs.map((r) => r.valid)).toFixed(4)} | ${mean(runs.map((r) => r.test)).toFixed(4)} | ${shown} | ${mean(runs.map((r) => r.gradients)).toFixed(0)} | ${mean(runs.map((r) => r.seconds)).toFixed(1)} s |`,
    );
  }
}
rmSync(folder, { recursive: true });
process.exit(0); // the engine's threads wait for more
