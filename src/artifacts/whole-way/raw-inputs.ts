import { featuresOf, type CategoryEncoding, type ColumnEncoding } from "../../data/table-encoding.ts";
import type { HostArray } from "../../util/host-array.ts";
import type { WayFacts } from "./ports.ts";

/** The values of an input of `model.onnx`: [rows], or all pixels of [rows, ...] images. */
export type RawInput = readonly number[] | readonly string[];

/**
 * Rows that the whole way makes these inputs of a network from, in the order of its ports: the other way round as training encoded them.
 *
 * What two values are encoded alike by, such as text that is not known, comes back as one of them.
 *
 * @param x [rows, ...inputShape]
 */
export function rawInputs({ encoding, images }: WayFacts, x: Pick<HostArray, "data" | "shape">): RawInput[] {
  if (!encoding || images) {
    const { mean, sd } = images?.scale ?? { mean: 0, sd: 1 };
    return [Array.from(x.data, (value) => value * sd + mean)];
  }
  const features = featuresOf(encoding);
  const rows = x.shape[0] as number;
  const raw = features.map(({ mean, sd }, j): Feature => {
    const value = (_: unknown, i: number) => (x.data[i * features.length + j] as number) * sd + mean;
    return { constant: sd === 0, values: Array.from({ length: rows }, value) };
  });
  let end = 0;
  return encoding.columns.flatMap((column) =>
    inputsOf(column, raw.slice(end, (end += column.features.length))),
  );
}

/** A feature before it was standardised: [rows]. */
interface Feature {
  /** Whether it is the same in all rows, whatever their values. */
  readonly constant: boolean;
  readonly values: readonly number[];
}

const isOne = ({ constant, values }: Feature, row: number): boolean =>
  !constant && (values[row] as number) > 0.5;

/** The inputs of one column from its features. */
function inputsOf(column: ColumnEncoding, features: readonly Feature[]): RawInput[] {
  if (column.kind === "category") return [textsOf(column, features)];
  const parts = column.missing ? features.slice(0, -1) : features;
  const gaps = column.missing ? features.at(-1) : undefined;
  return parts.map(({ values }) => values.map((value, i) => (gaps && isOne(gaps, i) ? NaN : value)));
}

function textsOf({ levels, other, missing }: CategoryEncoding, features: readonly Feature[]): string[] {
  const unknown = UNKNOWN.padEnd(1 + Math.max(...levels.map(({ length }) => length)), "?");
  const texts = [...levels, ...(other ? [unknown] : []), ...(missing ? [""] : [])];
  const nowhere = texts[features.findIndex(({ constant }) => constant)] ?? (missing ? unknown : "");
  return (features[0] as Feature).values.map(
    (_, i) => texts[features.findIndex((feature) => isOne(feature, i))] ?? nowhere,
  );
}

/** Text that, made longer than all levels, is none of them. */
const UNKNOWN = "another";
