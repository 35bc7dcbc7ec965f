import { missingSpellings } from "../../data/missing.ts";
import { spellingsOf } from "../../data/spelling.ts";
import {
  featuresOf,
  type CategoryEncoding,
  type ColumnEncoding,
  type DateEncoding,
  type TableEncoding,
} from "../../data/table-encoding.ts";
import type { Inputs, Port, Tools } from "./ports.ts";

/** Where the features of a column lie among all that are computed, and what they are computed from. */
interface Block {
  readonly ports: readonly Port[];
  /** float64 [rows, n] */
  readonly name: string;
  /** The column's features, in their order, among the n. */
  readonly places: readonly number[];
  readonly width: number;
}

/** From the columns of a table to standardised features. */
export function tableInputs(tools: Tools, encoding: TableEncoding): Inputs {
  const { emitter } = tools;
  const features = featuresOf(encoding);
  const blocks = encoding.columns.map((column, j) => blockOf(tools, column, `way.in${j}`));
  let end = 0;
  const order = blocks.flatMap(({ places, width }) => {
    end += width;
    return places.map((place) => end - width + place);
  });
  const row = (numbers: readonly number[]) => emitter.constant(numbers, [1, numbers.length], "float64");
  const all = emitter.node(
    "Concat",
    blocks.map(({ name }) => name),
    { axis: 1 },
  );
  const raw = emitter.node("Gather", [all, emitter.ints(...order)], { axis: 1 });
  const centred = emitter.node("Sub", [raw, row(features.map(({ mean }) => mean))]);
  const deviations = features.map(({ sd }) => (sd === 0 ? Infinity : sd)); // constant features are 0
  return { ports: blocks.flatMap(({ ports }) => ports), x: emitter.node("Div", [centred, row(deviations)]) };
}

function blockOf(tools: Tools, column: ColumnEncoding, own: string): Block {
  const { name } = column;
  if (column.kind === "category") return levels(tools, column, own);
  if (column.kind === "date") return dateParts(tools, column, own);
  const { wide, median, missing, notation } = column;
  const type = wide ? "float64" : "float32";
  const named = notation.unit === undefined ? "" : ` in ${notation.unit}`;
  const unit = notation.clock ? " in hours" : notation.percent ? " as hundredths" : named;
  const holds = `the numbers of column ${JSON.stringify(name)}${unit}; NaN where missing`;
  const port = { own, name, type, shape: [tools.rows, 1], holds } as const;
  return { ...numbers(tools, [{ port, median }]), ...(missing ? { places: [0, 1] } : { places: [0] }) };
}

/** Numbers, then 1 for each that is missing. */
function numbers(
  { emitter }: Tools,
  columns: readonly { readonly port: Port; readonly median: number }[],
): Block {
  const joined = columns.map(({ port }) => emitter.cast(port.own, "float64"));
  const values = joined.length === 1 ? (joined[0] as string) : emitter.node("Concat", joined, { axis: 1 });
  const gaps = emitter.node("IsNaN", [values]);
  const medians = emitter.constant(
    columns.map(({ median }) => median),
    [1, columns.length],
    "float64",
  );
  const filled = emitter.node("Where", [gaps, medians, values]);
  return {
    ports: columns.map(({ port }) => port),
    name: emitter.node("Concat", [filled, emitter.cast(gaps, "float64")], { axis: 1 }),
    places: columns.map((_, k) => k),
    width: 2 * columns.length,
  };
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
  tools: Tools,
  { name, parts, medians, missing, origin }: DateEncoding,
  own: string,
): Block {
  const columns = parts.map((part, k) => {
    const since = part === "elapsed" ? ` ${origin / 86400e3},` : "";
    const what = `${partsHold[part]}${since}`;
    const holds = `${what} of the dates of column ${JSON.stringify(name)}; NaN where missing`;
    const port = { own: `${own}.${k}`, name: `${name}.${part}`, type: "float32" as const, holds };
    return { port: { ...port, shape: [tools.rows, 1] }, median: medians[k] as number };
  });
  const block = numbers(tools, columns);
  return { ...block, places: [...block.places, ...(missing ? [parts.length] : [])] };
}

/** 1 for the level that a text is; then for other text and for missing values, where these have a level. */
function levels({ emitter, text, rows }: Tools, column: CategoryEncoding, own: string): Block {
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
    name: all.length === 1 ? known : emitter.node("Concat", all, { axis: 1 }),
    places: Array.from({ length: width }, (_, k) => k),
    width,
  };
}
