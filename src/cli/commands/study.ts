import type { StudyReadings, StudyRecord } from "../../storage/storage.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { neutralised, oneLine } from "../../util/text.ts";
import { formatTable } from "../../report/format.ts";
import { hyperLabels } from "../study/hyper-labels.ts";
import { optunaJournal } from "../study/optuna-journal.ts";
import { importancesOf, LEAST_TRIALS } from "../study/importances-of.ts";
import { readStudyConfig } from "../study/study-config.ts";
import { hyperNames, measuredFront, measuredTrials, toldMeasures } from "../study/measured-trials.ts";
import { boundsIn, goalsOfStudy, objectivesIn } from "../study/study-goals.ts";
import { deleteStudy, theStudy, enqueueValues, stopStudy } from "../study/study-acts.ts";
import { demandWritable } from "../files/written-file.ts";
import { inStore, lookIn } from "../study/in-store.ts";
import {
  describeStudies,
  describeStudy,
  measureText,
  studyCsv,
  unitLine,
  valueText,
} from "../study/study-text.ts";
import { studySummary, type StudySummary } from "../study/study-summary.ts";

/** What all commands on stored studies accept. */
export interface StudyFlags {
  readonly store?: string;
  readonly json?: boolean;
}

/** Prints the studies of a store. @returns the exit code */
export const studyList = ({ store, json = false }: StudyFlags): Promise<number> =>
  lookIn(store, async (storage) => {
    const studies = await Promise.all(
      (await storage.list()).map(async (study) => studySummary(study, await storage.trials(study.name))),
    );
    print(
      json,
      { studies },
      studies.length === 0 ? `${storage.name} holds no study\n` : describeStudies(studies),
    );
  });

/** Prints a study with its trials. @returns the exit code */
export const studyShow = (name: string | undefined, { store, json = false }: StudyFlags): Promise<number> =>
  lookIn(store, async (storage) => {
    const summary = await summaryOf(storage, await theStudy(storage, name));
    print(json, summary, describeStudy(summary));
  });

/** Lets the workers of a study end. @returns the exit code */
export const studyStop = (name: string | undefined, { store }: StudyFlags): Promise<number> =>
  inStore(store, async (storage) => tell(await stopStudy(storage, (await theStudy(storage, name)).name)));

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
export async function studyExport(name: string | undefined, flags: ExportFlags): Promise<number> {
  const { format = "json", out, force, store } = flags;
  const write = await demandWritable({ "--out": out }, { force });
  return lookIn(store, async (storage) => {
    const writer = Object.hasOwn(formats, format) ? formats[format as keyof typeof formats] : undefined;
    if (!writer) {
      const names = Object.keys(formats);
      throw inputError(
        `--format must be ${names.join(", ")}, but got "${oneLine(format)}"${nearest(format, names) || "; choose one"}`,
      );
    }
    const text = await writer(storage, await theStudy(storage, name));
    if (out === undefined) return void process.stdout.write(text);
    await write(out, text);
    process.stdout.write(neutralised(`the study is in ${oneLine(out)}\n`));
  });
}

/** Prints how much each hyperparameter of a study decides. @returns the exit code */
export const studyImportances = (
  named: string | undefined,
  { store, json = false }: StudyFlags,
): Promise<number> =>
  lookIn(store, async (storage) => {
    const study = await theStudy(storage, named);
    const { name } = study;
    const { space } = readStudyConfig(study);
    const trials = await storage.trials(name);
    const shares = importancesOf(space, trials);
    const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
    if (sorted.length === 0) {
      const measured = trials.filter(({ curve }) => curve.length > 0).length;
      if (measured >= LEAST_TRIALS) {
        throw inputError(
          `importances must come from trials of which some are better than others, but nothing tells the best of the ${measured} trials of "${oneLine(name)}" from the rest; let trials differ more in values and losses`,
        );
      }
      throw inputError(
        `a study must have ${LEAST_TRIALS} trials with a loss to tell importances, but "${oneLine(name)}" has fewer; wait for them`,
      );
    }
    const rows = sorted.map(([hyper, share]) => [hyper, share.toFixed(3)]);
    print(
      json,
      { study: name, importances: Object.fromEntries(sorted) },
      `${formatTable([["hyperparameter", "importance"], ...rows])}\n`,
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
export const studyPareto = (named: string | undefined, flags: ParetoFlags): Promise<number> =>
  lookIn(flags.store, async (storage) => {
    const study = await theStudy(storage, named);
    const { name } = study;
    const config = readStudyConfig(study);
    const own = goalsOfStudy(config);
    const given = flags.objectives ?? (own.objectives.length > 1 ? undefined : "loss,seconds");
    const objectives = given === undefined ? own.objectives : objectivesIn(given);
    const bounds = flags.where === undefined ? own.bounds : boundsIn(flags.where);
    const points = await storage.points(name);
    const trials = await storage.trials(name);
    const measured = measuredTrials(trials, points);
    const front = measuredFront(measured, { objectives, bounds }).map(({ number, values, measures }) => ({
      ...{ number, values },
      objectives: Object.fromEntries(objectives.map((one) => [one.name, measures[one.name] ?? null])),
    }));
    const hypers = hyperNames(front);
    const others = [...hyperLabels(hypers, toldMeasures(points))].filter(
      ([, label]) => !objectives.some((one) => one.name === label),
    );
    const rows = front.map((trial) => [
      String(trial.number),
      ...objectives.map((one) => measureText(one.name, trial.objectives[one.name])),
      ...others.map(([hyper]) => valueText(trial.values[hyper])),
    ]);
    const lossUnit = objectives.some((one) => one.name === "loss") ? config.lossUnit : undefined;
    const head = `${name}: ${front.length} of ${measured.length} trials with a loss are on the front\n\n`;
    const names = objectives.map(({ name: own, largest }) => (largest ? `max:${own}` : own));
    print(
      flags.json ?? false,
      {
        study: name,
        objectives,
        trials: measured.length,
        ...(lossUnit !== undefined && { lossUnit }),
        front,
      },
      `${head}${formatTable([["trial", ...names, ...others.map(([, label]) => label)], ...rows])}\n${unitLine(lossUnit)}`,
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

async function summaryOf(storage: StudyReadings, study: StudyRecord): Promise<StudySummary> {
  return studySummary(study, await storage.trials(study.name));
}

const formats = {
  json: async (storage: StudyReadings, study: StudyRecord) =>
    `${JSON.stringify(await summaryOf(storage, study), null, 2)}\n`,
  csv: async (storage: StudyReadings, study: StudyRecord) => studyCsv(await summaryOf(storage, study)),
  "optuna-journal": async (storage: StudyReadings, study: StudyRecord) => {
    const { name } = study;
    const config = readStudyConfig(study);
    return optunaJournal(name, config.space, await storage.trials(name), goalsOfStudy(config));
  },
};

function print(json: boolean, document: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(document)}\n` : neutralised(text));
}
