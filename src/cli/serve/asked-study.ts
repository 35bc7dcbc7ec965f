import type { HyperSpec, StudySpec } from "../../api/protocol.ts";
import { choice } from "../../space/choice.ts";
import { integer } from "../../space/integer.ts";
import { real } from "../../space/real.ts";
import { createSpace, type Hyper } from "../../space/space.ts";
import type { StudyPlan } from "../../study/next-segment.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { shown } from "../../util/text.ts";
import { searchNames } from "../../methods/lookup.ts";
import { searchParts } from "../search-parts.ts";
import type { AskedStudyConfig } from "../study/study-job.ts";

/** What a study of other programs is stored with. @throws {HypertrainError} where it is impossible. */
export async function askedConfigOf({
  space,
  method = "tpe",
  trials = 100,
  budget = 1,
  seed = 0,
}: StudySpec): Promise<AskedStudyConfig> {
  const known = searchNames.find((name) => name === method);
  if (known === undefined) {
    throw inputError(
      `method must be one of ${searchNames.join(", ")}, but got "${shown(method)}"${nearest(method, searchNames) || "; choose one"}`,
    );
  }
  const hypers = Object.fromEntries(Object.entries(space).map(([name, spec]) => [name, hyperOf(name, spec)]));
  if (Object.keys(hypers).length === 0)
    throw inputError("space must have a hyperparameter, but is empty; name one");
  const config: AskedStudyConfig = {
    ...{ trials, space: createSpace(hypers).hypers },
    asked: { method: known, seed, budget },
  };
  const { sampler, scheduler, ...facts } = await planOf(config);
  sampler.suggest({ space: facts.space, trials: [], seed, number: 0 }); // which says what it cannot search
  scheduler.decide([], facts);
  return config;
}

/** How such a study is searched. */
export async function planOf({
  space,
  trials,
  asked: { method, seed, budget },
}: AskedStudyConfig): Promise<StudyPlan> {
  const { sampler, scheduler } = await searchParts(method);
  return { space: createSpace(space), sampler: sampler(), scheduler: scheduler(budget), seed, trials };
}

/** It starts in the middle, where no search begins. */
function hyperOf(name: string, spec: HyperSpec): Hyper {
  if (spec.kind === "choice") return choice(spec.options[0] as string, { options: spec.options as string[] });
  const { low, high, log = false } = spec;
  if (!(low < high)) {
    throw inputError(
      `low < high must hold for "${shown(name)}", but got low=${low}, high=${high}; ${low === high ? "widen the range, or leave it out and use that value" : "swap them"}`,
    );
  }
  const middle = log && low > 0 ? Math.sqrt(low * high) : (low + high) / 2;
  return spec.kind === "real"
    ? real(middle, { low, high, log })
    : integer(Math.round(middle), { low, high, log });
}
