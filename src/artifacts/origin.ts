import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { someSplits, type Dataset, type Splits } from "../data/dataset.ts";
import { onDisk, writeWhole } from "./disk.ts";
import type { ModuleAnswers } from "./module-answers.ts";
import { thisMachine, type Machine } from "./machine.ts";
import { folderWith, type RunFolder } from "./run-folder.ts";
import { sealJson, unsealJson } from "./sealed-json.ts";
import { demandGiven } from "../util/given.ts";

/** What a run was made from: whoever goes on with it must have the same. */
export interface Origin extends Machine {
  /** A digest of all numbers that the run sees, and of what they mean. */
  readonly data: string;
  /** How much data it is, for people: `60 + 20 + 20 rows of 4 inputs`. */
  readonly size?: string;
  /** A digest of the user's module, where the problem is one. */
  readonly problem?: string;
  /** A digest of the file that lists the network's layers, where there is one. */
  readonly network?: string;
  /** What a module's network or problem answered when the run began, by which it is known again; absent where there is no module. */
  readonly answers?: ModuleAnswers;
  readonly versions: Readonly<Record<string, string>>;
  /** Why it has its method, where a user left the choice to a rule. */
  readonly auto?: string;
  /** The run folder whose training and validation rows it has trained on together. */
  readonly refitted?: string;
  /** That it held the values of that run's best epoch; absent where it followed the schedule. */
  readonly hold?: true;
}

/** Writes what a run in a folder is made from, here. @throws {HypertrainError} for what is no run folder. */
export async function writeOrigin(folder: RunFolder, parts: Omit<Origin, keyof Machine>): Promise<void> {
  demandGiven("writeOrigin", { folder }, { folder: folderWith("origin") });
  await writeWhole(folder.origin, `${sealJson({ ...thisMachine(), ...parts }, 2)}\n`);
}

/** What the run in a folder was made from; nothing where it does not say so. @throws {HypertrainError} where it is damaged. */
export async function readOrigin(folder: RunFolder): Promise<Origin | undefined> {
  demandGiven("readOrigin", { folder }, { folder: folderWith("origin") });
  const { origin } = folder;
  if (!existsSync(origin)) return undefined;
  const text = await onDisk(origin, () => readFile(origin, "utf8"));
  return unsealJson(text, origin) as unknown as Origin; // only ever written by writeOrigin
}

/**
 * A digest of data: names, shapes, kinds of number and numbers.
 *
 * @param meaning what the numbers mean, as JSON, where that counts as well: standardised numbers are the same in other units, and of columns or classes of other names
 * @throws {HypertrainError} for what is no splits.
 */
export function digestOf(splits: Splits, meaning: object = {}): string {
  demandGiven("digestOf", { splits }, { splits: someSplits });
  const { train, valid, test } = splits;
  const hash = createHash("sha256").update(JSON.stringify(meaning));
  const parts: [string, Dataset | undefined][] = [
    ["train", train],
    ["valid", valid],
    ["test", test],
  ];
  for (const [part, data] of parts) {
    hash.update(`${part} ${data?.rows}\n`);
    for (const [name, { data: numbers, shape }] of Object.entries(data?.fields ?? {})) {
      hash.update(`${JSON.stringify([name, shape, numbers.constructor.name])}\n`).update(numbers);
    }
    for (const [name, { codes, values, shape }] of Object.entries(data?.coded ?? {})) {
      hash
        .update(`${JSON.stringify([name, shape, "coded"])}\n`)
        .update(values)
        .update(codes);
    }
  }
  return hash.digest("hex");
}

/** A digest of a file's content. */
export const fileDigest = async (path: string): Promise<string> =>
  createHash("sha256")
    .update(await onDisk(path, () => readFile(path)))
    .digest("hex");
