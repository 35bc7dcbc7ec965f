import { createSpace, type Hyper, type Space } from "../../space/space.ts";
import { inputError } from "../../util/error.ts";

/** How far a search looks to either side of the start where a hyperparameter on a log scale has no end. */
const FACTOR = 1000;

/**
 * The same hyperparameters with an end to every range, as searches need it: on a log scale a thousandth to a thousand times the start.
 *
 * @throws {HypertrainError} for a hyperparameter without a range that is not on a log scale.
 */
export const searchable = ({ hypers }: Space): Space =>
  createSpace(
    Object.fromEntries(Object.entries(hypers).map(([name, hyper]) => [name, bounded(name, hyper)])),
  );

function bounded(name: string, hyper: Hyper): Hyper {
  if (hyper.kind !== "real") return hyper;
  const { log, start } = hyper;
  const low =
    hyper.low !== undefined && (!log || hyper.low > 0) ? hyper.low : log ? start / FACTOR : undefined;
  const high = hyper.high ?? (log ? start * FACTOR : undefined);
  if (low !== undefined && high !== undefined) return { ...hyper, low, high };
  throw inputError(
    `a search must have a range for every hyperparameter, but "${name}" has none; give it as ${name}=${start}:LOW..HIGH`,
  );
}
