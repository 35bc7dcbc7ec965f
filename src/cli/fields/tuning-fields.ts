import { parseHyperFlag } from "../hyper-flag.ts";
import { hyperTrainingMethods, hypergradientMethods, searchMethods, stnMethods } from "../methods.ts";
import { type Field, number, text } from "./field.ts";

/** The methods with a response, which see validation minibatches between training minibatches. */
const responding = [...stnMethods, ...hyperTrainingMethods] as const;

/** The methods that follow a hypergradient within one training. */
const following = [...responding, ...hypergradientMethods] as const;

/** How the hyperparameters are found. */
export const tuningFields = {
  method: {
    group: "Tuning:",
    basic: true,
    brief:
      "delta-stn, stn, unrolled, … train once; random, tpe, gp, hyperband, … again and again; fixed does not tune; auto chooses (default: delta-stn)",
    argument: "NAME",
    read: text,
    about:
      "delta-stn, centered-stn, stn; hyper-training, hyper-training-global or hyper-training-simplified, which train a hypernetwork; " +
      "unrolled, forward-unrolled, reversible, drmad, implicit-cg, implicit-neumann or t1-t2, which differentiate training itself; " +
      "smash, which chooses an architecture; " +
      "grid, random, quasi-random, tpe, gp, cma-es, successive-halving, hyperband, asha, median-stop, freeze-thaw, population-based or " +
      "tpe-hyperband, which train again and again; " +
      "fixed: no tuning; or auto, which chooses one of these by the problem and says why (default: delta-stn)",
  },
  trialEpochs: {
    group: "Tuning:",
    methods: searchMethods,
    argument: "N",
    read: number,
    about: "epochs of each training of a search (default: at least 10, and at least a thousand steps)",
  },
  hyper: {
    group: "Tuning:",
    basic: true,
    brief:
      "a hyperparameter to tune, NAME=START or NAME=START:LOW..HIGH; repeatable (default: dropout.*=0.05 l2.*=0.0001)",
    argument: "NAME=SPEC",
    read: parseHyperFlag,
    repeatable: true,
    about:
      "a hyperparameter to tune, NAME=START, NAME=START:LOW..HIGH or NAME=A|B; repeatable, replaces the default set " +
      "(default: dropout.*=0.05 l2.*=0.0001). " +
      "Names: dropout, dropout.input, dropout.fc1, ..., l2, l2.fc1, l2.each, the same with l1; .* for every layer; " +
      "cutout.length, cutout.holes, rotate, translate, scale, shear, brightness, contrast, saturation, hue, flip, crop, input-scale, mixup, rand-augment and trivial-augment for images, by delta-stn, centered-stn, stn and searches; " +
      "width.fc1=64:8..128, activation.fc1=relu|tanh|gelu and skip.fc2=false|true, for smash and searches; " +
      "lr and momentum, for unrolled, forward-unrolled, reversible, drmad and searches: --schedule is a factor on such an lr. " +
      "The range may be left out. More behind commas: log, discrete, scale=X, tuneScale=false, perturb=minibatch",
  },
  hyperLr: {
    group: "Tuning:",
    methods: following,
    argument: "X",
    read: number,
    about:
      "learning rate of the hyperparameters (default: 0.01 for delta-stn, centered-stn and stn, where those that are not on a log scale go half of it; 0.005 for the others)",
  },
  hyperOptimizer: {
    group: "Tuning:",
    methods: following,
    argument: "NAME",
    read: text,
    about:
      "what moves the hyperparameters: sgd, adam or rmsprop (default: adam for delta-stn, centered-stn, stn and hyper-training, rmsprop, as " +
      "in the papers, for the others)",
  },
  hyperClip: {
    group: "Tuning:",
    methods: hypergradientMethods,
    argument: "X",
    read: number,
    about:
      "largest norm of a hypergradient, for the methods that differentiate training itself (default: no limit)",
  },
  scaleLr: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "X",
    read: number,
    about: "learning rate of the perturbation scales (default: 0.01)",
  },
  responseLr: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "X",
    read: number,
    about:
      "learning rate of the response (default: 0.003 for adam, 0.001 for rmsprop, that of the weights for sgd)",
  },
  responseOptimizer: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "NAME",
    read: text,
    about:
      "what trains the response: sgd, adam or rmsprop (default: adam; for stn, whose training is joint, as the weights)",
  },
  validBatchSize: {
    group: "Tuning:",
    methods: [...following, "smash"],
    argument: "N",
    read: number,
    about: "validation examples of a hyperparameter step, at most all (default: 512)",
  },
  guard: {
    group: "Tuning:",
    methods: following,
    argument: "SHARE",
    read: number,
    about:
      "share of the validation rows kept from hyperparameter steps, on which the best epoch is chosen, for methods that follow a gradient " +
      "(default: 0.3 where there are more hyperparameters than half of these rows, else 0)",
  },
  entropyWeight: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "X",
    read: number,
    about: "weight of the entropy that keeps the perturbations wide (default: 0.001)",
  },
  warmupEpochs: {
    group: "Tuning:",
    methods: [...following, "smash"],
    argument: "N",
    read: number,
    about:
      "epochs before the first hyperparameter step (default: a fifth of all, or 5 with --time alone; four fifths for " +
      "hyper-training-global, whose hypernetwork stays as it is from then on; for smash, whose hypernetwork they train, two fifths, " +
      "or 900 steps with --time alone)",
  },
  trainSteps: {
    group: "Tuning:",
    methods: [
      ...stnMethods,
      ...(["hyper-training", "hyper-training-simplified", "forward-unrolled"] as const),
      ...(["implicit-cg", "implicit-neumann", "t1-t2"] as const),
    ],
    argument: "N",
    read: number,
    about: "training steps between hyperparameter steps (default: 2)",
  },
  validSteps: {
    group: "Tuning:",
    methods: [...stnMethods, "hyper-training", "hyper-training-simplified"],
    argument: "N",
    read: number,
    about: "hyperparameter steps each time (default: 1)",
  },
  perturbations: {
    group: "Tuning:",
    methods: [...stnMethods, "hyper-training"],
    argument: "NAME",
    read: text,
    about:
      "how the response's perturbations are drawn: independent, one for each example; paired, half of the examples each at +ε and -ε; " +
      "full, every example at both (default: paired)",
  },
  stnInput: {
    group: "Tuning:",
    methods: ["stn"],
    argument: "NAME",
    read: text,
    about:
      "what the response of stn is a function of: absolute, the hyperparameters as in the paper, or centred, their distance from where they " +
      "are, the same function in coordinates in which it stays finite at larger steps (default: centred)",
  },
  response: {
    group: "Tuning:",
    methods: stnMethods,
    argument: "NAME",
    read: text,
    about: "how the weights' response is stored: auto, factored, gate, dense or low-rank (default: auto)",
  },
  responseObjective: {
    group: "Tuning:",
    methods: ["delta-stn", "centered-stn"],
    argument: "NAME",
    read: text,
    about:
      "from what the response to L2 penalties is learned, for delta-stn and centered-stn: sampled, from the training loss at perturbed " +
      "hyperparameters, or implicit, from the linear system of the implicit function theorem (default: sampled)",
  },
  responseAveraging: {
    group: "Tuning:",
    methods: ["delta-stn", "centered-stn"],
    argument: "X",
    read: number,
    about:
      "share of a running average of the response that a step keeps, for delta-stn and centered-stn, whose hyperparameter steps follow the " +
      "average; 0 for none (default: 0)",
  },
  rank: {
    group: "Tuning:",
    methods: stnMethods,
    needs: { field: "response", values: ["low-rank"] },
    argument: "N",
    read: number,
    about: "rank of the low-rank response (default: 10)",
  },
  horizon: {
    group: "Tuning:",
    methods: ["unrolled", "reversible", "drmad"],
    argument: "N",
    read: number,
    about: "training steps that unrolled, reversible and drmad differentiate through each time (default: 20)",
  },
  curvature: {
    group: "Tuning:",
    methods: ["implicit-cg", "implicit-neumann"],
    argument: "NAME",
    read: text,
    about:
      "what implicit-cg and implicit-neumann solve with: hessian, or gauss-newton, which has no negative curvature " +
      "(default: gauss-newton for implicit-cg, hessian for implicit-neumann)",
  },
  hypernet: {
    group: "Tuning:",
    methods: [...hyperTrainingMethods, "smash"],
    argument: "NAME",
    read: text,
    about:
      "the hypernetwork of hyper-training: elementwise, linear, factored or mlp (default: elementwise for one hyperparameter a weight, " +
      "else linear or, beyond two million parameters, factored; mlp for hyper-training-global), or of smash (default: linear)",
  },
  hypernetUnits: {
    group: "Tuning:",
    methods: [...hyperTrainingMethods, "smash"],
    needs: { field: "hypernet", values: ["factored", "mlp"] },
    argument: "N",
    read: number,
    about: "width of the factored (default: 10) or of the mlp (default: 50) hypernetwork",
  },
  hypernetLr: {
    group: "Tuning:",
    methods: ["smash"],
    argument: "X",
    read: number,
    about: "learning rate of smash's hypernetwork (default: 0.001)",
  },
  candidates: {
    group: "Tuning:",
    methods: ["smash"],
    argument: "N",
    read: number,
    about:
      "architectures that smash scores with generated weights, one a step (default: a tenth of all steps, or 225 with --time alone)",
  },
  samples: {
    group: "Tuning:",
    methods: ["hyper-training", "hyper-training-global"],
    argument: "N",
    read: number,
    about:
      "hyperparameters that hyper-training samples for each minibatch (default: 2, or 10 for hyper-training-global)",
  },
  hyperPenalty: {
    group: "Tuning:",
    methods: hyperTrainingMethods,
    argument: "X",
    read: number,
    about:
      "weight of hyper-training's penalty on the way of the hyperparameters from their start (default: 0)",
  },
  fineTuneSteps: {
    group: "Tuning:",
    methods: hyperTrainingMethods,
    argument: "N",
    read: number,
    about: "steps of gradient descent that follow hyper-training's hypernetwork (default: 0)",
  },
  fineTuneLr: {
    group: "Tuning:",
    methods: hyperTrainingMethods,
    argument: "X",
    read: number,
    about: "learning rate of these steps (default: 0.01)",
  },
  baseline: {
    group: "Tuning:",
    basic: true,
    about: "train once more with the starting hyperparameters held, to compare (default: yes)",
    insteadInStudy: "enqueue the start with `hypertrain study enqueue`",
  },
} satisfies Readonly<Record<string, Field>>;
