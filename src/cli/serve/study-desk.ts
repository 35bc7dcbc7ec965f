import { isDeepStrictEqual } from "node:util";

import type { Asked, StudySpec, ToldStudy, TrialValues } from "../../api/protocol.ts";
import type { TracePoint } from "../../api/trace.ts";
import { measuresOf, type TrialMeasures } from "../../search/goals.ts";
import { createSpace, type HyperValues } from "../../space/space.ts";
import type { Claim, SegmentEnd, Storage, TrialEvaluation } from "../../storage/storage.ts";
import { isOver, nextSegment, type TrialRecord } from "../../study/next-segment.ts";
import { measuresAfter } from "../../study/trial-measures.ts";
import { HypertrainError } from "../../util/error.ts";
import { shown } from "../../util/text.ts";
import { Refusal } from "../http/server.ts";
import { deathWatch, type WorkerName } from "../study/death-watch.ts";
import { demandValues, enqueue, stopStudy } from "../study/study-acts.ts";
import { isAsked, type AskedStudyConfig } from "../study/study-config.ts";
import { bestTrial, studySummary } from "../study/study-summary.ts";
import { askedConfigOf, planOf } from "./asked-study.ts";

/** Seconds that a program may be silent, unless it says another number. */
const LEASE = 60;

/** Serves programs that ask for trials and tell how they fared. A trial belongs to whoever got its last attempt. */
export interface StudyDesk {
  create(spec: StudySpec): Promise<{ readonly name: string; readonly created: boolean }>;
  list(): Promise<readonly { readonly name: string; readonly state: string; readonly best: number | null }[]>;
  show(study: string): Promise<ToldStudy>;
  enqueue(study: string, values: TrialValues): Promise<void>;
  stop(study: string): Promise<void>;
  ask(
    study: string,
    options: {
      readonly worker?: string | undefined;
      readonly lease?: number | undefined;
      /** What the program calls this question: where the answer got lost, the same one gets the same trial. */
      readonly request?: string | undefined;
    },
  ): Promise<Asked>;
  heartbeat(claim: Claim): Promise<void>;
  /** A loss on the way. @returns whether the trial's budget is not reached yet */
  report(claim: Claim, point: ToldPoint): Promise<boolean>;
  tell(claim: Claim, end: ToldEnd): Promise<void>;
  keep(claim: Claim, checkpoint: Uint8Array): Promise<void>;
  checkpoint(study: string, trial: number): Promise<Uint8Array>;
  /** Takes trials from programs that are silent for longer than they said. */
  watch(): Promise<void>;
}

/** What a program says of a trial on the way. */
export interface ToldPoint {
  readonly budget: number;
  readonly loss: number;
  readonly seconds?: number | undefined;
  /** What else it measured, for objectives and bounds. */
  readonly measures?: Readonly<Record<string, number>> | undefined;
}

/** How a program's trial ended: at a loss, at the last one that was reported, without one, or not at all. */
export interface ToldEnd {
  readonly loss?: number | undefined;
  readonly measures?: ToldPoint["measures"];
  readonly failed?: string | undefined;
  readonly handBack?: boolean | undefined;
}

/**
 * A desk in front of a storage.
 *
 * @param artifacts where studies that it creates keep their checkpoints; default: in the storage
 */
export function studyDesk(
  storage: Storage,
  clock: { now(): number },
  note: (line: string) => void,
  artifacts?: string,
): StudyDesk {
  const watches = new Map<string, () => Promise<void>>();
  const watchOf = (study: string) => {
    const watch = watches.get(study) ?? deathWatch(storage, study, clock, note);
    watches.set(study, watch);
    return watch;
  };
  const configOf = async (study: string): Promise<AskedStudyConfig> => {
    const found = await storage.find(study);
    if (!found) throw new Refusal(404, `there is no study "${shown(study)}"; create it first`);
    if (isAsked(found.config)) return found.config;
    throw new Refusal(409, `the study "${shown(study)}" is trained by hypertrain itself; create another`);
  };
  const trialOf = async (study: string, number: number): Promise<TrialRecord> => {
    const [trial] = (await storage.someTrials(study, { numbers: [number] })).trials;
    if (trial) return trial;
    throw new Refusal(404, `the study "${shown(study)}" has no trial ${number}`);
  };
  /** The trial that a program got for a question, and still holds: it did not hear the answer. */
  const answeredTo = async (study: string, request: string): Promise<TrialRecord | undefined> => {
    const isIts = (name: WorkerName) => "client" in name && name.request === request;
    const held = (await storage.held(study)).find(({ worker }) => isIts(JSON.parse(worker) as WorkerName));
    return held && (await storage.beat(held)) ? trialOf(study, held.trial) : undefined;
  };
  const demandHeld = (held: boolean, { trial, attempt }: Claim): void => {
    if (held) return;
    throw new Refusal(
      409,
      `trial ${trial} is not of attempt ${attempt} any more: it has ended, or went on elsewhere`,
    );
  };
  return {
    async create(spec) {
      const config = await askedConfigOf(spec);
      if (await storage.create(spec.name, config, artifacts)) return { name: spec.name, created: true };
      const found = await configOf(spec.name);
      if (JSON.stringify({ ...found, trials: 0 }) !== JSON.stringify({ ...jsonOf(config), trials: 0 })) {
        throw new Refusal(
          409,
          `there is a study "${shown(spec.name)}" with another space, method, budget or seed; choose another name`,
        );
      }
      const { state } = (await storage.find(spec.name)) ?? {};
      if (config.trials > found.trials || state === "stopped") {
        await storage.reopen(spec.name, { ...config, trials: Math.max(config.trials, found.trials) });
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
      if (!found) throw new Refusal(404, `there is no study "${shown(study)}"`);
      return studySummary(found, await storage.trials(study));
    },
    async enqueue(study, told) {
      const { space } = await configOf(study);
      const values = told as HyperValues; // which are held against the space
      demandValues(createSpace(space), values);
      await enqueue(storage, study, values).catch((error: unknown) => {
        throw error instanceof HypertrainError && error.code === "input"
          ? new Refusal(409, error.message)
          : error;
      });
    },
    async stop(study) {
      await configOf(study);
      await stopStudy(storage, study);
    },
    async ask(study, { worker = "a program", lease = LEASE, request }) {
      const plan = await planOf(await configOf(study));
      await watchOf(study)();
      const before = request === undefined ? undefined : await answeredTo(study, request);
      if (before) return askedOf(before, lease);
      const me: WorkerName = { client: worker, lease, request };
      const claimed = await storage.claim(study, JSON.stringify(me), (trials, enqueued) =>
        nextSegment(plan, trials, enqueued),
      );
      return claimed.kind === "segment" ? askedOf(claimed.trial, lease) : claimed;
    },
    heartbeat: async (claim) => demandHeld(await storage.beat(claim), claim),
    async report(claim, point) {
      const { budget } = point;
      const { to } = await trialOf(claim.study, claim.trial);
      if (budget > to * (1 + 1e-9)) {
        throw new Refusal(
          400,
          `budget must be at most ${to}, which the trial is trained to, but got ${budget}; tell first`,
        );
      }
      demandHeld(await storage.report(claim, budget, pointOf(point)), claim);
      await storage.beat(claim);
      return budget < to * (1 - 1e-9);
    },
    async tell(claim, { loss, measures, failed, handBack = false }) {
      const config = await configOf(claim.study);
      const before = await trialOf(claim.study, claim.trial);
      if (handBack && before.state === "waiting" && before.attempt === claim.attempt) return; // the answer got lost
      const open = before.state === "running" || before.state === "waiting";
      if (!open && before.attempt === claim.attempt) {
        const points = await storage.points(claim.study, { from: claim.trial, to: claim.trial + 1 });
        if (isRepeat(before, points.at(-1)?.point, { loss, measures, failed, handBack })) return; // the answer got lost
        throw new Refusal(409, `trial ${claim.trial} was told otherwise before, which stays`);
      }
      if (handBack) return demandHeld(await storage.tell(claim, { kind: "handed back" }), claim);
      const plan = await planOf(config);
      const end = async (told: SegmentEnd) => {
        demandHeld(await storage.tell(claim, told), claim);
        await storage.claim(claim.study, "", (trials) => ({ kind: isOver(plan, trials) ? "done" : "wait" })); // which ends a study that has nothing left
      };
      if (failed !== undefined) return end({ kind: "failed", reason: shown(failed, 500) });
      const { to, checkpoint } = before;
      const last = await lastOf(storage, claim.study, before, { loss, measures });
      demandMeasures(config, measuresAfter(before.measures ?? {}, last.point, last.budget));
      const complete = to >= (plan.scheduler.budget ?? Infinity) - 1e-9;
      const snapshot =
        !complete && checkpoint !== undefined ? await storage.artifact(claim.study, checkpoint) : undefined;
      await end({
        kind: "trained",
        complete,
        ...(snapshot && { snapshot }),
        evaluations: [last],
      });
    },
    async keep(claim, checkpoint) {
      demandHeld(await storage.checkpoint(claim, checkpoint), claim);
      await storage.beat(claim);
    },
    async checkpoint(study, trial) {
      const { checkpoint } = await trialOf(study, trial);
      const bytes = checkpoint === undefined ? undefined : await storage.artifact(study, checkpoint);
      if (!bytes) throw new Refusal(404, `trial ${trial} has no checkpoint`);
      return bytes;
    },
    async watch() {
      for (const { name, state, config } of await storage.list()) {
        if (state === "open" && isAsked(config)) await watchOf(name)();
      }
    },
  };
}

/**
 * The evaluation that a trial ends with: the one that is told or, without a loss, the last that was reported with what is told besides.
 *
 * @throws {Refusal} where none was reported at the trial's budget.
 */
async function lastOf(
  storage: Storage,
  study: string,
  { number, to, curve }: TrialRecord,
  { loss, measures }: Pick<ToldEnd, "loss" | "measures">,
): Promise<TrialEvaluation> {
  if (loss !== undefined) return { budget: to, point: pointOf({ budget: to, loss, measures }) };
  const end = curve.at(-1)?.budget ?? 0;
  const points = await storage.points(study, { from: number, to: number + 1 });
  const reported = end >= to * (1 - 1e-9) ? points.find(({ budget }) => budget === end) : undefined;
  if (!reported) {
    throw new Refusal(400, `a trial must be told with a loss, or have one reported at its budget ${to}`);
  }
  const { budget, point } = reported;
  const { valid } = point;
  return {
    budget,
    point: measures ? { ...point, valid: { ...valid, measures: { ...valid.measures, ...measures } } } : point,
  };
}

/** Demands all that a study follows. @param measures what its trial has measured */
function demandMeasures({ asked: { goals } }: AskedStudyConfig, measures: TrialMeasures): void {
  const lacking = goals && measuresOf(goals).find((name) => !Object.hasOwn(measures, name));
  if (lacking === undefined) return;
  throw new Refusal(
    400,
    `a trial must be told with all that its study follows, but "${shown(lacking)}" is missing; tell it in measures, or that the trial failed`,
  );
}

/** Whether a trial ended as it is told once more. */
function isRepeat(
  { state, reason }: TrialRecord,
  last: TracePoint | undefined,
  { loss, measures = {}, failed, handBack }: ToldEnd,
): boolean {
  if (handBack) return false;
  if (failed !== undefined) return state === "failed" && reason === shown(failed, 500);
  if (state === "failed") return false;
  const kept = last?.valid.measures ?? {};
  if (loss !== undefined) return loss === last?.valid.loss && isDeepStrictEqual(measures, kept);
  return Object.entries(measures).every(([name, value]) => kept[name] === value); // beside those that were reported
}

const askedOf = (
  { number: trial, attempt, values, curve, to, checkpoint }: TrialRecord,
  lease: number,
): Asked => ({
  ...{ kind: "trial", trial, attempt, values, from: curve.at(-1)?.budget ?? 0, to, lease },
  checkpoint: checkpoint !== undefined,
});

const jsonOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** An evaluation of which no more than this is known. */
const pointOf = ({ budget, loss, seconds = 0, measures }: ToldPoint): TracePoint => ({
  ...{ step: 0, epoch: budget, examples: 0, gradientEvaluations: 0, seconds },
  ...{ valid: { loss, ...(measures && { measures }) }, hyperparameters: {} },
});
