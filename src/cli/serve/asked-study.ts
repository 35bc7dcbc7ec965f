import type { HyperSpec, StudySpec } from "../../api/protocol.ts";
import { choiceRecord } from "../../space/choice.ts";
import { integerRecord } from "../../space/integer.ts";
import { realRecord } from "../../space/real.ts";
import { createSpace, type Hyper } from "../../space/space.ts";
import type { StudyReadings } from "../../storage/storage.ts";
import type { StudyPlan } from "../../study/next-segment.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import { searchMethods } from "../../methods/index.ts";
import { searchNames, type SearchName } from "../../methods/lookup.ts";
import type { SearchMethod } from "../../methods/method.ts";
import type { Goals } from "../../search/goals.ts";
import { costMeasures, type KnownMeasure } from "../../search/measures.ts";
import { goalsOf, type GoalOptions } from "../../search/goals-of.ts";
import { Refusal } from "../http/server.ts";
import { searchParts } from "../registry/search-parts.ts";
import { ownMeasures } from "../study/hyper-labels.ts";
import { demandLeastLoss } from "../study/study-goals.ts";
import { isAsked, readStudyConfig, type AskedStudyConfig } from "../study/study-config.ts";

/** What a study of other programs is stored with. @throws {HypertrainError} where it is impossible. */
export async function askedConfigOf({
  space,
  method = "tpe",
  trials = 100,
  budget = 1,
  seed = 0,
  objectives,
  bounds,
}: StudySpec): Promise<AskedStudyConfig> {
  const known = searchNames.find((name) => name === method);
  if (known === undefined) {
    throw inputError(
      `method must be one of ${searchNames.join(", ")}, but got "${oneLine(method)}"${nearest(method, searchNames) || "; choose one"}`,
    );
  }
  const hypers = Object.fromEntries(Object.entries(space).map(([name, spec]) => [name, hyperOf(name, spec)]));
  if (Object.keys(hypers).length === 0)
    throw inputError("space must have a hyperparameter, but is empty; name one");
  const goals = await goalsOfAsked(known, objectives, bounds);
  const config: AskedStudyConfig = {
    ...{ trials, space: createSpace(hypers).hypers },
    asked: { method: known, seed, budget, ...(goals && { goals }) },
  };
  const { sampler, scheduler, ...facts } = await planOf(config);
  sampler.suggest({ space: facts.space, trials: [], seed, number: 0 }); // which says what it cannot search
  scheduler.decide([], facts);
  return config;
}

/** What a study of programs is stored with. @throws {Refusal} where there is none of that name, or hypertrain trains it. */
export async function demandAsked(storage: StudyReadings, study: string): Promise<AskedStudyConfig> {
  const found = await storage.find(study);
  if (!found) throw new Refusal(404, `there is no study "${oneLine(study)}"; create it first`);
  const config = readStudyConfig(found);
  if (isAsked(config)) return config;
  throw new Refusal(409, `the study "${oneLine(study)}" is trained by hypertrain itself; create another`);
}

/** How such a study is searched. */
export async function planOf({
  space,
  trials,
  asked: { method, seed, budget, goals },
}: AskedStudyConfig): Promise<StudyPlan> {
  const { sampler, scheduler } = await searchParts(method);
  const parts = { sampler: sampler(), scheduler: scheduler(budget) };
  return { space: createSpace(space), ...parts, seed, trials, ...(goals && { goals }) };
}

/** What every study has and a search may follow. */
const followable: ReadonlySet<string> = new Set<KnownMeasure>(["loss", ...costMeasures]);

async function goalsOfAsked(
  method: SearchName,
  objectives: StudySpec["objectives"],
  bounds: StudySpec["bounds"],
): Promise<Goals | undefined> {
  if (objectives === undefined && bounds === undefined) return undefined;
  const { follows } = searchMethods.find(({ name }) => name === method) as SearchMethod; // whose name is known
  if (follows === undefined) {
    const able = searchMethods.filter((one: SearchMethod) => one.follows).map(({ name }) => name);
    throw inputError(
      `objectives and bounds must come with a method that follows them, one of ${able.join(", ")}, but got ${method}; take one of these`,
    );
  }
  const several = Object.keys(objectives ?? {}).length;
  if (several > 1 && follows !== "objectives") {
    const able = searchMethods.filter((one: SearchMethod) => one.follows === "objectives");
    throw inputError(
      `several objectives must come with a method that follows them, one of ${able.map(({ name }) => name).join(", ")}, but got ${method} and ${several} objectives; take one of these, or bound the others`,
    );
  }
  const names = Object.keys({ ...objectives, ...bounds });
  const odd = names.find((name) => ownMeasures.has(name) && !followable.has(name));
  if (odd !== undefined) {
    throw inputError(
      `objectives and bounds must be ${[...followable].join(", ")} or measures of your own, but got "${oneLine(odd)}", which every study has for something else; rename it`,
    );
  }
  const options = { objectives: objectives ?? { loss: "minimize" as const }, ...(bounds && { bounds }) };
  const goals = goalsOf(options as GoalOptions, (await searchParts(method)).sampler()); // in JSON nothing is undefined
  demandLeastLoss(goals?.objectives ?? []);
  return goals;
}

/** It starts in the middle, where no search begins. */
function hyperOf(name: string, spec: HyperSpec): Hyper {
  if (spec.kind === "choice") return choiceRecord(spec.options[0] as string, spec.options as string[]);
  const { low, high, log = false } = spec;
  if (!(low < high)) {
    throw inputError(
      `low < high must hold for "${oneLine(name)}", but got low=${low}, high=${high}; ${low === high ? "widen the range, or leave it out and use that value" : "swap them"}`,
    );
  }
  const middle = log && low > 0 ? Math.sqrt(low * high) : (low + high) / 2;
  return spec.kind === "real"
    ? realRecord(middle, { low, high, log })
    : integerRecord(Math.round(middle), { low, high, log });
}
