/**
 * Linear regression on four UCI sets: STN, centred STN and Delta-STN tune the weight decay and the input dropout of a linear
 * model in one training run each, and are measured against the optimum of the closed form.
 *
 *     node reproductions/delta-stn-2020/linear-regression.ts --data-dir DIR
 *
 * Writes linear-regression.{json,md,svg,png} to `--out` (default runs/linear-regression) and compares with expected.json.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { jaxEngine } from "../../src/engine/jax.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { dense } from "../../src/response/dense.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { createRun } from "../../src/tuners/run.ts";
import { stn } from "../../src/tuners/stn.ts";
import { writeFigure } from "../../scripts/figures/render.ts";
import { linearRegressionFigure } from "./linear-regression-figure.ts";
import { deviations, summary, tableHead, tableRow, type Case } from "./linear-regression-table.ts";
import { bestWeights, linearData, meanSquaredError } from "./ridge-with-dropout.ts";
import { uciData } from "./uci.ts";

const { values: args } = parseArgs({
  options: {
    "data-dir": { type: "string" }, // holds uci/SET/data.txt and its index files
    sets: { type: "string", default: "yacht,concrete,energy,wine-quality-red" },
    "train-rows": { type: "string", default: "40,Infinity" }, // with 40 the optimum is inside; with all it is almost none
    steps: { type: "string", default: "3000" }, // each on all training rows at once
    out: { type: "string", default: "runs/linear-regression" },
  },
});
if (!args["data-dir"]) throw new Error("name the folder that holds uci/ with --data-dir DIR");

const METHODS = { stn, "centered-stn": centeredStn, "delta-stn": deltaStn };
const STARTS = { weak: { l2: 1e-3, dropout: 0.05 }, strong: { l2: 1, dropout: 0.5 } }; // far from most optima
const L2 = { low: 1e-5, high: 10, log: true }; // the weight decay's range
const DROPOUT = { low: 0, high: 0.95 }; // the authors' range
const SEED = 0; // of the validation part, the initial weights and all noise
const VALID_SHARE = 0.2; // of the set's own training part
const BATCH_ROWS = 1200; // fewer training rows are repeated to as many, each copy with noise of its own
const STEPS = Number(args.steps);
const SETTINGS = {
  response: dense, // two hyperparameters and a dozen weights: no need to factor
  learningRate: 0.01, // small, so that dropout leaves little noise in the weights
  hyperLearningRate: 0.02, // the authors' 0.01 needs twice the steps
  warmupEpochs: 100, // an epoch is one step here; all else as in the authors' code
};
const GRID = 96; // closed-form losses along each axis
const TRACE_EVERY = 25; // steps between points of the figure
const TOLERANCE = { excess: 0.5, trained: 2 }; // between machines, in percent of the optimal loss

const engine = await jaxEngine();
const cases: Case[] = [];

for (const set of args.sets.split(",")) {
  for (const trainRows of args["train-rows"].split(",").map(Number)) {
    // Data, and the validation loss of every (λ, p) in closed form.
    const data = uciData(join(args["data-dir"], "uci", set), set, {
      seed: SEED,
      validShare: VALID_SHARE,
      trainRows,
      batchRows: BATCH_ROWS,
    });
    const train = linearData(data.splits.train);
    const valid = linearData(data.splits.valid);
    const weightsAt = bestWeights(train);
    const lossAt = (l2: number, dropout: number) => meanSquaredError(valid, weightsAt(l2, dropout));
    const grid = Array.from({ length: GRID ** 2 }, (_, k) => {
      const l2 = L2.low * (L2.high / L2.low) ** (Math.floor(k / GRID) / (GRID - 1));
      const dropout = (DROPOUT.high * (k % GRID)) / GRID;
      return { l2, dropout, loss: lossAt(l2, dropout) };
    });
    const optimum = grid.reduce((a, b) => (b.loss < a.loss ? b : a));
    const excess = (loss: number) => 100 * (loss / optimum.loss - 1); // percent of the optimal loss
    const map = grid.map(({ l2, dropout, loss }) => ({ l2, dropout, excess: excess(loss) }));

    const paths = [];
    for (const [start, { l2, dropout }] of Object.entries(STARTS)) {
      for (const [method, tuner] of Object.entries(METHODS)) {
        // Model.
        const network = mlp({ inputs: data.inputShape[0] as number, hidden: [], outputs: 1 });
        const hypers = { l2: real(l2, L2), "dropout.input": real(dropout, DROPOUT) };
        const task = supervised({ data, network, hypers });
        const options = { epochs: STEPS, batchSize: train.y.length, seed: SEED };
        const run = createRun(task, tuner(SETTINGS), engine, options, { clock: performance });

        // Loop.
        const points = [];
        for await (const event of run.events()) {
          if (event.kind !== "start" && event.kind !== "epoch") continue;
          const { step, hyperparameters, valid } = event.trace;
          if (step % TRACE_EVERY !== 0) continue;
          const l2 = hyperparameters.l2?.value as number;
          const dropout = hyperparameters["dropout.input"]?.value as number;
          points.push({
            step,
            l2,
            dropout,
            excess: excess(lossAt(l2, dropout)),
            trained: excess(valid.loss),
          });
        }
        run.dispose();
        paths.push({ start, method, points });
      }
    }
    cases.push({ set, rows: data.rows, optimum, map, paths });
    console.log(tableRow(cases.at(-1) as Case));
  }
}

// Table and figure.
const table = [tableHead(Object.keys(METHODS)), ...cases.map(tableRow)].join("\n");
const numbers = cases.map(summary);
await mkdir(args.out, { recursive: true });
await writeFile(join(args.out, "linear-regression.md"), `${table}\n`);
await writeFile(join(args.out, "linear-regression.json"), `${JSON.stringify(numbers, undefined, 2)}\n`);
const figures = await writeFigure(join(args.out, "linear-regression.svg"), linearRegressionFigure(cases));
console.log(`\n${table}\n\nwrote ${figures.join(", ")}`);

// Comparison with what came out before.
const expected = JSON.parse(await readFile(new URL("expected.json", import.meta.url), "utf8"));
const misses = deviations(numbers, expected["linear-regression"], TOLERANCE);
console.log(misses.length === 0 ? "as expected" : misses.join("\n"));
process.exitCode = misses.length === 0 ? 0 : 1;
