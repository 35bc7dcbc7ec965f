import type { Problem } from "../problem/problem.ts";
import { optionText } from "../util/option-text.ts";
import type { RunOptions } from "./run-options.ts";
import type { PreparedTuner } from "./tuner.ts";

/** What of a tuner says which options it has a use for. */
export type OptionUse = Pick<PreparedTuner, "tunesFrom" | "takesValidation" | "plainTraining">;

/** Sentences on options of a run that its method has no use for on a problem: runs that are compared may share them, so that none is refused. */
export function unusedOptions(
  method: string,
  { tunesFrom, takesValidation = tunesFrom !== undefined, plainTraining }: OptionUse,
  { validBatchSize, checkShare = 0 }: Pick<RunOptions, "validBatchSize" | "checkShare">,
  { carried }: Pick<Problem, "carried"> = {},
): string[] {
  const unused = (option: string, value: number, why: string) =>
    `${optionText(option, value)} changes nothing here: ${method} ${why}; leave it out`;
  return [
    ...(validBatchSize === undefined || takesValidation
      ? []
      : [unused("validBatchSize", validBatchSize, "takes no minibatches of the validation part")]),
    ...(checkShare === 0 || (plainTraining && !carried)
      ? []
      : [
          unused(
            "checkShare",
            checkShare,
            plainTraining
              ? "holds no response against training that carries running statistics, as those of batch normalisation"
              : "learns no response that could be held against training",
          ),
        ]),
  ];
}
