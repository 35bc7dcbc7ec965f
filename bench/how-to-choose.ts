/**
 * The measurements behind docs/how-to-choose.md: methods on the bundled digits, by what is tuned, and their memory on a larger network.
 *
 *     node bench/how-to-choose.ts [--only start,poor,one,many,optimizer,architecture,memory] [--time 10s] [--seeds 3] [--out DIR]
 *
 * Each prints a table for the guide; a comparison whose folder is there goes on or is only printed.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import type { MethodStanding } from "../src/api/comparison.ts";
import { formatNumber } from "../src/util/format-number.ts";
import { formatLoss } from "../src/report/format.ts";

const comparisons = {
  start: "fixed,random,quasi-random,tpe,gp,hyperband,stn,delta-stn,unrolled,implicit-neumann",
  poor: "fixed,random,tpe,gp,hyperband,freeze-thaw,population-based,stn,delta-stn,unrolled,implicit-cg,implicit-neumann,t1-t2",
  one: "fixed,random,grid,gp,delta-stn,hyper-training,hyper-training-global,unrolled,forward-unrolled",
  many: "fixed,random,tpe,hyper-training,delta-stn,unrolled,reversible,implicit-neumann,t1-t2",
  optimizer: "fixed,random,gp,hyperband,population-based,unrolled,forward-unrolled,drmad",
  architecture: "fixed,random,tpe,gp,hyperband,smash",
} as const;

/** What is tuned, as flags of `compare`. */
const problems: Readonly<Record<keyof typeof comparisons, readonly string[]>> = {
  start: [],
  poor: ["--hyper", "dropout.*=.6", "--hyper", "l2.*=1e-2"],
  one: ["--hyper", "l2=1e-1"],
  many: ["--model", "linear", "--hyper", "l2.each=1e-2"],
  optimizer: ["--hyper", "lr=.001:1e-4..1,log", "--hyper", "momentum=.5:0...99"],
  architecture: [
    ...["--hyper", "width.*=16:4..256", "--hyper", "activation.*=sigmoid|tanh|relu|gelu"],
    ...["--hyper", "skip.*=false|true"],
  ],
};

/** Networks of 784-1200-1200-10 units on random numbers in the place of images: methods whose memory is read. */
const heavy = ["fixed", "stn", "delta-stn", "unrolled", "drmad", "reversible", "implicit-neumann", "t1-t2"];

const { values: args } = parseArgs({
  options: {
    only: { type: "string", default: [...Object.keys(comparisons), "memory"].join(",") },
    time: { type: "string", default: "10s" },
    seeds: { type: "string", default: "3" },
    parallel: { type: "string", default: "2" },
    out: { type: "string", default: "runs/how-to-choose" },
  },
});

const bin = fileURLToPath(new URL("../bin/hypertrain.js", import.meta.url));
for (const name of args.only.split(",")) {
  if (name === "memory") printMemory();
  else printComparison(name as keyof typeof comparisons);
}

function printComparison(name: keyof typeof comparisons): void {
  const command = ["compare", ...problems[name], "--methods", comparisons[name]];
  const budget = ["--time", args.time, "--seeds", args.seeds, "--parallel", args.parallel, "--threads", "1"];
  const quiet = ["--out", join(args.out, name), "--json", "--quiet"];
  const started = performance.now();
  const { stdout, status } = run([...command, ...budget, ...quiet]);
  if (status !== 0) process.exit(1);
  const { standings } = JSON.parse(stdout) as { standings: readonly MethodStanding[] };
  const took = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n${name}: hypertrain ${[...command, ...budget].join(" ")} (${took} s)\n`);
  console.log(
    "| method | validation | quartiles | test | trainings | gradients |\n|---|---|---|---|---|---|",
  );
  for (const { method, valid, test, trials, gradientEvaluations } of standings) {
    const quartiles = `${formatLoss(valid.lower)} to ${formatLoss(valid.upper)}`;
    const cells = [`\`${method}\``, formatLoss(valid.median), quartiles, formatLoss(test?.median)];
    const counts = [formatNumber(trials.median, 3), formatNumber(gradientEvaluations.median, 4)];
    console.log(`| ${[...cells, ...counts].join(" | ")} |`);
  }
}

/** The largest resident memory of a training of two epochs, as the process itself tells. */
function printMemory(): void {
  console.log("\nmemory: 784-1200-1200-10, 2 epochs of 20 minibatches of 128, engine onnx, one thread\n");
  console.log("| method | MiB |\n|---|---|");
  for (const method of heavy) {
    const problem = fileURLToPath(new URL("wide-network.ts", import.meta.url));
    const flags = [
      "--method",
      method,
      "--epochs",
      "2",
      ...(method === "fixed" ? [] : ["--warmup-epochs", "0"]),
      "--no-baseline",
      "--engine",
      "onnx",
      "--threads",
      "1",
    ];
    const { stdout } = run(
      [
        "tune",
        problem,
        ...flags,
        "--json",
        "--quiet",
        "--out",
        join(args.out, `memory-${method}-${Date.now()}`),
      ],
      true,
    );
    console.log(`| \`${method}\` | ${stdout} |`);
  }
}

/** Runs the command; `memory` gives the largest resident memory in MiB in the place of what it prints. */
function run(flags: readonly string[], memory = false): { stdout: string; status: number | null } {
  const preload = memory ? ["--import", new URL("print-memory.ts", import.meta.url).href] : [];
  const argv = [...preload, bin, ...flags];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) console.error(stderr.trim());
  return { stdout: memory ? (stderr.trim().split("\n").at(-1) ?? "") : stdout, status };
}
