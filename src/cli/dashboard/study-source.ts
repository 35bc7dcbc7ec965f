import { randomUUID } from "node:crypto";

import { encodeTable } from "../../api/columns.ts";
import type { Note, Storage, StoredPoint, StudyRecord } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { Refusal } from "../http/server.ts";
import type { AnyStudyConfig } from "../study/study-job.ts";
import { hyperLabels } from "../study/hyper-labels.ts";
import { importancesOf } from "../study/importances-of.ts";
import { segmentTable, workerText } from "./segment-table.ts";
import { trialTable, type StudyNote } from "./study-columns.ts";

/** A study in a list. */
export interface StudyLine {
  readonly name: string;
  readonly state: StudyRecord["state"];
  readonly revision: number;
  /** How many trials there are to be. */
  readonly of: number;
  readonly best: number | null;
}

/** A trial with all that is stored of it. */
export interface TrialPage {
  readonly trial: TrialRecord;
  readonly points: readonly StoredPoint[];
  /** Who trains it now. */
  readonly worker: string | null;
  /** What somebody wrote about it. */
  readonly note: string;
}

/** The learning curves of some trials: their numbers and, for each, budgets and losses. */
export interface Curves {
  readonly trials: number;
  readonly curves: readonly {
    readonly trial: number;
    readonly budgets: number[];
    readonly losses: number[];
  }[];
}

/** The studies of a store as a dashboard reads them. */
export interface StudySource {
  list(): Promise<readonly StudyLine[]>;
  /**
   * A table of trials; of a large study that is read for the first time, of the first ones.
   *
   * @param after only trials that changed since this version, where it is of the same count
   */
  table(study: string, after?: Pick<StudyNote, "version" | "count">): Promise<Uint8Array>;
  /** The table of all trials. */
  wholeTable(study: string): Promise<Uint8Array>;
  curves(study: string): Promise<Curves>;
  trial(study: string, number: number): Promise<TrialPage>;
  /** The pages of the best trials. */
  pages(study: string, most: number): Promise<readonly TrialPage[]>;
  /** How much each hyperparameter decides; nothing where too few trials have ended. */
  importances(study: string): Promise<Readonly<Record<string, number>>>;
  /** Who trained what when: a table of the last segments. */
  segments(study: string): Promise<Uint8Array>;
  notes(study: string): Promise<readonly Note[]>;
}

/** The most curves at once, and the most points of each. */
const [MOST_CURVES, MOST_POINTS] = [300, 100];

/** The most segments of a timeline: the last ones. */
const MOST_SEGMENTS = 20_000;

/** Reads studies from a storage, and remembers which trial changed when. @param clock seconds since 1970 */
export function studySource(storage: Storage, clock = () => Date.now() / 1000): StudySource {
  const known = new Map<string, Versions>();
  const find = async (study: string): Promise<StudyRecord> => {
    const found = await storage.find(study);
    if (!found) throw new Refusal(404, `${storage.name} has no study of this name`);
    return found;
  };
  return {
    async list() {
      return (await storage.list()).map(({ name, state, revision, config, model }) => ({
        ...{ name, state, revision, of: (config as AnyStudyConfig).trials },
        best: model?.point.valid.loss ?? null,
      }));
    },
    async table(study, after) {
      const { name, state, config } = await find(study);
      const before = known.get(study);
      const { trials, whole } = await storage.someTrials(study, before ? PART : FIRST_PART);
      const versions = before && trials.length >= before.records.length ? before : begun();
      known.set(study, versions);
      see(versions, trials);
      const since = after?.count === versions.count ? after.version : 0;
      const fresh = versions.records.filter((_, i) => (versions.changed[i] as number) > since);
      const note = { name, state, version: versions.version, count: versions.count, more: !whole };
      return encodeTable(trialTable(note, (config as AnyStudyConfig).space, fresh));
    },
    async wholeTable(study) {
      const { name, state, config } = await find(study);
      const note = { name, state, version: 0, count: "", more: false };
      return encodeTable(trialTable(note, (config as AnyStudyConfig).space, await storage.trials(study)));
    },
    async curves(study) {
      await find(study);
      const trials = (await storage.trials(study)).filter(({ curve }) => curve.length > 0);
      const best = trials.length <= MOST_CURVES ? trials : bestOf(trials).slice(0, MOST_CURVES);
      return { trials: trials.length, curves: best.map(thinned) };
    },
    async pages(study, most) {
      await find(study);
      const best = bestOf(await storage.trials(study)).slice(0, most);
      const points = Map.groupBy(await storage.points(study), ({ trial }) => trial);
      const notes = new Map((await storage.notes(study)).map(({ trial, text }) => [trial, text]));
      return best.map((trial) => ({
        ...{ trial, points: points.get(trial.number) ?? [], worker: null },
        note: notes.get(trial.number) ?? "",
      }));
    },
    async importances(study) {
      const { config } = await find(study);
      const { space } = config as AnyStudyConfig; // as every study is stored
      const shares = importancesOf(space, await storage.trials(study));
      const labels = hyperLabels(Object.keys(space));
      return Object.fromEntries(Object.entries(shares).map(([name, share]) => [labels.get(name), share]));
    },
    async trial(study, number) {
      await find(study);
      const trial = (await storage.trials(study))[number];
      if (!trial) throw new Refusal(404, `the study has no trial ${number}`);
      const points = await storage.points(study, number);
      const held = (await storage.held(study)).find((segment) => segment.trial === number);
      const note = (await storage.notes(study)).find((one) => one.trial === number);
      return { trial, points, worker: held ? workerText(held.worker) : null, note: note?.text ?? "" };
    },
    async segments(study) {
      await find(study);
      return encodeTable(segmentTable(await storage.segments(study, MOST_SEGMENTS), clock()));
    },
    async notes(study) {
      await find(study);
      return storage.notes(study);
    },
  };
}

/** The most trials of the first table, which is to be seen at once, and of those behind it. */
const [FIRST_PART, PART] = [2000, 20_000];

/** Which version each trial changed in last. */
interface Versions {
  /** Told apart from those of other servers and of studies before. */
  readonly count: string;
  version: number;
  records: readonly TrialRecord[];
  changed: number[];
}

const begun = (): Versions => ({ count: randomUUID(), version: 0, records: [], changed: [] });

/** A storage gives back the same object for a trial that has not changed. */
function see(versions: Versions, records: readonly TrialRecord[]): void {
  const before = versions.records;
  const next = versions.version + 1;
  records.forEach((record, i) => {
    if (record === before[i]) return;
    versions.changed[i] = next;
    versions.version = next;
  });
  versions.records = records;
}

const bestOf = (trials: readonly TrialRecord[]): readonly TrialRecord[] => {
  const least = ({ curve }: TrialRecord) => curve.reduce((low, { loss }) => Math.min(low, loss), Infinity);
  return trials
    .map((trial) => ({ trial, loss: least(trial) }))
    .sort((a, b) => a.loss - b.loss)
    .map(({ trial }) => trial);
};

/** Every so-manieth point of a curve, the last one always. */
function thinned({ number, curve }: TrialRecord): Curves["curves"][number] {
  const stride = Math.ceil(curve.length / MOST_POINTS);
  const kept = curve.filter((_, i) => (curve.length - 1 - i) % stride === 0);
  return {
    trial: number,
    budgets: kept.map(({ budget }) => budget),
    losses: kept.map(({ loss }) => loss),
  };
}
