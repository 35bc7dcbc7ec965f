import { closest, distance } from "fastest-levenshtein";

/** `; did you mean "x"?` with the nearest of the known names, or nothing where none is near. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return "";
  const candidate = closest(name, known);
  const changes = distance(name, candidate);
  const all = Math.max(name.length, candidate.length); // of which one letter must be right
  const near = changes <= Math.max(2, name.length / 3) && changes < all;
  const found = near && name.length > 0 ? candidate : begunBy(name, known);
  return found === undefined ? "" : `; did you mean "${found}"?`;
}

/** The shortest name that this one is the beginning of, or of which it is the beginning of a later word. */
function begunBy(name: string, known: readonly string[]): string | undefined {
  const part = name.toLowerCase();
  if (part.length < 2) return undefined;
  const shortest = (fits: (name: string) => boolean) =>
    known.filter((one) => fits(one.toLowerCase())).sort((a, b) => a.length - b.length)[0];
  return shortest((one) => one.startsWith(part)) ?? shortest((one) => one.includes(`-${part}`));
}
