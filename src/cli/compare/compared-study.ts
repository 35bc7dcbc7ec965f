import type { LossCurve } from "../../api/comparison.ts";
import type { TrialRecord } from "../../study/next-segment.ts";
import { choice } from "../../space/choice.ts";
import { integer } from "../../space/integer.ts";
import type { Space } from "../../space/space.ts";
import type { Decide, StudyReadings } from "../../storage/storage.ts";
import { inputError, workError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { parseConfig, type Config } from "../config/config.ts";
import { partOf } from "../config/fields.ts";
import { areNotTheSame, changesOf, knownPartsOf } from "../run/origin.ts";
import { openEngine } from "../registry/engines.ts";
import type { LoadOptions } from "../data-sets/data-set-by-name.ts";
import { loadTask, type NamedTask } from "../registry/tasks.ts";
import type { AnyStudyConfig, ComparedStudyConfig } from "../study/study-config.ts";
import { unitOfLosses } from "../study/study-job.ts";
import { trainSegments, type WorkerOptions } from "../study/worker.ts";
import { isMethod, type MethodName } from "../../methods/lookup.ts";
import { comparedRun, growingCurve, reasonOf, type ComparedWork, type tuningOf } from "./curve.ts";
import type { MethodSeed, Plan } from "./plan.ts";

/** What a comparison is to be stored with. */
export async function comparedStudyConfig(
  { config, seconds, budgetSteps }: Plan,
  pairs: readonly MethodSeed[],
  named: NamedTask,
): Promise<ComparedStudyConfig> {
  const { method: _, ...work } = partOf(config, "training", "data");
  const compared = {
    config: work,
    ...(Number.isFinite(seconds) && { seconds }),
    ...(budgetSteps !== undefined && { budgetSteps }),
    pairs,
  };
  return {
    ...{ compared, trials: pairs.length, space: spaceOf(pairs) },
    origin: await knownPartsOf({ config, named }),
    ...unitOfLosses(named),
  };
}

/** What differs between the trials: for whoever shows them. */
function spaceOf(pairs: readonly MethodSeed[]): AnyStudyConfig["space"] {
  const methods = [...new Set(pairs.map(({ method }) => method))];
  const seeds = pairs.map(({ seed }) => seed);
  const [low, high] = [Math.min(...seeds), Math.max(...seeds)];
  return {
    ...(methods.length > 1 && { method: choice(methods[0] as MethodName, { options: methods }) }),
    ...(low < high && { seed: integer(low, { low, high }) }),
  };
}

/** Begins the pairs one after the other; one that lost its worker comes first. */
const nextCompared =
  ({ compared: { pairs, budgetSteps, seconds } }: ComparedStudyConfig): Decide =>
  (trials) => {
    const orphan = trials.find(({ state }) => state === "waiting");
    if (orphan) return { kind: "segment", trial: orphan, changed: [] };
    const pair = pairs[trials.length];
    if (!pair) return { kind: trials.some(({ state }) => state === "running") ? "wait" : "done" };
    const to = budgetSteps ?? (seconds as number); // a comparison has one of them
    const begun = {
      number: trials.length,
      values: { ...pair },
      attempt: 0,
      deaths: 0,
      curve: [],
      to,
    } as const;
    const trial: TrialRecord = { ...begun, state: "waiting" };
    return { kind: "segment", trial, changed: [trial], decision: { kind: "start", to } };
  };

/**
 * Lets pairs of a comparison do their work until none is left, or the signal comes.
 *
 * @throws {HypertrainError} where data, module or versions are not those that it was begun with.
 */
export async function workOnComparison(
  study: string,
  stored: ComparedStudyConfig,
  { threads, load, ...options }: WorkerOptions & { readonly threads?: number; readonly load: LoadOptions },
): Promise<"done" | "interrupted"> {
  const { clock, signal } = options;
  const { seconds = Infinity, budgetSteps } = stored.compared;
  const configOf = ({ method, seed }: MethodSeed): Config => {
    const fields = { ...stored.compared.config, method, seed, ...(threads && { threads }) };
    return parseConfig(fields, (field) => `"${field}" of the comparison ${study}`);
  };
  await demandSameParts(study, stored, configOf(stored.compared.pairs[0] as MethodSeed), load);
  return trainSegments(
    {
      study,
      next: nextCompared(stored),
      async open({ values }, from) {
        const config = configOf(pairOf(values));
        const work: ComparedWork = { config, seconds, ...(budgetSteps !== undefined && { budgetSteps }) };
        const named = await loadTask(config, load);
        const engine = await openEngine(config);
        const started = clock.now();
        const before = from?.progress.seconds ?? 0;
        return {
          run: await comparedRun(work, named, engine, { clock, signal }, from),
          end: () => Promise.resolve({ kind: "trained", complete: true }),
          stored(trace) {
            const point = { ...trace, seconds: before + (clock.now() - started) / 1000 };
            return { budget: budgetSteps === undefined ? point.seconds : point.gradientEvaluations, point };
          },
        };
      },
      failureOf: reasonOf, // no failure may cost the others their table
      dispose() {},
    },
    options,
  );
}

/** Demands that a comparison is what it was when it began. */
async function demandSameParts(
  study: string,
  { origin }: ComparedStudyConfig,
  config: Config,
  load: LoadOptions,
): Promise<void> {
  const named = await loadTask({ ...config, method: "fixed" }, load);
  const changed = changesOf(origin, await knownPartsOf({ config, named }), { config });
  if (changed.length === 0) return;
  throw inputError(
    `workers must have what the comparison "${study}" was begun with, but ${areNotTheSame(changed)} here; restore that, or begin another`,
  );
}

/** The pair that a trial is. @throws {HypertrainError} for values that are none. */
function pairOf(values: TrialRecord["values"]): MethodSeed {
  const { method, seed } = values;
  if (isMethod(method) && typeof seed === "number") return { method, seed };
  throw workError(
    `the trials of a comparison must be of a method and a seed, but one is of ${oneLine(JSON.stringify(values))}; use the version of hypertrain that began it`,
  );
}

/** What is known of a comparison whose curves are stored. */
export interface ComparedFacts {
  readonly space: Space;
  /** When a method makes its first hyperparameter step: see {@link tuningOf}; asked for where a method has moved nothing. */
  tuning(method: MethodName): ReturnType<typeof tuningOf>;
}

/** The curve of a pair as far as it is stored. */
export async function storedCurve(
  storage: StudyReadings,
  study: string,
  { number, curve, state, reason, values }: TrialRecord,
  { space, tuning }: ComparedFacts,
): Promise<LossCurve> {
  const pair = pairOf(values);
  const growing = growingCurve(pair, space);
  const kept = new Set(curve.map(({ budget }) => budget)); // a worker that died may have come further than the next one
  const points = (await storage.points(study, { from: number, to: number + 1 })).flatMap(
    ({ budget, point }) => (kept.has(budget) ? [point] : []),
  );
  points.forEach((point) => growing.see(point));
  if (state === "failed") return growing.end(reason ?? "it was stopped");
  const found = growing.end();
  return found.untuned === undefined ? found : growing.end(undefined, (await tuning(pair.method))?.(points));
}
