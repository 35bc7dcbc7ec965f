/**
 * Where 3,000 steps leave eight penalties of a linear regression on noisy rows, one for each of seven weights and the bias, by what the
 * response learns from. Prints how far the validation loss of the model trained to the end lies above the closed form's optimum, in percent,
 * after every 500 steps, and the seconds.
 *
 *     node bench/eight-penalties.ts [--rows 60] [--data 3] [--response dense]
 */
import { parseArgs } from "node:util";

import { defaultDevice, init } from "@jax-js/jax";

import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { mlp } from "../src/nn/mlp.ts";
import { adam } from "../src/nn/optim/adam.ts";
import { supervised } from "../src/problem/supervised.ts";
import { dense } from "../src/response/dense.ts";
import { factored } from "../src/response/factored.ts";
import { real } from "../src/space/real.ts";
import { dot, gram, solve, transposedTimes } from "../src/testing/linear-algebra.ts";
import { weakSignal } from "../src/testing/weak-signal.ts";
import { deltaStn } from "../src/tuners/delta-stn.ts";
import { createRun } from "../src/tuners/run.ts";
import type { HostArray } from "../src/util/host-array.ts";

const STEPS = 3000;
const EVERY = 500;
const FEATURES = 7; // the bias stays at 0, since columns and targets have mean 0
const START = 1e-3;

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "60" },
    data: { type: "string", default: "3" },
    response: { type: "string", default: "dense" },
  },
});
const rows = Number(values.rows);
const response = values.response === "dense" ? dense : factored;
await init("wasm");
defaultDevice("wasm");
const engine = await onnxEngine({ threads: 1 });

for (let seed = 1; seed <= Number(values.data); seed++) {
  const splits = weakSignal({ seed, trainRows: rows, features: FEATURES }).task.data;
  const [train, valid] = [splits.train, splits.valid].map(({ fields, rows: count }) => ({
    x: Array.from({ length: count }, (_, i) =>
      Array.from((fields.x as HostArray).data.slice(i * FEATURES, (i + 1) * FEATURES)),
    ),
    y: Array.from((fields.y as HostArray).data),
  })) as [Part, Part];
  const lowest = optimum(train, valid);
  const data = {
    name: "eight penalties",
    splits,
    task: "regression" as const,
    inputShape: [FEATURES],
    outputs: 1,
    warnings: [],
  };
  const network = mlp({ inputs: FEATURES, hidden: [], outputs: 1 });
  const hypers = { "l2.each": real(START, { log: true, shape: [FEATURES + 1] }) };
  for (const responseObjective of ["sampled", "implicit"] as const) {
    const tuner = deltaStn({
      ...{ response, perturbations: "paired", responseObjective },
      ...{ hyperOptimizer: adam(), hyperLearningRate: 0.01 }, // the command line's
      ...{ responseOptimizer: adam(), responseLearningRate: 0.003 },
      ...{ trainSteps: 2, warmupEpochs: STEPS / 5 },
    });
    const options = { epochs: STEPS, batchSize: rows, validBatchSize: 512, evaluateEvery: EVERY, seed };
    const run = createRun(supervised({ data, network, hypers }), tuner, engine, options, {
      clock: performance,
    });
    const excess: string[] = [];
    let seconds = 0;
    for await (const event of run.events()) {
      if (event.kind !== "epoch") continue;
      const l2 = event.trace.hyperparameters["l2.each"]?.value as readonly number[];
      excess.push((100 * (lossAt(train, valid, l2).loss / lowest - 1)).toFixed(2));
      seconds = event.trace.seconds;
    }
    run.dispose();
    process.stdout.write(
      `| ${rows} rows, data ${seed} | ${responseObjective} | ${excess.join(" | ")} | ${seconds.toFixed(0)} s |\n`,
    );
  }
}
process.exit(0); // the engine's thread waits for more

type Part = { x: number[][]; y: number[] };

/** The validation loss of ((2/n) X'X + diag l2)^-1 (2/n) X'y, and its derivative by log l2. */
function lossAt(train: Part, valid: Part, l2: readonly number[]): { loss: number; slope: number[] } {
  const n = train.y.length;
  const h = gram(train.x).map((row, i) => row.map((v, j) => (2 / n) * v + (i === j ? (l2[i] as number) : 0)));
  const w = solve(
    h,
    transposedTimes(train.x, train.y).map((v) => (2 / n) * v),
  );
  const residual = valid.x.map((row, i) => dot(row, w) - (valid.y[i] as number));
  const pull = solve(
    h,
    transposedTimes(valid.x, residual).map((v) => (2 / valid.y.length) * v),
  );
  return {
    loss: residual.reduce((sum, r) => sum + r * r, 0) / valid.y.length,
    slope: pull.map((q, i) => -q * (l2[i] as number) * (w[i] as number)),
  };
}

/** The lowest loss on Adam's way from three starts. */
function optimum(train: Part, valid: Part): number {
  const losses = [-7, -2, 1].flatMap((start) => {
    let [m, v] = [0, 1].map(() => new Array<number>(FEATURES).fill(0)) as [number[], number[]];
    let log = new Array<number>(FEATURES).fill(start);
    return Array.from({ length: 250 }, (_, t) => {
      const { loss, slope } = lossAt(train, valid, log.map(Math.exp));
      m = m.map((a, i) => 0.9 * a + 0.1 * (slope[i] as number));
      v = v.map((a, i) => 0.999 * a + 0.001 * (slope[i] as number) ** 2);
      log = log.map((l, i) => {
        const step = (m[i] as number) / (1 - 0.9 ** (t + 1));
        const size = Math.sqrt((v[i] as number) / (1 - 0.999 ** (t + 1)));
        return Math.min(8, Math.max(-12, l - (0.1 * step) / (size + 1e-12)));
      });
      return loss;
    });
  });
  return Math.min(...losses);
}
