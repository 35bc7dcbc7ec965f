import { setTimeout as sleep } from "node:timers/promises";

import type { CurvePoint, LossCurve } from "../../api/comparison.ts";
import { openStorage } from "../../storage/open-storage.ts";
import type { MethodName } from "../../methods/lookup.ts";
import type { Storage } from "../../storage/storage.ts";
import { inputError, workError } from "../../util/error.ts";
import { partOf } from "../config/fields.ts";
import { areNotTheSame, changesOf } from "../run/origin.ts";
import type { NamedTask } from "../registry/tasks.ts";
import { evaluationsOf, watched, workProcesses } from "../study/processes.ts";
import { isCompared, readStudyConfig, type ComparedStudyConfig } from "../study/study-config.ts";
import { comparedStudyConfig, storedCurve, type ComparedFacts } from "./compared-study.ts";
import { tuningOf } from "./curve.ts";
import type { MethodSeed, Plan } from "./plan.ts";
import type { ComparisonView } from "./progress.ts";

/** A comparison in a store. */
export interface StoredPlan {
  readonly store: string;
  /** Where checkpoints are kept, if it was said. */
  readonly artifacts: string | undefined;
  /** What the comparison is called there. */
  readonly study: string;
  /** Processes that work on it here. */
  readonly workers: number;
  readonly plan: Plan;
  readonly pairs: readonly MethodSeed[];
  readonly named: NamedTask;
}

/** What is told of a comparison on its way. */
export interface StoredContext {
  readonly view: ComparisonView;
  readonly signal: AbortSignal;
  /** Told of each curve that is whole. */
  keep(curve: LossCurve): Promise<void>;
}

/**
 * Lets worker processes do the work of every pair, as a study that others may join.
 *
 * @returns the curves in the order of the pairs; nothing if it was interrupted
 * @throws {HypertrainError} where the store holds another comparison by that name.
 */
export async function storedCurves(
  { store, artifacts, study, workers, plan, pairs, named }: StoredPlan,
  { view, signal, keep }: StoredContext,
): Promise<LossCurve[] | undefined> {
  await using storage = await openStorage(store, { artifacts });
  const stored = await comparedStudyConfig(plan, pairs, named);
  await begin(storage, study, stored, pairs, artifacts);
  const { threads } = plan.config;
  const facts = factsOf(plan, named);
  const working = workProcesses(
    { store, study, workers, ...(threads !== undefined && { threads }) },
    { signal, note: view.note, progress: () => evaluationsOf(storage, study) },
  );
  await watched(working, (ended) => watch(storage, study, facts, { view, keep, signal: ended }));
  const found = await storage.find(study);
  if (signal.aborted && found?.state !== "done") {
    view.note(`others may go on with it by: hypertrain work ${storage.name} --study ${study}`);
    return undefined;
  }
  const trials = await storage.trials(study);
  const curves = await Promise.all(trials.map((trial) => storedCurve(storage, study, trial, facts)));
  return pairs.map(({ method, seed }) => {
    const curve = curves.find((one) => one.method === method && one.seed === seed);
    if (curve) return curve;
    throw workError(
      `a comparison must be trained to its end, but "${study}" was stopped or deleted before ${method} from seed ${seed}; the same command goes on`,
    );
  });
}

/** What is known of a comparison, each method looked at once. */
function factsOf({ config, seconds, budgetSteps }: Plan, named: NamedTask): ComparedFacts {
  const known = new Map<MethodName, ReturnType<typeof tuningOf>>();
  return {
    space: named.task.problem.space,
    tuning(method) {
      const budget = { seconds, ...(budgetSteps !== undefined && { budgetSteps }) };
      const found = known.get(method) ?? tuningOf({ config: { ...config, method }, ...budget }, named);
      known.set(method, found);
      return found;
    },
  };
}

/** Makes the study, or goes on with it, with more pairs where it has not all of them. */
async function begin(
  storage: Storage,
  study: string,
  wanted: ComparedStudyConfig,
  pairs: readonly MethodSeed[],
  artifacts: string | undefined,
): Promise<void> {
  if (await storage.create(study, wanted, artifacts)) return;
  await storage.reach(study, artifacts);
  const found = await storage.reopen(study, (now) => {
    const config = readStudyConfig(now);
    if (!isCompared(config) || workOf(config) !== workOf(wanted)) {
      throw inputError(
        `the study "${study}" in ${storage.name} must be a comparison with the same problem, settings and budget, but is another; choose another name with --study`,
      );
    }
    const changed = changesOf(config.origin, wanted.origin, wanted.compared);
    if (changed.length > 0) {
      throw inputError(
        `the study "${study}" in ${storage.name} must go on with what it was begun with, but ${areNotTheSame(changed)}; restore that, or choose another name with --study`,
      );
    }
    const before = config.compared.pairs;
    const more = pairs.filter((pair) => !before.some((one) => isSame(one, pair)));
    if (more.length === 0 && now.state !== "stopped") return undefined;
    const all = [...before, ...more];
    return { ...wanted, trials: all.length, compared: { ...wanted.compared, pairs: all } };
  });
  if (found) return;
  throw workError(`the study "${study}" must stay in ${storage.name}, but was deleted; begin it anew`);
}

const isSame = (a: MethodSeed, b: MethodSeed): boolean => a.method === b.method && a.seed === b.seed;

/** What must be the same for curves to be comparable, beside what they are made from. */
function workOf({ compared: { pairs: _, config, ...budget } }: ComparedStudyConfig): string {
  const { seed: _seed, ...rest } = partOf(config, "training"); // pairs have their own seeds
  const fields = Object.entries(JSON.parse(JSON.stringify(rest)) as object).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return JSON.stringify([fields, budget]);
}

/** Shows how far the pairs are until the signal comes. */
async function watch(
  storage: Storage,
  study: string,
  facts: ComparedFacts,
  { view, keep, signal }: StoredContext,
): Promise<void> {
  const seen = new Map<number, number>();
  const ended = new Set<number>();
  let first = true;
  const look = async () => {
    for (const trial of await storage.trials(study)) {
      const { number, state, curve } = trial;
      const over = state === "complete" || state === "failed";
      if (ended.has(number) || (!over && seen.get(number) === curve.length)) continue;
      const whole = await storedCurve(storage, study, trial, facts);
      const last: CurvePoint | undefined = whole.points.at(-1);
      if (over) {
        ended.add(number);
        await keep(whole);
        view.done(whole, first);
      } else if (last) view.see(whole.method, whole.seed, last);
      seen.set(number, curve.length);
    }
    first = false;
  };
  while (!signal.aborted) {
    await look().catch(() => undefined); // the workers say what is wrong
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
  await look();
}
