/**
 * Where trainings are told to, beside their run folder: event files, a server. Telling takes no time of the training, and what goes wrong
 * with it costs the training nothing.
 */
export interface Tracker {
  /** A training begins. */
  begin(training: TrackedTraining): Tracked;
  /** Waits a while for what was not told yet. @returns a sentence for each thing that could not be told */
  close(): Promise<readonly string[]>;
}

/** A training as others know it. */
export interface TrackedTraining {
  /** Its own among those of a tracker; parts are divided by slashes. */
  readonly name: string;
  /** The name of the search that it is a trial of. */
  readonly parent?: string;
  /** What it is made with, by name. */
  readonly params: Readonly<Record<string, TrackedParam>>;
}

/** A setting, or a hyperparameter that is held. */
export type TrackedParam = string | number | boolean;

/** A training that goes on. */
export interface Tracked {
  see(step: number, scalars: Readonly<Record<string, number>>): void;
  end(how: TrackedEnd): void;
}

/** How a training ended. */
export type TrackedEnd = "finished" | "failed" | "stopped";

/** Several trackers as one. */
export const allTrackers = (trackers: readonly Tracker[]): Tracker => ({
  begin(training) {
    const each = trackers.map((tracker) => tracker.begin(training));
    return {
      see: (step, scalars) => each.forEach((tracked) => tracked.see(step, scalars)),
      end: (how) => each.forEach((tracked) => tracked.end(how)),
    };
  },
  close: async () => (await Promise.all(trackers.map((tracker) => tracker.close()))).flat(),
});
