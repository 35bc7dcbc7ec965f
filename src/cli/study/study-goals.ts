import { measuresOf, type Goals } from "../../search/goals.ts";
import type { Problem } from "../../problem/problem.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { shown } from "../../util/text.ts";
import type { Config } from "../config.ts";
import { goalsIn } from "./objectives.ts";

/** What a measure is not there for, by its name. */
const reasons: Readonly<Record<string, string>> = {
  latency:
    "the networks of a search share the computations of the largest, so that each takes as long; take parameters",
  parameters:
    "no hyperparameter changes the network; add one, such as --hyper width.fc1=64:8..128, or leave it out",
  "test loss": "a search that followed the test part would spoil it; take loss",
};

/**
 * What a configuration lets a search follow; nothing where that is the loss alone.
 *
 * @throws {HypertrainError} for what is not measured while this problem is trained.
 */
export function studyGoals(
  { objectives, where }: Pick<Config, "objectives" | "where">,
  { metric, architecture }: Pick<Problem, "metric" | "architecture">,
): Goals | undefined {
  const goals = goalsIn({ objectives, where });
  if (!goals) return undefined;
  const known = [
    ...["loss", ...(metric ? [metric.name] : [])],
    ...["seconds", "gradients", "epochs", ...(architecture ? ["parameters"] : [])],
  ];
  const other = measuresOf(goals).find((name) => !known.includes(name));
  if (other === undefined) return goals;
  const why = Object.hasOwn(reasons, other) ? reasons[other] : undefined;
  throw inputError(
    `--objectives and --where must name what is measured of every trial, ${known.join(", ")}, but got "${shown(other)}"${why === undefined ? nearest(other, known) || "; choose one of these" : `: ${why}`}`,
  );
}
