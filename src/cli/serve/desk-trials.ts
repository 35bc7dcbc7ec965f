import type { Asked } from "../../api/protocol.ts";
import type { Claim, Decide, StudyClaims, StudyReadings } from "../../storage/storage.ts";
import { isOver, nextSegment, type TrialRecord } from "../../study/next-segment.ts";
import { oneLine } from "../../util/text.ts";
import { Refusal } from "../http/server.ts";
import { deathWatch, type WorkerName } from "../study/death-watch.ts";
import { isAsked, readStudyConfig } from "../study/study-config.ts";
import { demandAsked, planOf } from "./asked-study.ts";
import { toldPoint, type ToldPoint } from "../../study/told-point.ts";
import { isRepeat, segmentEndOf, type ToldEnd } from "./told-trial.ts";

/** Seconds that a program may be silent, unless it says another number. */
const PROGRAM_LEASE = 60;

/** What programs do with trials. */
export interface DeskTrials {
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
  checkpoint(of: Omit<Claim, "attempt">): Promise<Uint8Array>;
  /** The bytes of this digest, whichever study keeps them. */
  artifact(sha: string): Promise<Uint8Array>;
  /** Takes trials from programs that are silent for longer than they said. */
  watch(): Promise<void>;
}

type Kept = StudyReadings & StudyClaims;

/** The part of a desk that deals with trials. @param note is told which programs have died */
export function deskTrials(
  storage: Kept,
  clock: { now(): number },
  note: (line: string) => void,
): DeskTrials {
  const watches = new Map<string, () => Promise<void>>();
  const watchOf = (study: string) => {
    const watch = watches.get(study) ?? deathWatch(storage, study, clock, note);
    watches.set(study, watch);
    return watch;
  };
  const finding = findingIn(storage);
  return {
    ask: askingOf(storage, finding, watchOf),
    ...hearing(storage, finding),
    ...giving(storage, finding),
    async watch() {
      for (const study of await storage.list()) {
        if (study.state === "open" && isAsked(readStudyConfig(study))) await watchOf(study.name)();
      }
    },
  };
}

/** Finds what a claim is of, or says why not. */
interface Finding {
  trialOf(of: Omit<Claim, "attempt">): Promise<TrialRecord>;
  /** Demands that a claim held. @throws {Refusal} where it did not. */
  demandHeld(held: boolean, claim: Claim): Promise<void>;
}

function findingIn(storage: Kept): Finding {
  const trialOf: Finding["trialOf"] = async ({ study, room, trial: number }) => {
    const found = await storage.someTrials(study, { numbers: [number] });
    if (room !== undefined && room !== found.room) {
      throw new Refusal(
        409,
        `the study "${oneLine(study)}" must be the one that gave trial ${number}, but that was deleted, and another begun; ask that one for a trial`,
      );
    }
    const [trial] = found.trials;
    if (trial) return trial;
    throw new Refusal(404, `the study "${oneLine(study)}" has no trial ${number}`);
  };
  return {
    trialOf,
    async demandHeld(held, claim) {
      if (held) return;
      await trialOf(claim); // which says if there is none
      const { trial, attempt } = claim;
      throw new Refusal(
        409,
        `trial ${trial} is not of attempt ${attempt} any more: it has ended, or went on elsewhere`,
      );
    },
  };
}

/** How programs get trials. */
function askingOf(
  storage: Kept,
  { trialOf }: Finding,
  watchOf: (study: string) => () => Promise<void>,
): DeskTrials["ask"] {
  /** The trial that a program got for a question, and still holds: it did not hear the answer. */
  const answeredTo = async (study: string, request: string, lease: number): Promise<Asked | undefined> => {
    const isIts = (name: WorkerName) => "client" in name && name.request === request;
    const held = (await storage.held(study)).find(({ worker }) => isIts(JSON.parse(worker) as WorkerName));
    return held && (await storage.beat(held)) ? askedOf(await trialOf(held), held, lease) : undefined;
  };
  const answer = async (study: string, { worker, lease, request }: AskBody): Promise<Asked> => {
    const plan = await planOf(await demandAsked(storage, study));
    await watchOf(study)();
    const before = request === undefined ? undefined : await answeredTo(study, request, lease);
    if (before) return before;
    const me: WorkerName = { client: worker, lease, request };
    const claimed = await storage.claim(study, JSON.stringify(me), (trials, enqueued) =>
      nextSegment(plan, trials, enqueued),
    );
    return claimed.kind === "segment" ? askedOf(claimed.trial, claimed.claim, lease) : claimed;
  };
  const asking = new Map<string, Promise<Asked>>();
  return (study, { worker = "a program", lease = PROGRAM_LEASE, request }) => {
    const own = () => answer(study, { worker, lease, request });
    if (request === undefined) return own();
    const key = JSON.stringify([study, request]);
    const asked = asking.get(key) ?? own().finally(() => asking.delete(key));
    asking.set(key, asked); // who asks once more before it is answered shares the answer
    return asked;
  };
}

/** How programs tell of the trials that they hold. */
function hearing(
  storage: Kept,
  { trialOf, demandHeld }: Finding,
): Pick<DeskTrials, "heartbeat" | "report" | "tell" | "keep"> {
  return {
    heartbeat: async (claim) => demandHeld(await storage.beat(claim), claim),
    async report(claim, point) {
      const { budget } = point;
      const { to } = await trialOf(claim);
      if (budget > to * (1 + 1e-9)) {
        throw new Refusal(
          400,
          `budget must be at most ${to}, which the trial is trained to, but got ${budget}; tell first`,
        );
      }
      await demandHeld(await storage.report(claim, budget, toldPoint(point)), claim);
      await storage.beat(claim);
      return budget < to * (1 - 1e-9);
    },
    async tell(claim, told) {
      const { study } = claim;
      const plan = await planOf(await demandAsked(storage, study));
      const before = await trialOf(claim);
      if (await wasTold(storage, before, claim, told)) return;
      const end = await segmentEndOf(storage, study, plan, before, told);
      const over: Decide = (trials) => ({ kind: isOver(plan, trials) ? "done" : "wait" }); // which ends a study that has nothing left
      const held = told.handBack
        ? await storage.tell(claim, end)
        : (await storage.tellAndClaim(claim, end, "", over)) !== undefined;
      if (!held) await demandHeld(await wasTold(storage, await trialOf(claim), claim, told), claim); // meanwhile
    },
    async keep(claim, checkpoint) {
      await demandHeld(await storage.checkpoint(claim, checkpoint), claim);
      await storage.beat(claim);
    },
  };
}

/** Whether a trial was told this before: the answer got lost. @throws {Refusal} where it was told otherwise. */
async function wasTold(
  storage: Kept,
  found: TrialRecord,
  { study, trial, attempt }: Claim,
  told: ToldEnd,
): Promise<boolean> {
  if (found.attempt !== attempt || found.state === "running") return false;
  if (found.state === "waiting") return told.handBack === true;
  const points = await storage.points(study, { from: trial, to: trial + 1 });
  if (isRepeat(found, points.at(-1)?.point, told)) return true;
  throw new Refusal(409, `trial ${trial} was told otherwise before, which stays`);
}

/** What bytes programs get back. */
function giving(storage: Kept, { trialOf }: Finding): Pick<DeskTrials, "checkpoint" | "artifact"> {
  return {
    async checkpoint(of) {
      const { study, trial } = of;
      const { checkpoint } = await trialOf(of);
      const bytes = checkpoint === undefined ? undefined : await storage.artifact(study, checkpoint);
      if (!bytes) throw new Refusal(404, `trial ${trial} has no checkpoint`);
      return bytes;
    },
    async artifact(sha) {
      const bytes = await storage.artifact(undefined, sha);
      if (bytes) return bytes;
      throw new Refusal(
        404,
        `no study keeps bytes of the digest ${sha}, or not any more; take one that a study shows`,
      );
    },
  };
}

/** A question for a trial. */
interface AskBody {
  readonly worker: string;
  readonly lease: number;
  readonly request: string | undefined;
}

const askedOf = (
  { number: trial, attempt, values, curve, to, checkpoint }: TrialRecord,
  { room = "" }: Claim, // which every storage says
  lease: number,
): Asked => ({
  ...{ kind: "trial", trial, attempt, room, values, from: curve.at(-1)?.budget ?? 0, to, lease },
  checkpoint: checkpoint !== undefined,
});
