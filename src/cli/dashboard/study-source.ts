import { encodeTable } from "../../api/columns.ts";
import type { Storage, StoredPoint, StudyRecord } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { Refusal } from "../http/server.ts";
import type { AnyStudyConfig } from "../study/study-job.ts";
import { importancesOf } from "../study/importances-of.ts";
import { trialTable } from "./study-columns.ts";

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
  /** @param after only trials that changed since this version */
  table(study: string, after: number): Promise<Uint8Array>;
  curves(study: string): Promise<Curves>;
  trial(study: string, number: number): Promise<TrialPage>;
  /** The pages of the best trials. */
  pages(study: string, most: number): Promise<readonly TrialPage[]>;
  /** How much each hyperparameter decides; nothing where too few trials have ended. */
  importances(study: string): Promise<Readonly<Record<string, number>>>;
}

/** The most curves at once, and the most points of each. */
const [MOST_CURVES, MOST_POINTS] = [300, 100];

/** Reads studies from a storage, and remembers which trial changed when. */
export function studySource(storage: Storage): StudySource {
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
      const versions = known.get(study) ?? { version: 0, records: [], changed: [] };
      known.set(study, versions);
      see(versions, await storage.trials(study));
      const fresh = versions.records.filter((_, i) => (versions.changed[i] as number) > after);
      const note = { name, state, version: versions.version };
      return encodeTable(trialTable(note, (config as AnyStudyConfig).space, fresh));
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
      return best.map((trial) => ({ trial, points: points.get(trial.number) ?? [], worker: null }));
    },
    async importances(study) {
      const { config } = await find(study);
      return importancesOf((config as AnyStudyConfig).space, await storage.trials(study));
    },
    async trial(study, number) {
      await find(study);
      const trial = (await storage.trials(study))[number];
      if (!trial) throw new Refusal(404, `the study has no trial ${number}`);
      const points = (await storage.points(study)).filter((point) => point.trial === number);
      const held = (await storage.held(study)).find((segment) => segment.trial === number);
      return { trial, points, worker: held?.worker ?? null };
    },
  };
}

/** Which version each trial changed in last. */
interface Versions {
  version: number;
  records: readonly TrialRecord[];
  changed: number[];
}

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
