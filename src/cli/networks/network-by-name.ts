import type { Paper } from "../../methods/method.ts";
import type { MethodName } from "../../methods/lookup.ts";

/** What a network by name says of itself: data, so that help and schemas load nothing of what trains. `cli/registry/networks.ts` makes it. */
export interface NetworkByName<N extends string = string> {
  /** What the command line and configurations call it. */
  readonly name: N;
  /** What it is, for the table in docs/networks.md. */
  readonly summary: string;
  /** The data that it is for. */
  readonly takes: readonly DataKind[];
  /** The flags that it has a use for; the others are refused. */
  readonly options: readonly NetworkOption[];
  readonly papers: readonly Paper[];
  /** What is tuned unless a configuration says otherwise; nothing where that takes facts of the data that are not known yet. */
  hypers(facts: HyperFacts): DefaultHypers | undefined;
  /** The same in words, for the table in docs/networks.md. */
  readonly tuned: string;
}

/** Hyperparameters by name, as a configuration would give them: each its start, or with a range. */
export type DefaultHypers = Readonly<
  Record<
    string,
    number | { readonly start: number; readonly low: number; readonly high: number; readonly log: boolean }
  >
>;

/** Kinds of data that networks tell apart. */
export type DataKind = "tables" | "images" | "texts";

/** Flags that some networks alone have a use for. */
export type NetworkOption = "hidden" | "width" | "norm";

/** What the default hyperparameters follow. */
export interface HyperFacts {
  /** As the configuration names it. */
  readonly data: string;
  readonly text: boolean;
  readonly method: MethodName;
  /** Absent until the data is there. */
  readonly sizes?: DataSizes;
}

/** How large data is. */
export interface DataSizes {
  /** Numbers of an example. */
  readonly inputs: number;
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  /** Whether the outputs are those of classes. */
  readonly classes: boolean;
  /** Training rows. */
  readonly rows: number;
}

/** A network by name; it keeps the literal type of the name. */
export const networkByName = <const N extends string>(described: NetworkByName<N>): NetworkByName<N> =>
  described;
