/**
 * The number that a text writes as people write numbers, blanks around it left aside; NaN for any other text: an empty one, `0x10`, `1_000`
 * and `Infinity` among them, which JavaScript takes or half takes.
 *
 * ```ts
 * decimalOf(" -1.5e-3 "); // -0.0015
 * ```
 */
export function decimalOf(text: string): number {
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}
