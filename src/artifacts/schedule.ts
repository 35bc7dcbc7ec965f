import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { mapValues } from "../util/record.ts";
import { meanOf, quantilesOf } from "../util/statistics.ts";

/** What `hyperparameters.json` holds: the values to use, and how they came about. */
export interface HyperSchedule {
  /** Where they started, in natural units; a search says where it would have, had it not looked elsewhere. */
  readonly start?: Readonly<Record<string, HyperPoint["value"]>>;
  readonly best: SchedulePoint;
  readonly final: SchedulePoint;
  /** At every evaluation; hyperparameters with many elements by their mean and quantiles. */
  readonly schedule: readonly (Omit<SchedulePoint, "hyperparameters"> & {
    readonly hyperparameters: Readonly<Record<string, object>>;
  })[];
}

type SchedulePoint = Pick<TracePoint, "epoch" | "step" | "hyperparameters">;

/** The schedule of a run from its trace. */
export function scheduleOf(
  trace: readonly TracePoint[],
  best: TracePoint,
  final: TracePoint,
  start?: HyperSchedule["start"],
): HyperSchedule {
  const at = ({ epoch, step, hyperparameters }: TracePoint): SchedulePoint => ({
    epoch,
    step,
    hyperparameters,
  });
  return {
    ...(start && { start }),
    best: at(best),
    final: at(final),
    schedule: trace.map((point) => ({
      ...at(point),
      hyperparameters: mapValues(point.hyperparameters, summarized),
    })),
  };
}

/** A hyperparameter with many elements by their mean and their quantiles: the points themselves are in metrics.jsonl. */
function summarized(point: HyperPoint): object {
  const { value, scale, band, elements } = point;
  if (elements) {
    const { count, ...quantiles } = elements;
    const meanScale = scale === undefined ? {} : { meanScale: scale };
    return { elements: count, mean: value, quantiles, ...meanScale, ...(band && { band }) };
  }
  if (typeof value !== "object") return point;
  return {
    elements: value.length,
    mean: meanOf(value),
    quantiles: quantilesOf(value),
    ...(Array.isArray(scale) && { meanScale: meanOf(scale as readonly number[]) }),
    ...(band && { band }),
  };
}
