import { inputError, type HypertrainError } from "./error.ts";
import { nearest } from "./nearest.ts";
import { optionText } from "./option-text.ts";
import { isRecord } from "./record.ts";
import type { ValueRule, Rules } from "./rule.ts";
import { briefText } from "./brief-text.ts";

/**
 * The options themselves, all of which are known and have values that they may have: one that is ignored without a word would be taken for one
 * that works.
 *
 * ```ts
 * const { startupTrials = 10 } = ownOptions("tpe", options, { startupTrials: count, candidates: count });
 * ```
 *
 * @param of what they are options of, as a message calls it
 * @throws {HypertrainError} where they are no object, for a name that is none of the known, for a value that breaks its rule, and for one that must be
 *   given but is missing.
 */
export function ownOptions<O extends object>(of: string, options: O, rules: Rules<O>): O {
  demandOptions(of, options, rules);
  return options;
}

/** Those of some options that a table of rules knows, for a function that shares an object of options with others. */
export const optionsFor = <O extends object, R extends object>(
  options: O,
  rules: R,
): Pick<O, keyof O & keyof R> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(rules, name))) as Pick<
    O,
    keyof O & keyof R
  >; // what is left has the names of both

/**
 * Demands arguments that are not options: objects of another kind, names.
 *
 * ```ts
 * demandGiven("createRun", { tuner, engine }, { tuner: aTuner, engine: anEngine });
 * ```
 *
 * @param of what they are arguments of, as a message calls it
 * @throws {HypertrainError} for the first that breaks its rule: for a promise it says to await it, for a function to call it.
 */
export function demandGiven<G extends object>(
  of: string,
  given: G,
  rules: { readonly [K in keyof G]: ValueRule },
): void {
  for (const [name, rule] of Object.entries<ValueRule>(rules)) {
    demandValue(of, name, given[name as keyof G], rule, true);
  }
}

/**
 * Demands that a function which takes nothing was given nothing.
 *
 * @param instead where what was given belongs, as a message says it: "a learning rate is an option of the tuner"
 * @throws {HypertrainError} for anything else.
 */
export function demandNothing(of: string, given: readonly unknown[], instead: string): void {
  if (given.length === 0) return;
  throw inputError(`${of} must be given nothing, but got ${receivedOf(given[0])}; ${instead}`);
}

function demandOptions(of: string, options: object, rules: Readonly<Record<string, ValueRule>>): void {
  const names = Object.keys(rules);
  if (!isRecord(options) || isPromise(options)) {
    const example = names[0] === undefined ? "" : `, such as { ${names[0]}: … }`;
    throw inputError(
      `${of} must be given its options as an object${example}, but got ${receivedOf(options)}; ${isPromise(options) ? "await it" : "name them"}`,
    );
  }
  const stranger = Object.keys(options).find((name) => !Object.hasOwn(rules, name));
  if (stranger !== undefined) {
    const has = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
    throw inputError(
      `${of} must be given options of its own, but got ${briefText(stranger)}${nearest(stranger, names) || `; ${has}`}`,
    );
  }
  for (const [name, rule] of Object.entries(rules)) {
    demandValue(of, name, (options as Readonly<Record<string, unknown>>)[name], rule, rule.needed === true);
  }
}

function demandValue(of: string, name: string, value: unknown, rule: ValueRule, needed: boolean): void {
  if (value === undefined && !needed) return;
  if (isPromise(value) || !rule.holds(value)) throw refusal(of, name, value, rule, needed);
  if (rule.inner) demandOptions(`${name} of ${of}`, value as object, rule.inner);
  const { inner } = rule.each ?? {};
  if (!inner) return;
  for (const [key, one] of Object.entries(value as object)) {
    const which = Array.isArray(value) ? `place ${Number(key) + 1}` : briefText(key);
    demandOptions(`${which} in ${name} of ${of}`, one as object, inner);
  }
}

function refusal(
  of: string,
  name: string,
  value: unknown,
  { must, names }: ValueRule,
  needed: boolean,
): HypertrainError {
  const near = typeof value === "string" && names ? nearest(value, names) : "";
  return inputError(
    `${optionText(name)} of ${of} must be ${must}, but ${value === undefined ? "is missing" : `got ${receivedOf(value)}`}${near || `; ${mendOf(value, needed)}`}`,
  );
}

const receivedOf = (value: unknown): string => (isPromise(value) ? "a promise" : briefText(value));

function mendOf(value: unknown, needed: boolean): string {
  if (isPromise(value)) return "await it";
  if (typeof value === "function") return "call it, and give what it returns";
  if (value === undefined) return "give it";
  return needed ? "correct it" : "leave it out for its default";
}

/** Whether a value is a promise of one, which somebody forgot to await. */
export const isPromise = (value: unknown): boolean =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
