import { bundledRules, type BundledOptions } from "./bundled.ts";
import { demandTrainedClasses } from "./class-sizes.ts";
import { parseCsv } from "./csv.ts";
import { fitTable } from "./fit-table.ts";
import { withOneScale } from "./pixel-columns.ts";
import { joinedParts, randomSplit } from "./split.ts";
import { splitDataset } from "./dataset-parts.ts";
import type { SupervisedData } from "./supervised-data.ts";
import { takeTableRows } from "./table-rows.ts";
import type { Column } from "./table.ts";
import { textOf } from "./column-values.ts";
import { encodeInputs } from "./encode-inputs.ts";
import { encodeTarget } from "./encode-target.ts";
import { featuresOf, type FeatureEncoding } from "./table-encoding.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { someBytes } from "../util/rule.ts";

/**
 * Handwritten digits of 8 x 8 pixels (UCI, Alpaydin and Kaynak 1998) from the bytes of `digits.csv`: 1,797 rows, 10 classes,
 * one scale for all pixels.
 *
 * @throws {HypertrainError} if the bytes are not those of a table with 65 columns of numbers, or a class is missing from the training part.
 */
export function digits(bytes: Uint8Array, split: BundledOptions = {}): SupervisedData {
  demandGiven("digits", { bytes }, { bytes: someBytes });
  const { joined = false, ...sizes } = ownOptions("digits", split, bundledRules);
  const table = parseCsv(bytes, { name: "digits.csv", separator: ",", header: false });
  const drawn = randomSplit(table.rows, sizes);
  const parts = joined ? joinedParts(drawn) : drawn;
  const labels = textOf(table.columns[64] as Column);
  const of = (rows: Uint32Array = new Uint32Array()) => Array.from(rows, (row) => labels[row] as string);
  demandTrainedClasses("digits", {
    train: of(parts.train),
    validation: of(parts.valid),
    test: of(parts.test),
  });
  const encoding = withOneScale(
    fitTable(takeTableRows(table, parts.train), { target: "column65", task: "classification" }),
    takeTableRows(table, parts.train),
  );
  const { target, columns } = encoding;
  const { mean, sd } = columns[0]?.features[0] as FeatureEncoding; // that of all
  const classes = target.kind === "classes" ? target.classes : [];
  const fields = { x: encodeInputs(encoding, table), y: encodeTarget(encoding, table) };
  return {
    name: "digits",
    splits: splitDataset({ rows: table.rows, fields }, parts),
    task: "classification",
    inputShape: [64],
    images: { shape: [1, 8, 8], scale: { mean, sd }, white: 16 },
    outputs: classes.length,
    classes,
    columns: featuresOf(encoding).map(({ name }) => name),
    encoding,
    warnings: [],
  };
}
