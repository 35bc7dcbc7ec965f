import type { Storage } from "../../storage/storage.ts";
import { inputError } from "../../util/error.ts";
import { firstOf } from "../../util/first-of.ts";
import { neutralised, oneLine } from "../../util/text.ts";
import { demandArtifactPlace } from "../files/artifact-place.ts";
import { inStore } from "../study/in-store.ts";
import type { AskedStudyConfig } from "../study/study-config.ts";
import type { StudyFlags } from "./study.ts";
import { count } from "../../util/words.ts";

/** What `study import` accepts. */
export interface ImportFlags extends StudyFlags {
  /** What it is called here; default: as there. */
  readonly as?: string;
  /** How many trials there are to be in all; default: no more than there are. */
  readonly trials?: number;
  /** Where programs that go on with it keep their checkpoints; default: the store. */
  readonly artifacts?: string;
}

/** Takes a study of Optuna into a store, from its journal or its SQLite file, which is only read. @returns the exit code */
export async function studyImport(
  file: string,
  name: string | undefined,
  { artifacts, ...flags }: ImportFlags,
): Promise<number> {
  demandArtifactPlace(artifacts);
  const { importedStudy } = await import("../study/optuna-import.ts");
  const { readOptuna } = await import("../study/read-optuna.ts");
  const { studies, remarks: ofFile } = await readOptuna(file);
  const names = studies.map((one) => oneLine(one.name));
  const found =
    name === undefined && studies.length === 1 ? studies[0] : studies.find((one) => one.name === name);
  if (!found) {
    throw inputError(
      `a study of ${oneLine(file)} must be named, but got ${name === undefined ? "none" : `"${oneLine(name)}"`}; it has ${firstOf(names)}`,
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
  const tell = (sentence: string) => void process.stderr.write(neutralised(`${sentence}\n`));
  const add = async (storage: Storage): Promise<void> => {
    if (!(await storage.create(as, config, artifacts, trials))) {
      throw inputError(
        `${storage.name} must have no study "${oneLine(as)}" yet, but has one; choose another name with --as`,
      );
    }
    if (config.trials === trials.length) await storage.stop(as);
    [...ofFile, ...remarks].forEach(tell);
    tell(
      `${as}: ${count(trials.length, "trial")}; ${config.trials > trials.length ? "programs go on with it" : "it is stopped, as it has all its trials; programs go on with it where it is created with more trials"} through \`hypertrain serve\``,
    );
  };
  return inStore(flags.store, add, { artifacts });
}
