import type { Claim, Storage, TrialEvaluation } from "../../storage/storage.ts";
import { ofFailed } from "../../tuners/best.ts";
import { saveSnapshot, type Snapshot } from "../../tuners/snapshot.ts";

/** Milliseconds between two signs of life. */
const BEAT = 2_000;

/** The least milliseconds between two checkpoints. */
const LEAST_PAUSE = 5_000;

/** How many times as long as it took to report evaluations the next ones are kept, at most so many milliseconds: short epochs come faster than a store takes them. */
const REST = { times: 200, most: 1_000 };

/** What a worker tells a store of a segment while it trains it: signs of life until it is disposed of, evaluations and checkpoints as often as the store takes them. */
export interface SegmentReports extends Disposable {
  /** Whether the segment is still this worker's. */
  readonly held: boolean;
  /** Evaluations that the store does not know yet. */
  readonly unsaid: readonly TrialEvaluation[];
  /** Adds an evaluation. */
  add(evaluation: TrialEvaluation): void;
  /** Tells the evaluations behind a step once more, of a trial that is a search itself: they are of a training that failed. */
  strike(since: number): void;
  /** Reports what is unsaid and saves a checkpoint, where these are due. */
  keepUp(snapshot: () => Promise<Snapshot>): Promise<void>;
  /** Reports what is unsaid. */
  sayAll(): Promise<void>;
  /** Saves a checkpoint. */
  save(snapshot: () => Promise<Snapshot>): Promise<void>;
}

/** The reports of a segment that a worker has claimed. */
export function segmentReports(storage: Storage, claim: Claim, clock: { now(): number }): SegmentReports {
  let held = true;
  let unsaid: TrialEvaluation[] = [];
  const ofTrainings: TrialEvaluation[] = [];
  let rest = { from: clock.now(), for: 0 };
  let saved = { at: clock.now(), pause: LEAST_PAUSE };
  const beating = setInterval(() => {
    storage.beat(claim).then(
      (still) => (held &&= still),
      () => undefined, // the next report says so
    );
  }, BEAT);
  const reports: SegmentReports = {
    get held() {
      return held;
    },
    get unsaid() {
      return unsaid;
    },
    add(evaluation) {
      unsaid.push(evaluation);
      if (evaluation.point.trial) ofTrainings.push(evaluation);
    },
    strike(since) {
      const struck = ofTrainings.filter(({ point }) => point.step > since);
      unsaid = [
        ...unsaid.filter(({ point }) => point.step <= since),
        ...struck.map(({ budget, point }) => ({ budget, point: ofFailed(point) })),
      ];
    },
    async keepUp(snapshot) {
      const isDue = clock.now() - saved.at >= saved.pause;
      if (isDue || clock.now() - rest.from >= rest.for) await reports.sayAll();
      if (isDue) await reports.save(snapshot);
    },
    async sayAll() {
      if (unsaid.length === 0 || !held) return;
      const begun = clock.now();
      held = await storage.reportAll(claim, unsaid);
      unsaid = [];
      rest = { from: clock.now(), for: Math.min(REST.most, REST.times * (clock.now() - begun)) };
    },
    async save(snapshot) {
      if (!held) return;
      const begun = clock.now();
      held = await storage.checkpoint(claim, saveSnapshot(await snapshot()));
      const at = clock.now();
      saved = { at, pause: Math.max(LEAST_PAUSE, 20 * (at - begun)) };
    },
    [Symbol.dispose]: () => clearInterval(beating),
  };
  return reports;
}
