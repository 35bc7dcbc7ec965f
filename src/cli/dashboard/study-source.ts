import { setImmediate as others } from "node:timers/promises";

import { encodeTable } from "../../api/columns.ts";
import type { Note, StoredPoint, StudyReadings, StudyRecord } from "../../storage/storage.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { measuresOf } from "../../search/goals.ts";
import { Refusal } from "../http/server.ts";
import { hyperLabels } from "../study/hyper-labels.ts";
import { importancesOf } from "../study/importances-of.ts";
import { reachedBy } from "../study/measured-trials.ts";
import { readStudyConfig } from "../study/study-config.ts";
import { goalsOfStudy } from "../study/study-goals.ts";
import { changedSince, valuesOf, type KeptTrials } from "./kept-trials.ts";
import { measureTable } from "./measure-table.ts";
import { segmentTable, workerText } from "./segment-table.ts";
import { countsIn, type StudyNote } from "./study-columns.ts";
import { FIRST_PART, trialCache, type TrialCache } from "./trial-cache.ts";

/** A study in a list. */
export interface StudyLine {
  readonly name: string;
  readonly state: StudyRecord["state"];
  readonly revision: number;
  /** How many trials there are to be. */
  readonly of: number;
  /** The loss of the best trial; null before the first, and while the trials of a large study are read. */
  readonly best: number | null;
  /** What that is in, where it is not plain. */
  readonly lossUnit?: string;
}

/** A trial with all that is stored of it. */
export interface TrialPage {
  readonly trial: TrialRecord;
  readonly points: readonly StoredPoint[];
  /** Who trains it now. */
  readonly worker: string | null;
  /** What it reached at its lowest loss besides, and cost: by name. */
  readonly reached: Readonly<Record<string, number>>;
  /** What somebody wrote about it. */
  readonly note: string;
  /** What losses are in, where that is not plain. */
  readonly lossUnit?: string;
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

/** Where an earlier table ended: its version, what that counts in, and how many trials there were. */
export interface TableCursor extends Pick<StudyNote, "version" | "count"> {
  readonly rows: number;
}

/** The studies of a store as a dashboard reads them. */
export interface StudySource {
  /** Reads the first trials of each study before anybody asks for them. */
  begin(): Promise<void>;
  list(): Promise<readonly StudyLine[]>;
  /** Changes whenever one of the studies does. */
  stamp(): Promise<string>;
  /** Waits until that may be another, but not for ever. */
  changed: StudyReadings["changed"];
  /**
   * A table of trials; of a large study that is read for the first time, of the first ones.
   *
   * @param after only trials that changed since this version, where it is of the same count, and those behind the ones that it had
   */
  table(study: string, after?: TableCursor): Promise<Uint8Array>;
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
  /** What trials reached besides a loss, and cost: a table, whose row i is trial i. */
  measures(study: string): Promise<Uint8Array>;
  notes(study: string): Promise<readonly Note[]>;
}

/** The most curves at once, and the most points of each. */
const [MOST_CURVES, MOST_POINTS] = [300, 100];

/** The most segments of a timeline: the last ones. */
const MOST_SEGMENTS = 20_000;

/** Reads studies from a storage, and keeps their trials by columns. */
export function studySource(storage: StudyReadings): StudySource {
  const reading: Reading = {
    storage,
    cache: trialCache(storage),
    async find(study) {
      const found = await storage.find(study);
      if (!found) throw new Refusal(404, `${storage.name} has no study of this name`);
      return found;
    },
  };
  return { ...studiesOf(reading), ...tablesOf(reading), ...trialsOf(reading), ...asidesOf(reading) };
}

/** What a source reads by. */
interface Reading {
  readonly storage: StudyReadings;
  readonly cache: TrialCache;
  /** @throws {Refusal} where there is none. */
  find(study: string): Promise<StudyRecord>;
}

/** The list of studies. */
function studiesOf({ storage, cache }: Reading): Pick<StudySource, "begin" | "list" | "changed" | "stamp"> {
  const { studies, readOn, bestLoss, readBehind } = cache;
  return {
    async begin() {
      for (const record of await studies()) {
        await readOn(record);
        await others();
      }
    },
    list: async () =>
      Promise.all(
        (await studies()).map(async (record): Promise<StudyLine> => {
          const { name, state, revision, model } = record;
          const best = model?.point.valid.loss ?? (await bestLoss(record));
          const { trials: of, lossUnit } = readStudyConfig(record);
          return { ...{ name, state, revision, best, of }, ...(lossUnit !== undefined && { lossUnit }) };
        }),
      ),
    changed: storage.changed,
    async stamp() {
      const states = (await studies()).map(({ name, revision, state }) => [name, revision, state]);
      return JSON.stringify([readBehind(), states]);
    },
  };
}

/** Tables of trials. */
function tablesOf({ cache, find }: Reading): Pick<StudySource, "table" | "wholeTable"> {
  const { kept, readParts } = cache;
  return {
    async table(study, after) {
      const record = await find(study);
      const before = kept(study);
      const isFirst = !after || after.count !== before?.count;
      const now =
        isFirst && before && !before.whole ? before : await readParts(record, isFirst ? FIRST_PART : PART);
      const had = after?.count === now.count ? after : NOTHING;
      const table = changedSince(now, had, had.rows === 0 ? FIRST_PART : Infinity);
      const { version, count, whole, rows } = now;
      const more = !whole || had.rows + table.behind < rows;
      return encodeTable({
        ...table,
        note: { ...factsOf(record), version, count, more } satisfies StudyNote,
      });
    },
    async wholeTable(study) {
      const record = await find(study);
      const note: StudyNote = { ...factsOf(record), version: 0, count: "", more: false };
      return encodeTable({ ...changedSince(await readParts(record), NOTHING), note });
    },
  };
}

/** Trials one by one. */
function trialsOf({ storage, cache, find }: Reading): Pick<StudySource, "curves" | "pages" | "trial"> {
  const { readParts } = cache;
  return {
    async curves(study) {
      const read = await readParts(await find(study));
      const begun = begunOf(read);
      const { trials } = await storage.someTrials(study, { numbers: bestOfThem(read, begun, MOST_CURVES) });
      return { trials: begun.length, curves: trials.map(thinned) };
    },
    async pages(study, most) {
      const record = await find(study);
      const read = await readParts(record);
      const numbers = bestOfThem(read, Uint32Array.from(valuesOf(read, "trial")), most);
      const { trials } = await storage.someTrials(study, { numbers });
      const notes = new Map((await storage.notes(study)).map(({ trial, text }) => [trial, text]));
      return Promise.all(
        trials.map(async (trial) => {
          const { number } = trial;
          const points = await storage.points(study, { from: number, to: number + 1 });
          return { ...pageOf(record, trial, points), worker: null, note: notes.get(number) ?? "" };
        }),
      );
    },
    async trial(study, number) {
      const record = await find(study);
      const [trial] = (await storage.someTrials(study, { numbers: [number] })).trials;
      if (!trial) throw new Refusal(404, `the study has no trial ${number}`);
      const points = await storage.points(study, { from: number, to: number + 1 });
      const held = (await storage.held(study)).find((segment) => segment.trial === number);
      const note = (await storage.notes(study)).find((one) => one.trial === number);
      const worker = held ? workerText(held.worker) : null;
      return { ...pageOf(record, trial, points), worker, note: note?.text ?? "" };
    },
  };
}

/** What stands beside the trials. */
function asidesOf({
  storage,
  cache,
  find,
}: Reading): Pick<StudySource, "importances" | "segments" | "measures" | "notes"> {
  const { readParts } = cache;
  const measured = new WeakMap<KeptTrials, { readonly revision: number; readonly table: Uint8Array }>();
  return {
    async importances(study) {
      const record = await find(study);
      const begun = begunOf(await readParts(record));
      const stride = Math.ceil(begun.length / MOST_WEIGHED);
      const numbers = Array.from(begun.filter((_, i) => i % stride === 0));
      const config = readStudyConfig(record);
      const { space } = config;
      const shares = importancesOf(space, (await storage.someTrials(study, { numbers })).trials);
      const labels = hyperLabels(Object.keys(space), measuresOf(goalsOfStudy(config)));
      return Object.fromEntries(Object.entries(shares).map(([name, share]) => [labels.get(name), share]));
    },
    async segments(study) {
      await find(study);
      const segments = await storage.segments(study, MOST_SEGMENTS);
      return encodeTable(segmentTable(segments, await storage.now()));
    },
    async measures(study) {
      const record = await find(study);
      const read = await readParts(record);
      const { revision, rows, columns } = read;
      const before = measured.get(read);
      if (before?.revision === revision) return before.table;
      const known = new Set(columns.filter(({ measure }) => measure).map(({ name }) => name));
      const table = encodeTable(await measureTable(storage, study, rows, known));
      measured.set(read, { revision, table });
      return table;
    },
    async notes(study) {
      await find(study);
      return storage.notes(study);
    },
  };
}

/** The most trials of a table behind the first one. */
const PART = 10_000;

/** The most trials that importances are taken of. */
const MOST_WEIGHED = 10_000;

/** Where whoever has no table stands. */
const NOTHING: TableCursor = { version: 0, count: "", rows: 0 };

function factsOf(study: StudyRecord): Pick<StudyNote, "name" | "state" | "goals" | "lossUnit"> {
  const config = readStudyConfig(study);
  const { lossUnit } = config;
  return {
    ...{ name: study.name, state: study.state, goals: goalsOfStudy(config) },
    ...(lossUnit !== undefined && { lossUnit }),
  };
}

function pageOf(study: StudyRecord, trial: TrialRecord, points: readonly StoredPoint[]) {
  const { lossUnit } = readStudyConfig(study);
  return {
    ...{ trial, points, ...(lossUnit !== undefined && { lossUnit }) },
    reached: reachedBy(points.filter(({ budget }) => budget > 0)) ?? {},
  };
}

/** The trials that have a loss. */
const begunOf = (kept: KeptTrials): Uint32Array => {
  const epochs = valuesOf(kept, "epochs");
  return Uint32Array.from(valuesOf(kept, "trial")).filter((trial) => (epochs[trial] as number) > 0);
};

/** Those of some trials that have the lowest losses, first those that count as its best may. */
function bestOfThem(kept: KeptTrials, trials: Uint32Array, most: number): readonly number[] {
  if (trials.length <= most) return [...trials];
  const [losses, counts] = [valuesOf(kept, "loss"), countsIn(kept.columns)];
  const lossOf = (trial: number) => {
    const loss = losses[trial] as number;
    return counts(trial) && !Number.isNaN(loss) ? loss : Infinity;
  };
  const last = Float64Array.from(trials, lossOf).sort()[most - 1] as number;
  const better = trials.filter((trial) => lossOf(trial) < last);
  const equal = trials.filter((trial) => lossOf(trial) === last);
  return [...better, ...equal.subarray(0, most - better.length)];
}

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
