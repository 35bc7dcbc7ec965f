import { inputError } from "../util/error.ts";
import type { ChoiceHyper } from "./choice.ts";
import type { IntegerHyper } from "./integer.ts";
import type { Perturbation } from "./perturbation.ts";
import type { RealHyper } from "./real.ts";
import type { Hyper } from "./space.ts";
import { transformOf } from "./transform.ts";

/**
 * Checks a hyperparameter's own description.
 *
 * @throws {HypertrainError} naming the hyperparameter, what must hold, what was received and what to do.
 */
export function validateHyper(name: string, hyper: Hyper): void {
  if (name === "") throw inputError(`a hyperparameter's name must not be empty, but got ""; name it`);
  const fault = rules[hyper.kind](hyper as never).find(([holds]) => !holds);
  if (fault) {
    const [, must, got, mend] = fault;
    throw inputError(`${must} must hold for hyperparameter "${name}", but got ${got}; ${mend}`);
  }
}

/** Whether it holds, what must hold, what was received, what to do. Later rules may rely on earlier ones. */
type Rule = readonly [holds: boolean, must: string, got: string, mend: string];

const rules = {
  real(hyper: RealHyper): Rule[] {
    const { start, low = -Infinity, high = Infinity, log } = hyper;
    const range = `low=${low}, high=${high}`;
    return [
      ...finite({ start, low: hyper.low ?? 0, high: hyper.high ?? 0 }),
      ordered(low, high),
      [
        !log || low > 0 || ((hyper.low ?? 0) === 0 && high === Infinity),
        "low > 0 (or no bounds, for all positive values)",
        `log with ${range}`,
        "give a positive low, or leave log out",
      ],
      [
        Number.isFinite(transformOf(hyper).inverse(start)),
        log && low <= 0 ? "start > 0" : "low < start < high",
        `start=${start}, ${range}`,
        "move start inside the range, off its boundary",
      ],
      ...perturbation(hyper),
    ];
  },
  integer(hyper: IntegerHyper): Rule[] {
    const { start, low, high, log } = hyper;
    return [
      ...Object.entries({ start, low, high }).map(([what, value]): Rule => [
        Number.isSafeInteger(value),
        `an integer ${what}`,
        `${what}=${value}`,
        "round it, or use a real hyperparameter",
      ]),
      ordered(low, high),
      [!log || low > 0, "low > 0", `log with low=${low}`, "give a positive low, or leave log out"],
      [
        low <= start && start <= high,
        "low <= start <= high",
        `start=${start}, low=${low}, high=${high}`,
        "move start inside the range",
      ],
      ...perturbation(hyper),
    ];
  },
  choice: ({ options, start }: ChoiceHyper): Rule[] => [
    [options.length > 0, "at least one option", "none", "list what it can be"],
    [
      new Set(options).size === options.length,
      "that options differ",
      JSON.stringify(options),
      "leave out the repeated one",
    ],
    [
      options.includes(start),
      "that start is one of the options",
      `start=${JSON.stringify(start)}, options=${JSON.stringify(options)}`,
      "start at an option",
    ],
  ],
} satisfies { [K in Hyper["kind"]]: (hyper: Extract<Hyper, { kind: K }>) => Rule[] };

const finite = (numbers: Record<string, number>): Rule[] =>
  Object.entries(numbers).map(([what, value]) => [
    Number.isFinite(value),
    `a finite ${what}`,
    `${what}=${value}`,
    what === "start" ? "give a number" : "leave it out for no bound",
  ]);

const ordered = (low: number, high: number): Rule => [
  low < high,
  "low < high",
  `low=${low}, high=${high}`,
  low === high ? "widen the range, or leave the hyperparameter out of the space" : "swap them",
];

const perturbation = ({ scale, shape }: Perturbation): Rule[] => [
  [
    scale > 0 && Number.isFinite(scale),
    "scale > 0",
    `scale=${scale}`,
    "give the perturbation's standard deviation, or leave it out for 1",
  ],
  [
    shape.every((n) => Number.isSafeInteger(n) && n > 0),
    "a shape of positive integers",
    `shape=[${shape.join(", ")}]`,
    "give the number of hyperparameters on each axis, or leave it out for one",
  ],
];
