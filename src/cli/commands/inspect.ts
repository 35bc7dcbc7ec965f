import type { DataReport } from "../../api/data-report.ts";
import { count, cut } from "../../data/quote.ts";
import { inputError } from "../../util/error.ts";
import { flagOf, type FieldName } from "../fields.ts";
import { demandTable, inspectTable } from "../registry/data-sets.ts";
import { readConfig } from "./tune.ts";

/**
 * Says what a table holds and what would become of it, without training.
 *
 * @returns the exit code
 */
export async function inspect(
  file: string,
  { json = false, ...flags }: Readonly<Partial<Record<FieldName, unknown>>>,
): Promise<number> {
  demandTable(file);
  if (flags.target === undefined) {
    throw inputError(
      `${flagOf("target")} must name the column to predict, but is missing; name a column of ${file}`,
    );
  }
  const report = await inspectTable(await readConfig(undefined, { ...flags, data: file }));
  process.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report));
  return 0;
}

/** A data report for people: what is read, what becomes of it, and the sentences, the worst first. */
export function describeReport(report: DataReport): string {
  const { name, rows, columns, target, classes, parts, features, warnings } = report;
  const kinds = (["number", "text", "date"] as const).flatMap((kind) => {
    const n = columns.filter((column) => column.kind === kind).length;
    return n === 0 ? [] : [kind === "text" ? `${n} of text` : `${n} of ${kind}s`];
  });
  const used = columns.filter(({ becomes }) => becomes !== "target" && !becomes.startsWith("left out"));
  const range = columns.find((column) => column.name === target)?.range;
  const shown = (classes ?? [])
    .toSorted((a, b) => b.rows - a.rows)
    .slice(0, 6)
    .map((one) => `${cut(one.name)} ${one.rows}`);
  const more = classes && classes.length > 6 ? `, and ${classes.length - 6} more` : "";
  const lines = [
    `${name}: ${count(rows, "row")}, ${count(columns.length, "column")} (${kinds.join(", ")})`,
    classes
      ? `target "${cut(target)}": ${count(classes.length, "class")} (${shown.join(", ")}${more})`
      : `target "${cut(target)}": a number${range ? ` from ${range[0]} to ${range[1]}` : ""}`,
    `parts: ${parts.train} rows train, ${parts.valid} validate, ${parts.test} test`,
    `inputs: ${count(features, "feature")} from ${count(used.length, "column")}`,
    ...(warnings.length > 0 ? ["", ...warnings.map((sentence) => `- ${sentence}`)] : []),
  ];
  return `${lines.join("\n")}\n`;
}
