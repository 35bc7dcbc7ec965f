/**
 * The options that several methods have. One that a single method has stands in that method's file.
 *
 * What each may be set to holds for the command line's flags and for the library's tuners, whose names of options `tuner-options.ts` gives them.
 */
import { count, fromZero, integer, oneOf, positive, share } from "../util/rule.ts";
import { shared } from "./option.ts";
import { optimizerNames, optimizersInWords } from "./optimizers.ts";

const optimizers = oneOf(...optimizerNames);

/** The step size α2 of λ. */
export const hyperLr = shared(fromZero, { argument: "X", about: "learning rate of the hyperparameters" });

/** The hyperparameter steps behind which they become shorter. */
export const hyperDecay = shared(count, {
  argument: "N",
  about:
    "hyperparameter steps at the whole learning rate, which then falls as N over their number, so that hyperparameters come to rest in long runs; that of the perturbation scales falls with it; give the number of the run's hyperparameter steps, or more, and none become shorter",
});

/** What moves the hyperparameters. */
export const hyperOptimizer = shared(optimizers, {
  argument: "NAME",
  about: `what moves the hyperparameters: ${optimizersInWords}`,
});

/** The largest norm of a hypergradient. */
export const hyperClip = shared(positive, { argument: "X", about: "largest norm of a hypergradient" });

/** The step size α3 of the scales. */
export const scaleLr = shared(fromZero, {
  argument: "X",
  about: "learning rate of the perturbation scales",
});

/** The step size of Θ. */
export const responseLr = shared(fromZero, { argument: "X", about: "learning rate of the response" });

/** What trains Θ. */
export const responseOptimizer = shared(optimizers, {
  argument: "NAME",
  about: `what trains the response: ${optimizersInWords}`,
});

/** Rows of a hyperparameter step. */
export const validBatchSize = shared(count, {
  argument: "N",
  about: "validation examples of a hyperparameter step, at most all",
});

/** Validation rows that tuning does not see. */
export const guard = shared(share, {
  argument: "SHARE",
  about: "share of the validation rows kept from hyperparameter steps, on which the best epoch is chosen",
});

/** The weight τ of the entropy. */
export const entropyWeight = shared(fromZero, {
  argument: "X",
  about: "weight of the entropy that keeps the perturbations wide",
});

/** The time before the first hyperparameter step. */
export const warmupEpochs = shared(fromZero, {
  argument: "N",
  about: "epochs before the first hyperparameter step",
});

/** T_train: the rhythm of hyperparameter steps. */
export const trainSteps = shared(count, {
  argument: "N",
  about: "training steps between hyperparameter steps",
});

/** T_valid: how many there are each time. */
export const validSteps = shared(integer(1, 1000), {
  argument: "N",
  about: "hyperparameter steps each time",
});

/** How ε is drawn. */
export const perturbations = shared(oneOf("independent", "paired", "full"), {
  argument: "NAME",
  about:
    "how the response's perturbations are drawn: independent, one for each example; paired, half of the examples each at +ε and -ε; " +
    "full, every example at both",
});

/** The form of Θ. */
export const response = shared(oneOf("auto", "factored", "gate", "dense", "low-rank"), {
  argument: "NAME",
  about: "how the weights' response is stored: auto, factored, gate, dense or low-rank",
});

/** What Θ learns of penalties from. */
export const responseObjective = shared(oneOf("sampled", "implicit"), {
  argument: "NAME",
  about:
    "from what the response to L2 penalties is learned: sampled, from the training loss at perturbed hyperparameters, or implicit, " +
    "from the linear system of the implicit function theorem",
});

/** The share of a running average of Θ. */
export const responseAveraging = shared(share, {
  argument: "X",
  about:
    "share of a running average of the response that a step keeps, which hyperparameter steps follow; 0 for none",
});

/** How often Θ is trained. */
export const responseEvery = shared(count, {
  argument: "N",
  about: "training steps from one step of the response to the next; the others train the weights alone",
});

/** Of the low-rank response. */
export const rank = shared(count, {
  argument: "N",
  about: "rank of the low-rank response",
  needs: { field: "response", values: ["low-rank"] },
});

/** Whether training starts anew, once. */
export const restart = shared(oneOf("auto", "never"), {
  argument: "WHEN",
  about:
    "auto: a run that has overfitted before it tuned trains anew, once, from the hyperparameters found: at an evaluation between a half and " +
    "two thirds of its length, if the lowest validation loss lies in the first half of the steps so far, and since then a hyperparameter has " +
    "moved enough, on a log scale by a factor of 1.3, and the loss has risen by half a percent, by medians of five evaluations, so in no run of fewer than nine; or never",
});

/** K: the window of a hypergradient. */
export const horizon = shared(count, {
  argument: "N",
  about: "training steps that are differentiated through each time",
});

/** What stands for the Hessian. */
export const curvature = shared(oneOf("hessian", "gauss-newton"), {
  argument: "NAME",
  about: "what is solved with: hessian, or gauss-newton, which has no negative curvature",
});

/** The form of the hypernetwork. */
export const hypernet = shared(oneOf("auto", "elementwise", "linear", "factored", "mlp"), {
  argument: "NAME",
  about: "the hypernetwork: auto, elementwise, linear, factored or mlp",
});

/** The width of the hypernetwork. */
export const hypernetUnits = shared(count, {
  argument: "N",
  about: "width of the factored or of the mlp hypernetwork",
  needs: { field: "hypernet", values: ["factored", "mlp"] },
});

/** Samples of λ for each minibatch. */
export const samples = shared(count, {
  argument: "N",
  about: "hyperparameters that are sampled for each minibatch",
});

/** The weight ρ of the penalty. */
export const hyperPenalty = shared(fromZero, {
  argument: "X",
  about: "weight of a penalty on the way of the hyperparameters from their start",
});

/** Steps behind the hypernetwork. */
export const fineTuneSteps = shared(integer(0), {
  argument: "N",
  about: "steps of gradient descent that follow the hypernetwork",
});

/** Their step size. */
export const fineTuneLr = shared(positive, { argument: "X", about: "learning rate of these steps" });

/** The length of a search's training. */
export const trialEpochs = shared(count, { argument: "N", about: "epochs of each training of a search" });
