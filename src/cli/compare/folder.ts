import { existsSync } from "node:fs";
import { readFile, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import type { LossCurve } from "../../api/comparison.ts";
import { inputError } from "../../util/error.ts";
import { isRecord } from "../../util/record.ts";
import { makeFolder, onDisk, writeWhole } from "../../artifacts/disk.ts";
import { lockRunFolder } from "../../artifacts/lock.ts";
import { sealJson, unsealJson } from "../../artifacts/sealed-json.ts";
import { partOf } from "../config/fields.ts";
import { areNotTheSame, changesOf, type JobParts } from "../run/origin.ts";
import type { Config } from "../config/config.ts";
import type { Plan } from "./plan.ts";

/** What a comparison has found so far, on disk: a curve for each method and seed. */
export interface CurveFolder extends AsyncDisposable {
  readonly path: string;
  /** The curve of a method from a seed; nothing if it is not there yet. */
  read(method: string, seed: number): Promise<LossCurve | undefined>;
  write(curve: LossCurve): Promise<void>;
}

/**
 * Makes the folder of a comparison, or goes on in that of one which gives methods the same work: others may be there already, and more seeds.
 * Until it is disposed of it is this process's; then one that was made here for nothing, since no curve came, goes again.
 *
 * @param origin what the work is made from, here and now
 * @throws {HypertrainError} if the folder holds anything else, or curves made from anything else, or another process compares in it.
 */
export async function openCurveFolder(path: string, plan: Plan, origin: JobParts): Promise<CurveFolder> {
  const description = join(path, "comparison.json");
  const begun: Begun = { ...workOf(plan), origin };
  const curves = join(path, "curves");
  const place = (method: string, seed: number) => join(curves, `${method}-${seed}.json`);
  await demandOwn(path, description, begun); // before anything is made in it
  const missing = missingOn(path);
  await makeFolder(path);
  const lock = await lockRunFolder({ path, lock: join(path, LOCK) });
  let isNew: boolean;
  try {
    await demandOwn(path, description, begun); // another process may have been as quick
    await makeFolder(curves);
    isNew = !existsSync(description);
    if (isNew) await writeWhole(description, `${JSON.stringify(begun, null, 2)}\n`);
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      const isVain = isNew && (await rmdir(curves).then(isDone, isNot));
      if (isVain) await rm(description, { force: true });
      await lock[Symbol.asyncDispose]();
      for (const folder of isVain ? missing : []) await rmdir(folder).catch(() => undefined); // somebody may use it by now
    },
    async read(method, seed) {
      const file = place(method, seed);
      if (!existsSync(file)) return undefined;
      return unsealJson(await onDisk(file, () => readFile(file, "utf8")), file) as unknown as LossCurve; // only ever written below
    },
    write: (curve) => writeWhole(place(curve.method, curve.seed), `${sealJson(curve)}\n`),
  };
}

const isDone = () => true;
const isNot = () => false;

/** The folders on the way to a path that are not there, the innermost first. */
function missingOn(path: string): readonly string[] {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  return missing;
}

/** What a comparison was begun with, as its folder keeps it. */
interface Begun extends Work {
  readonly origin: JobParts;
}

/** What must be the same for curves to be comparable, beside what they are made from. */
type Work = Omit<Plan, "methods" | "seeds" | "reach" | "config"> & { readonly config: Partial<Config> };

function workOf({ methods: _methods, seeds: _seeds, reach: _reach, config, ...budget }: Plan): Work {
  const { download: _, ...same } = partOf(config, "training", "machine", "data");
  return { ...budget, config: same };
}

/** Demands that a folder is new or empty, or that of the same comparison. */
async function demandOwn(path: string, description: string, begun: Begun): Promise<void> {
  if (existsSync(description)) {
    const before = begunIn(await onDisk(description, () => readFile(description, "utf8")));
    if (before === undefined || textOf(before) !== textOf(begun)) {
      throw inputError(
        `--out must be a new folder, or that of a comparison with the same problem, settings and budget, but ${path} holds another one; choose another folder`,
      );
    }
    const changed = changesOf(before.origin, begun.origin, begun);
    if (changed.length === 0) return;
    throw inputError(
      `${path} must go on with what it was begun with, but ${areNotTheSame(changed)}; restore that, or choose another folder with --out`,
    );
  }
  if (!existsSync(path)) return;
  const found = await onDisk(path, () => readdir(path));
  const other = found.find((name) => name !== "curves" && !name.startsWith(LOCK) && !name.endsWith(".part"));
  if (other === undefined) return;
  throw inputError(`--out must be a new or empty folder, but ${path} holds ${other}; choose another`);
}

const textOf = ({ origin: _, ...work }: Begun): string => JSON.stringify(work);

/** What a comparison was begun with; nothing where the text does not say so. */
function begunIn(description: string): Begun | undefined {
  try {
    const begun: unknown = JSON.parse(description);
    if (!isRecord(begun) || !isRecord(begun["config"]) || !isRecord(begun["origin"])) return undefined;
    return isRecord(begun["origin"]["versions"]) ? (begun as unknown as Begun) : undefined; // which is all that is written as one
  } catch {
    return undefined;
  }
}

/** Names the process that compares in a folder. */
const LOCK = "lock";
