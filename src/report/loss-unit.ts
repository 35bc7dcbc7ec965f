import type { Score } from "../api/trace.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import { GAUSSIAN_DEVIATION } from "../problem/gaussian-deviation.ts";
import type { LossName } from "../problem/example-losses.ts";
import { formatNumber } from "../util/format-number.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";
import { oneLine } from "../util/text.ts";

/** What a loss depends on beside the network. */
export interface LossFacts {
  readonly data: Pick<SupervisedData, "task" | "targetScale" | "encoding" | "splits">;
  /** Default: that of `supervised` for these data. */
  readonly loss?: LossName;
  /** Whether classes of different sizes have the same weight; default `none`. */
  readonly classWeights?: "none" | "balanced";
  /** How many networks validate each other's rows; absent for one. */
  readonly folds?: number;
}

/**
 * What losses are in, how rows count in them, and of how many networks; undefined where that is plain: one network's, of rows that count alike, and cross-entropies or
 * of targets that were left as they are.
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

function unitOf({ data: { task, targetScale, encoding }, loss }: LossFacts): string | undefined {
  if (task === "classification") {
    const unit = lossClause({ classes: true, loss });
    return unit && `L${unit.slice(1)}.`;
  }
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

/** What a loss is made of. */
interface LossParts {
  /** Whether classes are predicted, not numbers. */
  readonly classes: boolean;
  /** Whether it is the target's logarithm that was standardised. */
  readonly log?: boolean;
  /** Default `cross-entropy` for classes, `squared-error` for numbers. */
  readonly loss?: unknown;
}

const standardised = ({ log }: { readonly log: boolean }): string =>
  log ? "standardised logarithm of the target" : "standardised target";

/** What the losses of standardised targets, or of classes, are of, in a clause; undefined where that is plain: cross-entropies. */
export function lossClause({ classes, log = false, loss }: LossParts): string | undefined {
  if (loss === "gaussian") {
    const target = classes ? "one-hot classes" : `the ${standardised({ log })}`;
    return `losses are negative log densities of ${target}, with a standard deviation of ${GAUSSIAN_DEVIATION}`;
  }
  if (!classes) return `losses are of the ${standardised({ log })}`;
  return loss === "squared-error" ? "losses are mean squared errors of one-hot classes" : undefined;
}

/**
 * The same in short of a run of which only its scores and its configuration are at hand.
 *
 * @param config fields by name, as they stand in a run folder
 */
export function shortLossUnit(
  { metric }: Pick<Score, "metric">,
  { problem, targetTransform, loss, classWeights }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (!metric || typeof problem === "string") return undefined; // nothing says what the losses are
  const unit = lossClause({ classes: metric.name !== "R2", log: targetTransform === "log", loss });
  const weights = classWeights === "balanced" ? "in losses all classes have the same weight" : undefined;
  return [unit, weights].filter((one) => one !== undefined).join("; ") || undefined;
}

/** What has losses in some unit. */
export interface NamedUnit {
  readonly name: string;
  readonly lossUnit?: string | null | undefined;
}

/** What the losses of a table are in, a sentence for each unit; it names those that have it, where not all do. */
export function unitSentences(rows: readonly NamedUnit[]): readonly string[] {
  const byUnit = Map.groupBy(rows, ({ lossUnit }) => lossUnit ?? undefined);
  return [...byUnit].flatMap(([unit, own]) => {
    if (unit === undefined) return [];
    if (byUnit.size === 1) return [unit];
    const names = own.slice(0, NAMED).map(({ name }) => oneLine(name));
    const others = own.length > NAMED ? ` and ${own.length - NAMED} more` : "";
    return [`${names.join(", ")}${others}: ${unit}`];
  });
}

/** How many a sentence names. */
const NAMED = 5;
