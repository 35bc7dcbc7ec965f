import { inputError } from "../util/error.ts";
import { briefText } from "../util/brief-text.ts";
import type { Perturbation } from "./perturbation.ts";
import { transformOf } from "./transform.ts";
import type { ChoiceHyper, ChoiceValue, Hyper, IntegerHyper, RealHyper } from "./values.ts";

/**
 * Checks a hyperparameter's own description.
 *
 * @throws {HypertrainError} naming the hyperparameter, what must hold, what was received and what to do.
 */
export function validateHyper(name: string, hyper: Hyper): void {
  if (name === "") throw inputError(`a hyperparameter's name must not be empty, but got ""; name it`);
  if (name in Object.prototype) {
    throw inputError(
      `a hyperparameter's name must not be a property of every JavaScript object, but got "${name}"; rename it`,
    );
  }
  const kind = (hyper as Hyper | null | undefined)?.kind; // JavaScript may hand over anything
  if (kind === undefined || !Object.hasOwn(rules, kind)) {
    throw inputError(
      `a hyperparameter must be made by real, integer or choice, but "${name}" is ${briefText(hyper)}; make it by one of them`,
    );
  }
  demandPossible(`hyperparameter "${name}"`, hyper);
}

/**
 * Demands that there are values that a hyperparameter can have, and that it starts at one of them.
 *
 * @param called what messages call it
 * @returns it
 * @throws {HypertrainError} naming what must hold, what was received and what to do.
 */
export function demandPossible<H extends Hyper>(called: string, hyper: H): H {
  for (const [holds, must, got, mend] of rules[hyper.kind](hyper as never)) {
    if (!holds) throw inputError(`${must} must hold for ${called}, but got ${got}; ${mend}`);
  }
  return hyper;
}

/** Whether it holds, what must hold, what was received, what to do. They are made one by one: a rule relies on those before it. */
type Rule = readonly [holds: boolean, must: string, got: string, mend: string];

const rules = {
  *real(hyper: RealHyper): Generator<Rule> {
    const { start, low = -Infinity, high = Infinity, log } = hyper;
    const { low: least, high: most } = hyper;
    const bounds = [
      ...(least === undefined ? [] : [`low=${least}`]),
      ...(most === undefined ? [] : [`high=${most}`]),
    ];
    const range = bounds.join(", ");
    yield* finite({ start, low: hyper.low ?? 0, high: hyper.high ?? 0 });
    yield ordered(low, high);
    yield [
      !log || low > 0 || ((hyper.low ?? 0) === 0 && high === Infinity),
      "low > 0 (or no bounds, for all positive values)",
      `log with ${range}`,
      "give a positive low, or leave log out",
    ];
    yield [
      hyper.low === undefined || hyper.high === undefined || log || Number.isFinite(high - low),
      "a finite high - low",
      range,
      "narrow the range, or set log",
    ];
    yield [
      Number.isFinite(transformOf(hyper).inverse(start)),
      log && low <= 0 ? "start > 0" : "low < start < high",
      [`start=${start}`, ...bounds].join(", "),
      bounds.length === 0 ? "give a positive start" : "move start inside the range, off its boundary",
    ];
    yield* perturbation(hyper);
  },
  *integer(hyper: IntegerHyper): Generator<Rule> {
    const { start, low, high, log } = hyper;
    for (const [what, value] of Object.entries({ start, low, high })) {
      yield [
        Number.isSafeInteger(value),
        `an integer ${what}`,
        `${what}=${briefText(value)}`,
        "round it, or use a real hyperparameter",
      ];
    }
    yield ordered(low, high);
    yield [
      Number.isSafeInteger(high - low + 1),
      "at most 2^53 - 1 integers from low to high",
      `low=${low}, high=${high}`,
      "narrow the range",
    ];
    yield [!log || low > 0, "low > 0", `log with low=${low}`, "give a positive low, or leave log out"];
    yield [
      low <= start && start <= high,
      "low <= start <= high",
      `start=${start}, low=${low}, high=${high}`,
      "move start inside the range",
    ];
    yield* perturbation(hyper);
  },
  *choice({ options, start }: ChoiceHyper): Generator<Rule> {
    yield [options.length > 0, "at least one option", "none", "list what it can be"];
    yield [
      options.every(isOption),
      "that options are text, finite numbers, true or false",
      briefText(options.find((option) => !isOption(option))),
      "leave it out, or name it by a text",
    ];
    yield [
      new Set(options).size === options.length,
      "that options differ",
      briefText(options),
      "leave out the repeated one",
    ];
    yield [
      options.includes(start),
      "that start is one of the options",
      `start=${briefText(start)}, options=${briefText(options)}`,
      "start at an option",
    ];
  },
} satisfies { [K in Hyper["kind"]]: (hyper: Extract<Hyper, { kind: K }>) => Iterable<Rule> };

/** What survives JSON, so that a saved search goes on with it. */
const isOption = (option: ChoiceValue): boolean =>
  typeof option === "number" ? Number.isFinite(option) : ["string", "boolean"].includes(typeof option);

const finite = (numbers: Record<string, number>): Rule[] =>
  Object.entries(numbers).map(([what, value]) => [
    Number.isFinite(value),
    `a finite ${what}`,
    `${what}=${briefText(value)}`,
    what === "start" ? "give a number" : "leave it out for no bound",
  ]);

const ordered = (low: number, high: number): Rule => [
  low < high,
  "low < high",
  `low=${low}, high=${high}`,
  low === high ? "widen the range, or leave the hyperparameter out of the space" : "swap them",
];

function* perturbation({ scale, shape }: Perturbation): Generator<Rule> {
  yield [
    scale > 0 && Number.isFinite(scale),
    "scale > 0",
    `scale=${scale}`,
    "give the perturbation's standard deviation, or leave it out for 1",
  ];
  yield [
    shape.every((n) => Number.isSafeInteger(n) && n > 0),
    "a shape of positive integers",
    `shape=[${shape.join(", ")}]`,
    "give the number of hyperparameters on each axis, or leave it out for one",
  ];
}
