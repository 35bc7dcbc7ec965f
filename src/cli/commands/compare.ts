import { existsSync } from "node:fs";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { demandTunable } from "../../tuners/tunable.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { contenders, type Contender } from "../compare/contenders.ts";
import { curveOf, type Curve } from "../compare/curve.ts";
import { renderComparison } from "../compare/report.ts";
import { searchable } from "../compare/searchable.ts";
import { describeStandings, endOf, standingsOf } from "../compare/table.ts";
import { secondsOf, type Config } from "../config.ts";
import { formatLoss, formatSeconds } from "../format.ts";
import { INTERRUPTED, listenForInterrupt } from "../interrupt.ts";
import { positiveInteger } from "../plain-flags.ts";
import { loadTask, tunerOf } from "../registry.ts";
import { reproduction } from "../reproduction.ts";
import { onDisk, writeWhole } from "../run-folder/disk.ts";
import { parseJson } from "../run-folder/run-folder.ts";
import { readConfig, type Flags } from "./tune.ts";

/** What `hypertrain compare` accepts beside the fields of a configuration, as it was typed. */
export interface CompareFlags {
  /** Names behind commas; default random, gp, hyperband, stn, delta-stn. */
  readonly methods?: string;
  /** Default 3. */
  readonly seeds?: string;
  /** Gradient evaluations that end a method; default none. */
  readonly budgetSteps?: string;
  /** Epochs of a search's trial. */
  readonly trialEpochs?: string;
}

/** A comparison as its folder keeps it: what must be the same for it to go on. */
interface Plan {
  readonly methods: readonly string[];
  readonly seeds: number;
  readonly seconds: number;
  readonly budgetSteps?: number;
  readonly trialEpochs?: number;
  readonly config: Config;
}

/**
 * Compares methods on one problem at equal time, one after the other, each from several seeds.
 *
 * @returns the exit code
 */
export async function compare(file: string | undefined, own: CompareFlags, fields: Flags): Promise<number> {
  const config = await readConfig(file, fields);
  const plan = planOf(own, config);
  const title = await demandFeasible(plan);
  const out = config.out ?? `comparisons/${title.replace(/[^\w.-]+/g, "-")}`;
  await openFolder(out, plan);
  const note = (line: string) => void (config.quiet || process.stderr.write(`${line}\n`));
  using interrupt = listenForInterrupt(note);

  const curves: Curve[] = [];
  const pairs = Array.from({ length: plan.seeds }, (_, i) => config.seed + i).flatMap((seed) =>
    plan.methods.map((method) => ({ method, seed })),
  );
  for (const [i, { method, seed }] of pairs.entries()) {
    const path = join(out, "curves", `${method}-${seed}.json`);
    const before = existsSync(path) ? (parseJson(await readFile(path, "utf8"), path) as Curve) : undefined;
    const curve = before ?? (await work(method, seed, plan, interrupt.signal, note));
    if (!curve) {
      note(`stopped; the same command with --out ${out} goes on`);
      return INTERRUPTED;
    }
    if (!before) await writeWhole(path, `${JSON.stringify(curve)}\n`);
    curves.push(curve);
    const { valid } = endOf(curve);
    note(
      `${i + 1} of ${pairs.length}: ${method}, seed ${seed}: ${formatLoss(valid.loss)}${curve.failed ? `, then failed: ${curve.failed}` : ""}${before ? " (done before)" : ""}`,
    );
  }
  await present(out, title, plan, curves);
  return 0;
}

const work = (
  method: string,
  seed: number,
  { config, seconds, budgetSteps, trialEpochs }: Plan,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<Curve | undefined> => {
  const told = progressOf(method, seed, note);
  return curveOf(method, contenders[method] as Contender, {
    config: { ...config, seed },
    seconds,
    ...(budgetSteps !== undefined && { budgetSteps }),
    ...(trialEpochs !== undefined && { trialEpochs }),
    ...{ signal, clock: performance, watch: ({ seconds: now, valid }) => told(now, valid.loss) },
  });
};

/** Tells of a method under way every ten seconds. */
function progressOf(method: string, seed: number, note: (line: string) => void) {
  let next = 10;
  return (seconds: number, loss: number) => {
    if (seconds < next) return;
    next = seconds + 10;
    note(`  ${method}, seed ${seed}: ${formatLoss(loss)} after ${formatSeconds(seconds)}`);
  };
}

function planOf(own: CompareFlags, config: Config): Plan {
  const { methods = "random,gp,hyperband,stn,delta-stn", seeds = "3", budgetSteps, trialEpochs } = own;
  const names = methods.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(contenders, name));
  const known = Object.keys(contenders);
  if (unknown !== undefined) {
    throw inputError(
      `--methods must be among ${known.join(", ")}, but got "${unknown}"${nearest(unknown, known)}`,
    );
  }
  if (config.time === undefined && budgetSteps === undefined) {
    throw inputError(
      "a comparison must have a budget, but got neither --time nor --budget-steps; give for example --time 1m",
    );
  }
  const seconds = config.time === undefined ? Infinity : secondsOf(config.time);
  if (!(seconds > 0)) {
    throw inputError(`--time must be more than 0, but got ${config.time}; give for example --time 1m`);
  }
  return {
    methods: [...new Set(names)],
    seeds: positiveInteger("--seeds", seeds),
    seconds,
    ...(budgetSteps !== undefined && { budgetSteps: positiveInteger("--budget-steps", budgetSteps) }),
    ...(trialEpochs !== undefined && { trialEpochs: positiveInteger("--trial-epochs", trialEpochs) }),
    config,
  };
}

/**
 * Prepares every method once, so that one which cannot do the problem says so before any has begun.
 *
 * @returns what the problem is called
 */
async function demandFeasible({ methods, config }: Plan): Promise<string> {
  const { name, task } = await loadTask({ ...config, method: "fixed" });
  for (const method of methods) {
    const contender = contenders[method] as Contender;
    if (contender.kind === "searching") {
      const space = searchable(task.problem.space);
      contender.sampler().suggest({ space, trials: [], seed: 0, number: 0 });
    } else if (contender.method !== "fixed") {
      demandTunable(method, task);
      tunerOf({ ...config, method: contender.method, warmupEpochs: 1 }, 1);
    }
  }
  return name;
}

/** Makes the folder of a comparison, or goes on in that of the same one. */
async function openFolder(out: string, plan: Plan): Promise<void> {
  const path = join(out, "comparison.json");
  const { out: _out, json: _json, quiet: _quiet, ...config } = plan.config;
  const text = `${JSON.stringify({ ...plan, config }, null, 2)}\n`;
  await onDisk(out, () => mkdir(join(out, "curves"), { recursive: true }));
  if (existsSync(path)) {
    if ((await onDisk(path, () => readFile(path, "utf8"))) === text) return;
    throw inputError(
      `--out must be a new folder or that of the same comparison, but ${out} holds another one; choose another folder`,
    );
  }
  const others = (await onDisk(out, () => readdir(out))).filter((name) => name !== "curves");
  if (others.length > 0) {
    throw inputError(`--out must be a new or empty folder, but ${out} holds ${others[0]}; choose another`);
  }
  await writeWhole(path, text);
}

async function present(out: string, title: string, plan: Plan, curves: readonly Curve[]): Promise<void> {
  const standings = standingsOf(curves);
  const seconds = Number.isFinite(plan.seconds)
    ? plan.seconds
    : Math.max(...curves.map((curve) => endOf(curve).seconds));
  const report = join(out, "report.html");
  const page = { title, curves, standings, seconds, seeds: plan.seeds, command: commandOf(plan) };
  await writeWhole(report, await renderComparison(page));
  const document = `${JSON.stringify({ title, seconds, seeds: plan.seeds, standings, curves, report })}\n`;
  await writeWhole(join(out, "compare.json"), document);
  const table = `\n${describeStandings(standings)}\n\n  report   ${report}\n`;
  process.stdout.write(plan.config.json ? document : table);
  if (plan.config.json && !plan.config.quiet) process.stderr.write(table);
}

function commandOf({ config, methods, seeds, budgetSteps, trialEpochs }: Plan): string {
  return [
    reproduction(config).replace(/^hypertrain tune/, "hypertrain compare"),
    `--methods ${methods.join(",")} --seeds ${seeds}`,
    ...(budgetSteps === undefined ? [] : [`--budget-steps ${budgetSteps}`]),
    ...(trialEpochs === undefined ? [] : [`--trial-epochs ${trialEpochs}`]),
  ].join(" ");
}
