import type { TracePoint } from "../api/trace.ts";
import type { HyperValues } from "../space/space.ts";
import { openStudy, type StudyOptions } from "../study/search-study.ts";

/** What a study tells after every evaluation of a trial. */
export interface StudyEvent {
  readonly trial: number;
  readonly values: HyperValues;
  /** The trial's own trace point: its epochs, not the study's. */
  readonly trace: TracePoint;
  /** Gradients of the training loss that all trials together have taken. */
  readonly gradientEvaluations: number;
}

/** The evaluations of a study that nobody means to stop and go on with; see {@link openStudy}. */
export async function* searchStudy(options: StudyOptions): AsyncGenerator<StudyEvent, void> {
  for await (const event of openStudy(options).events()) {
    if (event.kind !== "epoch") continue;
    const { trial, values, trace, spent } = event;
    yield { trial, values, trace, gradientEvaluations: spent.gradientEvaluations };
  }
}
