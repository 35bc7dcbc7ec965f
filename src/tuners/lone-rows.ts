import { streamLength } from "../data/order.ts";
import type { Task } from "../problem/problem.ts";
import { optionText } from "../util/option-text.ts";
import type { StreamName } from "./host.ts";
import { runSettings, type RunOptions, type RunSettings } from "./run-options.ts";
import type { PreparedTuner } from "./tuner.ts";

/**
 * What is said of streams of minibatches that are one row long each, since a minibatch holds all rows there are: no row follows another, and every one starts without what its
 * layers could have taken over.
 *
 * @param streams those whose rows hand something on
 */
export function remarksOnLoneRows(
  { problem, data }: Task,
  streams: readonly StreamName[],
  settings: Pick<RunSettings, "batchSize" | "validBatchSize">,
): string[] {
  if (!problem.rowStates || data.train.order !== "streams") return [];
  const layers = [...new Set(problem.rowStates.map(({ layer }) => `"${layer}"`))].join(", ");
  return streams.flatMap((stream) => {
    const { part, steps, size } = words[stream];
    const { rows } = data[stream];
    if (streamLength(rows, settings[size]) > 1) return [];
    const mend =
      rows === 1
        ? `a longer text, or rows of fewer tokens (${optionText("bptt")}), would give it a second`
        : `a smaller minibatch (${optionText(size, Math.max(1, Math.floor(rows / ROWS_OF_A_STREAM)))}) hands it on`;
    return [
      `no state of ${layers} goes from one ${steps} step to the next: a minibatch holds all ${part} rows, ${rows}, each of which begins at 0; ${mend}`,
    ];
  });
}

/**
 * The same of trainings whose length another settles, such as those of a search or a comparison.
 *
 * @param prepared the tuner that makes them
 */
export const loneRowsOfTrials = (
  task: Task,
  { handsOn = [] }: Pick<PreparedTuner, "handsOn">,
  options: Omit<RunOptions, "epochs">,
): string[] => remarksOnLoneRows(task, handsOn, runSettings({ ...options, epochs: 1 }, task));

const words = {
  train: { part: "training", steps: "training", size: "batchSize" },
  valid: { part: "validation", steps: "hyperparameter", size: "validBatchSize" },
} as const satisfies Record<StreamName, object>;

/** Rows that follow each other where the advice is taken, but in the shortest texts. */
const ROWS_OF_A_STREAM = 10;
