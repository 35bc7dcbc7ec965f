import { setTimeout as sleep } from "node:timers/promises";

import { medianOf } from "./statistics.ts";
import type { Measurement, Subject } from "./subject.ts";

/** How long to measure. */
export interface RoundRobinOptions {
  readonly rounds: number;
  /** Milliseconds that one subject has in a round; it takes at least one step and at most `maxSteps`. */
  readonly share: number;
  readonly maxSteps: number;
  /** Steps of each subject that do not count: compilation, first touch of memory. */
  readonly warmUp: number;
  /** Steps at the start of every turn that do not count: caches and threads are another subject's until then. */
  readonly leadIn: number;
  /** Milliseconds of rest between two subjects, in which the spinning threads of the one fall asleep. */
  readonly rest: number;
  readonly onRound?: (round: number) => void;
}

/**
 * Times all subjects in turn, round after round, so that what else the machine does hits them alike.
 *
 * A slow subject takes fewer steps a round than a fast one, but all take part in every round, so that rounds can be compared
 * pair by pair. The order turns round from one round to the next.
 */
export async function roundRobin(
  subjects: readonly Subject[],
  { rounds, share, maxSteps, warmUp, leadIn, rest, onRound }: RoundRobinOptions,
): Promise<Measurement[]> {
  const pace = new Map<Subject, number>();
  for (const subject of subjects) {
    const step = medianOf(await subject.take(warmUp));
    pace.set(subject, Math.min(maxSteps, Math.max(1, Math.floor(share / step))));
  }
  const times = new Map(subjects.map((subject) => [subject, [] as (readonly number[])[]]));
  const processor = new Map(subjects.map((subject) => [subject, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    onRound?.(round);
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      await sleep(rest);
      const before = subject.processor?.() ?? 0;
      const taken = await subject.take(leadIn + (pace.get(subject) ?? 1));
      processor.get(subject)?.push(((subject.processor?.() ?? 0) - before) / taken.length);
      times.get(subject)?.push(taken.slice(leadIn));
    }
  }
  return subjects.map((subject) => ({
    by: subject.by,
    step: subject.step,
    ...(subject.variant !== undefined && { variant: subject.variant }),
    rounds: times.get(subject) ?? [],
    ...(subject.processor && { processor: processor.get(subject) ?? [] }),
  }));
}
