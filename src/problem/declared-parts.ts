import type { CarriedLeaf } from "../nn/carried.ts";
import { aLayer } from "../nn/layer.ts";
import type { RowState } from "../nn/row-states.ts";
import { inputError } from "../util/error.ts";
import { optionsFor, ownOptions } from "../util/given.ts";
import { nearest } from "../util/nearest.ts";
import { optionText } from "../util/option-text.ts";
import {
  byName,
  count,
  flag,
  functionOf,
  listOf,
  needed,
  number,
  oneOf,
  optionsOf,
  text,
  type Rules,
} from "../util/rule.ts";
import type {
  ArchitectureSpace,
  Augmentation,
  Metric,
  MetricDetails,
  NoiseInput,
  Problem,
} from "./problem.ts";

/** The parts of a problem that are no functions of arrays, but say what a run makes for these. */
type Parts = Pick<
  Problem,
  | "noise"
  | "metric"
  | "layers"
  | "carried"
  | "rowStates"
  | "discontinuous"
  | "smooth"
  | "decays"
  | "augmentation"
  | "architecture"
>;

const own = { layer: needed(text), name: needed(text), shape: needed(listOf(count)) };

/** What these parts must be. */
export const partRules: Rules<Parts> = {
  noise: needed(
    byName(
      optionsOf<NoiseInput>({
        distribution: needed(oneOf("uniform", "normal")),
        shape: needed(listOf(count)),
        per: needed(oneOf("example", "minibatch")),
      }),
    ),
  ),
  metric: optionsOf<Metric>({
    name: needed(text),
    perExample: needed(functionOf("of outputs and batch")),
    finish: functionOf("of a mean and the name of a part"),
    details: optionsOf<MetricDetails>({
      names: listOf(text),
      sums: needed(functionOf("of outputs, batch and weight")),
      finish: needed(functionOf("of sums and the name of a part")),
    }),
  }),
  layers: listOf(aLayer),
  carried: listOf(optionsOf<CarriedLeaf>({ ...own, start: needed(number()), perRow: count, inModel: flag })),
  rowStates: listOf(optionsOf<RowState>(own)),
  ...{ discontinuous: listOf(text), smooth: listOf(text), decays: listOf(text) },
  augmentation: optionsOf<Augmentation>({
    hypers: needed(listOf(text)),
    view: needed(functionOf("of batch, values and draws")),
  }),
  architecture: optionsOf<ArchitectureSpace>({
    names: needed(listOf(text)),
    masked: needed(functionOf("of parameters and hyperparameters")),
    alone: needed(functionOf("of values")),
    cropped: needed(functionOf("of parameters and values")),
  }),
};

/**
 * Demands of the parts that a problem declares that they are what they must be: noise of another distribution would be drawn as the one that is left.
 *
 * @throws {HypertrainError} that names the first part, its field and what it must be.
 */
export function demandParts(problem: Problem): void {
  ownOptions(`the problem "${problem.name}"`, optionsFor(problem, partRules), partRules);
  demandOwnHypers(problem);
}

/** Demands of each part that names hyperparameters that the problem has them. */
export function demandOwnHypers({ name, space, ...parts }: Problem): void {
  const { discontinuous = [], smooth = [], decays = [], augmentation, architecture } = parts;
  const naming = {
    ...{ discontinuous, smooth, decays },
    ...{ "augmentation.hypers": augmentation?.hypers ?? [], "architecture.names": architecture?.names ?? [] },
  };
  for (const [part, names] of Object.entries(naming)) {
    const stranger = names.find((hyper) => !space.names.includes(hyper));
    if (stranger === undefined) continue;
    throw inputError(
      `${optionText(part)} of the problem "${name}" must name its hyperparameters, but "${stranger}" is none of them${nearest(stranger, space.names) || `; it has ${space.names.join(", ") || "none"}`}`,
    );
  }
}
