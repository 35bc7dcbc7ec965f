import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { onDisk, writeWhole } from "../../artifacts/disk.ts";
import { digestOf, fileDigest, readOrigin, writeOrigin, type Origin } from "../../artifacts/origin.ts";
import { changedAnswer } from "../../artifacts/module-answers.ts";
import { runFolder, type RunFolder } from "../../artifacts/run-folder.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import type { Job, LoadedConfig } from "./job.ts";
import { isModule } from "../modules/network-module.ts";
import { refitCommand } from "../config/reproduction.ts";
import { moduleOf, type ModuleFlags } from "./run-module.ts";
import { openEngine } from "../registry/engines.ts";
import { layersFileOf } from "./run-config.ts";
import type { NamedTask } from "../registry/tasks.ts";
import { moduleAnswers } from "./same-module.ts";

/** What a job is made from, as far as numbers depend on it. */
export type JobParts = Pick<Origin, "data" | "size" | "problem" | "network" | "answers" | "versions">;

/** What a job is made from, here and now, but for what its module answers. */
export async function partsOf({ config, named }: LoadedConfig): Promise<JobParts> {
  const { problem, model } = config;
  const network = layersFileOf(config) ?? (problem === undefined && isModule(model) ? model : undefined);
  return {
    ...{ data: dataDigest(named), size: dataSize(named) },
    ...(problem !== undefined && { problem: await fileDigest(problem) }),
    ...(network !== undefined && { network: await fileDigest(network) }),
    versions: versions(),
  };
}

/**
 * The same with what the job's module answers, by which it is known again whatever it imports.
 *
 * @param job its engine asks the module, by default that of its configuration
 */
export async function knownPartsOf(job: LoadedConfig & Partial<Pick<Job, "engine">>): Promise<JobParts> {
  const parts = await partsOf(job);
  if (moduleOf(job.config) === undefined) return parts;
  const { engine = await openEngine(job.config) } = job;
  const answers = await moduleAnswers({ ...job, engine });
  return { ...parts, ...(answers && { answers }) };
}

/** A digest of a task's data; of labelled examples also of how they became numbers, so that columns or classes of other names and units are other data. */
export function dataDigest({ task, supervised }: Pick<NamedTask, "task" | "supervised">): string {
  if (!supervised) return digestOf(task.data);
  const { classes, columns, targetScale, encoding, images } = supervised.data;
  const pixels = images && { shape: images.shape, scale: images.scale, white: images.white };
  return digestOf(task.data, { classes, columns, targetScale, encoding, pixels });
}

/** How much data that is, for people. */
export function dataSize({ task, supervised }: Pick<NamedTask, "task" | "supervised">): string {
  const { text } = supervised?.data ?? {};
  if (text) {
    const parts = Object.values(text.parts).map(({ tokens }) => tokens);
    return `${parts.join(" + ")} ${text.tokens}s`;
  }
  const { train, valid, test } = task.data;
  const rows = [train, valid, test].flatMap((part) => (part ? [part.rows] : [])).join(" + ");
  const inputs = supervised?.data.inputShape.join(" x ");
  return `${rows} rows${inputs === undefined ? "" : ` of ${inputs} ${inputs === "1" ? "input" : "inputs"}`}`;
}

/** What of the data is not the same, where the digests differ. */
export function changedData(then: string | undefined, now: string): string {
  if (then === undefined) return "the data, or the way in which this version encodes it,";
  return then === now
    ? `the data (${now} as then, but other values or names)`
    : `the data (${then} then, ${now} now)`;
}

/** Writes what a job is made from into its run folder. */
export async function keepOrigin(
  folder: RunFolder,
  job: Job,
  { refitted, hold = false }: { readonly refitted?: string; readonly hold?: boolean } = {},
): Promise<void> {
  await keepNetwork(folder, job.config);
  await writeOrigin(folder, {
    ...(await knownPartsOf(job)),
    ...(job.auto !== undefined && { auto: job.auto }),
    ...(refitted !== undefined && { refitted, ...(hold && { hold }) }),
  });
}

/** What a run was made from; a baseline, which does not say so, was made from the same as the run that it belongs to. */
export async function originOf(folder: RunFolder): Promise<Origin | undefined> {
  const own = await readOrigin(folder);
  const above = runFolder(dirname(resolve(folder.path)));
  if (own || resolve(above.baseline) !== resolve(folder.path)) return own;
  const { auto: _method, ...parts } = (await readOrigin(above)) ?? {};
  return "data" in parts ? parts : undefined;
}

/**
 * Checks that a run folder is none of `refit`, which trains to its end at once and on its validation rows as well, so that these say nothing
 * of its epochs.
 *
 * @param wanted what the run is to do
 * @throws {HypertrainError}
 */
export function demandNotRefitted(
  { path }: RunFolder,
  origin: Origin | undefined,
  wanted: "go on" | "be refitted",
): void {
  if (origin?.refitted === undefined) return;
  throw inputError(
    `${path} must be a run of tune to ${wanted}, but is a refit of ${oneLine(origin.refitted)}, which has ended; use its model as it is, or name that run`,
  );
}

/**
 * Checks that a configuration is not that of a refit, which follows the schedule of another run and is none by itself.
 *
 * @param file the `config.json` of a run folder
 * @throws {HypertrainError}
 */
export async function demandOwnConfig(file: string): Promise<void> {
  const { refitted, hold = false } = (await readOrigin(runFolder(dirname(file)))) ?? {};
  if (refitted === undefined) return;
  throw inputError(
    `${file} must be the configuration of a run of tune, but is of a refit of ${oneLine(refitted)}; repeat it with \`${refitCommand({ from: refitted, hold })}\``,
  );
}

/** Copies the file that lists the network's layers into the run folder, so that the run does without it. */
export async function keepNetwork({ network }: RunFolder, config: Config): Promise<void> {
  const layers = layersFileOf(config);
  if (layers === undefined || resolve(layers) === resolve(network)) return;
  await writeWhole(network, await onDisk(layers, () => readFile(layers)));
}

/**
 * Checks that a job is made from the same as the run that it goes on with.
 *
 * @throws {HypertrainError} naming what has changed.
 */
export async function demandSameOrigin(
  { path }: RunFolder,
  origin: Origin | undefined,
  job: Job,
  { module: named }: ModuleFlags = {},
): Promise<void> {
  const here = await partsOf(job);
  const changed = origin
    ? changesOf(origin, here, job)
    : ["what it was made from, which origin.json no longer says"];
  if (changed.length === 0) return;
  const module = moduleOf(job.config);
  const runsAnother = module !== undefined && (!origin || changed.includes(module));
  const flags = runsAnother && named === undefined ? "--trust --force" : "--force";
  throw inputError(
    `${path} must go on with what it was begun with, but ${areNotTheSame(changed)}; restore that, or go on all the same with ${flags}`,
  );
}

/** What of a job is not as it was, as far as both sides say it: names for people. */
export function changesOf(
  origin: JobParts,
  here: JobParts,
  { config }: { readonly config: Partial<Config> },
): string[] {
  const versions = Object.entries(here.versions)
    .filter(([name, version]) => origin.versions[name] !== version)
    .map(([name, version]) => `${name} (${origin.versions[name] ?? "none"} then, ${version} now)`);
  const module = moduleOf({ model: "", ...config });
  const isOther = origin.problem !== here.problem || origin.network !== here.network;
  const imports = !isOther && origin.answers && here.answers && changedAnswer(origin.answers, here.answers);
  return [
    ...(imports ? [`what ${module ?? "the module"} imports`] : []),
    ...(origin.problem === here.problem ? [] : [config.problem ?? "the problem"]),
    ...(origin.network === here.network ? [] : [config.model ?? "the network"]),
    ...(origin.data === here.data ? [] : [changedData(origin.size, here.size ?? "")]),
    ...versions,
  ];
}

/** Says of what has changed, of which there is some, that it has. */
export const areNotTheSame = (changed: readonly string[]): string =>
  `${changed.join(" and ")} ${changed.length === 1 ? "is" : "are"} not the same`;

/** What numbers depend on beside data and code of the user's. */
export function versions(): Record<string, string> {
  const path = new URL("../../../package.json", import.meta.url); // beside src/ and dist/
  const own = JSON.parse(readFileSync(path, "utf8")) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  };
  const pinned = { ...own.dependencies, ...own.optionalDependencies };
  const engines = Object.entries(pinned).filter(
    ([name]) => name === "@jax-js/jax" || name === "onnxruntime-node",
  );
  return { hypertrain: own.version, ...Object.fromEntries(engines) };
}
