import type { Sampler } from "../search/sampler.ts";
import type { Scheduler } from "../search/schedulers/scheduler.ts";
import type { Need } from "../tuners/need.ts";
import type { Tuner } from "../tuners/tuner.ts";
import type { MethodOption, MethodOptions, OptionValues } from "./option.ts";
import type { OptimizerName } from "./optimizers.ts";
import type { MethodTraining } from "./training.ts";

/** What kind of method it is; `families.ts` says what each does. */
export type Family =
  "self-tuning" | "hyper-training" | "hypergradient" | "architecture" | "baseline" | "search";

/** Where a method was published. */
export interface Paper {
  /** Authors and year. */
  readonly label: string;
  readonly url: string;
}

/** What any method says of itself: data, so that help, schemas and tables load nothing of what trains. */
export interface Method<N extends string = string, O extends MethodOptions = MethodOptions> {
  /** What the command line, configurations and run folders call it. */
  readonly name: N;
  /** What reports call it. */
  readonly title: string;
  readonly family: Family;
  /** What it does, to follow its name in a table. */
  readonly summary: string;
  /** "Use it when …". */
  readonly useWhen: string;
  /** "Do not use it when …"; absent where nothing speaks against it. */
  readonly avoidWhen?: string;
  readonly papers: readonly Paper[];
  /** What it can do that others cannot; default nothing. */
  readonly can?: readonly Need[];
  readonly options: O;
  /** Settings of the training that it has no use for, each with the reason. */
  readonly without?: Readonly<Partial<Record<"clipNorm" | "patience", string>>>;
  /** Settings of which it takes some values alone, each with the reason. */
  readonly only?: Readonly<
    Partial<Record<"optimizer" | "model", { readonly values: readonly string[]; readonly why: string }>>
  >;
  /** What its weights are trained by where that is not the usual optimizer. */
  readonly optimizer?: OptimizerName;
  /** How long it trains before its first hyperparameter step. Absent where it makes none. */
  readonly warmup?: Warmup;
  /** The standard deviation of its perturbations where a hyperparameter does not say; default 1. */
  readonly perturbationScale?: number;
}

/** A warm-up where the user says nothing of it. */
export interface Warmup {
  /** Of a run that counts its epochs. */
  readonly share: number;
  /** Training steps, of a run that ends by the clock or by its gradients. */
  readonly steps: number;
}

/** A method that trains once. */
export interface TrainingMethod<
  N extends string = string,
  O extends MethodOptions = MethodOptions,
  S extends object = object,
> extends Method<N, O> {
  /** What its tuner is made with. */
  settings(options: OptionValues<O>, training: MethodTraining): S;
  /** Its tuner, loaded when it is wanted. */
  create(options: OptionValues<O>, training: MethodTraining): Promise<Tuner>;
}

/** A method that trains again and again. */
export interface SearchMethod<
  N extends string = string,
  O extends MethodOptions = MethodOptions,
> extends Method<N, O> {
  readonly family: "search";
  /** Whether it follows several objectives within bounds, or one within bounds; absent where it follows the loss alone. */
  readonly follows?: "objectives" | "bounds";
  /** What suggests values, and what spends the budget; loaded when they are wanted. */
  parts(): Promise<SearchParts>;
}

/** What suggests values, and what spends the budget. */
export interface SearchParts {
  sampler(): Sampler;
  /** @param budget epochs of a trial that goes to its end */
  scheduler(budget: number): Scheduler;
}

/** What a method that trains once says of itself, and what loads the maker of its tuner. */
export type TrainingMethodParts<N extends string, O extends MethodOptions, S extends object> = Omit<
  TrainingMethod<N, O, S>,
  "create"
> & { load(): Promise<(settings: S) => Tuner> };

/** A method that trains once; it keeps the literal types of a description. */
export const trainingMethod = <const N extends string, O extends MethodOptions, S extends object>(
  parts: TrainingMethodParts<N, O, S>,
): TrainingMethod<N, O, S> => ({
  ...parts,
  create: async (options, training) => (await parts.load())(parts.settings(options, training)),
});

/** A method that trains again and again. */
export const searchMethod = <const N extends string, O extends MethodOptions>(
  described: Omit<SearchMethod<N, O>, "family">,
): SearchMethod<N, O> => ({ ...described, family: "search" });

/** An option in the words of one method: what it means, and what it is where it is left out. */
export const aboutOption = ({ about, ...option }: MethodOption): string =>
  `${about} (default: ${usual(option)})`;

/** What an option is where it is left out. */
export const usual = (option: Pick<MethodOption, "default" | "usually">): string =>
  option.usually ?? String(option.default);
