/** A range of values on a length of pixels. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
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

/** An axis over some values; on a log scale where `log` is said and all are positive. */
export function axisOver(
  extents: readonly Extent[],
  { log = false, clip = false, count = 5 }: { log?: boolean; clip?: boolean; count?: number } = {},
): Axis {
  const ranges = extents.map(rangeOf);
  const low = ranges.reduce((least, range) => Math.min(least, range[0]), Infinity);
  const high = ranges.reduce((most, range) => Math.max(most, range[1]), -Infinity);
  return axis(low, clip && high > low ? Math.min(high, clipped(extents, low)) : high, log, count);
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
export function axis(low: number, high: number, log = false, count = 5): Axis {
  if (!(low <= high)) [low, high] = [0, 1];
  const isLog = log && low > 0;
  const by = isLog ? Math.log10 : (value: number) => value;
  const back = isLog ? (value: number) => 10 ** value : (value: number) => value;
  let [from, to] = [by(low), by(high)];
  const margin = to > from ? (to - from) * 0.04 : Math.abs(from) * 0.1 || 0.5;
  [from, to] = [from - margin, to + margin];
  return {
    ...{ low: back(from), high: back(to), log: isLog },
    place: (value) => Math.min(1, Math.max(0, (by(value) - from) / (to - from))),
    at: (place) => back(from + place * (to - from)),
    ticks: (isLog ? logTicks(from, to, count) : linearTicks(from, to, count)).map((value) => ({
      value,
      text: tickText(value),
    })),
  };
}

/** How many values tell where most of them end. */
const SAMPLE = 10_000;

/** Where most of the values end, with room: a few that are far off do not flatten the others. */
function clipped(extents: readonly Extent[], low: number): number {
  const count = extents.reduce((sum, { values, rows }) => sum + (rows ?? values).length, 0);
  const stride = Math.max(1, Math.ceil(count / SAMPLE));
  const all = Float64Array.from(
    extents
      .flatMap(({ values, rows }) =>
        Array.from({ length: Math.ceil((rows ?? values).length / stride) }, (_, i) =>
          rows ? (values[rows[i * stride] as number] as number) : (values[i * stride] as number),
        ),
      )
      .filter(Number.isFinite),
  ).sort();
  if (all.length < 10) return Infinity;
  const most = all[Math.floor(all.length * 0.9)] as number;
  return low + 3 * (most - low) || Infinity;
}

function linearTicks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10) * unit;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

function logTicks(from: number, to: number, count: number): number[] {
  const decades = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, i) => Math.ceil(from) + i);
  if (decades.length >= 2) {
    const stride = Math.ceil(decades.length / count);
    return decades.filter((_, i) => i % stride === 0).map((power) => 10 ** power);
  }
  const digits = to - from > 0.7 ? [1, 2, 5] : to - from > 0.3 ? [1, 2, 3, 4, 5, 6, 8] : undefined;
  if (!digits) return linearTicks(10 ** from, 10 ** to, count).filter((value) => value > 0);
  return [Math.floor(from), Math.floor(from) + 1]
    .flatMap((power) => digits.map((digit) => digit * 10 ** power))
    .filter((value) => Math.log10(value) >= from && Math.log10(value) <= to);
}

function tickText(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(0).replace("e+", "e");
  return String(Number(value.toPrecision(6)));
}
