import { isRecord } from "../util/record.ts";
import type { ValueRule } from "../util/rule.ts";
import type { Perturbation } from "./perturbation.ts";

/** A real hyperparameter; see `real`. */
export interface RealHyper<S extends readonly number[] = readonly number[]> extends Perturbation<S> {
  readonly kind: "real";
  readonly start: number;
  readonly low?: number;
  readonly high?: number;
  readonly log: boolean;
}

/** An integer hyperparameter; see `integer`. */
export interface IntegerHyper<S extends readonly number[] = readonly number[]> extends Perturbation<S> {
  readonly kind: "integer";
  readonly start: number;
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** What a choice can be. */
export type ChoiceValue = string | number | boolean;

/** A hyperparameter that takes one of several values; see `choice`. */
export interface ChoiceHyper<T extends ChoiceValue = ChoiceValue> {
  readonly kind: "choice";
  readonly options: readonly T[];
  readonly start: T;
}

/** A hyperparameter: its range, its start and how it is perturbed. */
export type Hyper = RealHyper | IntegerHyper | ChoiceHyper;

/** What a hyperparameter must be. */
export const aHyper: ValueRule<Hyper> = {
  must: "a hyperparameter, which real(), integer() or choice() makes",
  holds: (value) => isRecord(value) && ["real", "integer", "choice"].some((kind) => kind === value.kind),
};

/** Hyperparameters by name. */
export type SpaceHypers = Readonly<Record<string, Hyper>>;

/** Values in natural units by name: a number, flat numbers for a hyperparameter with a shape, or what was chosen. */
export type HyperValues = Record<string, number | readonly number[] | string | boolean>;

/** The value of one hyperparameter, as far as its type tells: a number, a list of numbers where it has a shape, or one of its options. */
export type ValueOf<H extends Hyper> =
  H extends ChoiceHyper<infer T> ? T : H extends { readonly shape: infer S } ? NumbersOf<S> : never;

type NumbersOf<S> = S extends readonly []
  ? number
  : S extends readonly [number, ...number[]]
    ? readonly number[]
    : number | readonly number[];

/** The values of some hyperparameters. */
export type ValuesOf<H extends SpaceHypers> = { [K in keyof H & string]: ValueOf<H[K]> };
