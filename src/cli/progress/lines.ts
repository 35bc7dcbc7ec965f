import { follow, isUnderWay, type OpenView, type Standing } from "./progress.ts";

/** A line at the start, one now and then, and one at the end: for a log file or a pipe. */
export const lineProgress =
  (write: (line: string) => void, clock: { now(): number }): OpenView =>
  (phase) => {
    const standing = follow(phase);
    let written = -Infinity;
    let begun = false;
    return {
      see(event) {
        const now = standing(event);
        begun ||= isUnderWay(event);
        const due = event.kind === "end" || clock.now() - written >= MILLISECONDS_BETWEEN_LINES;
        if (!begun || !due) return;
        written = clock.now();
        write(lineOf(phase.name, now));
      },
      close() {},
    };
  };

const MILLISECONDS_BETWEEN_LINES = 5000;

const lineOf = (name: string, { epoch, trainLoss, validLoss, time, hypers }: Standing): string =>
  `${name}: epoch ${epoch}, train loss ${trainLoss}, valid loss ${validLoss}, ${time}${hypers && `; ${hypers}`}`;
