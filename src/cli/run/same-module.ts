import { basename } from "node:path";

import {
  brokenNetwork,
  changedAnswer,
  madeBy,
  networkAnswers,
  otherNetwork,
  problemAnswers,
  type ModuleAnswers,
} from "../../artifacts/module-answers.ts";
import type { Origin } from "../../artifacts/origin.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { inputError, type HypertrainError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import type { Job, LoadedConfig } from "./job.ts";
import { moduleOf } from "./run-module.ts";

/** What the network or the problem that a job's module makes answers here and now; undefined where there is no module. */
export async function moduleAnswers({
  config: { problem, model, precision },
  named: { task, supervised, moduleNetwork: network },
  engine,
}: LoadedConfig & Pick<Job, "engine">): Promise<ModuleAnswers | undefined> {
  if (problem !== undefined) return problemAnswers(task, engine, precision);
  if (!network || !supervised) return undefined;
  const { inputShape, outputs, text } = supervised.data;
  return networkAnswers({ network, inputShape, outputs }, engine, { words: text !== undefined }).catch(
    brokenNetwork(madeBy(basename(model)), "correct it"),
  );
}

/**
 * Why a job's module is not the one that a run was begun with: what it makes answers otherwise. Undefined where it does not, where nothing says how it answered
 * then, and where there is no module.
 *
 * @param mend what else may be done than to restore it, such as `, or …`
 */
export async function otherModule(
  origin: Origin | undefined,
  job: Job,
  mend = "",
): Promise<HypertrainError | undefined> {
  if (!origin?.answers) return undefined;
  const change = changedAnswer(origin.answers, (await moduleAnswers(job)) ?? {});
  if (!change) return undefined;
  const { problem, model } = job.config;
  const restore = `restore the module, and what it imports, as it was${mend}`;
  if (problem === undefined) return otherNetwork(madeBy(basename(model)), change, restore);
  const { what, was, is } = change;
  return inputError(
    `the problem in ${oneLine(basename(problem))} must be the one that was tuned, but where its ${what} was ${was} it is ${is}; ${restore}`,
  );
}

/**
 * Demands of a job's module that it is the one that a run was begun with.
 *
 * @param mend as above
 * @throws {HypertrainError} where it is another, and where nothing says how it answered.
 */
export async function demandSameModule(
  { path }: Pick<RunFolder, "path">,
  origin: Origin | undefined,
  job: Job,
  mend?: string,
): Promise<void> {
  if (moduleOf(job.config) === undefined) return;
  if (!origin?.answers) {
    throw inputError(
      `${path} must say how its module answered when it was begun, but its origin.json does not; look at that module, then write it anew with \`hypertrain resume ${path} --trust --force\``,
    );
  }
  const other = await otherModule(origin, job, mend);
  if (other) throw other;
}
