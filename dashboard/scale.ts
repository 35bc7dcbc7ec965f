/** How values are spread along an axis. */
export interface Scale {
  readonly kind: "linear" | "log" | "both signs";
  /** Where a value lies, in units of the scale's own. */
  by(value: number): number;
  /** The value that lies there. */
  back(place: number): number;
}

/** Equal steps are equal differences. @param most the greatest size of a value: differences of some near the greatest number are no numbers */
export function linearScale(most: number): Scale {
  const unit = most > 1e300 ? 1e10 : 1;
  return { kind: "linear", by: (value) => value / unit, back: (place) => place * unit };
}

/** Equal steps are equal ratios, of values above 0. */
export const logScale: Scale = { kind: "log", by: Math.log10, back: (place) => 10 ** place };

/**
 * Equal steps are equal ratios to both sides of 0, and differences near it: asinh(value / 2 unit) in powers of ten, which far from 0 is
 * ± log10(|value| / unit).
 */
export function signedScale(unit: number): Scale {
  const decades = Math.log10(unit);
  return {
    kind: "both signs",
    by(value) {
      const size = Math.abs(value);
      return Math.sign(value) * (size > FAR * unit ? Math.log10(size) - decades : asinh10(size / unit));
    },
    back(place) {
      const size = Math.abs(place);
      return Math.sign(place) * (size > Math.log10(FAR) ? 10 ** (size + decades) : unit * sinh10(size));
    },
  };
}

/** How many units are so far from 0 that the scale is the logarithm to the last digit. */
const FAR = 1e9;

const asinh10 = (value: number): number => Math.asinh(value / 2) / Math.LN10;
const sinh10 = (place: number): number => 2 * Math.sinh(place * Math.LN10);
