import { HypertrainError } from "../util/error.ts";

/** What some methods can do with a problem or a training, and others cannot. */
export type Need =
  /** Hand on what a problem's training carries from step to step beside weights. */
  | "carry"
  /** Train on views of the examples. */
  | "augment"
  /** Lower the learning rates on the way, by a plateau. */
  | "plateau"
  /** Tune settings of the optimizer. */
  | "optimizer"
  /** Choose an architecture. */
  | "architecture"
  /** Predict the weights at other hyperparameters. */
  | "respond"
  /** Train anew from the hyperparameters found. */
  | "restart"
  /** Train without a hyperparameter. */
  | "hold";

/** An error that another method mends. @param message which ends with that way out: "…, or take a method that does" */
export const needError = (need: Need, message: string): HypertrainError =>
  new HypertrainError("input", message, { need });
