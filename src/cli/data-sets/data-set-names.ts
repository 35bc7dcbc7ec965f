import type { DataOption, DataSetByName } from "./data-set-by-name.ts";
import { dataSetsByName } from "./index.ts";

const all: readonly DataSetByName[] = dataSetsByName;

/** Data that has a name. */
export const dataSetNames: readonly string[] = all.map(({ name }) => name);

/** The sets that come with the package. */
export const bundledSets: readonly DataSetByName[] = all.filter(({ bundled }) => bundled);

/** The texts, every token of which is predicted. */
export const textSets: readonly DataSetByName[] = all.filter(({ kind }) => kind === "texts");

/** What a data set says of itself; nothing for a file or a folder. */
export const dataSetOfName = (name: string): DataSetByName | undefined =>
  all.find((set) => set.name === name);

/** The data sets that have a use for a flag. */
export const dataSetsWith = (option: DataOption): readonly string[] =>
  all.filter(({ options }) => options.includes(option)).map(({ name }) => name);

/** Names for a sentence: of those that begin alike up to a hyphen all but the first by their ends, as emnist-letters (-digits, -mnist). */
export const inBrief = (names: readonly string[]): readonly string[] =>
  [...Map.groupBy(names, beginningOf)].map(([beginning, [first = "", ...others]]) =>
    others.length === 0
      ? first
      : `${first} (${others.map((name) => name.slice(beginning.length)).join(", ")})`,
  );

const beginningOf = (name: string): string => name.replace(/-.*/, "");
