import type { ChoiceValue } from "../space/values.ts";
import { aSpace, type HyperValues, type Space } from "../space/space.ts";
import type { SpaceHypers, ValuesOf } from "../space/values.ts";
import { unitPlace } from "../space/unit.ts";
import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { demandGiven } from "../util/given.ts";
import { byName, named, objectWith } from "../util/rule.ts";

/** When a hyperparameter exists: while another one, a choice or an integer that exists itself, has one of some values. */
export interface Condition {
  /** The name of the other one. */
  readonly of: string;
  /** Its values at which this one exists. */
  readonly in: readonly ChoiceValue[];
}

/** The conditions of the hyperparameters that have one, by name. */
export type Conditions = Readonly<Record<string, Condition>>;

/** A space that may have conditions, of the hyperparameters C; every space without them is one. */
export interface SearchSpace<
  H extends SpaceHypers = SpaceHypers,
  C extends string = string,
> extends Space<H> {
  readonly conditions?: Readonly<Record<C, Condition>>;
}

/** The values of a space: those of the hyperparameters C may be absent. */
export type ExistingValues<H extends SpaceHypers, C extends string> = string extends keyof H
  ? HyperValues
  : ValuesOf<Omit<H, C>> & Partial<ValuesOf<Pick<H, C & keyof H>>>;

const aCondition = objectWith<Condition>("a condition, { of, in }", { of: "string", in: "object" });

/**
 * The space in which some hyperparameters exist only at some values of others. The rest are absent from suggestions there, and
 * samplers treat them as missing.
 *
 * ```ts
 * const units = integer(32, { low: 8, high: 256 });
 * const layers = { layers: integer(1, { low: 1, high: 3 }), units1: units, units2: units };
 * conditional(createSpace(layers), { units2: { of: "layers", in: [2, 3] } });
 * ```
 *
 * @throws {HypertrainError} for what is no space, if a name is unknown, a value impossible, or a hyperparameter depends on itself.
 */
export function conditional<H extends SpaceHypers, C extends keyof H & string>(
  space: Space<H>,
  conditions: Readonly<Record<C, Condition>>,
): SearchSpace<H, C> {
  demandGiven("conditional", { space, conditions }, { space: aSpace, conditions: byName(aCondition) });
  for (const [name, condition] of Object.entries<Condition>(conditions)) {
    known(space, name);
    checkParent(space, name, condition);
  }
  for (const name of Object.keys(conditions)) checkAcyclic(conditions, name);
  return Object.freeze({ ...space, conditions: Object.freeze({ ...conditions }) });
}

/**
 * Whether the hyperparameter exists at these values; `values` may hold more than what exists.
 *
 * @throws {HypertrainError} for what is no space, or no values.
 */
export function isActive(space: SearchSpace, name: string, values: Readonly<HyperValues>): boolean {
  demandGiven("isActive", { space, values }, { space: aSpace, values: named("values") });
  return existsIn(space, name, values);
}

/** {@link isActive} of what is known to be a space and values, for each hyperparameter of each trial. */
export const existsIn = (space: SearchSpace, name: string, values: Readonly<HyperValues>): boolean =>
  exists(space.conditions ?? none, name, values);

function exists(conditions: Conditions, name: string, values: Readonly<HyperValues>): boolean {
  const condition = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
  if (!condition) return true;
  return (
    condition.in.includes(values[condition.of] as ChoiceValue) && exists(conditions, condition.of, values)
  );
}

const none: Conditions = {};

function known(space: Space, name: string): void {
  if (Object.hasOwn(space.hypers, name)) return;
  throw inputError(
    `conditions must be about the hyperparameters ${space.names.join(", ")}, but got "${name}"; mend the name${nearest(name, space.names)}`,
  );
}

function checkParent(space: Space, name: string, { of, in: values }: Condition): void {
  known(space, of);
  const parent = space.hypers[of] as Space["hypers"][string];
  if (parent.kind === "real" || (parent.kind === "integer" && parent.shape.length > 0)) {
    throw inputError(
      `hyperparameter "${name}" must depend on a choice or on a single integer, but got "${of}", which is neither; make it one`,
    );
  }
  if (values.length === 0) {
    throw inputError(
      `hyperparameter "${name}" must exist at some value of "${of}", but got none; list values, or leave it out of the space`,
    );
  }
  for (const value of values) unitPlace(parent, value);
}

function checkAcyclic(conditions: Conditions, name: string): void {
  const seen = [name];
  for (let at = conditions[name]?.of; at !== undefined; at = conditions[at]?.of) {
    if (seen.includes(at)) {
      throw inputError(
        `a hyperparameter must not depend on itself, but got ${[...seen, at].join(" of ")}; take one of these conditions away`,
      );
    }
    seen.push(at);
  }
}
