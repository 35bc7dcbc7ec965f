import type { PaperClaim } from "../reproduction.ts";

/** The claim that a number came out as expected, up to a tolerance. */
export const close = (what: string, measured: number, expected: number, tolerance: number): PaperClaim => ({
  what,
  expected: `${expected.toFixed(4)} ± ${tolerance}`,
  measured: measured.toFixed(4),
  holds: Math.abs(measured - expected) <= tolerance,
});
