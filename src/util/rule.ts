/*
 * What the value of an option must be, as data: a table of rules, one an option, is all that a function says of its options. `given.ts` holds values
 * against it.
 */
import { isRecord } from "./record.ts";
import { inWords } from "./words.ts";

/** What a value must be. */
export interface ValueRule<T = unknown> {
  /** In words, to follow "must be". */
  readonly must: string;
  holds(value: unknown): boolean;
  /** The names of a choice, of which the one nearest to a wrong name is told. */
  readonly names?: readonly string[];
  /** The options of which a value consists. */
  readonly inner?: Readonly<Record<string, ValueRule>>;
  /** What each value of a list, or by name, must be. */
  readonly each?: ValueRule;
  /** Whether it must be given. */
  readonly needed?: boolean;
  /** Only its type counts. */
  readonly of?: T;
}

/** A rule for each option. The compiler tells which are forgotten, and whether one may be left out. */
export type Rules<O extends object> = {
  readonly [K in keyof O]-?: ValueRule<Exclude<O[K], undefined>> &
    (undefined extends O[K] ? unknown : { readonly needed: true });
};

/** Of a value that must be given. */
export const needed = <R extends ValueRule>(rule: R): R & { readonly needed: true } => ({
  ...rule,
  needed: true,
});

/** A number within bounds. */
export interface NumberRule extends ValueRule<number> {
  readonly kind: "number";
  readonly above?: number;
  readonly least?: number;
  readonly below?: number;
  readonly most?: number;
}

/** A whole number within bounds. */
export interface IntegerRule extends ValueRule<number> {
  readonly kind: "integer";
  readonly least: number;
  readonly most?: number;
}

/** One of some names. */
export interface NameRule<T extends string = string> extends ValueRule<T> {
  readonly kind: "name";
  readonly names: readonly T[];
}

/** True or false. */
export interface FlagRule extends ValueRule<boolean> {
  readonly kind: "flag";
}

/** A text that is not empty. */
export interface TextRule extends ValueRule<string> {
  readonly kind: "text";
}

/** A list of values that are alike. */
export interface ListRule<R extends ValueRule = ValueRule> extends ValueRule<
  readonly (R extends ValueRule<infer T> ? T : never)[]
> {
  readonly kind: "list";
  readonly each: R;
  readonly least: number;
}

/** A number, or Infinity for no limit. */
export interface EndlessRule<R extends ValueRule<number> = ValueRule<number>> extends ValueRule<number> {
  readonly kind: "endless";
  readonly finite: R;
}

/** A number, maybe within bounds. */
export function number(
  bounds: Readonly<Partial<Record<"above" | "least" | "below" | "most", number>>> = {},
): NumberRule {
  const { above, least, below, most } = bounds;
  const words = [
    above !== undefined && `above ${above}`,
    least !== undefined && `at least ${least}`,
    below !== undefined && `below ${below}`,
    most !== undefined && `at most ${most}`,
  ].filter((bound) => bound !== false);
  return {
    ...{ kind: "number", ...bounds },
    must: words.length === 0 ? "a number" : `a number, ${words.join(" and ")}`,
    holds: (value) =>
      typeof value === "number" &&
      Number.isFinite(value) &&
      value > (above ?? -Infinity) &&
      value >= (least ?? -Infinity) &&
      value < (below ?? Infinity) &&
      value <= (most ?? Infinity),
  };
}

/** A number above 0. */
export const positive = number({ above: 0 });

/** A number from 0 on. */
export const fromZero = number({ least: 0 });

/** The same or Infinity, which code can say, but neither JSON nor a flag. */
export const orInfinity = <R extends ValueRule<number>>(rule: R): EndlessRule<R> => ({
  ...{ kind: "endless", finite: rule },
  must: `${rule.must}, or Infinity`,
  holds: (value) => value === Infinity || rule.holds(value),
});

/** A number above 0, or Infinity for no limit. */
export const limit = orInfinity(positive);

/** A number from 0 to below 1. */
export const share = number({ least: 0, below: 1 });

/** A probability. */
export const probability = number({ least: 0, most: 1 });

/** A whole number. */
export const integer = (least: number, most?: number): IntegerRule => ({
  ...{ kind: "integer", least, ...(most !== undefined && { most }) },
  must: `a whole number, at least ${least}${most === undefined ? "" : ` and at most ${most}`}`,
  holds: (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= (most ?? Infinity),
});

/** A whole number above 0. */
export const count = integer(1);

/** What random draws follow from. */
export const seed: ValueRule<number> = {
  must: "an integer of at most 53 bits",
  holds: (value) => Number.isSafeInteger(value),
};

/** One of some names. */
export const oneOf = <const T extends string>(...names: readonly T[]): NameRule<T> => ({
  ...{ kind: "name", names },
  must: inWords(names, "or"),
  holds: (value) => names.some((name) => name === value),
});

/** True or false. */
export const flag: FlagRule = {
  kind: "flag",
  must: "true or false",
  holds: (value) => typeof value === "boolean",
};

/** A text that is not empty. */
export const text: TextRule = {
  kind: "text",
  must: "a text that is not empty",
  holds: (value) => typeof value === "string" && value !== "",
};

/** A text, which may be empty. */
export const anyText: ValueRule<string> = { must: "a text", holds: (value) => typeof value === "string" };

/** A function. @param what it is, in words */
export const functionOf = <T extends (...given: never) => unknown>(what: string): ValueRule<T> => ({
  must: `a function ${what}`,
  holds: (value) => typeof value === "function",
});

/** A list of values that are alike. @param least how many there must be */
export const listOf = <R extends ValueRule>(rule: R, least = 0): ListRule<R> => ({
  ...{ kind: "list", each: rule, least },
  must: `a list${least > 0 ? ` of at least ${least}` : ""}, each of it ${rule.must}`,
  holds: (value) => Array.isArray(value) && value.length >= least && value.every((one) => rule.holds(one)),
});

/** Two values that are alike. @param what they are, in words */
export const pairOf = <T>(rule: ValueRule<T>, what: string): ValueRule<readonly [T, T]> => ({
  must: `${what}, each of them ${rule.must}`,
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every((one) => rule.holds(one)),
});

/** Values that are alike, by name. */
export const byName = <T>(rule: ValueRule<T>): ValueRule<Readonly<Record<string, T>>> => ({
  each: rule,
  must: `an object by name, each of it ${rule.must}`,
  holds: (value) => isRecord(value) && Object.values(value).every((one) => rule.holds(one)),
});

/** A value of either kind. */
export const either = <A, B>(one: ValueRule<A>, other: ValueRule<B>): ValueRule<A | B> => {
  const names = one.names ?? other.names;
  return {
    must: `${one.must}, or ${other.must}`,
    holds: (value) => one.holds(value) || other.holds(value),
    ...(names && { names }),
  };
};

/**
 * An object of another kind, known by what it has.
 *
 * @param must what it is and how one is made, such as "an optimizer, such as adam()"
 * @param has properties of it, each with its `typeof`
 */
export const objectWith = <T extends object>(
  must: string,
  has: { readonly [K in keyof T]?: "function" | "object" | "number" | "string" },
): ValueRule<T> => ({
  must,
  holds: (value) =>
    (typeof value === "object" || typeof value === "function") && // such as Date, which is a clock
    value !== null &&
    Object.entries(has).every(([name, type]) => {
      const own = (value as Readonly<Record<string, unknown>>)[name];
      return typeof own === type && own !== null;
    }),
});

/** An object of options of its own. */
export const optionsOf = <O extends object>(rules: Rules<O>): ValueRule<O> => ({
  must: `an object of options, such as { ${Object.keys(rules)[0] ?? ""}: … }`,
  holds: isRecord,
  inner: rules,
});

/** What the function itself looks at. */
export const anything: ValueRule<never> = { must: "given", holds: (value) => value !== undefined };

/** Values by name, at which the function itself looks. @param what they are, in words */
export const named = <T extends object>(what: string): ValueRule<T> => ({
  must: `${what} by name`,
  holds: isRecord,
});

/** Bytes. */
export const someBytes: ValueRule<Uint8Array> = {
  must: "bytes, a Uint8Array",
  holds: (value) => value instanceof Uint8Array,
};
