import { Worker } from "node:worker_threads";

import type { CurvePoint, LossCurve } from "../../api/comparison.ts";
import { HypertrainError, workError } from "../../util/error.ts";
import type { Config } from "../config/config.ts";
import { strayError } from "../modules/stray-error.ts";

/** What one method is to do from one seed. */
export interface Assignment {
  /** With the method and the seed. */
  readonly config: Config;
  readonly seconds: number;
  readonly budgetSteps?: number;
}

/** What a lane tells its thread. */
export type Order = { readonly kind: "work"; readonly assignment: Assignment } | { readonly kind: "stop" };

/** What the thread answers: points on the way, then a curve (none if it was stopped) or an error. */
export type Word =
  | { readonly kind: "point"; readonly point: CurvePoint }
  | { readonly kind: "curve"; readonly curve: LossCurve | undefined }
  | {
      readonly kind: "error";
      readonly message: string;
      readonly code?: "input" | "work";
      readonly stack?: string | undefined;
    };

/** A thread in which methods work, one after the other; the modules and the engine are loaded once. */
export interface Lane {
  /**
   * @param watch sees the best so far after every evaluation
   * @returns nothing if it was stopped
   * @throws {HypertrainError} for a method that cannot do this problem.
   */
  work(assignment: Assignment, watch: (point: CurvePoint) => void): Promise<LossCurve | undefined>;
  close(): Promise<unknown>;
}

/** Opens a lane. @param signal ends the work after the step under way */
export function openLane(signal: AbortSignal): Lane {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const open = () => new Worker(new URL(`./worker${extension}`, import.meta.url));
  let worker = open();
  const order = (one: Order): void => worker.postMessage(one);
  const stop = () => order({ kind: "stop" });
  signal.addEventListener("abort", stop);
  return {
    work: (assignment, watch) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return resolve(undefined);
        const hear = (word: Word): void => {
          if (word.kind === "point") return watch(word.point);
          deafen();
          if (word.kind === "curve") resolve(word.curve);
          else reject(errorOf(word));
        };
        const fail = (error: Error): void => {
          deafen();
          void worker.terminate();
          worker = open(); // the next method needs a thread that lives
          reject(strayError(error) as Error);
        };
        const leave = (code: number): void =>
          fail(
            workError(
              `the thread of ${assignment.config.method} must last until its work is done, but ended with exit code ${code}; look at the machine's memory, or lower --parallel`,
            ),
          );
        const deafen = (): void => void worker.off("message", hear).off("error", fail).off("exit", leave);
        worker.on("message", hear).on("error", fail).on("exit", leave);
        order({ kind: "work", assignment });
      }),
    close() {
      signal.removeEventListener("abort", stop);
      return worker.terminate();
    },
  };
}

function errorOf({ message, code, stack }: Extract<Word, { kind: "error" }>): Error {
  if (code) return new HypertrainError(code, message);
  return Object.assign(new Error(message), { stack });
}
