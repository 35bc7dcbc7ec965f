/** Reports on data for people, in lines. */
import type { DataReport } from "../../api/data-report.ts";
import type { ExamplesReport, StartReport, TextReport, TrainingReport } from "../../api/examples-report.ts";
import { cut } from "../../data/quote.ts";
import { formatNumber } from "../../util/format-number.ts";
import { count } from "../../util/words.ts";

/** What is read of a table, and what becomes of it. */
export function describeTable(report: DataReport): string[] {
  const { name, rows, columns, target, classes, parts, features } = report;
  const kinds = (["number", "text", "date"] as const).flatMap((kind) => {
    const n = columns.filter((column) => column.kind === kind).length;
    return n === 0 ? [] : [kind === "text" ? `${n} of text` : `${n} of ${kind}s`];
  });
  const used = columns.filter(({ becomes }) => becomes !== "target" && !becomes.startsWith("left out"));
  const range = columns.find((column) => column.name === target)?.range;
  return [
    `${name}: ${count(rows, "row")}, ${count(columns.length, "column")} (${kinds.join(", ")})`,
    classes
      ? `target "${cut(target)}": ${largest(classes)}`
      : `target "${cut(target)}": a number${range ? ` from ${range[0]} to ${range[1]}` : ""}`,
    `parts: ${inParts(parts, "row")}`,
    `inputs: ${count(features, "feature")} from ${count(used.length, "column")}`,
  ];
}

/** What images or a text are, and what becomes of them. @param folded whether the rows that train are also those that validate */
export function describeExamples(
  { name, kind, parts, classes, shape, files, text }: ExamplesReport,
  folded: boolean,
): string[] {
  if (text) return describeText(name, text, parts);
  const inAll = ({ train, valid, test }: ExamplesReport["parts"]) => train + (folded ? 0 : valid) + test;
  const noun = kind === "images" ? "image" : "row";
  const rows = (classes ?? []).map((one) => ({ name: one.name, rows: inAll(one) }));
  const sizes = (files?.sizes ?? []).map(({ height, width, images }) => `${height} x ${width} (${images})`);
  return [
    `${name}: ${count(inAll(parts), noun)}`,
    ...(classes ? [`target: ${largest(rows)}`] : []),
    `parts: ${inParts(parts, noun)}`,
    ...(files
      ? [
          `files: ${firstOf(sizes)}, height x width; ${files.colour} in colour, ${files.grey} grey, ${files.unreadable.length} unreadable`,
          ...files.unreadable.slice(0, FEW).map((path) => `  ${cut(path)}`),
          ...(files.unreadable.length > FEW
            ? [`  and ${files.unreadable.length - FEW} more; --json lists all`]
            : []),
        ]
      : []),
    ...(shape ? [`inputs: ${shape.join(" x ")} (channels x height x width)`] : []),
    ...(files?.chosen === undefined ? [] : [`  ${files.chosen}`]),
  ];
}

const FEW = 6;

function describeText(
  name: string,
  { tokens, vocabulary, steps, parts }: TextReport,
  rows: ExamplesReport["parts"],
): string[] {
  const titles = { train: "train", valid: "validate", test: "test" } as const;
  const shares = (["train", "valid", "test"] as const).flatMap((part) => {
    const share = parts[part];
    if (!share) return [];
    const unknown = share.unknown > 0 ? `, ${formatNumber(100 * share.unknown, 2)} % of them <unk>` : "";
    return [`${share.tokens} ${titles[part]}${unknown}`];
  });
  const all = Object.values(parts).reduce((sum, { tokens }) => sum + tokens, 0);
  return [
    `${name}: a text of ${count(all, tokens)}, ${vocabulary} in the vocabulary`,
    `parts: ${shares.join("; ")}`,
    `rows of ${count(steps, tokens)}: ${inParts(rows, "row")}`,
  ];
}

/** The network, what is tuned of it, and for how long. */
export function describeTraining(training: TrainingReport): string[] {
  const { method, network, weights, folds, hyperparameters } = training;
  const { batchSize, stepsPerEpoch, epochs, streams } = training;
  const networks = folds === undefined ? network : `${folds} of ${network}, one for each fold`;
  const rows =
    streams === undefined
      ? `${count(batchSize, "example")} a step`
      : `${count(streams, "stream")} side by side`;
  const length = epochs === undefined ? "" : `, ${formatNumber(epochs)} epoch${epochs === 1 ? "" : "s"}`;
  return [
    `network: ${networks}, ${count(weights, "weight")}`,
    `hyperparameters (${method}): ${describeStarts(hyperparameters)}`,
    `training: ${rows}, ${count(stepsPerEpoch, "step")} an epoch${length}`,
  ];
}

/** Hyperparameters in their order, more than two in a row with the same start and range as one. */
function describeStarts(hyperparameters: TrainingReport["hyperparameters"]): string {
  const runs: { readonly names: string[]; readonly start: string }[] = [];
  for (const [name, given] of Object.entries(hyperparameters)) {
    const start = describeStart(given);
    if (runs.at(-1)?.start === start) runs.at(-1)?.names.push(name);
    else runs.push({ names: [name], start });
  }
  const told = runs.flatMap(({ names, start }) =>
    names.length > 2
      ? [`${names[0]} to ${names.at(-1)} (${names.length}) ${start}`]
      : names.map((name) => `${name} ${start}`),
  );
  return told.length > 0 ? told.join(", ") : "none";
}

function describeStart({ start, low, high }: StartReport): string {
  if (typeof start !== "number") return String(start);
  const from = low === undefined ? "" : high === undefined ? `from ${formatNumber(low)}` : formatNumber(low);
  const to = high === undefined ? "" : `${low === undefined ? "" : " "}to ${formatNumber(high)}`;
  return `${formatNumber(start)}${from + to === "" ? "" : ` (${from}${to})`}`;
}

const inParts = ({ train, valid, test }: ExamplesReport["parts"], noun: string): string =>
  `${count(train, noun)} ${verb(train, "train")}, ${valid} ${verb(valid, "validate")}, ${test} ${verb(test, "test")}`;

/** As one row does it, or several. */
const verb = (rows: number, done: string): string => (rows === 1 ? `${done}s` : done);

/** How many classes there are, and the largest of them. */
function largest(classes: readonly { readonly name: string; readonly rows: number }[]): string {
  const shown = classes.toSorted((a, b) => b.rows - a.rows).map(({ name, rows }) => `${cut(name)} ${rows}`);
  return `${count(classes.length, "class")} (${firstOf(shown)})`;
}

/** The first few, and how many more there are. */
const firstOf = (shown: readonly string[]): string =>
  `${shown.slice(0, FEW).join(", ")}${shown.length > FEW ? `, and ${shown.length - FEW} more` : ""}`;
