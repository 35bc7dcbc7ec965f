import { inputError } from "../util/error.ts";
import { isKeyOf, isRecord } from "../util/record.ts";
import { briefText } from "../util/brief-text.ts";
import { contradictionIn, type Bound, type Goals } from "./goals.ts";
import type { Sampler } from "./sampler.ts";

/** Which values are the best. */
export type Direction = "minimize" | "maximize";

/** What a search is for, as its options say it. */
export interface GoalOptions {
  /** Which values are the best: the least, or the greatest; default "minimize". */
  readonly direction?: Direction;
  /**
   * What is to be small or large, by names of measures, instead of one value: trials are told as `{ measures }`. Several need a sampler
   * that can follow them, such as `nsga2`.
   */
  readonly objectives?: Readonly<Record<string, Direction>>;
  /** What measures must keep, which comes before all objectives; needs `objectives`. */
  readonly bounds?: Readonly<Record<string, { readonly least?: number; readonly most?: number }>>;
}

/**
 * What options say of objectives and bounds; nothing where the search is for one value.
 *
 * @param sampler that is to follow them
 * @throws {HypertrainError} where they are malformed, or more than the sampler can follow.
 */
export function goalsOf({ direction, objectives, bounds }: GoalOptions, sampler: Sampler): Goals | undefined {
  if (objectives === undefined) {
    if (bounds === undefined) return undefined;
    throw inputError(
      `bounds must come with objectives, by whose names trials are told, but got ${briefText(bounds)} alone; add for example objectives: { loss: "minimize" }`,
    );
  }
  if (direction !== undefined) {
    throw inputError(
      `direction must be left out beside objectives, which have one each, but got ${briefText(direction)}; leave it out`,
    );
  }
  demandNamed("objectives", objectives);
  demandNamed("bounds", bounds ?? {});
  const followed = Object.entries(objectives).map(([name, own]) => ({ name, largest: signOf(own) < 0 }));
  const goals = { objectives: followed, bounds: Object.entries(bounds ?? {}).flatMap(boundsOf) };
  demandGoals(goals, sampler);
  return goals;
}

/**
 * Demands that goals have an objective, bounds that a trial can keep, and a sampler that follows them.
 *
 * @throws {HypertrainError} where they do not.
 */
export function demandGoals({ objectives, bounds }: Goals, sampler: Sampler): void {
  if (objectives.length === 0) {
    throw inputError('objectives must name a measure, but got {}; name one, such as { loss: "minimize" }');
  }
  if (objectives.length > 1 && !sampler.severalObjectives) {
    throw inputError(
      `a search for several objectives must have a sampler that follows them, but ${sampler.name} follows one and got ${objectives.length}; take nsga2(), or bound the others`,
    );
  }
  const impossible = contradictionIn(bounds);
  if (impossible === undefined) return;
  throw inputError(
    `bounds must be such that a trial can keep them, but got ${briefText(impossible)}; widen one of them`,
  );
}

function boundsOf([name, bound]: readonly [
  string,
  { readonly least?: number; readonly most?: number },
]): Bound[] {
  const sides = Object.entries(isRecord(bound) ? bound : {}).filter(([, value]) => value !== undefined);
  if (
    sides.length > 0 &&
    sides.every(([side, value]) => /^(least|most)$/.test(side) && Number.isFinite(value))
  ) {
    return sides.map(([side, value]) => ({ name, most: side === "most", value: value as number }));
  }
  throw inputError(
    `a bound must be { least: number }, { most: number } or both, but ${briefText(name)} has ${briefText(bound)}; write for example { most: 10 }`,
  );
}

function demandNamed(what: string, record: unknown): void {
  if (isRecord(record)) return;
  throw inputError(`${what} must be an object by names of measures, but got ${briefText(record)}; name them`);
}

/** 1 where the least is the best, -1 where the greatest is. @throws {HypertrainError} for another direction. */
export function signOf(direction: Direction = "minimize"): 1 | -1 {
  if (isKeyOf(signs, direction)) return signs[direction];
  throw inputError(
    `a direction must be "minimize" or "maximize", but got ${briefText(direction)}; choose one of them`,
  );
}

const signs = { minimize: 1, maximize: -1 } as const;
