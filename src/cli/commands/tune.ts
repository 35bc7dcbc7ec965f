import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";

import { tableExtensions } from "../../data/table-file.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import { sentencesOn } from "../../report/warnings.ts";
import { HypertrainError, inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { parseJson } from "../../util/json.ts";
import { nearest } from "../../util/nearest.ts";
import { parseConfig, type Config } from "../config.ts";
import { dataSetNames, dataSetOfName } from "../data-set-names.ts";
import { fieldNames, fields, flagOf, type FieldName } from "../fields.ts";
import type { Field } from "../fields/field.ts";
import { isChoice } from "../hyper-flag.ts";
import { followsSize, withRange } from "../suggested-range.ts";
import { hypersFor } from "../networks.ts";
import { INTERRUPTED, listenForInterrupt, stoppedNote } from "../interrupt.ts";
import { loadJob } from "../job.ts";
import { onDisk } from "../../artifacts/disk.ts";
import { hasGoneOn, readCheckpoint } from "../../artifacts/checkpoint.ts";
import { lockRunFolder } from "../../artifacts/lock.ts";
import {
  createRunFolder,
  removeAtOnce,
  removeRunFolder,
  type RunFolder,
} from "../../artifacts/run-folder.ts";
import { factsOf, methodFor } from "../../study/method-for.ts";
import { loadTask } from "../registry/tasks.ts";
import { demandOwnConfig, keepOrigin } from "../origin.ts";
import { keptConfig } from "../run-config.ts";
import { DEFAULT_METHOD, isMethod, searchNames, type MethodName } from "../../methods/lookup.ts";
import { openTerminal } from "../terminal.ts";
import { openTracking } from "../tracking/open-tracking.ts";
import { demandUseful } from "../useful-fields.ts";
import { completeRun, openRun } from "../complete-run.ts";
import { demandPath, pathKindOf } from "../path-rule.ts";
import { demandOutsideRuns } from "../written-file.ts";

/** The flags that were given, as a config file would hold them. */
export type Flags = Readonly<Partial<Record<FieldName, unknown>>>;

/**
 * Tunes a model in one run.
 *
 * @param file a config file, or a module with a problem
 * @returns the exit code
 */
export async function tune(file: string | undefined, flags: Flags): Promise<number> {
  let auto: string | undefined;
  const config = await readConfig(file, flags, { tell: (choice) => (auto = choice) });
  if (config.out !== undefined) await demandOutsideRuns("--out", config.out);
  const terminal = await openTerminal(config);
  if (auto !== undefined) terminal.note(auto);
  using interrupt = listenForInterrupt(terminal.note);
  const { progress, note } = terminal;
  const options = { progress, note, signal: interrupt.signal, clock: performance };

  const job = await loadJob(config, {
    auto,
    signal: interrupt.signal,
    onFallback: terminal.note,
    onDownload: ({ file, received, total }) => {
      if (received === total) terminal.note(`fetched ${file}, ${total} bytes`);
    },
  });
  const { chosen } = job.named.supervised?.data.images ?? {};
  if (chosen !== undefined) terminal.note(chosen);
  const warn = (sentences: readonly string[]) => {
    for (const sentence of sentences) terminal.note(`warning: ${sentence}`);
  };
  warn(sentencesOn("data", job.named.warnings));
  const ofOptions = sentencesOn("options", job.named.warnings);
  const lossUnit = job.named.supervised && lossUnitOf(job.named.supervised);
  if (lossUnit !== undefined) terminal.note(lossUnit);
  const { store } = job.config;
  await using tracking = await openTracking(job.config, job.named.name, terminal.note);
  const { tracker } = tracking;
  if (store !== undefined) {
    warn(ofOptions);
    const { tuneStudy } = await import("./tune-study.ts"); // databases are slow to load
    return await tuneStudy({ ...job, config: { ...job.config, store } }, terminal, interrupt, tracker);
  }
  const run = await openRun(job, options);
  warn([...ofOptions, ...run.remarks]); // of what can be run
  const name = `${job.named.name}-${config.method}-${config.seed}`;
  const place = config.out === undefined ? { name } : { out: config.out };
  const folder = await createRunFolder(keptConfig(job.config), place);
  await using lock = await lockRunFolder(folder);
  interrupt.beforeEnd(() => {
    if (!hasGoneOn(folder.checkpoint)) removeAtOnce(folder); // else it would be nearly empty
    lock.release();
  });
  await keepOrigin(folder, job);
  const outcome = await completeRun(job, run, folder, {
    ...options,
    lock,
    ...(tracker && { tracker }),
  }).catch(async (cause: unknown) => {
    if (await removedAsEmpty(folder)) throw cause;
    if (cause instanceof HypertrainError && cause.code === "work")
      terminal.note(`the run folder is ${folder.path}`);
    throw cause;
  });
  if (outcome.kind === "interrupted") {
    if (await removedAsEmpty(folder)) {
      terminal.note("stopped before anything was trained; nothing is left behind");
      return INTERRUPTED;
    }
    terminal.note(stoppedNote(folder.path));
    return INTERRUPTED;
  }
  terminal.result(outcome.result);
  if (outcome.failure) throw outcome.failure;
  return 0;
}

/** Removes a run folder in which nothing was trained. @returns whether it did */
async function removedAsEmpty(folder: RunFolder): Promise<boolean> {
  const found = await readCheckpoint(folder.checkpoint).catch(() => "damaged" as const);
  if (found === "damaged" || (found && found.snapshot.progress.step > 0)) return false;
  await removeRunFolder(folder).catch(() => undefined); // what failed first says more
  return true;
}

/**
 * A configuration from a file and flags, which win, with paths made absolute, defaults filled in, and the fields that its problem
 * has no use for left out. The method `auto` becomes the one that the problem asks for.
 *
 * @throws {HypertrainError} for anything that is not as it must be.
 */
export async function readConfig(
  file: string | undefined,
  flags: Flags,
  { methods, tell = () => {} }: ReadOptions = {},
): Promise<Config> {
  const written = await readWritten(file);
  const merged: Record<string, unknown> = { ...written, ...absolute(flags, ".") };
  const origin = (field: string) =>
    field in flags ? flagOf(field) : `"${field}" in ${file ?? "the config"}`;
  const read = (fields: Record<string, unknown>): Config => {
    const config = parseConfig(fields, origin);
    return config.problem === undefined ? forData(config) : forProblem(config, fields);
  };
  const readUseful = (fields: Record<string, unknown>, called?: string): Config => {
    const config = read(fields);
    const own = isMethod(written.method) ? written.method : DEFAULT_METHOD; // a flag may name another than the file is for
    if (written.method !== "auto") demandUseful(written, config, [own], (field) => `"${field}" in ${file}`);
    const { store, artifacts, study, workers, ...rest } = flags;
    if (methods) demandUseful({ store, artifacts, study, workers }, config, searchNames, flagOf); // any comparison can lie in a store
    demandUseful(methods ? rest : flags, config, methods ?? [config.method], flagOf, called);
    return config;
  };
  if (merged.method !== "auto") return readUseful(merged);
  const { task } = await loadTask(read({ ...merged, method: "fixed" }));
  const { method, why } = methodFor(factsOf(task));
  const called = `auto, here ${method}`;
  tell(`--method auto is ${method}: ${why}.`);
  return readUseful({ ...merged, method }, called);
}

/** What reading a configuration needs beside it. */
interface ReadOptions {
  /** The methods that the flags are for; default that of the configuration. */
  readonly methods?: readonly MethodName[];
  /** Told which method `auto` is, and why. */
  readonly tell?: (choice: string) => void;
}

function forData(config: Config): Config {
  const given = config.hyper ?? hypersFor(config);
  if (given === undefined) return config; // it takes the data to know the network's
  const hypers = Object.entries(given);
  const hyper = Object.fromEntries(
    hypers.map(([name, entry]) => [
      name,
      isChoice(entry) || followsSize(name) ? entry : withRange(name, entry),
    ]), // size: known with the data
  );
  return { ...config, hyper };
}

/** A user's module brings data and network itself. */
function forProblem(config: Config, given: Readonly<Record<string, unknown>>): Config {
  const useless = ownToProblems.find((field) => given[field] !== undefined);
  if (useless) {
    throw inputError(
      `${flagOf(useless)} must be left out with a problem of your own, which brings its data and network, but got ${JSON.stringify(given[useless])}`,
    );
  }
  const rest = Object.entries(config).filter(
    ([name]) => !(ownToProblems as readonly string[]).includes(name),
  );
  return Object.fromEntries(rest) as Config; // what is left out is not read where there is a problem
}

/** What a problem of one's own brings. */
const ownToProblems = fieldNames.filter(
  (name) => name !== "problem" && ["Data:", "Network:"].includes(fields[name].group),
);

/**
 * The fields that a file gives: those of a configuration, or the module of a problem.
 *
 * @throws {HypertrainError} where the file is neither.
 */
export async function readWritten(file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const extension = extname(file).toLowerCase();
  if (modules.includes(extension)) return absolute({ problem: file }, ".");
  if (extension !== ".json") {
    const hint = nearest(file, dataSetNames) || (tableExtensions as readonly string[]).includes(extension);
    throw inputError(
      `the argument of tune must be a config file (.json) or a module with a problem (${modules.join(", ")}), but got "${oneLine(file)}"${hint ? `; for data use --data ${file}` : ""}`,
    );
  }
  const text = await onDisk(file, () => readFile(file, "utf8"));
  const parsed = parseJson(text, file);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw inputError(
      `${file} must hold a JSON object, but holds ${oneLine(JSON.stringify(parsed), 40)}; write its fields between braces`,
    );
  }
  const { $schema: _schema, crc32, ...written } = parsed as Record<string, unknown>;
  if (crc32 !== undefined) await demandOwnConfig(file); // a run folder's own has a checksum
  for (const [name, value] of Object.entries(written))
    demandPath(`"${name}" in ${file}`, wordOf(name), value);
  return absolute(written, dirname(file));
}

const modules = [".ts", ".mts", ".js", ".mjs"];

/** What help calls the value of a field; empty of a switch, and of what is no field. */
function wordOf(name: string): string {
  const { argument = "" }: Partial<Field> = Object.hasOwn(fields, name) ? fields[name as FieldName] : {};
  return argument;
}

/** Paths as seen from a folder; those in a config file are relative to it. */
function absolute(given: Readonly<Record<string, unknown>>, base: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (typeof value !== "string" || pathKindOf(wordOf(name)) === undefined) return [name, value];
      const scheme = name === "artifacts" ? "file:" : "";
      const path = value.slice(scheme.length);
      const isPath = namesPath[name as FieldName]?.(value, base) ?? true;
      return [name, isPath && path !== "" ? `${scheme}${resolve(base, fromHome(path))}` : value];
    }),
  );
}

/** Whether the value of a field is a path, of those that may be something else, or stay as they are. */
const namesPath: Readonly<Partial<Record<FieldName, (value: string, base: string) => boolean>>> = {
  store: (value) => !value.includes("://") && value !== ":memory:",
  artifacts: (value) => /^file:(?!\/\/)/.test(value),
  data: (value, base) => /[./\\]/.test(value) || (!dataSetOfName(value) && existsSync(resolve(base, value))),
  model: (value) => /\.(json|[cm]?[jt]s)$/.test(value),
  out: (value) => value.startsWith("~"), // a place for what is made, seen from where it is made
};

/** Shells do not expand a `~` behind `=`. */
const fromHome = (path: string): string =>
  path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
