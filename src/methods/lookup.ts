/*
 * The methods by name and by family.
 */
import { searchMethods, trainingMethods } from "./index.ts";
import type { Family, Method } from "./method.ts";

/** A method that trains once. */
export type TrainingName = (typeof trainingMethods)[number]["name"];

/** A method that trains again and again. */
export type SearchName = (typeof searchMethods)[number]["name"];

/** A way to tune. */
export type MethodName = TrainingName | SearchName;

/** All methods: those that train once, then those that train again and again. */
export const methods: readonly Method<MethodName>[] = [...trainingMethods, ...searchMethods];

/** Their names. */
export const methodNames = methods.map(({ name }) => name);

/** The names of those that train again and again. */
export const searchNames: readonly SearchName[] = searchMethods.map(({ name }) => name);

/** The method of a configuration that names none. */
export const DEFAULT_METHOD = "delta-stn" satisfies MethodName;

/** What a method says of itself. */
export const methodOf = (name: MethodName): Method<MethodName> => byName.get(name) as Method<MethodName>;

/** Whether a name is that of a method. */
export const isMethod = (name: unknown): name is MethodName => byName.has(name);

/** Whether a method trains again and again. */
export const isSearch = (name: MethodName): name is SearchName => methodOf(name).family === "search";

/** Whether a method moves the hyperparameters along gradients of the validation loss. */
export const followsGradient = (name: MethodName): boolean =>
  isOf(name, "self-tuning", "hyper-training", "hypergradient");

/** Whether a method holds the hyperparameters at their start. */
export const holdsHypers = (name: MethodName): boolean => isOf(name, "baseline");

/** Whether a method learns a response of the weights to the hyperparameters. */
export const learnsResponse = (name: MethodName): boolean => methodOf(name).can?.includes("respond") === true;

/** Whether a method belongs to one of some families. */
export const isOf = (name: MethodName, ...families: readonly Family[]): boolean =>
  families.includes(methodOf(name).family);

const byName: ReadonlyMap<unknown, Method<MethodName>> = new Map(
  methods.map((method) => [method.name, method]),
);
