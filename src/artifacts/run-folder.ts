import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

import { inputError, type HypertrainError } from "../util/error.ts";
import { optionText } from "../util/option-text.ts";
import { makeFolder, onDisk, writeUntaken, writeWhole } from "./disk.ts";
import { sealJson, unsealJson } from "./sealed-json.ts";
import { isRecord, recordOf } from "../util/record.ts";
import { demandGiven } from "../util/given.ts";
import { named, objectWith, text, type ValueRule } from "../util/rule.ts";

/** The files of a run folder. */
export interface RunFolder {
  /** As a user sees it from the current folder. */
  readonly path: string;
  readonly config: string;
  readonly metrics: string;
  readonly checkpoint: string;
  readonly hyperparameters: string;
  /** Who works on it. */
  readonly lock: string;
  /** What the run was made from, and where. */
  readonly origin: string;
  /** The network's layers, where a file listed them. */
  readonly network: string;
  /** The trained network's weights. */
  readonly model: string;
  /** What the model takes and answers. */
  readonly document: string;
  /** The trained model, from rows as they stand in a file to answers. */
  readonly onnx: string;
  /** The trained network alone. */
  readonly coreOnnx: string;
  /** What the run says of itself. */
  readonly result: string;
  /** The page about the run. */
  readonly report: string;
  /** The run folder of the same training with the hyperparameters held. */
  readonly baseline: string;
}

/** What a run folder calls its copy of the file that lists the network's layers. */
export const NETWORK_FILE = "network.json";

/** Where a run folder's files are. @throws {HypertrainError} for what is no path. */
export function runFolder(path: string): RunFolder {
  demandGiven("runFolder", { path }, { path: text });
  return {
    path: shortest(path),
    config: join(path, "config.json"),
    metrics: join(path, "metrics.jsonl"),
    checkpoint: join(path, "checkpoint"),
    hyperparameters: join(path, "hyperparameters.json"),
    lock: join(path, "lock"),
    origin: join(path, "origin.json"),
    network: join(path, NETWORK_FILE),
    model: join(path, "model.safetensors"),
    document: join(path, "model.json"),
    onnx: join(path, "model.onnx"),
    coreOnnx: join(path, "model-core.onnx"),
    result: join(path, "result.json"),
    report: join(path, "report.html"),
    baseline: join(path, "baseline"),
  };
}

/** Where a new run folder goes. */
export type RunFolderPlace =
  /** A folder that is new or empty. */
  | { readonly out: string }
  /** `runs/NAME`, numbered if that is taken. */
  | { readonly name: string };

const aPlace: ValueRule<RunFolderPlace> = {
  must: "{ out: FOLDER } or { name: NAME }",
  holds: (value) =>
    isRecord(value) && Object.keys(value).length === 1 && (text.holds(value.out) || text.holds(value.name)),
};

/** What a run folder must be, for whoever looks at some of its files alone. */
export const folderWith = <Files extends keyof RunFolder>(
  ...files: readonly Files[]
): ValueRule<Pick<RunFolder, Files>> =>
  objectWith<RunFolder>(
    "a run folder, such as runFolder(path)",
    recordOf(files, () => "string" as const),
  );

/** What a run folder must be. */
export const aRunFolder = folderWith("path", "config", "lock");

/**
 * Makes a run folder and writes what the run is configured with, which any JSON document may say.
 *
 * @throws {HypertrainError} for what is no place, or one that holds something already or cannot be written to.
 */
export async function createRunFolder(config: object, place: RunFolderPlace): Promise<RunFolder> {
  demandGiven("createRunFolder", { config, place }, { config: named("a configuration,"), place: aPlace });
  const path = "out" in place ? await claimEmpty(place.out) : await claim(join("runs", place.name));
  const folder = runFolder(path);
  const taken = await writeUntaken(folder.config, written(config));
  if (taken === undefined) return folder;
  throw inputError(
    `${path} must be taken by one run, but another begins there at this moment; choose another, or delete ${taken} if none does`,
  );
}

const written = (config: object): string => `${sealJson(config, 2)}\n`;

/** Replaces what a run folder says of its configuration. @throws {HypertrainError} for what is no run folder. */
export async function writeConfig(folder: RunFolder, config: object): Promise<void> {
  demandGiven("writeConfig", { folder }, { folder: aRunFolder });
  await writeWhole(folder.config, written(config));
}

/**
 * An existing run folder and what its run was configured with, as JSON: whoever wrote it knows how to read it.
 *
 * @throws {HypertrainError} if it is none.
 */
export async function openRunFolder(path: string): Promise<{ folder: RunFolder; config: unknown }> {
  demandGiven("openRunFolder", { path }, { path: text });
  const folder = runFolder(path);
  if (!existsSync(folder.config)) {
    throw inputError(
      `${path} must be a run folder, but ${whatIsAt(path)}; name a folder that \`hypertrain tune\` made`,
    );
  }
  const written = await onDisk(folder.config, () => readFile(folder.config, "utf8"));
  return { folder, config: unsealJson(written, folder.config) };
}

function whatIsAt(path: string): string {
  if (!existsSync(path)) return "does not exist";
  return statSync(path).isDirectory() ? "holds no config.json" : "is a file";
}

/** Whether a run folder's configuration is of `hypertrain tune`, which goes on with it; a program's own is any document, which only that program goes on with. */
export const isOfTune = (config: unknown): boolean =>
  typeof (Object(config) as { method?: unknown }).method === "string";

/** Removes a run folder that nobody needs; what is not a run's stays. @throws {HypertrainError} for what is no run folder. */
export async function removeRunFolder(folder: RunFolder): Promise<void> {
  demandGiven("removeRunFolder", { folder }, { folder: aRunFolder });
  await onDisk(folder.path, () => Promise.resolve(removeAtOnce(folder)));
}

/** The same without waiting, for a process that ends at once. */
export function removeAtOnce({ path, ...files }: RunFolder): void {
  for (const file of Object.values(files)) rmSync(file, { recursive: true, force: true });
  if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path); // it may hold something else
}

/** The first free of NAME, NAME-2, NAME-3, …, made at once so that no other run takes it. */
async function claim(name: string): Promise<string> {
  await makeFolder(dirname(name));
  for (let number = 1; ; number++) {
    const path = number === 1 ? name : `${name}-${number}`;
    const made = await onDisk(path, () =>
      mkdir(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      ),
    );
    if (made) return path;
  }
}

async function claimEmpty(path: string): Promise<string> {
  await makeFolder(path);
  const found = await contentOf(path);
  if (found.length === 0) return path;
  const goesOn = found.includes("config.json") && found.includes("checkpoint"); // which a search in a store has elsewhere
  throw notEmpty(path, found, goesOn ? `, or go on with \`hypertrain resume ${path}\`` : "");
}

/** Demands that a folder which is made later can be: that it isn't there yet, or is empty. @throws {HypertrainError} if it holds something. */
export async function demandEmpty(path: string): Promise<void> {
  const found = existsSync(path) ? await contentOf(path) : [];
  if (found.length > 0) throw notEmpty(path, found);
}

const contentOf = async (path: string): Promise<readonly string[]> =>
  (await onDisk(path, () => readdir(path))).filter((name) => !name.endsWith(".part"));

const notEmpty = (path: string, found: readonly string[], otherwise = ""): HypertrainError =>
  inputError(
    `${optionText("out")} must be a new or empty folder, but ${path} holds ${found.includes("config.json") ? "a run" : found[0]}; choose another${otherwise}`,
  );

/** Relative to the current folder where that is shorter. */
function shortest(path: string): string {
  const near = relative(process.cwd(), resolve(path)) || ".";
  const far = resolve(path);
  return near.length < far.length ? near : far;
}
