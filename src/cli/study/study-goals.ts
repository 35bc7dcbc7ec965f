/* Where the goals of a study come from: what it is stored with, or the flags and fields of a configuration. */
import {
  contradictionIn,
  leastLoss,
  measuresOf,
  type Bound,
  type Goals,
  type SearchObjective,
} from "../../search/goals.ts";
import { costMeasures, networkMeasures, type KnownMeasure } from "../../search/measures.ts";
import type { Problem } from "../../problem/problem.ts";
import { decimalOf } from "../../util/decimal.ts";
import { inputError } from "../../util/error.ts";
import { isKeyOf } from "../../util/record.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import { isAsked, isCompared, type StoredStudyConfig } from "./study-config.ts";

/** The goals of a study by what it is stored with: the least loss where it was told none. */
export function goalsOfStudy(config: StoredStudyConfig): Goals {
  if (isCompared(config)) return leastLoss;
  if (isAsked(config)) return config.asked.goals ?? leastLoss;
  return goalsIn(config.config) ?? leastLoss;
}

const unchanged =
  "no hyperparameter changes the network; add one, such as --hyper width.fc1=64:8..128, or leave it out";

/** What a measure is not there for, by its name. */
const reasons: Readonly<Partial<Record<KnownMeasure | "test loss", string>>> = {
  latency: unchanged,
  parameters: unchanged,
  "test loss": "a search that followed the test part would spoil it; take loss",
};

/** Measures that are the better the higher they are, so that without a word nobody would want them small. */
const rising: readonly string[] = ["accuracy", "balanced accuracy", "F1"];

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
    ...["loss", ...(metric ? [metric.name, ...(metric.details?.names ?? [])] : [])],
    ...[...costMeasures, ...(architecture ? networkMeasures : [])],
  ];
  const unsaid = objectives?.split(",").find((part) => rising.includes(part.trim()));
  if (unsaid !== undefined) {
    throw inputError(
      `--objectives must say whether ${unsaid.trim()} is to be large, but got "${oneLine(objectives ?? "")}"; write max:${unsaid.trim()}`,
    );
  }
  const other = measuresOf(goals).find((name) => !known.includes(name));
  if (other === undefined) return goals;
  const why = isKeyOf(reasons, other) ? reasons[other] : undefined;
  throw inputError(
    `--objectives and --where must name what is measured of every trial, ${known.join(", ")}, but got "${oneLine(other)}"${why === undefined ? nearest(other, known) || "; choose one of these" : `: ${why}`}`,
  );
}

/**
 * Objectives behind commas, `max:` before those that are to be large.
 *
 * @param least how many there must be
 * @throws {HypertrainError} for a text that is none.
 */
export function objectivesIn(text: string, least = 2): readonly SearchObjective[] {
  const found = text.split(",").map((part) => {
    const [, sense, name = ""] = /^(?:(max|min):)?(.*)$/s.exec(part.trim()) ?? [];
    return { name, largest: sense === "max" };
  });
  const names = found.map(({ name }) => name);
  if (names.length >= least && !names.includes("") && new Set(names).size === names.length) return found;
  throw inputError(
    `--objectives must be ${least > 1 ? "two or more " : ""}different names behind commas, max: before those that are to be large, but got "${oneLine(text)}"; write for example --objectives loss,seconds`,
  );
}

/** Bounds behind commas, such as `seconds<=10,accuracy>=0.9`. @throws {HypertrainError} for a text that is none. */
export function boundsIn(text: string): readonly Bound[] {
  return text.split(",").map((part) => {
    const [, name = "", sense, number = ""] = /^\s*(.+?)\s*(<=|>=)\s*(\S+)\s*$/.exec(part) ?? [];
    const value = decimalOf(number);
    if (name !== "" && !Number.isNaN(value)) return { name, most: sense === "<=", value };
    throw inputError(
      `--where must be bounds behind commas, NAME<=NUMBER or NAME>=NUMBER, but got "${oneLine(part)}"; write for example --where "seconds<=10"`,
    );
  });
}

/** Demands that the loss is to be small: "best" means the lowest loss everywhere. @throws {HypertrainError} where it is not. */
export function demandLeastLoss(objectives: readonly SearchObjective[]): void {
  if (!objectives.some(({ name, largest }) => name === "loss" && largest)) return;
  throw inputError(
    "the objective loss must be minimized, since a study's best trial is that of the lowest loss, but got it to be maximized; tell what is to be large as a measure of another name",
  );
}

/** What objectives and bounds say, the loss being the objective where none is said; nothing without either. */
export function goalsIn(said: {
  readonly objectives?: string | undefined;
  readonly where?: string | undefined;
}): Goals | undefined {
  const { objectives, where } = said;
  if (objectives === undefined && where === undefined) return undefined;
  const goals = {
    objectives: objectivesIn(objectives ?? "loss", 1),
    bounds: where === undefined ? [] : boundsIn(where),
  };
  demandLeastLoss(goals.objectives);
  const impossible = contradictionIn(goals.bounds);
  if (impossible === undefined) return goals;
  throw inputError(
    `--where must have bounds that a trial can keep, but got ${oneLine(impossible)}; widen one of them`,
  );
}
