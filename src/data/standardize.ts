import { HostArray } from "../util/host-array.ts";
import { someSplits, type Dataset, type Splits } from "./dataset.ts";
import { mapParts } from "./dataset-parts.ts";
import type { Scale } from "./supervised-data.ts";
import { demandGiven } from "../util/given.ts";
import { needed, number, optionsOf, positive } from "../util/rule.ts";

/**
 * Each column of `x` [rows, columns] at mean 0 and deviation 1 over the training part; a column that is constant there is
 * centred only. The result is float32.
 *
 * @throws {HypertrainError} for what is no splits.
 */
export function standardizeColumns(splits: Splits): Splits {
  demandGiven("standardizeColumns", { splits }, { splits: someSplits });
  const scales = columnScales(splits.train);
  return mapField(splits, "x", (x) => scaled(x, scales));
}

/** What a scale must be. */
export const aScale = optionsOf<Scale>({ mean: needed(number()), sd: needed(positive) });

/**
 * `x` at mean 0 and deviation 1 with one scale for all its elements, as images need; by default that of the training part. The
 * result is float32.
 *
 * @throws {HypertrainError} for what is no splits or no scale.
 */
export function standardizePixels(splits: Splits, scale?: Scale): Splits {
  demandGiven("standardizePixels", { splits }, { splits: someSplits });
  const own = scale === undefined ? scaleOf(fieldOf(splits.train, "x").data) : scale;
  demandGiven("standardizePixels", { scale: own }, { scale: aScale });
  return mapField(splits, "x", (x) => scaled(x, [own]));
}

/** The targets `y` [rows, outputs] at mean 0 and deviation 1 over the training part, float32, and the scale that did it. @throws {HypertrainError} for what is no splits. */
export function standardizeTargets(splits: Splits): { splits: Splits; targetScale: Scale } {
  demandGiven("standardizeTargets", { splits }, { splits: someSplits });
  const targetScale = scaleOf(fieldOf(splits.train, "y").data);
  return { splits: mapField(splits, "y", (y) => scaled(y, [targetScale])), targetScale };
}

/** The mean and the population's deviation of numbers; the deviation 1 where all are equal. */
const scaleOf = (values: ArrayLike<number>): Scale => {
  const { mean, sd } = strideScale(values, 0, 1);
  return { mean, sd };
};

/** The scale of one column, and whether all its values are equal: then the deviation is given as 1. */
export interface ColumnScale extends Scale {
  readonly constant: boolean;
}

/** The mean and the population's deviation of a column. */
export const scaleOfColumn = (values: ArrayLike<number>): ColumnScale => strideScale(values, 0, 1);

function columnScales(train: Dataset): ColumnScale[] {
  const { data, shape } = fieldOf(train, "x");
  const width = shape[1] as number;
  return Array.from({ length: width }, (_, j) => strideScale(data, j, width));
}

/** Two passes, so that numbers far from 0 with a small spread (years, times) keep their digits. */
function strideScale(values: ArrayLike<number>, start: number, stride: number): ColumnScale {
  const first = values[start] as number;
  let total = 0;
  let count = 0;
  let constant = true;
  for (let i = start; i < values.length; i += stride, count++) {
    total += (values[i] as number) - first;
    if (values[i] !== first) constant = false;
  }
  if (constant) return { mean: first, sd: 1, constant };
  const mean = first + total / count;
  let squares = 0;
  for (let i = start; i < values.length; i += stride) squares += ((values[i] as number) - mean) ** 2;
  return { mean, sd: Math.sqrt(squares / count), constant };
}

/** Element i has the scale i modulo their number. */
function scaled({ data, shape }: HostArray, scales: readonly Scale[]): HostArray {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) {
    const { mean, sd } = scales[i % scales.length] as Scale;
    out[i] = ((data[i] as number) - mean) / sd;
  }
  return new HostArray(out, shape);
}

const mapField = (splits: Splits, name: string, change: (field: HostArray) => HostArray): Splits =>
  mapParts(splits, (part) => ({
    ...part,
    fields: { ...part.fields, [name]: change(fieldOf(part, name)) },
  }));

function fieldOf(part: Dataset, name: string): HostArray {
  const field = part.fields[name];
  if (!field) throw new Error(`internal: a supervised dataset must have the field "${name}"`);
  return field;
}
