/**
 * A number for people, as it can be typed: so many significant digits but for zeros at their end, from 1,000 on whole, and a power of ten where it is tiny, or from 10⁹ on.
 */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return "–"; // a NaN comes out of JSON as null
  if (isWhole(value)) return value.toFixed(0);
  const rounded = Number(value.toPrecision(digits)); // which would write 100 with two digits as 1.0e+2
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= FULL)
    ? rounded.toExponential()
    : String(rounded);
}

/** From here on numbers are powers of ten. */
export const FULL = 1e9;

/** Whether a number is so large that it is told without decimals, and not as a power of ten. */
export const isWhole = (value: number): boolean => Math.abs(value) >= 1000 && Math.abs(value) < FULL;
