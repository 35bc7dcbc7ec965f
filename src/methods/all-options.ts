import { oneOf } from "../util/rule.ts";
import { inWords } from "../util/words.ts";
import type { searchMethods, trainingMethods } from "./index.ts";
import { methods, type MethodName } from "./lookup.ts";
import { usual } from "./method.ts";
import type { MethodOption, OptionType, ScalarOf } from "./option.ts";

type Described = (typeof trainingMethods)[number] | (typeof searchMethods)[number];
type EveryOption = { [M in Described as M["name"]]: M["options"] }[Described["name"]];
type KeysOf<T> = T extends unknown ? keyof T : never;
type Named<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

/** The name of an option of some method. */
export type OptionName = KeysOf<EveryOption>;

/** The value of an option, whichever methods have it. */
export type OptionValue<K extends OptionName> = ScalarOf<Named<EveryOption, K>>;

/** An option with the methods that have it. */
export interface OptionOfMethods extends Pick<MethodOption, "type" | "argument" | "about" | "needs"> {
  readonly methods: readonly MethodName[];
  /** Its default where that is a value, and the same for all of them. */
  readonly default?: number | string;
  /** The defaults in words, for each or some of the methods. */
  readonly defaults: string;
}

/** The options of all methods, by name. */
export const allOptions: Readonly<Record<OptionName, OptionOfMethods>> = collected();

function collected(): Record<OptionName, OptionOfMethods> {
  const names = [...new Set(methods.flatMap(({ options }) => Object.keys(options)))];
  return Object.fromEntries(names.map((name) => [name, ofMethods(name)])) as Record<
    OptionName,
    OptionOfMethods
  >; // the names are those of the types
}

function ofMethods(name: string): OptionOfMethods {
  const having = methods.flatMap(({ name: method, options }) => {
    const option = options[name];
    return option ? [{ method, option }] : [];
  });
  const [{ option: first }] = having as [(typeof having)[number]];
  const { argument, about, needs } = first;
  const type = having.map(({ option }) => option.type).reduce(widened);
  const same = having.every(({ option }) => option.default === first.default);
  return {
    ...{ type, argument, about },
    ...(needs && { needs }),
    methods: having.map(({ method }) => method),
    ...(same && first.default !== undefined && { default: first.default }),
    defaults: defaultsInWords(having.map(({ method, option }) => [method, usual(option)] as const)),
  };
}

/** What either type allows; only names differ from method to method. */
function widened(one: OptionType, other: OptionType): OptionType {
  if (one.kind !== "name" || other.kind !== "name") return one;
  return oneOf(...new Set([...one.names, ...other.names]));
}

/** One default for all, or each behind its methods: that of the most last, as "others". */
function defaultsInWords(defaults: readonly (readonly [MethodName, string])[]): string {
  const groups = Map.groupBy(defaults, ([, words]) => words);
  const [last, ...others] = [...groups].sort(([, a], [, b]) => b.length - a.length);
  if (others.length === 0) return last?.[0] ?? "";
  const told = others.map(
    ([words, of]) =>
      `${inWords(
        of.map(([method]) => method),
        "and",
      )}: ${words}`,
  );
  return [...told, `others: ${last?.[0]}`].join("; ");
}
