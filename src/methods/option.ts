import type { IntegerRule, NameRule, NumberRule, ValueRule } from "../util/rule.ts";

/** What a method's option may be set to. */
export type OptionType<T extends number | string = number | string> = (NumberRule | IntegerRule | NameRule) &
  ValueRule<T>;

/**
 * An option of a method as data: enough for a flag, its help, its schema and its default, so that these load nothing of what trains.
 */
export interface MethodOption<T extends number | string = number | string> {
  readonly type: OptionType<T>;
  /** What stands behind its flag in the help, for example `N`. */
  readonly argument: string;
  /** What it means, with its unit, but without its default. */
  readonly about: string;
  /** Its value where it is left out. */
  readonly default?: T;
  /** In words, where that depends on other things. */
  readonly usually?: string;
  /** Another option, and the values of it that give this one a meaning. */
  readonly needs?: { readonly field: string; readonly values: readonly string[] };
}

/** An option that always has a value. */
export type Settled<T extends number | string> = MethodOption<T> & { readonly default: T };

/** An option that methods share, each with a default of its own. */
export interface SharedOption<T extends number | string> {
  /** @param usually the default in words, where the number alone does not tell */
  (value: T, usually?: string): Settled<T>;
  /** @param usually what stands for a default that depends on other things */
  (value: undefined, usually: string): MethodOption<T>;
}

/** Makes an option that methods share. */
export function shared<T extends number | string>(
  type: OptionType<T>,
  described: Pick<MethodOption, "argument" | "about" | "needs">,
): SharedOption<T> {
  return ((value: T | undefined, usually?: string): MethodOption<T> => ({
    type,
    ...described,
    ...(value !== undefined && { default: value }),
    ...(usually !== undefined && { usually }),
  })) as SharedOption<T>; // the two signatures are told apart by `value`
}

/** What an option of several methods may be set to, whatever its default. */
export const typeOf = <T extends number | string>(option: SharedOption<T>): OptionType<T> =>
  option(undefined, "").type;

/** Options by the names that the command line gives them. */
export type MethodOptions = Readonly<Record<string, MethodOption>>;

/** The values of options: those without a default of their own may be left out. */
export type OptionValues<O extends MethodOptions> = {
  readonly [K in keyof O as O[K] extends { readonly default: unknown } ? K : never]: ScalarOf<O[K]>;
} & {
  readonly [K in keyof O as O[K] extends { readonly default: unknown } ? never : K]?:
    ScalarOf<O[K]> | undefined;
};

/** The value of an option. */
export type ScalarOf<O> = O extends { readonly type: OptionType<infer T> } ? T : never;
