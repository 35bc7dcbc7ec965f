import type { ColumnReport, DataReport } from "../api/data-report.ts";
import { classCounts } from "./class-sizes.ts";
import { remarksOf } from "./remarks.ts";
import type { TableFacts, TableRemark } from "./remarks/facts.ts";
import { missingIn, textOf } from "./column-values.ts";
import { featuresOf, type ColumnEncoding } from "./table-encoding.ts";
import type { Column } from "./table.ts";
import { count } from "../util/words.ts";

/** The report on a table and on what is made of it. */
export function reportOf(input: TableFacts): DataReport {
  const { whole, encoding, splits } = input;
  const { target, columns, unused } = encoding;
  const remarks = [
    ...whole.warnings.map((sentence): TableRemark => ({ sentence, names: [] })),
    ...remarksOf(input),
  ];
  const parts = { train: splits.train.rows, valid: splits.valid.rows, test: splits.test?.rows ?? 0 };
  const targetColumn = whole.columns.find(({ name }) => name === target.name) as Column;
  const labels = textOf(targetColumn);
  const used = new Map(columns.map((column) => [column.name, column]));
  const left = new Map(unused.map(({ name, why }) => [name, why]));
  return {
    name: whole.name,
    rows: whole.rows,
    parts,
    withoutTarget: labels.filter((label) => label === null).length,
    target: target.name,
    task: target.kind === "classes" ? "classification" : "regression",
    ...(target.kind === "classes" && { classes: inOrder(target.classes, classCounts(labels)) }),
    columns: whole.columns.map((column) => {
      const { name } = column;
      const encoded = used.get(name);
      const becomes =
        name === target.name ? "target" : encoded ? describeEncoding(encoded) : `left out: ${left.get(name)}`;
      return {
        ...describeColumn(column),
        ...(encoded?.kind === "date" && { kind: "date" as const }),
        becomes,
        warnings: remarks.flatMap(({ names, short }) => (short && names.includes(name) ? [short] : [])),
      };
    }),
    features: featuresOf(encoding).length,
    warnings: remarks.map(({ sentence }) => sentence),
  };
}

/** The classes as the network numbers them. */
const inOrder = (classes: readonly string[], counts: readonly { name: string; rows: number }[]) =>
  classes.map((name) => ({ name, rows: counts.find((one) => one.name === name)?.rows ?? 0 }));

function describeColumn(column: Column): Omit<ColumnReport, "becomes" | "warnings"> {
  const { name } = column;
  if (column.kind === "numbers") {
    const different = [...new Set(column.values)].filter((value) => !Number.isNaN(value));
    const low = different.reduce((a, b) => Math.min(a, b), Infinity);
    const high = different.reduce((a, b) => Math.max(a, b), -Infinity);
    return {
      ...{ name, kind: "number" },
      missing: missingIn(column),
      distinct: different.length,
      ...(different.length > 0 && { range: [low, high] as const }),
    };
  }
  const counts = classCounts(column.values);
  const [first] = counts;
  return {
    ...{ name, kind: "text" },
    missing: missingIn(column),
    distinct: counts.length,
    ...(first && { commonest: first.name }),
  };
}

function describeEncoding(column: ColumnEncoding): string {
  const gap = column.missing ? " and an indicator of missing values" : "";
  if (column.kind === "number") return `number${gap}`;
  if (column.kind === "date") return `${column.parts.join(", ")}${gap}`;
  return count(column.features.length, "level");
}
