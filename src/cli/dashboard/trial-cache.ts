import { setImmediate as others } from "node:timers/promises";

import type { StudyReadings, StudyRecord } from "../../storage/storage.ts";
import { readStudyConfig } from "../study/study-config.ts";
import { goalsOfStudy } from "../study/study-goals.ts";
import { keptTrials, put, type KeptTrials } from "./kept-trials.ts";
import { trialTable } from "./study-columns.ts";

/** The most trials of the first table, which is to be seen at once; as many are read at a time. */
export const FIRST_PART = 1000;

/** The trials of a store's studies by columns, read a part at a time and kept. */
export interface TrialCache {
  /** All studies. What was kept of others is forgotten, since one begun anew may have as many changes as the one before. */
  studies(): Promise<readonly StudyRecord[]>;
  /** What is kept of a study so far. */
  kept(study: string): KeptTrials | undefined;
  /** Reads what changed of a study or, as long as it is not whole, its next trials. */
  readOn(study: StudyRecord): Promise<KeptTrials>;
  /** Reads so many further trials at most, a part at a time: whoever asks for something else meanwhile is answered in between. */
  readParts(study: StudyRecord, most?: number): Promise<KeptTrials>;
  /** The loss of a study's best trial; of a large one null until it is read, which begins here. */
  bestLoss(study: StudyRecord): Promise<number | null>;
  /** How many studies were read to their ends because of that. */
  readBehind(): number;
}

/** Nothing is read before it is asked for. */
export function trialCache(storage: StudyReadings): TrialCache {
  const known = new Map<string, KeptTrials>();
  const turns = new Map<string, Promise<unknown>>();
  const behind = new Set<string>();
  let readBehind = 0;

  const read = async (study: StudyRecord): Promise<KeptTrials> => {
    const { name, revision } = study;
    const config = readStudyConfig(study);
    for (;;) {
      const kept = known.get(name) ?? keptTrials();
      if (kept.whole && kept.revision === revision) return kept;
      const which = kept.whole
        ? { after: kept.revision, known: kept.rows }
        : { from: kept.rows, to: kept.rows + FIRST_PART };
      const picked = await storage.someTrials(name, which);
      if (kept.rows > 0 && picked.room !== kept.room) {
        known.delete(name); // it was removed, and begun once more
        continue;
      }
      kept.room = picked.room;
      if (kept.whole || kept.rows === 0) kept.revision = picked.revision;
      put(kept, trialTable(null, config.space, picked.trials, goalsOfStudy(config)));
      kept.whole ||= kept.rows >= picked.of;
      known.set(name, kept);
      return kept;
    }
  };

  const readOn: TrialCache["readOn"] = (study) => {
    const mine = (turns.get(study.name) ?? Promise.resolve()).then(() => read(study)); // one after the other
    turns.set(
      study.name,
      mine.catch(() => undefined),
    );
    return mine;
  };

  const readParts: TrialCache["readParts"] = async (study, most = Infinity) => {
    let kept = await readOn(study);
    for (let rows = FIRST_PART; !kept.whole && rows < most; rows += FIRST_PART) {
      await others();
      kept = await readOn(study);
    }
    return kept;
  };

  return {
    ...{ readOn, readParts },
    kept: (study) => known.get(study),
    async studies() {
      const records = await storage.list();
      const names = new Set(records.map(({ name }) => name));
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
      return records;
    },
    async bestLoss(study) {
      const kept = await readOn(study);
      if (kept.whole) return kept.best;
      if (!behind.has(study.name)) {
        behind.add(study.name);
        void readParts(study)
          .then(() => readBehind++)
          .catch(() => undefined) // whoever opens it is told
          .finally(() => behind.delete(study.name));
      }
      return null;
    },
    readBehind: () => readBehind,
  };
}
