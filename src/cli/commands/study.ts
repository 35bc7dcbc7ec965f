import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

import type { HyperValues } from "../../space/space.ts";
import { openStorage, type OpenOptions } from "../../storage/open-storage.ts";
import type { Storage, StudyRecord } from "../../storage/storage.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { neutralised, shown } from "../../util/text.ts";
import { writeWhole } from "../../artifacts/disk.ts";
import { hyperLabels } from "../study/hyper-labels.ts";
import { optunaJournal } from "../study/optuna-journal.ts";
import { importancesOf, LEAST_TRIALS } from "../study/importances-of.ts";
import { readStudyConfig, type AskedStudyConfig } from "../study/study-config.ts";
import { hyperNames, measuredFront, measuredTrials, toldMeasures } from "../study/measured-trials.ts";
import { boundsIn, goalsOfStudy, objectivesIn } from "../study/study-goals.ts";
import { deleteStudy, demandStudy, enqueueValues, stopStudy } from "../study/study-acts.ts";
import {
  bestTrial,
  endsOf,
  studySummary,
  type StudySummary,
  type TrialSummary,
} from "../study/study-summary.ts";

/** What all commands on stored studies accept. */
export interface StudyFlags {
  readonly store?: string;
  readonly json?: boolean;
}

/** Prints the studies of a store. @returns the exit code */
export const studyList = ({ store, json = false }: StudyFlags): Promise<number> =>
  inStore(store, async (storage) => {
    const studies = await Promise.all(
      (await storage.list()).map(async (study) => studySummary(study, await storage.trials(study.name))),
    );
    const rows = studies.map(({ name, state, trials }) => [
      ...[name, state, String(trials.length), String(trials.filter(isComplete).length)],
      state === "done" ? String(trials.filter((trial) => trial.state === "paused").length) : "",
      lossText(bestTrial(trials)?.best),
    ]);
    const table = tableOf([
      ["study", "state", "trials", "to the end", "stopped early", "best loss"],
      ...rows,
    ]);
    print(json, { studies }, studies.length === 0 ? `${storage.name} holds no study\n` : table);
  });

/** Prints a study with its trials. @returns the exit code */
export const studyShow = (name: string, { store, json = false }: StudyFlags): Promise<number> =>
  inStore(store, async (storage) => {
    const summary = await summaryOf(storage, name);
    print(json, summary, describeStudy(summary));
  });

/** Lets the workers of a study end. @returns the exit code */
export const studyStop = (name: string, { store }: StudyFlags): Promise<number> =>
  inStore(store, async (storage) => tell(await stopStudy(storage, name)));

/** Removes a study. @returns the exit code */
export const studyDelete = (name: string, { store }: StudyFlags): Promise<number> =>
  inStore(store, async (storage) => tell(await deleteStudy(storage, name)));

/** What `study export` accepts. */
export interface ExportFlags extends StudyFlags {
  readonly format?: string;
  readonly out?: string;
  /** Writes over a file that is there. */
  readonly force?: boolean;
}

/** Prints a study in a format of others. @returns the exit code */
export const studyExport = (name: string, flags: ExportFlags): Promise<number> =>
  inStore(flags.store, async (storage) => {
    const { format = "json", out, force = false } = flags;
    if (out !== undefined && isOf(flags.store, out)) {
      throw inputError(
        `--out must be another file than the store, but ${shown(out)} holds its studies; choose another`,
      );
    }
    if (out !== undefined && !force && existsSync(out)) {
      throw inputError(
        `--out must be a new file, but ${shown(out)} is there; choose another, or write over it with --force`,
      );
    }
    const writer = Object.hasOwn(formats, format) ? formats[format as keyof typeof formats] : undefined;
    if (!writer) {
      const names = Object.keys(formats);
      throw inputError(
        `--format must be ${names.join(", ")}, but got "${shown(format)}"${nearest(format, names) || "; choose one"}`,
      );
    }
    const text = await writer(storage, await demandStudy(storage, name));
    if (out !== undefined) await writeWhole(out, text);
    else process.stdout.write(text);
  });

/** Whether a file is that of a SQLite store or one of those that SQLite keeps beside it, links followed. */
function isOf(store: string | undefined, file: string): boolean {
  if (store === undefined) return false;
  const place = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path));
  return ["", "-wal", "-shm", "-journal"].some((end) => place(file) === place(store) + end);
}

/** What `study import` accepts. */
export interface ImportFlags extends StudyFlags {
  /** What it is called here; default: as there. */
  readonly as?: string;
  /** How many trials there are to be in all; default: no more than there are. */
  readonly trials?: number;
}

/** Takes a study of Optuna into a store, from its journal or its SQLite file, which is only read. @returns the exit code */
export const studyImport = (file: string, name: string | undefined, flags: ImportFlags): Promise<number> =>
  inStore(
    flags.store,
    async (storage) => {
      const { importedStudy } = await import("../study/optuna-import.ts");
      const { readOptuna } = await import("../study/read-optuna.ts");
      const studies = await readOptuna(file);
      const names = studies.map((one) => shown(one.name));
      const found =
        name === undefined && studies.length === 1 ? studies[0] : studies.find((one) => one.name === name);
      if (!found) {
        throw inputError(
          `a study of ${shown(file)} must be named, but got ${name === undefined ? "none" : `"${shown(name)}"`}; it has ${names.slice(0, 10).join(", ")}`,
        );
      }
      const { space, trials, goals, remarks } = importedStudy(found);
      const as = flags.as ?? found.name;
      const config: AskedStudyConfig = {
        ...{ trials: Math.max(trials.length, flags.trials ?? 0), space },
        asked: {
          ...{ method: goals && goals.objectives.length > 1 ? "nsga-2" : "tpe", seed: 0, budget: 1 },
          ...(goals && { goals }),
        },
      };
      if (!(await storage.create(as, config)) || !(await storage.add(as, trials))) {
        throw inputError(
          `${storage.name} must have no study "${shown(as)}" yet, but has one; choose another name with --as`,
        );
      }
      if (config.trials === trials.length) await storage.stop(as);
      for (const remark of remarks) process.stderr.write(neutralised(`${remark}\n`));
      process.stderr.write(
        neutralised(
          `${as}: ${trials.length} trials; ${config.trials > trials.length ? "programs go on with it" : "it is stopped, as it has all its trials; programs go on with it where it is created with more trials"} through \`hypertrain serve\`\n`,
        ),
      );
    },
    { mustExist: false },
  );

/** Prints how much each hyperparameter of a study decides. @returns the exit code */
export const studyImportances = (name: string, { store, json = false }: StudyFlags): Promise<number> =>
  inStore(store, async (storage) => {
    const { space } = readStudyConfig(await demandStudy(storage, name));
    const trials = await storage.trials(name);
    const shares = importancesOf(space, trials);
    const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
    if (sorted.length === 0) {
      const measured = trials.filter(({ curve }) => curve.length > 0).length;
      if (measured >= LEAST_TRIALS) {
        throw inputError(
          `importances must come from trials of which some are better than others, but nothing tells the best of the ${measured} trials of "${shown(name)}" from the rest; let trials differ more in values and losses`,
        );
      }
      throw inputError(
        `a study must have ${LEAST_TRIALS} trials with a loss to tell importances, but "${shown(name)}" has fewer; wait for them`,
      );
    }
    const rows = sorted.map(([hyper, share]) => [hyper, share.toFixed(3)]);
    print(
      json,
      { study: name, importances: Object.fromEntries(sorted) },
      tableOf([["hyperparameter", "importance"], ...rows]),
    );
  });

/** What `study pareto` accepts. */
export interface ParetoFlags extends StudyFlags {
  /** Default those of the study, else `loss,seconds`. */
  readonly objectives?: string;
  /** Bounds that trials must keep; default those of the study. */
  readonly where?: string;
}

/** Prints the trials of a study that no other is better than in all of several objectives. @returns the exit code */
export const studyPareto = (name: string, flags: ParetoFlags): Promise<number> =>
  inStore(flags.store, async (storage) => {
    const own = goalsOfStudy(readStudyConfig(await demandStudy(storage, name)));
    const given = flags.objectives ?? (own.objectives.length > 1 ? undefined : "loss,seconds");
    const objectives = given === undefined ? own.objectives : objectivesIn(given);
    const bounds = flags.where === undefined ? own.bounds : boundsIn(flags.where);
    const points = await storage.points(name);
    const measured = measuredTrials(await storage.trials(name), points);
    const front = measuredFront(measured, { objectives, bounds }).map(({ number, values, measures }) => ({
      ...{ number, values },
      objectives: Object.fromEntries(objectives.map((one) => [one.name, measures[one.name] ?? null])),
    }));
    const hypers = hyperNames(front);
    const labels = [...hyperLabels(hypers, toldMeasures(points)).values()];
    const rows = front.map((trial) => [
      String(trial.number),
      ...objectives.map((one) => lossText(trial.objectives[one.name])),
      ...hypers.map((hyper) => valueText(trial.values[hyper])),
    ]);
    const head = `${name}: ${front.length} of ${measured.length} trials with a loss are on the front\n\n`;
    const names = objectives.map(({ name: own, largest }) => (largest ? `max:${own}` : own));
    print(
      flags.json ?? false,
      { study: name, objectives, trials: measured.length, front },
      `${head}${tableOf([["trial", ...names, ...labels], ...rows])}`,
    );
  });

/** Lets one of the next trials of a study try values: `name=value`. @returns the exit code */
export const studyEnqueue = (
  name: string,
  assignments: readonly string[],
  { store }: StudyFlags,
): Promise<number> =>
  inStore(store, async (storage) => tell(await enqueueValues(storage, name, assignments)));

const tell = (sentence: string): void => void process.stderr.write(neutralised(`${sentence}\n`));

async function inStore(
  store: string | undefined,
  action: (storage: Storage) => Promise<void>,
  { mustExist = true }: OpenOptions = {},
): Promise<number> {
  if (store === undefined) {
    throw inputError("--store must name a SQLite file or a postgres:// database, but is missing; add it");
  }
  await using storage = await openStorage(store, { mustExist });
  await action(storage);
  return 0;
}

const summaryOf = async (storage: Storage, name: string): Promise<StudySummary> =>
  studySummary(await demandStudy(storage, name), await storage.trials(name));

const formats = {
  json: async (storage: Storage, { name }: StudyRecord) =>
    `${JSON.stringify(await summaryOf(storage, name), null, 2)}\n`,
  csv: async (storage: Storage, { name }: StudyRecord) => csvOf(await summaryOf(storage, name)),
  "optuna-journal": async (storage: Storage, study: StudyRecord) => {
    const { name } = study;
    const config = readStudyConfig(study);
    return optunaJournal(name, config.space, await storage.trials(name), goalsOfStudy(config));
  },
};

/** One row a trial: its measures, if it has some beside loss and epochs, then its hyperparameters, those with many elements as JSON. */
function csvOf({ trials }: StudySummary): string {
  const names = hyperNames(trials);
  const measured = measureNames(trials);
  const labels = hyperLabels(names, measured).values();
  const header = ["number", "state", "best", "epochs", "attempt", ...measured, ...labels];
  const rows = trials.map(({ number, state, best, epochs, attempt, measures = {}, values }) => [
    ...[number, state, best ?? "", epochs, attempt],
    ...measured.map((name) => measures[name] ?? ""),
    ...names.map((name) => values[name] ?? ""),
  ]);
  return [header, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

/** What trials measured beside loss and epochs. */
const measureNames = (trials: StudySummary["trials"]): readonly string[] =>
  [...new Set(trials.flatMap(({ measures = {} }) => Object.keys(measures)))].filter(
    (name) => name !== "loss" && name !== "epochs",
  );

function quoted(field: unknown): string {
  const text = typeof field === "object" ? JSON.stringify(field) : String(field);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function describeStudy({ name, state, trials }: StudySummary): string {
  const best = bestTrial(trials);
  const names = hyperNames(trials);
  const head = `${name}: ${state}, ${state === "done" ? endsOf(trials) : `${trials.length} trials, ${trials.filter(isDone).length} done`}${best ? `, best ${lossText(best.best)} by trial ${best.number}` : ""}\n\n`;
  const shown = [...trials]
    .sort((a, b) => Number(a.beyond ?? false) - Number(b.beyond ?? false) || lossOf(a) - lossOf(b))
    .slice(0, SHOWN);
  const rows = shown.map((trial) => [
    ...[
      String(trial.number),
      trial.beyond ? `${trial.state}, out of bounds` : trial.state,
      lossText(trial.best),
      String(Math.round(trial.epochs * 100) / 100),
    ],
    ...names.map((one) => valueText(trial.values[one])),
  ]);
  const left = trials.length - shown.length;
  return `${head}${tableOf([["trial", "state", "best loss", "epochs", ...hyperLabels(names, measureNames(trials)).values()], ...rows])}${left > 0 ? `… and ${left} more; --json has all\n` : ""}`;
}

const lossOf = ({ best }: TrialSummary): number => best ?? Number.MAX_VALUE;

/** The most trials that a table for people has. */
const SHOWN = 20;

const isComplete = ({ state }: TrialSummary): boolean => state === "complete";

const isDone = ({ state }: TrialSummary): boolean => state === "complete" || state === "failed";

const lossText = (loss: number | null | undefined): string =>
  loss === null || loss === undefined ? "" : loss.toPrecision(4);

const valueText = (value: HyperValues[string] | undefined): string =>
  typeof value === "number"
    ? Number.isInteger(value)
      ? String(value)
      : value.toPrecision(3)
    : typeof value === "object"
      ? `${value.length} values`
      : String(value ?? "");

/** Columns of equal width, the first to the left. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0),
  );
  return rows
    .map(
      (row) =>
        `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ")}\n`,
    )
    .join("");
}

function print(json: boolean, document: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : neutralised(text));
}
