import { availableParallelism } from "node:os";

import { lossUnitOf } from "../../report/loss-unit.ts";
import { demandCarrying } from "../../tuners/carrying.ts";
import { demandPlateau } from "../../tuners/follows-plateau.ts";
import { loneRowsOfTrials } from "../../tuners/lone-rows.ts";
import { endlessRun } from "../../tuners/tuner.ts";
import { decimalOf } from "../../util/decimal.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { sizedConfig } from "../config/batch-size.ts";
import { secondsOf, type Config } from "../config/config.ts";
import { fieldNames, fields, flagOf, type FieldName } from "../config/fields.ts";
import type { Field } from "../config/fields/field.ts";
import { DEFAULT_METHOD, isSearch, methodNames, type MethodName } from "../../methods/lookup.ts";
import { inFlags } from "../terminal/in-flags.ts";
import { stepsPerEpochOf } from "../run/job.ts";
import { oneOf, positiveInteger } from "../config/plain-flags.ts";
import { loadTask, type NamedTask } from "../registry/tasks.ts";
import { tunerOf } from "../registry/tuners.ts";
import { reproduction } from "../config/reproduction.ts";
import { trainingOptions } from "../run/run-options.ts";
import { searchable } from "../registry/searchable.ts";
import { demandSearchable } from "../registry/search-parts.ts";

/** What `hypertrain compare` accepts beside the fields of a configuration, as it was typed. */
export interface CompareFlags {
  /** Names behind commas; default random, gp, hyperband, stn, delta-stn. */
  readonly methods?: string;
  /** Default 3. */
  readonly seeds?: string;
  /** Gradient evaluations that end a method; default none. */
  readonly budgetSteps?: string;
  /** How many methods work at once, each in a thread of its own; default 1. */
  readonly parallel?: string;
  /** Validation losses behind commas, the time to which is told; default the median of the methods' medians. */
  readonly reach?: string;
}

/** What competes unless a comparison says otherwise. */
export const DEFAULT_METHODS = "random,gp,hyperband,stn,delta-stn";

/** What a comparison does. */
export interface Plan {
  readonly methods: readonly MethodName[];
  readonly seeds: number;
  /** Seconds that each method works; Infinity where only gradients are counted. */
  readonly seconds: number;
  readonly budgetSteps?: number;
  readonly parallel: number;
  readonly reach?: readonly number[];
  readonly config: Config;
}

/**
 * What the flags ask for.
 *
 * @throws {HypertrainError} for flags that name nothing, or leave the comparison without an end.
 */
export function planOf(own: CompareFlags, config: Config): Plan {
  const { methods = DEFAULT_METHODS, seeds = "3", parallel = "1" } = own;
  const lanes = positiveInteger("--parallel", parallel);
  const share = Math.max(1, Math.floor(availableParallelism() / lanes));
  const threads = config.threads ?? (lanes > 1 ? share : undefined);
  const { budgetSteps, reach } = own;
  return {
    methods: methodsOf(methods),
    seeds: positiveInteger("--seeds", seeds),
    seconds: secondsIn(config, budgetSteps),
    ...(budgetSteps !== undefined && { budgetSteps: positiveInteger("--budget-steps", budgetSteps) }),
    parallel: lanes,
    ...(reach !== undefined && { reach: reach.split(",").map(lossOf) }),
    config: { ...config, ...(threads !== undefined && { threads }) },
  };
}

/** The methods that a list of names names. @throws {HypertrainError} */
export function methodsOf(list: string): MethodName[] {
  const names = list.split(",").map((name) => oneOf("--methods", methodNames, name.trim()));
  return [...new Set(names)];
}

/**
 * Demands that a comparison has a use for what was given.
 *
 * @throws {HypertrainError} on the first flag that would be ignored.
 */
export function demandCompared(
  flags: Readonly<Partial<Record<FieldName, unknown>>>,
  { schedule }: Config,
): void {
  for (const name of fieldNames) {
    const { notCompared }: Field = fields[name];
    if (flags[name] === undefined || notCompared === undefined) continue;
    if (name === "epochs" && schedule === "cosine") continue; // it needs an end
    throw inputError(
      `${flagOf(name)} must be left out of a comparison, ${notCompared}, but got ${oneLine(String(flags[name]))}`,
    );
  }
}

function secondsIn({ time }: Config, budgetSteps: string | undefined): number {
  if (time === undefined) {
    if (budgetSteps !== undefined) return Infinity;
    throw inputError(
      "a comparison must have a budget, but got neither --time nor --budget-steps; give for example --time 1m",
    );
  }
  return secondsOf(time);
}

function lossOf(text: string): number {
  const loss = decimalOf(text);
  if (!Number.isNaN(loss)) return loss;
  throw inputError(
    `--reach must be validation losses behind commas, but got "${oneLine(text)}"; give for example --reach 0.1,0.05`,
  );
}

/** What a comparison is of. */
export interface Feasible {
  readonly title: string;
  readonly lossUnit?: string | undefined;
  readonly named: NamedTask;
  /** What the methods do not do that one would take for granted. */
  readonly remarks: readonly string[];
}

/**
 * Prepares every method once, so that one which cannot do the problem says so before any has begun.
 *
 * @returns what the problem is called, what its losses are in, where that is not plain, and what methods say of it
 */
export async function demandFeasible({ methods, config: given }: Plan): Promise<Feasible> {
  const named = await loadTask({ ...given, method: "fixed" });
  const { name, task, supervised } = named;
  const config = sizedConfig(given, task.data.train.rows);
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const remarks = new Set<string>(); // several methods say the same
  for (const method of methods) {
    if (isSearch(method)) {
      await demandSearchable(method, { ...task.problem, space: searchable(task.problem.space) });
    }
    const training = isSearch(method) ? "fixed" : method;
    const own = { ...config, method: training, warmupEpochs: 1 } as const;
    const tuner = await tunerOf(own, 1);
    const prepared = tuner.prepare(task, config.seed, endlessRun);
    demandCarrying(tuner.name, task.problem, prepared.state);
    if (config.schedule === "plateau") demandPlateau(tuner.name, prepared);
    for (const remark of loneRowsOfTrials(task, prepared, trainingOptions(own, stepsPerEpoch)))
      remarks.add(inFlags(remark));
  }
  return { title: name, lossUnit: supervised && lossUnitOf(supervised), named, remarks: [...remarks] };
}

/** All that is to be done: seed by seed, every method. */
export const pairsOf = ({ methods, seeds, config }: Plan): MethodSeed[] =>
  Array.from({ length: seeds }, (_, i) => config.seed + i).flatMap((seed) =>
    methods.map((method) => ({ method, seed })),
  );

/** A method and the seed that it works from. */
export interface MethodSeed {
  readonly method: MethodName;
  readonly seed: number;
}

/** The command that repeats a comparison. */
export function commandOf({ config, methods, seeds, budgetSteps, parallel, reach }: Plan): string {
  return [
    reproduction({ ...config, method: DEFAULT_METHOD }, methods).replace(
      /^hypertrain tune/,
      "hypertrain compare",
    ),
    `--methods ${methods.join(",")} --seeds ${seeds}`,
    ...(budgetSteps === undefined ? [] : [`--budget-steps ${budgetSteps}`]),
    ...(parallel === 1 ? [] : [`--parallel ${parallel}`]),
    ...(reach === undefined ? [] : [`--reach ${reach.join(",")}`]),
  ].join(" ");
}
