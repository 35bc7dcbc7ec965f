import { distance } from "fastest-levenshtein";

/** `; did you mean "x"?` with the nearest of the known names, in whatever case, or nothing where none is near. */
export function nearest(name: string, known: readonly string[]): string {
  const scored = known.map((candidate) => ({ candidate, changes: changesTo(name, candidate) }));
  const [best] = scored.filter((one) => isNear(name, one)).sort((a, b) => a.changes - b.changes);
  const found = best?.candidate ?? begunBy(name, known);
  return found === undefined ? "" : `; did you mean "${found}"?`;
}

interface Candidate {
  readonly candidate: string;
  readonly changes: number;
}

/** One change in a short name, two or a third in a longer one; of the shorter of the two a letter must be left. */
function isNear(name: string, { candidate, changes }: Candidate): boolean {
  const [short, long] = [name.length, candidate.length].sort((a, b) => a - b) as [number, number];
  return changes < short && changes <= Math.max(long > 4 ? 2 : 1, long / 3);
}

/** How many letters differ; two neighbours that changed places count once. */
function changesTo(name: string, candidate: string): number {
  const [a, b] = [name.toLowerCase(), candidate.toLowerCase()];
  const at = Array.from(a).findIndex((letter, i) => letter !== b[i]);
  const swapped = a.slice(0, at) + (a[at + 1] ?? "") + (a[at] ?? "") + a.slice(at + 2);
  return at >= 0 && swapped === b ? 1 : distance(a, b);
}

/** The shortest name that this one is the beginning of, or of which it is the beginning of a later word. */
function begunBy(name: string, known: readonly string[]): string | undefined {
  const part = name.toLowerCase();
  if (part.length < 2) return undefined;
  const shortest = (fits: (name: string) => boolean) =>
    known.filter((one) => fits(one.toLowerCase())).sort((a, b) => a.length - b.length)[0];
  return shortest((one) => one.startsWith(part)) ?? shortest((one) => one.includes(`-${part}`));
}
