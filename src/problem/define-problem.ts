import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { aSpace, type Space } from "../space/space.ts";
import type { SpaceHypers } from "../space/values.ts";
import type { HostArray, HostTree } from "../util/host-array.ts";
import type { RandomKey } from "../util/random.ts";
import { demandOwnHypers, partRules } from "./declared-parts.ts";
import { aLossName, aProblem, type Problem } from "./problem.ts";
import { ownOptions } from "../util/given.ts";
import { count, functionOf, listOf, needed, text, type Rules } from "../util/rule.ts";

/** A tree of host arrays as programs see it. */
export type ArraysOf<Tree extends HostTree> = Tree extends HostArray
  ? np.Array
  : { -readonly [Name in keyof Tree]: Tree[Name] extends HostTree ? ArraysOf<Tree[Name]> : never };

/** A problem as {@link defineProblem} takes it. */
export type ProblemDefinition<
  Fields extends string,
  H extends SpaceHypers,
  NoiseNames extends string,
  Params extends HostTree,
  Outputs extends ArrayTree,
> = Omit<
  Problem<ArraysOf<Params> & ArrayTree, Fields, keyof H & string, NoiseNames, Outputs>,
  "space" | "init"
> & {
  readonly space: Space<H>;
  /** The names of the data's fields that the functions read, each of which some part of the data must have. */
  readonly fields: readonly Fields[];
  init(key: RandomKey): Params;
};

const problemRules: Rules<ProblemDefinition<string, SpaceHypers, string, HostTree, ArrayTree>> = {
  ...{
    name: needed(text),
    fields: needed(listOf(text)),
    space: needed(aSpace),
  },
  init: needed(functionOf("that makes the parameters")),
  predict: needed(functionOf("of layers, batch, hyperparameters and noise")),
  lossName: aLossName,
  loss: needed(functionOf("of outputs, batch and hyperparameters")),
  validLoss: functionOf("of outputs, batch and hyperparameters"),
  penalty: functionOf("of layers and hyperparameters"),
  ...partRules,
  models: count,
  ensemble: aProblem,
};

/**
 * A problem whose functions know their arguments by name: what the batch, the hyperparameters, the noise and the parameters hold follows
 * from `fields`, `space`, `noise` and what `init` returns. Write `init` before `predict` and `predict` before `loss`, since types are inferred
 * in this order. It returns the problem as it is.
 *
 * ```ts
 * defineProblem({
 *   name: "line",
 *   fields: ["x", "y"],
 *   space: createSpace({ decay: real(1e-3, { low: 1e-6, high: 1, log: true, perturb: "minibatch" }) }),
 *   noise: {},
 *   init: () => ({ slope: new HostArray(Float64Array.of(0), [1]) }),
 *   predict: (layers, { x }) => x.mul(layers.params().slope),
 *   loss: (prediction, { y }) => np.square(prediction.sub(y)),
 *   penalty: (layers, { decay }) => np.square(layers.params().slope).sum().mul(decay.reshape([])),
 * });
 * ```
 *
 * @throws {HypertrainError} for what a problem, or a part of it, does not have, and where something is missing or of another type.
 */
export function defineProblem<
  const Fields extends string,
  H extends SpaceHypers,
  const NoiseNames extends string,
  Params extends HostTree,
  Outputs extends ArrayTree,
>(problem: ProblemDefinition<Fields, H, NoiseNames, Params, Outputs>): Problem {
  const defined: Problem = ownOptions(
    "defineProblem",
    problem as ProblemDefinition<string, SpaceHypers, string, HostTree, ArrayTree>, // whatever its types are
    problemRules,
  );
  demandOwnHypers(defined);
  return defined;
}
