export { batchRows, batchSequence, evaluationBatches, gather } from "./batches.ts";
export type { BatchSequence, EvaluationBatch } from "./batches.ts";
export type { BundledOptions, BundledSet } from "./bundled.ts";
export { minibatchOrder, streamSequence } from "./order.ts";
export type { CsvOptions } from "./csv-options.ts";
export { parseCsv } from "./csv.ts";
export { parseTable, tableExtensions } from "./table-file.ts";
export type { ColumnReport, DataReport } from "../api/data-report.ts";
export type { TextReport, TokenShare } from "../api/examples-report.ts";
export type { ColumnTypes } from "./column-types.ts";
export type { CodedField, Dataset, Splits } from "./dataset.ts";
export { diabetes } from "./diabetes.ts";
export { digits } from "./digits.ts";
export { parseIdxImages, parseIdxLabels, type IdxImages, type IdxLabels } from "./idx.ts";
export { emnist, fashionMnist, imageSetFiles, mnist } from "./mnist.ts";
export type { EmnistSet, ImageSet, ImageSetBytes, ImageSetOptions } from "./mnist.ts";
export { fitTable, type FitOptions } from "./fit-table.ts";
export { gunzip, type NamedBytes } from "./named-bytes.ts";
export type { Separator } from "./separator.ts";
export { readNumber, type NumberNotation } from "./notation.ts";
export { groupSplit, randomSplit, stratifiedSplit, tailSplit, timeSplit, type RowParts } from "./split.ts";
export { splitDataset, takeRows } from "./dataset-parts.ts";
export type { PartSize, PartSizes } from "./part-sizes.ts";
export { standardizeColumns, standardizePixels, standardizeTargets } from "./standardize.ts";
export type { ImageFacts, Scale, SupervisedData, SupervisedTask } from "./supervised-data.ts";
export { csvData, tableData } from "./table-data.ts";
export { takeTableRows } from "./table-rows.ts";
export type { TableDataOptions } from "./table-options.ts";
export { encodeInputs } from "./encode-inputs.ts";
export { decodeQuantity, encodeTarget } from "./encode-target.ts";
export { featuresOf, columnTypesOf } from "./table-encoding.ts";
export type {
  CategoryEncoding,
  ClassesEncoding,
  ColumnEncoding,
  DateEncoding,
  DatePart,
  FeatureEncoding,
  NumberEncoding,
  QuantityEncoding,
  TableEncoding,
  TargetEncoding,
  TargetTransform,
} from "./table-encoding.ts";
export type { DateFormat } from "./date-format.ts";
export { tableOf, type Column, type NumberColumn, type Table, type WordColumn } from "./table.ts";
export { textData, type TextOptions, type TextParts } from "./text.ts";
export type { TokenKind } from "./text-tokens.ts";
export { wine } from "./wine.ts";
