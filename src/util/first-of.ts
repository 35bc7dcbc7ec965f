/** The first ten of some names in a sentence, with how many more there are; "none" for none. */
export function firstOf(names: readonly string[]): string {
  const left = names.length - MOST;
  return `${names.slice(0, MOST).join(", ") || "none"}${left > 0 ? ` … and ${left} more` : ""}`;
}

const MOST = 10;
