import { linearScale, logScale, signedScale, type Scale } from "./scale.ts";

/** A range of values on a length of pixels. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly scale: Scale;
  /** Where a value lies, from 0 to 1; values beyond an end lie on it. */
  place(value: number): number;
  /** The value at a place. */
  at(place: number): number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** Values, or those of some rows. */
export interface Extent {
  readonly values: ArrayLike<number>;
  readonly rows?: Uint32Array | undefined;
}

/**
 * An axis over some values. Where `log` is said it is on a log scale if all are positive, and on one to both sides of 0 if some are not but
 * most sizes differ from the greatest by more than a hundred times. Where `whole` is said, as of epochs, ticks are whole numbers if two of these lie on it.
 */
export function axisOver(
  extents: readonly Extent[],
  { log = false, clip = false, whole = false, count = 5 }: AxisStyle = {},
): Axis {
  const ranges = extents.map(rangeOf);
  const low = ranges.reduce((least, range) => Math.min(least, range[0]), Infinity);
  let high = ranges.reduce((most, range) => Math.max(most, range[1]), -Infinity);
  if (clip && high > low) high = Math.min(high, clipped(sampleOf(extents), low));
  if (!log || low > 0 || !(low <= high)) return axis(low, high, log, count, whole);
  const sizes = sampleOf(extents)
    .map(Math.abs)
    .filter((size) => size > 0)
    .sort();
  const unit = sizes[Math.floor(sizes.length * 0.1)] ?? 1;
  const isWide = Math.max(-low, high) > 100 * unit;
  return isWide
    ? axisBy([low, high], signedScale(unit), (ends) => signedTicks(ends, unit, count))
    : axis(low, high, false, count);
}

interface AxisStyle {
  readonly log?: boolean;
  readonly clip?: boolean;
  readonly whole?: boolean;
  readonly count?: number;
}

/** The least and the greatest finite value. */
function rangeOf({ values, rows }: Extent): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  const length = rows?.length ?? values.length;
  for (let k = 0; k < length; k++) {
    const value = values[rows ? (rows[k] as number) : k] as number;
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return [low, high];
}

/** An axis between two values. */
export function axis(low: number, high: number, log = false, count = 5, whole = false): Axis {
  if (!(low <= high)) [low, high] = [0, 1];
  return log && low > 0
    ? axisBy([low, high], logScale, (_, places) => logTicks(places, count))
    : axisBy([low, high], linearScale(Math.max(-low, high)), (ends) => linearTicks(ends, count, whole));
}

/** An axis of places in a list of names, of which as many are written as there is room for. */
export function namedAxis(names: readonly string[]): Axis {
  const stride = Math.ceil(names.length / 8);
  const ticks = names.flatMap((text, value) =>
    value % stride === 0 ? [{ value, text: text.length > 10 ? `${text.slice(0, 9)}…` : text }] : [],
  );
  return { ...axis(0, Math.max(1, names.length - 1)), ticks };
}

type Ends = readonly [from: number, to: number];

/** @param ticksOf values between two ends, which are told as values and by their places on the scale */
function axisBy(range: Ends, scale: Scale, ticksOf: (ends: Ends, places: Ends) => readonly number[]): Axis {
  let [from, to] = [scale.by(range[0]), scale.by(range[1])];
  const margin = to > from ? (to - from) * 0.04 : Math.abs(from) * 0.1 || 0.5;
  [from, to] = [from - margin, to + margin];
  const at = (place: number): number => number(scale.back(from + place * (to - from)));
  const [low, high] = [at(0), at(1)];
  return {
    ...{ low, high, scale, at },
    place: (value) => Math.min(1, Math.max(0, (scale.by(value) - from) / (to - from))),
    ticks: ticksOf([low, high], [from, to]).map((value) => ({ value, text: tickText(value) })),
  };
}

/** What a value is, or the last number before: the margins may lead beyond all of them. */
const number = (value: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));

/** How many values tell how most of them are. */
const SAMPLE = 10_000;

/** Finite ones of the values, at equal distances. */
function sampleOf(extents: readonly Extent[]): Float64Array {
  const count = extents.reduce((sum, { values, rows }) => sum + (rows ?? values).length, 0);
  const stride = Math.max(1, Math.ceil(count / SAMPLE));
  return Float64Array.from(
    extents
      .flatMap(({ values, rows }) =>
        Array.from({ length: Math.ceil((rows ?? values).length / stride) }, (_, i) =>
          rows ? (values[rows[i * stride] as number] as number) : (values[i * stride] as number),
        ),
      )
      .filter(Number.isFinite),
  );
}

/** Where most of the values end, with room: a few that are far off do not flatten the others. */
function clipped(sample: Float64Array, low: number): number {
  if (sample.length < 10) return Infinity;
  const most = sample.sort()[Math.floor(sample.length * 0.9)] as number;
  return low + 3 * (most - low) || Infinity;
}

function linearTicks([from, to]: Ends, count: number, whole = false): number[] {
  const rough = to / count - from / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const finest = ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10) * unit;
  const step = whole && Math.floor(to) > Math.ceil(from) ? Math.max(1, finest) : finest;
  const first = Math.ceil(from / step);
  if (Math.floor(to / step) <= first && count < 5) return linearTicks([from, to], count + 1, whole); // one says little
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

function logTicks([from, to]: Ends, count: number): number[] {
  const decades = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, i) => Math.ceil(from) + i);
  if (decades.length >= 2) {
    const stride = Math.ceil(decades.length / count);
    return decades.filter((_, i) => i % stride === 0).map((power) => 10 ** power);
  }
  const digits = to - from > 0.7 ? [1, 2, 5] : to - from > 0.3 ? [1, 2, 3, 4, 5, 6, 8] : undefined;
  if (!digits) return linearTicks([10 ** from, 10 ** to], count).filter((value) => value > 0);
  return [Math.floor(from), Math.floor(from) + 1]
    .flatMap((power) => digits.map((digit) => digit * 10 ** power))
    .filter((value) => Math.log10(value) >= from && Math.log10(value) <= to);
}

/** Powers of ten from the unit on, to both sides of 0. */
function signedTicks([from, to]: Ends, unit: number, count: number): number[] {
  const top = Math.floor(Math.log10(Math.max(-from, to)));
  const bottom = Math.ceil(Math.log10(unit));
  const sides = from < 0 && to > 0 ? 2 : 1;
  const stride = Math.max(1, Math.ceil((sides * (top - bottom + 1)) / count));
  const sizes = Array.from(
    { length: Math.floor((top - bottom) / stride) + 1 },
    (_, i) => 10 ** (top - i * stride),
  );
  return [...sizes.map((size) => -size), 0, ...sizes.reverse()].filter(
    (value) => value >= from && value <= to,
  );
}

function tickText(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const short = Number(value.toPrecision(6));
  return size >= 1e6 || size < 1e-3 ? short.toExponential().replace("e+", "e") : String(short);
}
