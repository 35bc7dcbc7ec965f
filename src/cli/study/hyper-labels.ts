import { costMeasures, networkMeasures } from "../../search/measures.ts";

/** The names of columns and measures that every study has of its own: what programs measure is not called so. */
export const ownMeasures: ReadonlySet<string> = new Set([
  ...["trial", "number", "state", "attempt", "best", "best loss", "best_loss", "loss", "test loss"],
  ...["test_loss", "bounds", ...costMeasures],
]);

/**
 * What tables, filters and objectives call hyperparameters: by their names, with `_` for blanks and for signs that filters are written with,
 * and `hyper:` before what is the name of something else.
 *
 * @param taken further names of something else
 */
export function hyperLabels(
  names: readonly string[],
  taken: Iterable<string> = [],
): ReadonlyMap<string, string> {
  const used = new Set([...ownMeasures, ...networkMeasures, ...taken]);
  return new Map(
    names.map((name) => {
      let label = name.replace(/[\s,<>=!|"]+/g, "_");
      while (used.has(label)) label = `hyper:${label}`;
      used.add(label);
      return [name, label];
    }),
  );
}
