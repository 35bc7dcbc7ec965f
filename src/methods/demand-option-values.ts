import { inputError } from "../util/error.ts";
import { nearest } from "../util/nearest.ts";
import { optionText } from "../util/option-text.ts";
import { shown } from "../util/shown.ts";
import { inWords } from "../util/words.ts";
import { count, number, oneOf, type MethodOptions, type OptionType, type SharedOption } from "./option.ts";
import { curvature, perturbations, responseAveraging, responseObjective } from "./options.ts";

/**
 * Demands options of a tuner whose values are such: a wrong one would train otherwise than its user thinks.
 *
 * @param options what is given, by names that are known already; what is undefined is left out
 * @param flags the method's options on the command line: names of a choice that it has are those to choose from
 * @throws {HypertrainError} naming the first that is none.
 */
export function demandOptionValues(options: object, flags: MethodOptions = {}): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = value === undefined ? undefined : rules.get(name);
    if (rule === undefined) continue;
    const flag = flags[name]?.type;
    const { type = undefined, makes = undefined, endless = false } = rule;
    if (makes) demandPart(name, value, makes);
    if (type) demandScalar(name, value, type.kind === "name" && flag?.kind === "name" ? flag : type, endless);
  }
}

/** What the value of an option must be. */
interface Rule {
  /** A number or a name. */
  readonly type?: OptionType;
  /** Whether the number may be Infinity. */
  readonly endless?: boolean;
  /** A part: what it is called, what makes one, and the functions that it has; itself a function where it has none. */
  readonly makes?: Part;
}

interface Part {
  readonly what: string;
  readonly has: readonly string[];
}

const typeOf = <T extends number | string>(option: SharedOption<T>): OptionType => option(undefined, "").type;

const fromZero: Rule = { type: number({ least: 0 }) };
const counted: Rule = { type: count };
const limit: Rule = { type: number({ above: 0 }), endless: true };
const epochs: Rule = { type: number({ least: 0 }), endless: true };
const optimizer: Rule = { makes: { what: "an optimizer, such as adam()", has: ["init", "update"] } };
const perStep = (what: string): Rule => ({ makes: { what, has: [] } });

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...{ optimizer, hyperOptimizer: optimizer, scaleOptimizer: optimizer },
    ...{ responseOptimizer: optimizer, hypernetOptimizer: optimizer },
    ...{ learningRate: fromZero, hyperLearningRate: fromZero, scaleLearningRate: fromZero },
    ...{ responseLearningRate: fromZero, hypernetLearningRate: fromZero },
    ...{ linearPace: fromZero, entropyWeight: fromZero, hyperPenalty: fromZero, scale: fromZero },
    ...{ damping: fromZero, mostApart: epochs, warmupEpochs: epochs, hypernetEpochs: epochs },
    ...{ clipNorm: limit, scheduleSteps: limit, memoryLimit: limit },
    ...{ trainSteps: counted, validSteps: counted },
    schedule: perStep("a function of the training step, such as constant()"),
    hypersAt: perStep("a function of the training step"),
    tolerance: perStep("a function of the round"),
    response: { makes: { what: "a response, such as lowRank()", has: ["init"] } },
    hypernet: { makes: { what: "a hypernetwork, such as linearHypernet()", has: ["init"] } },
    perturbations: { type: typeOf(perturbations) },
    responseObjective: { type: typeOf(responseObjective) },
    responseAveraging: { type: typeOf(responseAveraging) },
    curvature: { type: typeOf(curvature) },
    input: { type: oneOf("absolute", "centred") },
    origin: { type: oneOf("start", "zero") },
  } satisfies Record<string, Rule>),
);

function demandPart(name: string, value: unknown, { what, has }: Part): void {
  const isFunction = (one: unknown) => typeof one === "function";
  const holds =
    has.length === 0
      ? isFunction(value)
      : typeof value === "object" &&
        value !== null &&
        has.every((own) => isFunction((value as Record<string, unknown>)[own]));
  if (holds) return;
  const got = isFunction(value) ? "a function, which makes one; call it" : `${shown(value)}; give one`;
  throw inputError(`${optionText(name)} must be ${what}, but got ${got}`);
}

function demandScalar(name: string, value: unknown, type: OptionType, endless: boolean): void {
  if (endless && value === Infinity) return;
  if (isOf(type, value)) return;
  const mend =
    (type.kind === "name" && typeof value === "string" && nearest(value, type.names)) ||
    "; leave it out for its default";
  throw inputError(`${optionText(name)} must be ${inWordsOf(type)}, but got ${shown(value)}${mend}`);
}

function isOf(type: OptionType, value: unknown): boolean {
  if (type.kind === "name") return type.names.some((name) => name === value);
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (type.kind === "integer") {
    return Number.isSafeInteger(value) && value >= type.least && value <= (type.most ?? Infinity);
  }
  const { above = -Infinity, least = -Infinity, below = Infinity } = type;
  return value > above && value >= least && value < below;
}

function inWordsOf(type: OptionType): string {
  if (type.kind === "name") return inWords(type.names, "or");
  const bounds =
    type.kind === "integer"
      ? [`at least ${type.least}`, type.most !== undefined && `at most ${type.most}`]
      : [
          type.above !== undefined && `above ${type.above}`,
          type.least !== undefined && `at least ${type.least}`,
          type.below !== undefined && `below ${type.below}`,
        ];
  const within = bounds.filter((bound) => bound !== false).join(" and ");
  return `a ${type.kind === "integer" ? "whole number" : "number"}${within && `, ${within}`}`;
}
