import { scaleOfColumn } from "./standardize.ts";
import { plainNotation } from "./notation.ts";
import { numbersOf } from "./column-values.ts";
import type { ColumnEncoding, TableEncoding } from "./table-encoding.ts";
import type { Table } from "./table.ts";

/** Fewer columns than these are no image, whatever they are called. */
const LEAST_PIXELS = 16;

/**
 * The sides `[height, width]` of grey images whose pixels are the columns of a table, row after row, by the names that such tables have:
 * `pixel0`, `pixel1`, … (as many as a square has), `pixel_0_0`, … or `1x1`, `1x2`, …. Undefined for any other columns.
 */
export function imageSides(columns: readonly ColumnEncoding[]): readonly [number, number] | undefined {
  if (columns.length < LEAST_PIXELS || columns.some(({ kind }) => kind !== "number")) return undefined;
  const names = columns.map(({ name }) => name);
  return sidesOfRow(names) ?? sidesOfGrid(names);
}

function sidesOfRow(names: readonly string[]): readonly [number, number] | undefined {
  const places = names
    .map((name) => /^(?:pix|pixel|px)[\s_.-]?(\d+)$/i.exec(name))
    .map((match) => Number(match?.[1]));
  const [first] = places;
  if (!(first === 0 || first === 1) || places.some((place, i) => place !== first + i)) return undefined;
  const side = Math.sqrt(names.length);
  return Number.isInteger(side) ? [side, side] : undefined;
}

function sidesOfGrid(names: readonly string[]): readonly [number, number] | undefined {
  const places = names.map((name) => /^(?:(?:pix|pixel|px)[\s_.-]?)?(\d+)[x_](\d+)$/i.exec(name));
  const rows = places.map((match) => Number(match?.[1]));
  const columns = places.map((match) => Number(match?.[2]));
  const first = rows[0];
  if (!(first === 0 || first === 1)) return undefined;
  const width = (columns.at(-1) as number) - first + 1;
  const inOrder = names.every(
    (_, i) => rows[i] === first + Math.floor(i / width) && columns[i] === first + (i % width),
  );
  return inOrder && names.length % width === 0 ? [names.length / width, width] : undefined;
}

/**
 * What a white pixel is where a black one is 0, by the largest number of the training rows: the least of 1, 15, 16, 255 and 65,535 that is no
 * smaller, else that number itself. Undefined where a number is below 0, so that nothing tells what is black.
 */
export function whiteOf(encoding: TableEncoding, train: Table): number | undefined {
  const [low, high] = rangeOf(pixelsOf(encoding, train));
  return low < 0 || high === 0 ? undefined : leastWhite(high);
}

/**
 * What is odd about the tones of new rows of pixels, in a sentence: some are below black, or all lie on a usual scale that ends at half of theirs or
 * below. Rows that are far too light lie many deviations off, as other numbers do.
 *
 * @param white of the training rows, whose black is 0
 */
export function toneRemark(white: number, encoding: TableEncoding, table: Table): string | undefined {
  const pixels = pixelsOf(encoding, table);
  const [low] = rangeOf(pixels);
  if (low < 0)
    return `pixels of ${table.name} go down to ${low}, ${trainedTo(white)}; bring them to that scale`;
  return darkRemark(white, pixels, ` of ${table.name}`);
}

/**
 * That all of some pixels from 0 for black on lie on a usual scale that ends at half of the training rows' or below, in a sentence.
 *
 * @param where they are, for the sentence
 */
export function darkRemark(white: number, pixels: ArrayLike<number>, where = ""): string | undefined {
  const [, high] = rangeOf(pixels);
  const least = leastWhite(high);
  if (high === 0 || 2 * least > white) return undefined;
  const factor = Number((white / least).toPrecision(6));
  return `no pixel${where} is above ${high}, ${trainedTo(white)}; if ${least} is white in them, multiply them by ${factor}`;
}

const trainedTo = (white: number): string =>
  `where those of the training part go from 0 for black to ${white} for white`;

/** The least and the largest of some numbers, and 0. A missing one is neither. */
function rangeOf(values: ArrayLike<number>): readonly [low: number, high: number] {
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const leastWhite = (high: number): number => USUAL_WHITES.find((white) => white >= high) ?? high;

const USUAL_WHITES = [1, 15, 16, 255, 65_535];

/**
 * The same encoding with all numbers at one mean and deviation, those of all of them in the training rows: what images need, whose
 * pixels at the edge hardly vary.
 */
export function withOneScale(encoding: TableEncoding, train: Table): TableEncoding {
  const { columns } = encoding;
  const { mean, sd } = scaleOfColumn(pixelsOf(encoding, train));
  return {
    ...encoding,
    columns: columns.map((column) => ({
      ...column,
      features: column.features.map(({ name }) => ({ name, mean, sd })),
    })),
  };
}

/** The numbers of all columns in some rows: [rows, columns]. */
function pixelsOf({ columns }: TableEncoding, table: Table): Float64Array {
  const values = new Float64Array(table.rows * columns.length);
  const places = new Map(table.columns.map(({ name }, place) => [name, place]));
  columns.forEach((column, j) => {
    const place = places.get(column.name) as number;
    const numbers = numbersOf(table, place, column.kind === "number" ? column.notation : plainNotation);
    for (let i = 0; i < table.rows; i++) values[i * columns.length + j] = numbers[i] as number;
  });
  return values;
}
