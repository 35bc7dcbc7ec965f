import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { inputError } from "../../util/error.ts";
import { makeFolder, onDisk, writeWhole } from "../../artifacts/disk.ts";
import { sealJson, unsealJson } from "../../artifacts/sealed-json.ts";
import type { LossCurve } from "./curve.ts";
import type { Plan } from "./plan.ts";

/** What a comparison has found so far, on disk: a curve for each method and seed. */
export interface CurveFolder {
  readonly path: string;
  /** The curve of a method from a seed; nothing if it is not there yet. */
  read(method: string, seed: number): Promise<LossCurve | undefined>;
  write(curve: LossCurve): Promise<void>;
}

/**
 * Makes the folder of a comparison, or goes on in that of one which gives methods the same work: others may be there already, and more seeds.
 *
 * @throws {HypertrainError} if the folder holds anything else.
 */
export async function openCurveFolder(path: string, plan: Plan): Promise<CurveFolder> {
  const description = join(path, "comparison.json");
  const text = `${JSON.stringify(workOf(plan), null, 2)}\n`;
  const place = (method: string, seed: number) => join(path, "curves", `${method}-${seed}.json`);
  await makeFolder(join(path, "curves"));
  if (!existsSync(description)) {
    await demandEmpty(path);
    await writeWhole(description, text);
  } else if ((await onDisk(description, () => readFile(description, "utf8"))) !== text) {
    throw inputError(
      `--out must be a new folder, or that of a comparison with the same problem, settings and budget, but ${path} holds another one; choose another folder`,
    );
  }
  return {
    path,
    async read(method, seed) {
      const file = place(method, seed);
      if (!existsSync(file)) return undefined;
      return unsealJson(await onDisk(file, () => readFile(file, "utf8")), file) as unknown as LossCurve; // only ever written below
    },
    write: (curve) => writeWhole(place(curve.method, curve.seed), `${sealJson(curve)}\n`),
  };
}

/** What must be the same for curves to be comparable. */
function workOf({ methods: _methods, seeds: _seeds, reach: _reach, config, ...budget }: Plan): object {
  const { out: _out, json: _json, quiet: _quiet, tensorboard: _folder, mlflow: _url, ...rest } = config;
  return { ...budget, config: rest };
}

async function demandEmpty(path: string): Promise<void> {
  const others = (await onDisk(path, () => readdir(path))).filter((name) => name !== "curves");
  if (others.length === 0) return;
  throw inputError(`--out must be a new or empty folder, but ${path} holds ${others[0]}; choose another`);
}
