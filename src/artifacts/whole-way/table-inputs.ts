import { missingSpellings } from "../../data/missing.ts";
import { spellingsOf } from "../../data/spelling.ts";
import {
  featuresOf,
  type CategoryEncoding,
  type ColumnEncoding,
  type DateEncoding,
  type NumberEncoding,
  type TableEncoding,
} from "../../data/table-encoding.ts";
import type { Inputs, Port, Tools } from "./ports.ts";

/** A number of a column, and what it is where that is missing. */
interface NumberPort {
  readonly port: Port;
  readonly median: number;
}

/** What a column is given, and makes its features of: numbers, then 1 where they are missing, or levels. */
interface ColumnWay {
  readonly ports: readonly Port[];
  readonly numbers: readonly NumberPort[];
  readonly missing: boolean;
  readonly levels?: Levels;
}

/** 1 or 0 for every level of a column. */
interface Levels {
  /** float64 [rows, width] */
  readonly name: string;
  readonly width: number;
}

/**
 * From the columns of a table to standardised features. The numbers of all columns go one way together, since thousands of small nodes take a runtime half a
 * minute to open.
 */
export function tableInputs(tools: Tools, encoding: TableEncoding): Inputs {
  const { emitter } = tools;
  const features = featuresOf(encoding);
  const columns = encoding.columns.map((column, j) => wayOf(tools, column, `way.in${j}`));
  const numbers = columns.flatMap((column) => column.numbers);
  const levels = columns.flatMap((column) => column.levels ?? []);
  const all = joined(tools, [
    ...(numbers.length === 0 ? [] : numbersAndGaps(tools, numbers)),
    ...levels.map(({ name }) => name),
  ]);
  const raw = emitter.node("Gather", [all, emitter.ints(...placesOf(columns, numbers.length))], { axis: 1 });
  const row = (of: readonly number[]) => emitter.constant(of, [1, of.length], "float64");
  const centred = emitter.node("Sub", [raw, row(features.map(({ mean }) => mean))]);
  const deviations = features.map(({ sd }) => (sd === 0 ? Infinity : sd)); // constant features are 0
  return { ports: columns.flatMap(({ ports }) => ports), x: emitter.node("Div", [centred, row(deviations)]) };
}

/** Where the features of the columns lie, one after the other: all numbers, then 1 for each that is missing, then all levels. */
function placesOf(columns: readonly ColumnWay[], count: number): number[] {
  let number = 0;
  let level = 2 * count;
  return columns.flatMap(({ numbers, missing, levels }) => {
    const places = [...numbers.keys()].map((k) => number + k);
    if (missing) places.push(count + number);
    for (let k = 0; k < (levels?.width ?? 0); k++) places.push(level++);
    number += numbers.length;
    return places;
  });
}

/** float64 [rows, n] twice: numbers, with medians for those that are missing, and 1 for each of these. */
function numbersAndGaps(tools: Tools, columns: readonly NumberPort[]): [string, string] {
  const { emitter } = tools;
  const alike = new Set(columns.map(({ port }) => port.type)).size === 1;
  const own = columns.map(({ port }) => (alike ? port.own : emitter.cast(port.own, "float64")));
  const values = alike ? emitter.cast(joined(tools, own), "float64") : joined(tools, own);
  const gaps = emitter.node("IsNaN", [values]);
  const medians = columns.map(({ median }) => median);
  const filled = [gaps, emitter.constant(medians, [1, medians.length], "float64"), values];
  return [emitter.node("Where", filled), emitter.cast(gaps, "float64")];
}

const joined = ({ emitter }: Tools, names: readonly string[]): string =>
  names.length === 1 ? (names[0] as string) : emitter.node("Concat", names, { axis: 1 });

function wayOf(tools: Tools, column: ColumnEncoding, own: string): ColumnWay {
  if (column.kind === "category") return levelsOf(tools, column, own);
  const numbers = column.kind === "date" ? dateParts(tools, column, own) : [numberOf(tools, column, own)];
  return { ports: numbers.map(({ port }) => port), numbers, missing: column.missing };
}

function numberOf(
  { rows }: Tools,
  { name, wide, median, notation }: NumberEncoding,
  own: string,
): NumberPort {
  const type = wide ? "float64" : "float32";
  const named = notation.unit === undefined ? "" : ` in ${notation.unit}`;
  const unit = notation.clock ? " in hours" : notation.percent ? " as hundredths" : named;
  const holds = `the numbers of column ${JSON.stringify(name)}${unit}; NaN where missing`;
  return { port: { own, name, type, shape: [rows, 1], holds }, median };
}

const partsHold = {
  year: "the year",
  month: "the month, 1 to 12",
  weekday: "the day of the week, 0 for Monday,",
  hour: "the hour, with minutes as a fraction,",
  elapsed: "the days since 1970 began (UTC), less",
} as const;

/** ONNX cannot read dates: whoever asks the model computes their parts. */
function dateParts(
  { rows }: Tools,
  { name, parts, medians, origin }: DateEncoding,
  own: string,
): NumberPort[] {
  return parts.map((part, k) => {
    const since = part === "elapsed" ? ` ${origin / 86400e3},` : "";
    const what = `${partsHold[part]}${since}`;
    const holds = `${what} of the dates of column ${JSON.stringify(name)}; NaN where missing`;
    const port = { own: `${own}.${k}`, name: `${name}.${part}`, type: "float32" as const, holds };
    return { port: { ...port, shape: [rows, 1] }, median: medians[k] as number };
  });
}

/** 1 for the level that a text is; then for other text and for missing values, where these have a level. */
function levelsOf({ emitter, text, rows }: Tools, column: CategoryEncoding, own: string): ColumnWay {
  const { name, levels, other, missing } = column;
  const is = (texts: readonly string[]) =>
    emitter.cast(emitter.node("Equal", [own, text(texts, [1, texts.length])]), "float64");
  const spelt = spellingsOf(levels).map(is);
  const known = spelt.length === 1 ? (spelt[0] as string) : emitter.node("Max", spelt);
  const any = (flags: string) => emitter.node("ReduceSum", [flags, emitter.ints(1)], { keepdims: 1 });
  const marks = missingSpellings().filter((mark) => !levels.includes(mark));
  const gap = other || missing ? any(is(marks)) : undefined;
  const one = () => emitter.scalar(1, "float64");
  const elsewhere =
    other && gap !== undefined
      ? emitter.node("Sub", [emitter.node("Sub", [one(), any(known)]), gap])
      : undefined;
  const all = [known, ...(elsewhere === undefined ? [] : [elsewhere]), ...(missing && gap ? [gap] : [])];
  const width = levels.length + Number(other) + Number(missing);
  const holds = `the text of column ${JSON.stringify(name)}, without blanks at its ends; "" where missing`;
  return {
    ports: [{ own, name, type: "string", shape: [rows, 1], holds }],
    ...{ numbers: [], missing: false },
    levels: { name: all.length === 1 ? known : emitter.node("Concat", all, { axis: 1 }), width },
  };
}
