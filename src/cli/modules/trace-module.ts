import { checkProblem } from "../../problem/check-problem.ts";
import type { Task } from "../../problem/problem.ts";
import { inputError } from "../../util/error.ts";
import { batchSizeOf } from "../config/batch-size.ts";
import type { Config } from "../config/config.ts";
import { unheard } from "../terminal/interrupt.ts";
import { settled } from "./settled.ts";

/**
 * Traces the functions of a task that a user's module makes or has a part in: what never returns, or ends the process, does so before anything is written, and
 * where the first signal ends the command.
 *
 * @throws {HypertrainError} as `checkProblem` does, and where a function ends the process.
 */
export async function traceModule(
  path: string,
  task: Task,
  config: Pick<Config, "batchSize" | "model" | "problem">,
): Promise<void> {
  const { rows } = task.data.train;
  const trace = () => checkProblem(task, Math.min(batchSizeOf(config, rows), rows));
  await settled(
    () => unheard(trace),
    () =>
      inputError(
        `${path} must have functions that return, but one of them ended the process; take out what calls process.exit`,
      ),
  );
}
