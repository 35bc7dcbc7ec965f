import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { demandSplits } from "../../data/dataset.ts";
import type { Problem, Task } from "../../problem/problem.ts";
import { createSpace, type Hyper } from "../../space/space.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { thrown } from "../../util/thrown.ts";
import type { Config } from "../config/config.ts";
import { isChoice } from "../config/hyper-flag.ts";
import { separated, withSettings } from "../registry/optimizer-settings.ts";
import type { HyperConfigs } from "../config/hypers.ts";
import { unheard } from "../terminal/interrupt.ts";
import { registerResolveHook } from "./resolve-hook.ts";
import { settled } from "./settled.ts";

/**
 * A user's task: what the module at `path` exports by default.
 *
 * @param starts may move where its hyperparameters start, and make settings of the optimizer hyperparameters
 * @param own the values that these settings have otherwise
 * @throws {HypertrainError} if the module does not load or exports something else.
 */
export async function loadProblem(
  path: string,
  starts: HyperConfigs,
  own: Pick<Config, "lr" | "momentum"> = {},
): Promise<Task> {
  const task = demandTask(path, await importDefault(path, "the problem"));
  const known = ([name]: [string, unknown]): boolean => name in task.problem.space.hypers;
  const { ofOptimizer } = separated(starts);
  const added = Object.fromEntries(Object.entries(ofOptimizer).filter((entry) => !known(entry)));
  const moved = Object.fromEntries(Object.entries(starts).filter(([name]) => !(name in added)));
  return withSettings(withStarts(path, task, moved), added, own);
}

/**
 * What a user's module exports by default.
 *
 * @param what the module is to be, for sentences
 * @throws {HypertrainError} if there is none, or it does not load.
 */
export async function importDefault(path: string, what: string): Promise<unknown> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw inputError(`${what} must be a module that exists, but there is no ${path}; check the path`);
  }
  registerResolveHook();
  return settled(
    () =>
      unheard(() =>
        import(pathToFileURL(file).href).then(
          (module: { readonly default?: unknown }) => module.default, // awaited, where it is a promise
          (cause: unknown) => fail(path, cause),
        ),
      ),
    (how) =>
      inputError(
        `${path} must load as a module, but ${how === "exits" ? "ended the process while it was loading; take out what calls process.exit" : "never finished loading: what it awaits, or exports, never comes; look at the promises at its top level"}`,
      ),
    `${path} still loads: what it awaits, or exports, has not come yet`,
  );
}

function fail(path: string, cause: unknown): never {
  if (cause instanceof HypertrainError) throw cause;
  throw inputError(`${path} must load as a module, but threw: ${thrown(cause)}`, { cause });
}

/** What a task must have for the run to start; what its functions do with arrays shows when they are traced. */
function demandTask(path: string, exported: unknown): Task {
  const { problem, data } = (exported ?? {}) as Partial<Task>;
  const lacking = [
    ...lacks("problem", problem, { name: "string", space: "object", noise: "object" }),
    ...lacks("problem", problem, { init: "function", predict: "function", loss: "function" }),
    ...lacks("data", data, { train: "object", valid: "object" }),
  ];
  if (lacking.length === 0) {
    demandSplits((exported as Task).data);
    return exported as Task;
  }
  throw inputError(
    `${path} must export a task { problem, data } by default, but ${exported === undefined ? "has no default export" : `lacks ${lacking.join(", ")}`}; see examples/my-problem.ts`,
  );
}

/** The fields that a value lacks, by what `typeof` says of each. */
export const lacks = (
  name: string,
  value: object | undefined,
  kinds: Readonly<Record<string, string>>,
): string[] =>
  Object.entries(kinds)
    .filter(([field, kind]) => typeof (value as Record<string, unknown> | undefined)?.[field] !== kind)
    .map(([field]) => `${name}.${field}`);

function withStarts(path: string, task: Task, starts: HyperConfigs): Task {
  const { space } = task.problem;
  const moved = Object.entries(starts).map(([name, config]): [string, Hyper] => {
    const hyper = Object.hasOwn(space.hypers, name) ? space.hypers[name] : undefined;
    if (!hyper) {
      throw inputError(
        `--hyper must name a hyperparameter of ${path} (${space.names.join(", ")}), but got "${name}"${nearest(name, space.names)}`,
      );
    }
    const [option, ...others] = isChoice(config) ? config : [];
    const { start, ...rest } =
      typeof config === "object" && !isChoice(config) ? config : { start: option ?? config, ...others };
    if (Object.values(rest).some((value) => value !== undefined)) {
      throw inputError(
        `--hyper may only move the start of "${name}", whose range ${path} sets, but got more; give ${name}=${start}`,
      );
    }
    return [name, { ...hyper, start } as Hyper]; // a choice that cannot start there is refused by the space
  });
  if (moved.length === 0) return task;
  const problem: Problem = {
    ...task.problem,
    space: createSpace({ ...space.hypers, ...Object.fromEntries(moved) }),
  };
  return { ...task, problem };
}
