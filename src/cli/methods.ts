/**
 * The methods by name and by kind: what `--help` and the checks of a configuration need to know of them, without loading any.
 */

/** Self-tuning networks. */
export const stnMethods = ["delta-stn", "centered-stn", "stn"] as const;

/** Those that train a hypernetwork. */
export const hyperTrainingMethods = [
  "hyper-training",
  "hyper-training-global",
  "hyper-training-simplified",
] as const;

/** Those that differentiate training itself. */
export const hypergradientMethods = [
  "unrolled",
  "forward-unrolled",
  "reversible",
  "drmad",
  "implicit-cg",
  "implicit-neumann",
  "t1-t2",
] as const;

const trainingMethods = [
  ...stnMethods,
  ...hyperTrainingMethods,
  ...hypergradientMethods,
  "smash",
  "fixed",
] as const;

/** Those that train again and again. */
export const searchMethods = [
  "grid",
  "random",
  "quasi-random",
  "tpe",
  "gp",
  "cma-es",
  "successive-halving",
  "hyperband",
  "asha",
  "median-stop",
  "freeze-thaw",
  "population-based",
  "tpe-hyperband",
] as const;

/** All methods: those that train once, then those that train again and again. */
export const methodNames = [...trainingMethods, ...searchMethods] as const;

/** A way to tune. */
export type Method = (typeof methodNames)[number];

/** A method that trains again and again. */
export type SearchMethod = (typeof searchMethods)[number];

/** A method that trains once. */
export type TrainingMethod = (typeof trainingMethods)[number];

/** The method of a configuration that names none. */
export const DEFAULT_METHOD = "delta-stn" satisfies Method;

/** Whether a method trains again and again. */
export const isSearch = (method: Method): method is SearchMethod =>
  (searchMethods as readonly Method[]).includes(method);

/** Whether a name is that of a method. */
export const isMethod = (name: unknown): name is Method => (methodNames as readonly unknown[]).includes(name);
