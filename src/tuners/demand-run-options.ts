import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { shown } from "../util/shown.ts";
import type { RunOptions } from "./run-options.ts";

/**
 * Demands options that a run can have, before anything is made of one of them: a run that never ends, or a loss of no rows, would say nothing of the option that it is due to.
 *
 * @param options those that are given; what a plateau has of its own, `plateau` itself demands
 * @throws {HypertrainError} naming the first that is none, by its name or by its value.
 */
export function demandRunOptions(options: Partial<RunOptions>): void {
  const known = [...Object.keys(rules), "plateau"];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw inputError(
      `the options of a run must be among ${known.join(", ")}, but got ${shown(unknown)}${nearest(unknown, known) || "; leave it out"}`,
    );
  }
  for (const [name, [holds, must]] of Object.entries(rules)) {
    const value: unknown = options[name as keyof typeof rules];
    if (value !== undefined && !holds(value)) {
      const mend = name === "epochs" ? "give at least 1" : "leave it out for its default";
      throw inputError(`${name} must be ${must}, but got ${shown(value)}; ${mend}`);
    }
  }
}

/** Whether an option's value is one, and what it must be. */
type Rule = readonly [holds: (value: unknown) => boolean, must: string];

const isWhole = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least;
const isBetween = (value: unknown, low: number, below: number): boolean =>
  typeof value === "number" && value >= low && value < below;

const limit: Rule = [(value) => typeof value === "number" && value > 0, "a positive number, or Infinity"];
const count: Rule = [(value) => isWhole(value, 1), "a positive integer"];
const share: Rule = [(value) => isBetween(value, 0, 1), "a share, from 0 to below 1"];
const flag: Rule = [(value) => typeof value === "boolean", "true or false"];

const rules = {
  epochs: limit,
  timeLimit: limit,
  gradientLimit: limit,
  patience: limit,
  batchSize: count,
  validBatchSize: count,
  evaluateEvery: count,
  evaluationBatchSize: count,
  seed: [(value) => isWhole(value, 0), "an integer from 0 to 2^53 - 1"],
  precision: [(value) => value === "float32" || value === "float64", '"float32" or "float64"'],
  restart: flag,
  checkShare: share,
  guard: share,
  keepBest: flag,
  keepBelow: [(value) => typeof value === "number" && !Number.isNaN(value), "a number"],
} satisfies Record<keyof Omit<RunOptions, "plateau">, Rule>;
