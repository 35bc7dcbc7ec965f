import type { BundledOptions } from "./bundled.ts";
import { parseCsv } from "./csv.ts";
import { toExamples } from "./examples.ts";
import { randomSplit, splitDataset } from "./split.ts";
import { standardizePixels } from "./standardize.ts";
import type { SupervisedData } from "./supervised-data.ts";

/**
 * Handwritten digits of 8 x 8 pixels (UCI, Alpaydin and Kaynak 1998) from the bytes of `digits.csv`: 1,797 rows, 10 classes,
 * one scale for all pixels.
 *
 * @throws {HypertrainError} if the bytes are not those of a table with 65 columns of numbers.
 */
export function digits(bytes: Uint8Array, split: BundledOptions = {}): SupervisedData {
  const table = parseCsv(bytes, { name: "digits.csv", separator: ",", header: false });
  const { dataset, classes = [] } = toExamples(table, { target: "column65", task: "classification" });
  return {
    name: "digits",
    splits: standardizePixels(splitDataset(dataset, randomSplit(dataset.rows, split))),
    task: "classification",
    inputShape: [64],
    outputs: classes.length,
    classes,
    warnings: [],
  };
}
