/**
 * MNIST with the papers' network and settings: Delta-STN, STN and the start held fixed, one training run each, and their curves
 * against epochs and against time.
 *
 *     node reproductions/delta-stn-2020/mnist.ts --data-dir DIR [--epochs 200] [--methods delta-stn,stn,fixed] [--threads 1]
 *
 * A run is a run folder of `hypertrain tune` below `--out`; a run that is there goes on to `--epochs`, so that it may be stopped
 * (Ctrl-C) and taken up as often as needed. `--draw` only draws what is there, and what the reproduction's own mnist.json has of
 * methods that are not. Writes mnist.json, mnist.svg and mnist.png to `--out`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { writeFigure } from "../../scripts/figures/render.ts";
import type { TracePoint } from "../../src/api/trace.ts";
import { mnistFigure, type Point } from "./mnist-figure.ts";

const { values: args } = parseArgs({
  options: {
    "data-dir": { type: "string" }, // holds mnist/, or the four files themselves
    methods: { type: "string", default: "delta-stn,stn,fixed" },
    epochs: { type: "string", default: "200" }, // the poster's values are after 500
    threads: { type: "string" }, // of a run that starts
    out: { type: "string", default: "runs/mnist" },
    draw: { type: "boolean", default: false },
  },
});

const NETWORK = ["--hidden", "1200,1200", "--lr", ".01", "--hyper", "dropout.*=.05:0...95"];
const TUNING = [
  "--hyper-lr",
  ".01",
  "--hyper-optimizer",
  "rmsprop",
  "--hyper-decay",
  "1000000", // no decay
  "--warmup-epochs",
  "5",
  "--train-steps",
  "5",
  "--valid-batch-size",
  "128",
];
const OWN: Readonly<Record<string, readonly string[]>> = {
  "delta-stn": [...TUNING, "--response-optimizer", "sgd", "--response-lr", ".01"],
  "centered-stn": [...TUNING, "--response-optimizer", "sgd", "--response-lr", ".01"],
  stn: [...TUNING, "--stn-input", "absolute"], // its training is joint: weights and response share the optimizer
  fixed: [],
};
const methods = args.methods.split(",");

const { curves: earlier } = JSON.parse(readFileSync(new URL("mnist.json", import.meta.url), "utf8")) as {
  curves: Point[];
};

if (!args.draw) for (const method of methods) train(method);
const curves = methods.flatMap((method) => curveOf(method, join(args.out, method)));
const results = methods.flatMap((method) => summaryOf(method, curves));
writeFileSync(join(args.out, "mnist.json"), `${JSON.stringify({ results, curves }, null, 1)}\n`);
await writeFigure(join(args.out, "mnist.svg"), mnistFigure(methods, curves));
console.table(results);

/** Starts a method's run, or goes on with it. */
function train(method: string): void {
  const folder = join(args.out, method);
  const dataDir = args["data-dir"] ?? fail("name the folder with MNIST's files with --data-dir DIR");
  const threads = args.threads === undefined ? [] : ["--threads", args.threads];
  const start = [
    "tune",
    "--data",
    "mnist",
    "--data-dir",
    dataDir,
    "--method",
    method,
    "--no-baseline",
    ...threads,
  ];
  const command = existsSync(folder)
    ? ["resume", folder, "--epochs", args.epochs]
    : [...start, ...NETWORK, ...(OWN[method] ?? []), "--epochs", args.epochs, "--out", folder];
  const bin = fileURLToPath(new URL("../../bin/hypertrain.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [bin, ...command], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function curveOf(method: string, folder: string): Point[] {
  const path = join(folder, "metrics.jsonl");
  if (!existsSync(path)) return earlier.filter((point) => point.method === method);
  const points = readFileSync(path, "utf8").trim().split("\n");
  return points
    .map((line) => JSON.parse(line) as TracePoint)
    .filter(({ epoch }) => epoch >= 1)
    .map(({ epoch, seconds, valid, test, hyperparameters }) => ({
      method,
      epoch,
      minutes: seconds / 60,
      valid: valid.loss,
      test: test?.loss ?? NaN,
      hyperparameters: Object.fromEntries(
        Object.entries(hyperparameters).map(([name, { value }]) => [name, Number(value)]),
      ),
    }));
}

/** Where a method stood at some epochs, and at its best. */
function summaryOf(method: string, all: readonly Point[]): object[] {
  const own = all.filter((point) => point.method === method);
  const best = own.toSorted((a, b) => a.valid - b.valid)[0];
  if (!best) return [];
  const short = (loss: number) => Number(loss.toFixed(4));
  const at = (epoch: number) =>
    own.filter((point) => point.epoch === epoch).map(({ valid }) => short(valid))[0];
  const epochs = own.at(-1)?.epoch;
  return [
    {
      method,
      at5: at(5),
      at9: at(9),
      at50: at(50),
      epochs,
      best: short(best.valid),
      bestAt: best.epoch,
      test: short(best.test),
    },
  ];
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}
