import { formatSeconds } from "../../report/format.ts";
import type { RunEvent } from "../../tuners/run.ts";
import { shellWord } from "../../util/shell-word.ts";
import type { Phase } from "../progress/progress.ts";

/** A run that may take long. */
export interface LongRun {
  readonly phase: Phase;
  /** The run folder's path. */
  readonly path: string;
  /** Training steps up to the first hyperparameter step, where a limit of time would make them fewer. */
  readonly warmup?: number | undefined;
  note(line: string): void;
}

/**
 * Follows a run without a limit of time from its start, and says once, as soon as its steps show it, that it takes more than ten minutes, with the ways out.
 * It changes nothing of the run, whose length is that of its configuration on any machine.
 */
export function tellIfLong({ phase, path, warmup, note }: LongRun): (event: RunEvent) => void {
  let steps = Infinity;
  let first: { readonly step: number; readonly seconds: number } | undefined;
  let told = phase.timeLimit !== Infinity;
  return (event) => {
    if (event.kind === "start") ({ steps } = event);
    if (event.kind !== "step" || told) return;
    first ??= event; // which compiles, and says nothing of the pace
    const begun = first;
    const [made, seconds] = [event.step - begun.step, event.seconds - begun.seconds];
    if (made < FEWEST_STEPS || seconds < FEWEST_SECONDS) return;
    const secondsAt = (step: number) => begun.seconds + ((step - begun.step) * seconds) / made;
    if (secondsAt(steps) <= LONG) return;
    told = true;
    const place = shellWord(path);
    const [before, shorter] =
      warmup === undefined
        ? ["", ""]
        : [
            `, of which ${formatSeconds(secondsAt(warmup))} before the first hyperparameter step`,
            ", with a shorter warm-up",
          ];
    note(
      `${phase.name} takes some ${formatSeconds(secondsAt(steps))} at this pace${before}: \`--time 10m\` ends after ten minutes${shorter}; or stop at any time by Ctrl-C, after which \`hypertrain finish ${place}\` writes the model of the best epoch so far and \`hypertrain resume ${place}\` goes on`,
    );
  };
}

/** Seconds of a run beyond which one would want to know. */
const LONG = 600;

/** Steps and seconds from which a pace can be told. */
const [FEWEST_STEPS, FEWEST_SECONDS] = [2, 10];
