import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { workError } from "../util/error.ts";
import { formatNumber } from "../util/format-number.ts";

/** Where a run stood when one of its numbers was no longer finite. */
export interface DivergencePoint {
  readonly step: number;
  /** Whether the number is of the weights that training began with. */
  readonly untrained: boolean;
  /** The learning rates in force, by what they move. */
  readonly learningRates: Readonly<Record<string, number>>;
  /** At the last evaluation; none before the first. */
  readonly hyperparameters: TracePoint["hyperparameters"];
  /** A number of the data that is not finite either, as a message tells it. */
  readonly oddNumber?: string | undefined;
}

/**
 * Demands that a number of the training is finite.
 *
 * @param at is asked for where it is not
 * @throws {HypertrainError} that says what it became, and where.
 */
export function demandFinite(what: string, value: number, at: () => DivergencePoint): void {
  if (!Number.isFinite(value)) throw diverged(what, value, at());
}

/**
 * Demands that the validation loss and the hyperparameters of an evaluation are finite.
 *
 * @throws {HypertrainError} that names the first that is not.
 */
export function demandFinitePoint(
  { valid, hyperparameters }: Pick<TracePoint, "valid" | "hyperparameters">,
  at: () => DivergencePoint,
): void {
  demandFinite("validation loss", valid.loss, at);
  const [odd] = Object.entries(hyperparameters).filter(([, { value }]) => !isFinite(value));
  if (odd) throw diverged(`hyperparameter ${odd[0]}`, NaN, at());
}

function diverged(what: string, value: number, at: DivergencePoint): Error {
  const rates = Object.entries(at.learningRates).map(([name, rate]) => `${name} ${formatNumber(rate)}`);
  const values = Object.entries(at.hyperparameters).map(([name, { value }]) => `${name} ${shorten(value)}`);
  const known = rates.length > 0; // none is where the only one is a hyperparameter
  const seen = [
    ...(known && !at.untrained ? [`learning rates: ${rates.join(", ")}`] : []),
    ...(values.length > 0 ? [`hyperparameters at the last evaluation: ${values.join(", ")}`] : []),
  ].join("; ");
  const within = seen === "" ? "" : ` (${seen})`;
  const became = at.untrained
    ? `the ${what} must be finite, but is ${value} at step ${at.step}, before any weight has moved${within}`
    : `the ${what} must stay finite, but became ${value} at step ${at.step}${within}`;
  if (at.oddNumber !== undefined)
    return workError(`${became}; ${at.oddNumber}, so leave that row out, or give it a number`);
  return workError(
    at.untrained
      ? `${became}; look for what makes it so in the data (numbers that are infinite, NaN or very large, class labels without an output), in the network and its loss, and in the hyperparameters and augmentations that it starts with`
      : `${became}; start again with a tenth of the ${known ? "learning rates" : "learning rate's range"}, or with narrower ranges`,
  );
}

/** Whether all its numbers are; options of a choice are no numbers. */
const isFinite = (value: HyperPoint["value"]): boolean =>
  typeof value === "object"
    ? value.every(Number.isFinite)
    : typeof value !== "number" || Number.isFinite(value);

const shorten = (value: HyperPoint["value"]): string =>
  typeof value === "object"
    ? `${value.length} values`
    : typeof value === "number"
      ? formatNumber(value)
      : String(value);
