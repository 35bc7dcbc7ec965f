/*
 * Settings of the optimizer among the hyperparameters.
 */
import { withOptimizerHypers } from "../../hypergrad/optimizer-hypers.ts";
import type { Task } from "../../problem/problem.ts";
import type { Hyper } from "../../space/space.ts";
import { inputError } from "../../util/error.ts";
import type { Config, HyperConfig } from "../config/config.ts";
import { flagOf } from "../config/fields.ts";
import { isChoice } from "../config/hyper-flag.ts";
import { type HyperConfigs, hyperOf } from "../config/hypers.ts";
import { withRange } from "../config/suggested-range.ts";

/** The settings of the optimizer that may be hyperparameters, by what the command line calls them. */
const settings = { lr: "learningRate", momentum: "momentum" } as const;

/** What a configuration says of the optimizer's settings, apart from what it says of the rest. */
export function separated(configs: HyperConfigs): { ofOptimizer: HyperConfigs; others: HyperConfigs } {
  const [ofOptimizer, others] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(configs).filter(([name]) => name in settings === wanted)),
  ) as [HyperConfigs, HyperConfigs];
  return { ofOptimizer, others };
}

/**
 * A task with settings of the optimizer among its hyperparameters.
 *
 * @param configs names them as the command line does
 * @throws {HypertrainError} where a setting has a value of its own as well.
 */
export function withSettings(
  task: Task,
  configs: HyperConfigs,
  config: Pick<Config, "lr" | "momentum">,
): Task {
  const entries = Object.entries(configs) as [keyof typeof settings, number | HyperConfig][];
  if (entries.length === 0) return task;
  const hypers = entries.map(([name, given]) => {
    if (config[name] !== undefined) {
      throw inputError(
        `${flagOf(name)} must be left out where ${name} is a hyperparameter, which starts at its own value, but got ${config[name]}; give --hyper ${name}=${config[name]}`,
      );
    }
    if (isChoice(given as HyperConfigs[string])) {
      throw inputError(
        `${name} must be a number with a range, but got options; give it as ${name}=START:LOW..HIGH`,
      );
    }
    return [settings[name], hyperOf(name, withRange(name, given), [])];
  });
  const names = entries.map(([name]) => [settings[name], name]);
  return withOptimizerHypers(
    task,
    Object.fromEntries(hypers) as Record<string, Hyper>,
    Object.fromEntries(names) as Record<string, string>,
  );
}
