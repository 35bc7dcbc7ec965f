import { existsSync } from "node:fs";
import { resolve } from "node:path";

import type { Origin } from "../../artifacts/origin.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import { dataSetOfName } from "../data-sets/data-set-names.ts";
import { flagOf } from "../config/fields.ts";
import { areNotTheSame, changedData, dataDigest, dataSize } from "./origin.ts";
import type { NamedTask } from "../registry/tasks.ts";

/** By what a user says where the data of a run lie by now. */
export interface DataFlags {
  /** The table, or the folder of images. */
  readonly data?: string;
  /** The directory of a data set by name, or the file or directory of a text. */
  readonly dataDir?: string;
}

/** The field of a configuration that says where its data lie; nothing where they come with the package or the problem. */
function placeOf({ problem, data }: Pick<Config, "problem" | "data">): keyof DataFlags | undefined {
  if (problem !== undefined) return undefined;
  const set = dataSetOfName(data);
  if (!set) return "data";
  return set.options.includes("dataDir") ? "dataDir" : undefined;
}

/**
 * The configuration of a run with its data where a user says that they lie by now, else where they lay.
 *
 * @throws {HypertrainError} where there is nothing, and where a user names data for a run that reads none from there.
 */
export function withFoundData({ path }: Pick<RunFolder, "path">, config: Config, flags: DataFlags): Config {
  const place = placeOf(config);
  for (const field of ["data", "dataDir"] as const) {
    const named = flags[field];
    if (named === undefined || field === place) continue;
    const from = config.problem === undefined ? config.data : "a problem, which brings its own";
    throw inputError(
      `${flagOf(field)} must be left out for ${path}, whose data are of ${oneLine(from)}, but got ${oneLine(named)}; ${place === undefined ? "leave it out" : `say where they lie with ${flagOf(place)}`}`,
    );
  }
  if (place === undefined) return config;
  const named = flags[place];
  if (named === undefined) {
    if (existsSync(config[place]) || config.download) return config;
    throw inputError(
      `${path} must find its data, but there is no ${oneLine(config[place])}; say where they lie by now with ${flagOf(place)} ${place === "data" ? "FILE|DIR" : "DIR"}`,
    );
  }
  const found = resolve(named);
  if (existsSync(found)) return { ...config, [place]: found };
  throw inputError(
    `${flagOf(place)} must be a file or a folder that exists, but there is no ${oneLine(found)}; check the path`,
  );
}

/**
 * Checks of a run's data, where a user says that they lie by now or where they lay, that they are those that it was trained on. Of data that come with the package or a problem
 * nothing is demanded.
 *
 * @param config with its data where they were found
 * @param load the task with its parts as the run has them
 * @throws {HypertrainError}
 */
export async function demandSameData(
  { path }: Pick<RunFolder, "path">,
  origin: Origin | undefined,
  config: Config,
  load: () => NamedTask | Promise<NamedTask>,
  { data, dataDir }: DataFlags,
): Promise<void> {
  const place = placeOf(config);
  if (place === undefined) return;
  if (!origin && data === undefined && dataDir === undefined) return; // nothing says which they were
  const here = await load();
  if (origin?.data === dataDigest(here)) return;
  const named = data ?? dataDir ?? config[place];
  const fault = origin
    ? areNotTheSame([changedData(origin.size, dataSize(here))])
    : "origin.json no longer says which those were";
  throw inputError(
    `${oneLine(named)} must hold the data that ${path} was trained on, but ${fault}; restore that, or say where those lie with ${flagOf(place)}`,
  );
}
