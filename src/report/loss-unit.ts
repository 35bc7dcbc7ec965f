import type { Score } from "../api/trace.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import type { LossName } from "../problem/supervised.ts";
import { formatNumber } from "./format.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";

/** What a loss depends on beside the network. */
export interface LossFacts {
  readonly data: Pick<SupervisedData, "targetScale" | "encoding" | "splits">;
  /** Default: that of `supervised` for these data. */
  readonly loss?: LossName;
  /** Whether classes of different sizes have the same weight; default `none`. */
  readonly classWeights?: "none" | "balanced";
  /** How many networks validate each other's rows; absent for one. */
  readonly folds?: number;
}

/**
 * What losses are in, how rows count in them, and of how many networks; undefined where that is plain: one network's, of rows that count alike, and of classes or of
 * targets that were left as they are.
 */
export function lossUnitOf(facts: LossFacts): string | undefined {
  demandGiven("lossUnitOf", { facts }, { facts: lossFacts });
  const sentences = [unitOf(facts), weightsOf(facts), foldsOf(facts)].filter(
    (sentence) => sentence !== undefined,
  );
  return sentences.length > 0 ? sentences.join(" ") : undefined;
}

const lossFacts = objectWith<LossFacts>("the data, such as { data }", { data: "object" });

/** As in `SupervisedOptions`. */
const weightsOf = ({ classWeights }: LossFacts): string | undefined =>
  classWeights === "balanced"
    ? "In losses all classes have the same weight: a row counts rows / (classes x rows of its class) times, by the rows that train. In accuracy, and in the loss that hypertrain predict tells, it counts once."
    : undefined;

/** Of several networks validation and test are not the same. */
function foldsOf({ folds, data: { splits } }: LossFacts): string | undefined {
  if (folds === undefined) return undefined;
  const tested = splits.test ? `, a test loss of all ${folds} together` : "";
  return `${folds} networks were trained in folds: a validation loss is of each row by the network that did not train on it${tested}.`;
}

function unitOf({ data: { targetScale, encoding }, loss }: LossFacts): string | undefined {
  if (!targetScale) return undefined;
  const { sd } = targetScale;
  const log = encoding?.target.kind === "number" && encoding.target.transform === "log";
  const target = log ? "standardised logarithm of the target" : "standardised target";
  if (loss === "gaussian") return `Losses are negative log densities of the ${target}.`;
  const one = log
    ? `1 is a factor of ${formatNumber(Math.exp(sd), 3)}`
    : `1 is an RMSE of ${formatNumber(sd, 3)} in its own units`;
  return `Losses are mean squared errors of the ${target}, of which ${one}.`;
}

/** The same in short of a run of which only its scores are at hand. */
export const shortLossUnit = ({ metric }: Score): string | undefined =>
  metric?.name === "R2" ? "losses are of the standardised target" : undefined;
