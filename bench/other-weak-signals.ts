/**
 * Where the command line's defaults leave one weight decay of a linear model on other problems with a weak signal than that of `weak-signal.ts`: other
 * sizes, correlated and badly scaled columns, several outputs, classes, penalties that start far away on either side. Prints how far the validation
 * loss of the model trained to the end at the final penalty lies above the lowest on a grid, in percent, with what the run says of its response; writes JSON. `--only "sixty rows"` takes the problem of `weak-signal.ts`.
 *
 *     node bench/other-weak-signals.ts [--seeds 3] [--steps 3000] [--only NAME,NAME] [--method NAME] [--response NAME] [--out FILE.json]
 *
 * | symbol | meaning |
 * |---|---|
 * | X, Y, n | training columns of mean 0, targets [rows, outputs] of mean 0 and variance 1, rows |
 * | W*(λ) | argmin of the mean training loss + ½ λ |W|², biases free |
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { defaultDevice, init } from "@jax-js/jax";

import { parseConfig, type ConfigInput } from "../src/cli/config/config.ts";
import { tunerOf } from "../src/cli/registry/tuners.ts";
import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { mlp } from "../src/nn/mlp.ts";
import { supervised } from "../src/problem/supervised.ts";
import type { Task } from "../src/problem/problem.ts";
import { trustOf } from "../src/report/trust.ts";
import { real } from "../src/space/real.ts";
import { dot, gram, shifted, solve, transposedTimes } from "../src/testing/linear-algebra.ts";
import { weakSignal } from "../src/testing/weak-signal.ts";
import { CHECK_SHARE } from "../src/tuners/check-budget.ts";
import { createRun } from "../src/tuners/run.ts";
import { HostArray } from "../src/util/host-array.ts";
import { randomKey, randomNormal } from "../src/util/random.ts";
import type { TracePoint } from "../src/api/trace.ts";

const VALID_ROWS = 300;
const MOST_ROWS = 100; // of a minibatch
const EVERY = 100;

interface Made {
  readonly rows: number;
  readonly columns: number;
  readonly outputs: number;
  /** Of neighbouring columns. */
  readonly correlation: number;
  /** The deviation of the last column, where the first one's is 1 and those between lie evenly on a log scale. */
  readonly smallest: number;
  /** Deviation of the noise on targets whose signal has the deviation 1; of the log-odds for classes. */
  readonly noise: number;
  readonly start: number;
  readonly classes: boolean;
}

const usual: Made = {
  ...{
    rows: 60,
    columns: 8,
    outputs: 1,
    correlation: 0,
    smallest: 1,
    noise: 1.2,
    start: 1e-3,
    classes: false,
  },
};
const problems: Readonly<Record<string, Made>> = {
  "correlated columns": { ...usual, columns: 20, correlation: 0.95 },
  "badly scaled columns": { ...usual, rows: 80, columns: 10, smallest: 0.03 },
  "several outputs": { ...usual, rows: 100, columns: 12, outputs: 4, noise: 2 },
  "more columns than rows": { ...usual, rows: 40, columns: 80 },
  "many noisy rows": { ...usual, rows: 600, columns: 30, noise: 5 },
  classes: { ...usual, rows: 100, columns: 10, classes: true },
  "from 1e-6": { ...usual, start: 1e-6 },
  "from 100": { ...usual, start: 100 },
};

const SIXTY_ROWS = "sixty rows"; // that of weak-signal.ts

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "3" },
    steps: { type: "string", default: "3000" },
    only: { type: "string", default: Object.keys(problems).join(",") },
    method: { type: "string", default: "delta-stn" },
    response: { type: "string" },
    out: { type: "string" },
  },
});
const steps = Number(values.steps);
await init("wasm");
defaultDevice("wasm");
const engine = await onnxEngine({ threads: 1 });

process.stdout.write(
  "| problem | seed | optimum | end | excess, % | the response |\n|---|---|---|---|---|---|\n",
);
const rows = [];
for (const name of values.only.split(",")) {
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const run = await train(name, seed);
    rows.push({ problem: name, seed, ...run });
    const { optimum, end, excess, trust } = run;
    const [best, last] = [optimum, end].map((l2) => l2.toPrecision(2));
    process.stdout.write(
      `| ${name} | ${seed} | ${best} | ${last} | ${excess.toFixed(2)} | ${trust.sentence} |\n`,
    );
  }
}
if (values.out)
  writeFileSync(values.out, `${JSON.stringify({ steps, method: values.method, rows }, null, 1)}\n`);
process.exit(0); // the engine's thread waits for more

async function train(name: string, seed: number) {
  const { task, rows: trainRows, lossAt, lowest } = name === SIXTY_ROWS ? sixtyRows(seed) : other(name, seed);
  const batchSize = Math.min(trainRows, MOST_ROWS);
  const stepsPerEpoch = Math.floor(trainRows / batchSize);
  const epochs = steps / stepsPerEpoch;
  const { method, response } = values;
  const config = { method, response, model: "linear", warmupEpochs: epochs / 5 } as ConfigInput; // names are checked there
  const tuner = await tunerOf({ ...parseConfig(config, String), batchSize }, stepsPerEpoch);
  const options = {
    ...{ epochs, batchSize, validBatchSize: 512, seed, checkShare: CHECK_SHARE },
    evaluateEvery: Math.max(1, Math.round(EVERY / stepsPerEpoch)),
  };
  const run = createRun(task, tuner, engine, options, { clock: performance });
  const trace: TracePoint[] = [];
  for await (const event of run.events()) if (event.kind === "epoch") trace.push(event.trace);
  run.dispose();
  const path = trace.map(({ hyperparameters }) => hyperparameters.l2?.value as number);
  const end = path.at(-1) as number;
  const trained = trace.at(-1)?.valid.loss as number;
  return {
    ...{ optimum: lowest.l2, end, path, excess: 100 * (lossAt(end) / lowest.loss - 1) },
    ...{ trainedExcess: 100 * (trained / lowest.loss - 1), trust: trustOf(trace) },
    checks: trace.flatMap(({ step, check }) => (check ? [{ step, ...check }] : [])),
  };
}

/** A problem, and the validation loss of its model trained to the end at each penalty. */
interface Known {
  readonly task: Task;
  readonly rows: number;
  lossAt(l2: number): number;
  readonly lowest: { readonly l2: number; readonly loss: number };
}

function sixtyRows(seed: number): Known {
  const { task, validLossAt, optimum } = weakSignal({ seed });
  return { task, rows: task.data.train.rows, lossAt: validLossAt, lowest: optimum };
}

function other(name: string, seed: number): Known {
  const made = problems[name] as Made;
  const { train, valid } = draw(made, seed);
  const data = {
    name: "weak signal",
    splits: { train: fieldsOf(train, made), valid: fieldsOf(valid, made) },
    task: made.classes ? ("classification" as const) : ("regression" as const),
    inputShape: [made.columns],
    outputs: made.classes ? 2 : made.outputs,
    warnings: [],
  };
  const network = mlp({ inputs: made.columns, hidden: [], outputs: data.outputs });
  const lossAt = made.classes ? logisticLoss(train, valid) : ridgeLoss(train, valid);
  const task = supervised({ data, network, hypers: { l2: real(made.start, { log: true }) } });
  return { task, rows: made.rows, lossAt, lowest: minimum(lossAt) };
}

/** Rows of X and Y, or of the sign of one output for classes. */
interface Part {
  readonly x: number[][];
  readonly y: number[][];
}

function draw(made: Made, seed: number): { train: Part; valid: Part } {
  const { rows, columns, outputs, correlation, smallest, noise } = made;
  const all = rows + VALID_ROWS;
  const z = randomNormal(
    randomKey(seed, "other weak signals"),
    0,
    columns * outputs + all * (columns + outputs),
  );
  let next = 0;
  const normals = (count: number) => Array.from({ length: count }, () => z[next++] as number);
  const truth = Array.from({ length: outputs }, () => normals(columns).map((v) => v / Math.sqrt(columns)));
  const x = Array.from({ length: all }, () => {
    const own = normals(columns);
    for (let j = 1; j < columns; j++) {
      own[j] = correlation * (own[j - 1] as number) + Math.sqrt(1 - correlation ** 2) * (own[j] as number);
    }
    return own;
  });
  const y = x.map((row) => {
    const errors = normals(outputs);
    return truth.map((w, o) => dot(row, w) + noise * (errors[o] as number));
  });
  const scale = (j: number) => smallest ** (columns === 1 ? 0 : j / (columns - 1));
  const inputs = standardized(x, rows).map((row) => row.map((v, j) => v * scale(j)));
  const targets = made.classes ? y.map((row) => row.map(Math.sign)) : standardized(y, rows);
  return {
    train: { x: inputs.slice(0, rows), y: targets.slice(0, rows) },
    valid: { x: inputs.slice(rows), y: targets.slice(rows) },
  };
}

/** By the mean and deviation of the first rows. */
function standardized(values: readonly number[][], rows: number): number[][] {
  const columns = (values[0] as number[]).map((_, j) => {
    const own = values.slice(0, rows).map((row) => row[j] as number);
    const mean = own.reduce((a, b) => a + b, 0) / rows;
    return { mean, deviation: Math.sqrt(own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows) };
  });
  return values.map((row) => row.map((v, j) => (v - (columns[j]?.mean ?? 0)) / (columns[j]?.deviation ?? 1)));
}

function fieldsOf({ x, y }: Part, { columns, outputs, classes }: Made) {
  const inputs = new HostArray(Float32Array.from(x.flat()), [y.length, columns]);
  const targets = classes
    ? new HostArray(
        Int32Array.from(y, ([v]) => ((v as number) > 0 ? 1 : 0)),
        [y.length],
      )
    : new HostArray(Float32Array.from(y.flat()), [y.length, outputs]);
  return { rows: y.length, fields: { x: inputs, y: targets } };
}

/** W* = ((2/(n outputs)) X'X + λ I)^-1 (2/(n outputs)) X'Y; the bias stays 0. */
function ridgeLoss(train: Part, valid: Part) {
  const outputs = train.y[0]?.length as number;
  const share = 2 / (train.y.length * outputs);
  const g = gram(train.x);
  const pulls = Array.from({ length: outputs }, (_, o) =>
    transposedTimes(
      train.x,
      train.y.map((row) => row[o] as number),
    ).map((v) => share * v),
  );
  return (l2: number): number => {
    const weights = pulls.map((pull) => solve(shifted(g, share, l2), pull));
    const squares = valid.x.flatMap((row, i) =>
      weights.map((w, o) => (dot(row, w) - (valid.y[i]?.[o] as number)) ** 2),
    );
    return squares.reduce((a, b) => a + b, 0) / squares.length;
  };
}

/** Two classes: with the difference v of both weights, Newton's method on the mean of log(1 + exp(-y (x'v + b))) + ¼ λ |v|². */
function logisticLoss(train: Part, valid: Part) {
  const [a, b] = [train, valid].map(({ x, y }) => ({
    x: x.map((row) => [...row, 1]),
    y: y.map(([v]) => v as number),
  }));
  const n = a?.y.length as number;
  let v = a?.x[0]?.map(() => 0) as number[]; // the solution at the neighbouring λ
  return (l2: number): number => {
    const damped = v.map((_, j) => (j === v.length - 1 ? 0 : l2 / 2));
    for (let step = 0; step < 30; step++) {
      const odds = a?.x.map((row, i) => (a.y[i] as number) * dot(row, v)) as number[];
      const miss = odds.map((m) => 1 / (1 + Math.exp(m)));
      const slope = transposedTimes(
        a?.x as number[][],
        miss.map((p, i) => (-p * (a?.y[i] as number)) / n),
      );
      const weighted = a?.x.map((row, i) =>
        row.map((u) => u * Math.sqrt(((miss[i] as number) * (1 - (miss[i] as number))) / n)),
      ) as number[][];
      const curvature = gram(weighted).map((row, j) =>
        row.map((u, k) => u + (j === k ? (damped[j] as number) : 0)),
      );
      const move = solve(
        curvature,
        slope.map((s, j) => s + (damped[j] as number) * (v[j] as number)),
      );
      v = v.map((u, j) => u - (move[j] as number));
      if (Math.hypot(...move) < 1e-10) break;
    }
    const losses = b?.x.map((row, i) => Math.log1p(Math.exp(-(b.y[i] as number) * dot(row, v)))) as number[];
    return losses.reduce((sum, l) => sum + l, 0) / losses.length;
  };
}

/** On a grid of five percent from 1e-6 to 1e3. */
function minimum(lossAt: (l2: number) => number): { l2: number; loss: number } {
  let best = { l2: NaN, loss: Infinity };
  for (let u = Math.log(1e3); u > Math.log(1e-6); u -= 0.05) {
    const loss = lossAt(Math.exp(u));
    if (loss < best.loss) best = { l2: Math.exp(u), loss };
  }
  return best;
}
