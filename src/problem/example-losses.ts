import { numpy as np } from "@jax-js/jax";

import type { SupervisedData } from "../data/supervised-data.ts";
import { gaussianNll, knownCrossEntropy, oneHot, squaredError, tokenCrossEntropy } from "../nn/loss.ts";
import { mean } from "../nn/mean.ts";
import type { Network } from "../nn/network.ts";
import { GAUSSIAN_DEVIATION } from "./gaussian-deviation.ts";
import type { Batch, Problem } from "./problem.ts";
import { demandOutputs } from "./supervised-demands.ts";

/** The losses that come with the package. */
export type LossName = NonNullable<Problem["lossName"]>;

/** Cross-entropy for classes, squared error for numbers. */
export const defaultLoss = (data: Pick<SupervisedData, "task">): LossName =>
  data.task === "classification" ? "cross-entropy" : "squared-error";

const GAUSSIAN_VARIANCE = GAUSSIAN_DEVIATION ** 2;

/** How many times squared error's gradients those of a loss are, for optimizers whose steps grow with them. */
export const gradientScaleOf = (loss: LossName | undefined): number =>
  loss === "gaussian" ? 0.5 / GAUSSIAN_VARIANCE : 1;

/** What the losses of examples depend on. */
export interface ExampleLossOptions {
  readonly data: SupervisedData;
  readonly network: Network;
  readonly loss: LossName;
  readonly classWeights: "none" | "balanced";
}

/** The loss of every example, `[rows]`, of a network's outputs; of a mixture of two images that of both by their shares, of a text the mean over its steps. */
export function exampleLossesOf({
  data,
  network,
  loss,
  classWeights,
}: ExampleLossOptions): (outputs: np.Array, batch: Batch) => np.Array {
  const weights = classWeights === "balanced" ? balancedWeights(data) : undefined;
  const numbers = data.task === "regression" || loss === "cross-entropy";
  const lossOf = (outputs: np.Array, labels: np.Array): np.Array => {
    const target = weights ? labels.ref : labels;
    const weight =
      weights &&
      oneHot(labels, outputs)
        .mul(np.array(weights, { dtype: outputs.dtype }))
        .sum(-1); // [rows]
    const perExample = losses[loss](outputs, numbers ? target : oneHot(target, outputs));
    return weight ? perExample.mul(weight) : perExample;
  };
  return (outputs, { y, share, partner }) => {
    demandOutputs(data, network, outputs);
    if (data.perStep) return mean(tokenCrossEntropy(outputs, y as np.Array), 1); // [rows]
    if (!share || !partner) return lossOf(outputs, y as np.Array);
    const own = lossOf(outputs.ref, y as np.Array).mul(share.ref);
    return own.add(lossOf(outputs, partner).mul(np.subtract(1, share)));
  };
}

const losses: Record<LossName, (outputs: np.Array, target: np.Array) => np.Array> = {
  "cross-entropy": knownCrossEntropy, // as supervised has demanded
  "squared-error": squaredError,
  gaussian: (outputs, target) => gaussianNll(outputs, target, GAUSSIAN_VARIANCE),
};

/** rows / (classes * rows of the class) for every class of the training part. */
function balancedWeights({ outputs, splits: { train } }: SupervisedData): number[] {
  const counts = new Array<number>(outputs).fill(0);
  const classes = train.fields.y?.data ?? [];
  for (const k of classes) counts[k] = (counts[k] as number) + 1;
  return counts.map((count) => (count === 0 ? 0 : classes.length / (outputs * count)));
}
