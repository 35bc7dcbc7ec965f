import type { TracePoint } from "../api/trace.ts";
import { createSearch } from "../search/ask-tell.ts";
import type { Sampler } from "../search/sampler.ts";
import type { ScheduledTrial, Scheduler } from "../search/schedulers/scheduler.ts";
import type { HyperValues, Space } from "../space/space.ts";
import { HypertrainError } from "../util/error.ts";
import type { Checkpoint, TrialRunner } from "./trial.ts";

/** What a study tells after every evaluation of a trial. */
export interface StudyEvent {
  readonly trial: number;
  readonly values: HyperValues;
  /** The trial's own trace point: its epochs, not the study's. */
  readonly trace: TracePoint;
  /** Gradients of the training loss that all trials together have taken. */
  readonly gradientEvaluations: number;
}

/** What a study is made of. */
export interface StudyOptions {
  readonly space: Space;
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
  readonly runner: TrialRunner;
  /** Suggestions follow from it. */
  readonly seed: number;
  /** Ends the study after the step under way. */
  readonly signal?: AbortSignal;
}

/**
 * Searches hyperparameters by training one trial after the other, until whoever listens stops listening.
 *
 * A trial counts for the sampler with its lowest validation loss; one whose loss is not finite has failed.
 */
export async function* searchStudy({
  space,
  sampler,
  scheduler,
  runner,
  seed,
  signal,
}: StudyOptions): AsyncGenerator<StudyEvent, void> {
  const search = createSearch(space, sampler, { seed });
  const trials: (ScheduledTrial & { readonly checkpoint: Checkpoint })[] = [];
  let spent = 0;
  while (!signal?.aborted) {
    const decision = scheduler.decide(trials);
    if (decision.kind === "wait")
      throw new Error("internal: a study with one worker has nothing to wait for");
    const number = decision.kind === "start" ? trials.length : decision.trial;
    if (decision.kind === "start") {
      settle(search, trials);
      const { values } = search.ask();
      trials.push({ number, curve: [], state: "paused", checkpoint: { values } });
    }
    const trial = trials[number] as (typeof trials)[number];
    let taken = trial.checkpoint.snapshot?.progress.gradientEvaluations ?? 0;
    try {
      const training = runner.train(trial.checkpoint, decision.to);
      const curve = [...trial.curve];
      for (;;) {
        const { value, done } = await training.next();
        if (done) {
          trials[number] = { ...trial, curve, checkpoint: value };
          break;
        }
        spent += value.gradientEvaluations - taken;
        taken = value.gradientEvaluations;
        curve.push({ budget: value.epoch, loss: value.valid.loss });
        yield { trial: number, values: trial.checkpoint.values, trace: value, gradientEvaluations: spent };
      }
    } catch (error) {
      if (!(error instanceof HypertrainError && error.code === "work")) throw error;
      trials[number] = { ...trial, state: "failed" };
    }
  }
}

/** Tells the search of the trials that have paused: a schedule may yet go on with them, but their losses are known. */
function settle(search: ReturnType<typeof createSearch>, trials: readonly ScheduledTrial[]): void {
  for (const { number, state } of search.trials) {
    const trial = trials[number];
    if (state !== "running" || !trial) continue;
    const losses = trial.curve.map(({ loss }) => loss);
    search.tell(
      number,
      trial.state === "failed" || losses.length === 0
        ? { failed: "its loss was not finite" }
        : Math.min(...losses),
    );
  }
}
