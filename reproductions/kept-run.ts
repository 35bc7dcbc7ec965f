/** Runs that are too long for one go: each is a run folder, with which a further call goes on. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { TracePoint } from "../src/api/trace.ts";
import { hasEnded } from "../src/artifacts/overview.ts";
import { openRunFolder } from "../src/artifacts/run-folder.ts";
import { secondsOf } from "../src/cli/config/config.ts";
import { isBetter } from "../src/tuners/best.ts";
import { inputError } from "../src/util/error.ts";
import type { Setting } from "./reproduction.ts";

/** How long a run is to be in all. */
export type RunLimit = { readonly epochs: number } | { readonly seconds: number };

/**
 * Starts a run by `hypertrain tune`, goes on with it up to the limit, or leaves it as it is where it is there already. One that diverges is told of, and keeps its
 * curve.
 */
export async function keptRun(
  { dataDir, seed, signal, note, table }: Omit<Setting, "scale" | "engine">,
  folder: string,
  flags: readonly string[],
  limit: RunLimit,
): Promise<void> {
  if (existsSync(join(folder, "model.json")) && (await isThere(folder, limit))) {
    return note(`${folder} has ended already`);
  }
  const threads = table?.threads === undefined ? [] : ["--threads", String(table.threads)];
  const start = [
    "tune",
    ...flags,
    "--data-dir",
    dataDir,
    "--no-baseline",
    "--seed",
    String(seed),
    ...threads,
  ];
  const length = "epochs" in limit ? ["--epochs", `${limit.epochs}`] : ["--time", `${limit.seconds}s`];
  const command = existsSync(join(folder, "config.json"))
    ? ["resume", folder, ...length]
    : [...start, "--out", folder, ...length];
  note(`hypertrain ${command.join(" ")}`);
  const bin = fileURLToPath(new URL("../bin/hypertrain.js", import.meta.url));
  const child = spawn(process.execPath, [bin, ...command, "--quiet"], {
    stdio: ["ignore", "ignore", "pipe"],
    signal,
  });
  let complaint = "";
  child.stderr.on("data", (text) => (complaint += text));
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  if (code === 0) return;
  const last = (complaint.trim().split("\n").at(-1) ?? folder).replace(/^error: /, "");
  if (code !== 1 || !existsSync(join(folder, "metrics.jsonl"))) throw inputError(last);
  note(last);
}

/** Whether a run has reached its limit, or has diverged on the way. Of a search the last evaluation may come before its end. */
async function isThere(path: string, limit: RunLimit): Promise<boolean> {
  const last = curveIn(path).at(-1);
  if (!last) return false;
  const { folder, config } = await openRunFolder(path);
  const { epochs = 0, time = 0 } = config as { epochs?: number; time?: string };
  const planned = (await hasEnded(folder)) ? { epochs, seconds: secondsOf(time) } : { epochs: 0, seconds: 0 };
  const isLongEnough =
    "epochs" in limit
      ? Math.max(last.epoch, planned.epochs) >= limit.epochs
      : Math.max(last.seconds, planned.seconds) >= limit.seconds;
  return isLongEnough || !Number.isFinite(last.valid);
}

/** Where a run stood at an evaluation. */
export interface KeptPoint {
  readonly epoch: number;
  readonly seconds: number;
  /** The mean training loss since the evaluation before; absent at the start. */
  readonly train?: number;
  readonly valid: number;
  readonly test: number;
  /** The lowest validation loss so far, and the test loss there. */
  readonly bestValid: number;
  readonly bestTest: number;
  readonly hyperparameters: Readonly<Record<string, number>>;
}

/** Where a run stood at each evaluation, and its best so far. */
export function curveIn(folder: string): KeptPoint[] {
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
  let best: TracePoint | undefined;
  return lines.map((line) => {
    const point = JSON.parse(line) as TracePoint;
    const { epoch, seconds, train, valid, test } = point;
    if (!best || isBetter(point, best)) best = point;
    return {
      ...{ epoch, seconds, ...(train && { train: train.loss }) },
      ...{ valid: valid.loss, test: test?.loss ?? NaN },
      ...{ bestValid: best.valid.loss, bestTest: best.test?.loss ?? NaN },
      hyperparameters: Object.fromEntries(
        Object.entries(point.hyperparameters).map(([name, { value }]) => [name, Number(value)]),
      ),
    };
  });
}
