import { inputError } from "../../util/error.ts";
import type { MlpOptions } from "../mlp.ts";
import type { Network } from "../network.ts";
import { sequential } from "../sequential.ts";
import { ownOptions } from "../../util/given.ts";
import { count, listOf, needed } from "../../util/rule.ts";

/** The sizes of a wide and deep network. */
export type WideAndDeepOptions = Pick<MlpOptions, "inputs" | "hidden" | "outputs">;

/**
 * A linear model and a multilayer perceptron side by side, trained together:
 *
 *     y = x W + b + mlp(x).
 *
 * The linear layer `wide` sees the whole input; the perceptron has the layers `fc1`, `fc2`, … and the dropout places `input`, `fc1`,
 * `fc2`, … of `mlp`. With a penalty for each layer the network lies anywhere between the two models: the linear one where those of
 * `fc1`, `fc2`, … are high, the perceptron where that of `wide` is. For tables whose labels are noisy or whose rows are few.
 * The paper's linear part also takes products of columns and has an optimizer of its own; this one does neither.
 *
 * ```ts
 * wideAndDeep({ inputs: 12, hidden: [128, 128], outputs: 2 });
 * ```
 *
 * @throws {HypertrainError} without hidden layers, for a size that is no positive integer, or an option that is none of these.
 * @see Cheng et al., "Wide & deep learning for recommender systems", 2016, https://arxiv.org/abs/1606.07792
 */
export function wideAndDeep(options: WideAndDeepOptions): Network {
  const { inputs, hidden, outputs } = ownOptions("wideAndDeep", options, {
    ...{ inputs: needed(count), hidden: needed(listOf(count)), outputs: needed(count) },
  });
  if (hidden.length === 0) {
    throw inputError(
      "a wide and deep network must have at least one hidden layer, but got none; give it one, or take a linear model",
    );
  }
  return sequential({
    ...{ name: "wide-and-deep", input: [inputs], outputs },
    layers: [
      {
        layer: "residual",
        layers: [
          { layer: "dropout", name: "input" },
          ...hidden.flatMap((units) => [
            { layer: "linear", outputs: units } as const,
            { layer: "relu" } as const,
            { layer: "dropout" } as const,
          ]),
          { layer: "linear" },
        ],
        shortcut: [{ layer: "linear", name: "wide" }],
      },
    ],
  });
}
