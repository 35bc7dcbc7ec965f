import type { StudySpec, ToldStudy, TrialValues } from "../../api/protocol.ts";
import { createSpace, type HyperValues } from "../../space/space.ts";
import type { Storage, StudyRecord } from "../../storage/storage.ts";
import { HypertrainError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { Refusal } from "../http/server.ts";
import { demandValues, enqueue, stopStudy } from "../study/study-acts.ts";
import { readStudyConfig } from "../study/study-config.ts";
import { bestTrial, studySummary } from "../study/study-summary.ts";
import { askedConfigOf, demandAsked } from "./asked-study.ts";

/** What programs do with studies as a whole. */
export interface DeskStudies {
  create(spec: StudySpec): Promise<{ readonly name: string; readonly created: boolean }>;
  list(): Promise<readonly { readonly name: string; readonly state: string; readonly best: number | null }[]>;
  show(study: string): Promise<ToldStudy>;
  enqueue(study: string, values: TrialValues): Promise<void>;
  stop(study: string): Promise<void>;
}

/** The part of a desk that deals with studies. @param artifacts where those that it creates keep their checkpoints; default: in the storage */
export function deskStudies(storage: Storage, artifacts?: string): DeskStudies {
  return {
    async create(spec) {
      const config = await askedConfigOf(spec);
      if (await storage.create(spec.name, config, artifacts)) return { name: spec.name, created: true };
      const found = await demandAsked(storage, spec.name);
      if (JSON.stringify({ ...found, trials: 0 }) !== JSON.stringify({ ...jsonOf(config), trials: 0 })) {
        throw new Refusal(
          409,
          `there is a study "${oneLine(spec.name)}" with another space, method, budget or seed; choose another name`,
        );
      }
      const { state } = (await storage.find(spec.name)) ?? {};
      if (config.trials > found.trials || state === "stopped") {
        const most = (study: StudyRecord) => Math.max(config.trials, readStudyConfig(study).trials);
        await storage.reopen(spec.name, (study) => ({ ...config, trials: most(study) }));
      }
      return { name: spec.name, created: false };
    },
    list: async () =>
      Promise.all(
        (await storage.list()).map(async (record) => {
          const { name, state, trials } = studySummary(record, await storage.trials(record.name));
          return { name, state, best: bestTrial(trials)?.best ?? null };
        }),
      ),
    async show(study) {
      const found = await storage.find(study);
      if (!found) throw new Refusal(404, `there is no study "${oneLine(study)}"`);
      return studySummary(found, await storage.trials(study));
    },
    async enqueue(study, told) {
      const { space } = await demandAsked(storage, study);
      const values = told as HyperValues; // which are held against the space
      demandValues(createSpace(space), values);
      await enqueue(storage, study, values).catch((error: unknown) => {
        throw error instanceof HypertrainError && error.code === "input"
          ? new Refusal(409, error.message)
          : error;
      });
    },
    async stop(study) {
      await demandAsked(storage, study);
      await stopStudy(storage, study);
    },
  };
}

const jsonOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
