import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { thisMachine } from "../../artifacts/machine.ts";
import { fileDigest, type Origin } from "../../artifacts/origin.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import { isModule } from "../modules/network-module.ts";

/** By what a user lets a command run the module of a run, whose folder names it. */
export interface ModuleFlags {
  /** Where the module lies by now: it may run, since it was named. */
  readonly module?: string;
  /** Whether the module that the folder names may run although it has changed, or the run is of another machine. */
  readonly trust?: boolean;
}

/** The module whose code a run executes, where there is one. */
export const moduleOf = ({ problem, model }: Pick<Config, "problem" | "model">): string | undefined =>
  problem ?? (isModule(model) ? model : undefined);

/**
 * The path of a module that a user names in the place of a run's.
 *
 * @throws {HypertrainError} where there is none.
 */
export function namedModule(module: string): string {
  const path = resolve(module);
  if (existsSync(path)) return path;
  throw inputError(`--module must be a file that exists, but there is no ${oneLine(path)}; check the path`);
}

/**
 * The configuration of a run whose module, where it has one, may run: one that a user names, one that is trusted, or one that ran on this machine already and has not changed.
 *
 * @param asked what it runs for, and the flags that let it where they are the same for all
 * @throws {HypertrainError} where there is no such module, and where a user names one for a run without any.
 */
export async function withTrustedModule(
  { path }: Pick<RunFolder, "path">,
  origin: Origin | undefined,
  config: Config,
  { module, trust = false }: ModuleFlags,
  { doing, always }: { readonly doing: string; readonly always?: string },
): Promise<Config> {
  const own = moduleOf(config);
  const { problem } = config;
  const makes = problem === undefined ? "network" : "problem";
  if (module !== undefined) {
    if (own !== undefined)
      return { ...config, [makes === "network" ? "model" : "problem"]: namedModule(module) };
    throw inputError(
      `--module must come with a run whose problem or network a module makes, but ${path} has none; leave it out`,
    );
  }
  if (own === undefined) return config;
  if (!existsSync(own)) {
    throw inputError(
      `${path} must find the module that makes its ${makes}, but there is no ${oneLine(own)}; say where it lies by now with --module FILE`,
    );
  }
  if (trust) return config;
  const changed = (problem === undefined ? origin?.network : origin?.problem) !== (await fileDigest(own));
  const why = !origin
    ? "no longer says of which module, and on which machine, it was made"
    : origin.machine !== thisMachine().machine
      ? "was not made on this machine"
      : changed
        ? "was made when that module was another"
        : undefined;
  if (why === undefined) return config;
  throw inputError(
    `${path} must be trusted, since ${doing} runs the code of ${own}, but it ${why}; look at that module, then add ${always ?? (changed ? "--trust --force" : "--trust")}`,
  );
}
