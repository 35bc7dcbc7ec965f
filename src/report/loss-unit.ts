import type { Score } from "../api/trace.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import { GAUSSIAN_DEVIATION } from "../problem/gaussian-deviation.ts";
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
  const inOwn = (of: number): string =>
    log ? `a factor of ${formatNumber(Math.exp(of), 3)}` : `${formatNumber(of, 3)} in its own units`;
  const target = standardised({ log });
  if (loss === "gaussian") {
    return `Losses are negative log densities of the ${target}, with a standard deviation of ${GAUSSIAN_DEVIATION}: ${inOwn(sd * GAUSSIAN_DEVIATION)}.`;
  }
  return `Losses are mean squared errors of the ${target}, of which 1 is ${log ? "" : "an RMSE of "}${inOwn(sd)}.`;
}

/** What a regression's loss is made of: its target's transform, and which loss it is. */
interface RegressionLoss {
  readonly log: boolean;
  /** Default `squared-error`. */
  readonly loss?: unknown;
}

const standardised = ({ log }: RegressionLoss): string =>
  log ? "standardised logarithm of the target" : "standardised target";

/** What the losses of a regression are of, in a clause. */
export const regressionUnit = (of: RegressionLoss): string =>
  of.loss === "gaussian"
    ? `losses are negative log densities of the ${standardised(of)}, with a standard deviation of ${GAUSSIAN_DEVIATION}`
    : `losses are of the ${standardised(of)}`;

/**
 * The same in short of a run of which only its scores and its configuration are at hand.
 *
 * @param config fields by name, as they stand in a run folder or in a store
 */
export function shortLossUnit(
  { metric }: Pick<Score, "metric">,
  { targetTransform, loss, classWeights }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (metric?.name === "R2") return regressionUnit({ log: targetTransform === "log", loss });
  return classWeights === "balanced" ? "in losses all classes have the same weight" : undefined;
}
