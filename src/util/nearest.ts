import { closest, distance } from "fastest-levenshtein";

/** `; did you mean "x"?` with the nearest of the known names, or nothing where none is near. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const candidate = closest(name, known);
  return distance(name, candidate) <= Math.max(2, name.length / 3) ? `; did you mean "${candidate}"?` : "";
}
