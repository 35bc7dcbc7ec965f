import { inputError, workError } from "../util/error.ts";

/**
 * Exact arithmetic on fixed-point numbers: whole multiples of 2^-32, held as whole numbers in float64.
 *
 * | symbol | meaning | here |
 * |---|---|---|
 * | x      | a number in units of 2^-32, \|x\| < 2^52 | `values` |
 * | n / d  | a factor below 1, in lowest terms | `Ratio` |
 * | b      | what multiplying by it lost so far, one whole number per number | `limbs` |
 * | B      | b < B after a known number of multiplications | `bound` |
 *
 * Multiplying x by n/d loses log2(d/n) bits of it. They go into b (Maclaurin, Duvenaud and Adams 2015, algorithm 3):
 *
 *     b = b d + (x mod d),   x = floor(x / d),   x = x n + (b mod n),   b = floor(b / n),
 *
 * each of which has an inverse. b grows by the factor d/n and is set aside before it would need more than 31 bits: a new
 * limb begins. B, and so the step at which that happens, depends on the ratios alone.
 */
export interface LostBits {
  /** One whole number per number each, below 2^31; the last is the one in use. */
  readonly limbs: readonly Int32Array[];
  /** B of the limb in use before each multiplication; 1 where it was new. */
  readonly history: readonly number[];
  /** B now. */
  readonly bound: number;
}

/** A fraction n/d between 0 and 1 in lowest terms, d at most 2^16. */
export interface Ratio {
  readonly n: number;
  readonly d: number;
}

/** Nothing lost yet. */
export const nothingLost: LostBits = { limbs: [], history: [], bound: Infinity };

/** The bits of a limb. */
export const LIMB_BITS = 31;

const UNIT = 2 ** 32;
const RANGE = 2 ** 52;
const HALF = 2 ** 26;
const LIMB = 2 ** LIMB_BITS;
const LARGEST_DENOMINATOR = 2 ** 16;

/** A number to the nearest multiple of 2^-32, as a whole number; whether it is within the range is not checked. */
export const fixedPoint = (value: number): number => Math.round(value * UNIT);

/**
 * To the nearest multiple of 2^-32, as a whole number.
 *
 * @throws {HypertrainError} beyond ±2^20.
 */
export function toFixedPoint(values: ArrayLike<number>): Float64Array {
  const fixed = new Float64Array(values.length);
  for (let i = 0; i < fixed.length; i++) fixed[i] = fixedPoint(values[i] as number);
  demandRange(fixed);
  return fixed;
}

/** The numbers themselves; exact in float64. */
export function fromFixedPoint(fixed: Float64Array): Float64Array {
  const values = new Float64Array(fixed.length);
  for (let i = 0; i < values.length; i++) values[i] = (fixed[i] as number) / UNIT;
  return values;
}

/** Numbers below 2^52 as pairs of 32-bit integers, which engines keep: all upper halves, then all lower ones of 26 bits. */
export function splitHalves(fixed: Float64Array): Int32Array {
  const halves = new Int32Array(2 * fixed.length);
  for (let i = 0; i < fixed.length; i++) {
    const upper = Math.floor((fixed[i] as number) / HALF);
    halves[i] = upper;
    halves[fixed.length + i] = (fixed[i] as number) - upper * HALF;
  }
  return halves;
}

/** The inverse of {@link splitHalves}. */
export function joinedHalves(halves: Int32Array): Float64Array {
  const fixed = new Float64Array(halves.length / 2);
  for (let i = 0; i < fixed.length; i++)
    fixed[i] = (halves[i] as number) * HALF + (halves[fixed.length + i] as number);
  return fixed;
}

/**
 * Demands numbers within ±2^20, where the arithmetic is exact.
 *
 * @throws {HypertrainError} where one has left the range, as those of a diverging training do.
 */
export function demandRange(fixed: Float64Array): void {
  for (let i = 0; i < fixed.length; i++) {
    const value = fixed[i] as number;
    if (Math.abs(value) < RANGE) continue;
    throw workError(
      `weights and momenta of reversible learning must stay within ${RANGE / UNIT}, but one became ${value / UNIT}; start again with a lower learning rate`,
    );
  }
}

/**
 * The fraction nearest to a factor with a denominator of at most 2^16, by its continued fraction.
 *
 * @throws {HypertrainError} unless it lies strictly between 0 and 1: 0 would lose everything.
 */
export function ratioOf(factor: number): Ratio {
  if (!(factor > 0 && factor < 1)) {
    throw inputError(
      `the momentum of reversible learning must be strictly between 0 and 1, but got ${factor}; without momentum nothing is left to reverse`,
    );
  }
  const inside = Math.min(Math.max(factor, 1 / LARGEST_DENOMINATOR), 1 - 1 / LARGEST_DENOMINATOR);
  let [n, d, lastN, lastD] = [1, 0, 0, 1];
  for (let rest = inside; Math.abs(n / d - inside) > 1e-12; rest = 1 / (rest - Math.floor(rest))) {
    const whole = Math.floor(rest);
    const [nextN, nextD] = [whole * n + lastN, whole * d + lastD];
    if (!(nextD <= LARGEST_DENOMINATOR)) break;
    [n, d, lastN, lastD] = [nextN, nextD, n, d];
  }
  return { n, d };
}

/** x n/d, and what that lost beside what was lost before. */
export function multiplied(
  values: Float64Array,
  lost: LostBits,
  ratio: Ratio,
): [values: Float64Array, lost: LostBits] {
  const full = !(boundAfter(lost.bound, ratio) <= LIMB);
  const bound = full ? 1 : lost.bound;
  const limb = full ? new Int32Array(values.length) : Int32Array.from(lost.limbs.at(-1) as Int32Array);
  const product = exchanged(values, limb, ratio.d, ratio.n);
  return [
    product,
    {
      limbs: [...(full ? lost.limbs : lost.limbs.slice(0, -1)), limb],
      history: [...lost.history, bound],
      bound: boundAfter(bound, ratio),
    },
  ];
}

/** The inverse of {@link multiplied}, for the last multiplication that was not undone. */
export function divided(
  values: Float64Array,
  { limbs, history }: LostBits,
  { n, d }: Ratio,
): [values: Float64Array, lost: LostBits] {
  const bound = history.at(-1) as number;
  const limb = Int32Array.from(limbs.at(-1) as Int32Array);
  const quotient = exchanged(values, limb, n, d);
  const before = limbs.slice(0, -1);
  return [
    quotient,
    bound === 1
      ? { limbs: before, history: history.slice(0, -1), bound: Infinity }
      : { limbs: [...before, limb], history: history.slice(0, -1), bound },
  ];
}

/** x to/from, what is lost of each number going into its place in the limb, which changes, and what is gained coming from there. */
function exchanged(values: Float64Array, limb: Int32Array, from: number, to: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const x = values[i] as number;
    const quotient = floorQuotient(x, from);
    const pushed = (limb[i] as number) * from + (x - quotient * from);
    const kept = floorQuotient(pushed, to);
    limb[i] = kept;
    result[i] = quotient * to + (pushed - kept * to);
  }
  return result;
}

/** What is known of the lost bits after multiplications by these ratios, without the bits. */
export function boundsAfter(
  ratios: readonly Ratio[],
): Pick<LostBits, "history" | "bound"> & { limbs: number } {
  const history: number[] = [];
  let bound = Infinity;
  for (const ratio of ratios) {
    if (!(boundAfter(bound, ratio) <= LIMB)) bound = 1;
    history.push(bound);
    bound = boundAfter(bound, ratio);
  }
  return { history, bound, limbs: history.filter((value) => value === 1).length };
}

/** b <= ((B - 1) d + d - 1) / n after a multiplication where b < B. */
const boundAfter = (bound: number, { n, d }: Ratio): number => Math.floor((bound * d - 1) / n) + 1;

/** floor(x / d), exactly: the division rounds, by one at most where x is a whole number below 2^52. */
function floorQuotient(x: number, d: number): number {
  const quotient = Math.floor(x / d);
  const remainder = x - quotient * d;
  return remainder < 0 ? quotient - 1 : remainder >= d ? quotient + 1 : quotient;
}
