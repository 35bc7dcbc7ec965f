/** What the page shows: by the part of its address behind #. */
export type Place =
  | { readonly kind: "overview" }
  | { readonly kind: "study"; readonly study: string }
  | { readonly kind: "trial"; readonly study: string; readonly trial: number }
  | { readonly kind: "run"; readonly run: string }
  | { readonly kind: "compare"; readonly studies: readonly string[]; readonly runs: readonly string[] };

/** The place that an address names. */
export function placeOf(hash: string): Place {
  const parts = hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  const [, kind, name = "", sub, number] = parts;
  if (kind === "compare") {
    const of = (prefix: string) =>
      parts.slice(2).flatMap((part) => (part.startsWith(prefix) ? [part.slice(prefix.length)] : []));
    return { kind: "compare", studies: of(STUDY), runs: of(RUN) };
  }
  if (kind === "study" && sub === "trial") return { kind: "trial", study: name, trial: Number(number) };
  if (kind === "study") return { kind: "study", study: name };
  if (kind === "run") return { kind: "run", run: name };
  return { kind: "overview" };
}

/** Goes to a place of this page. */
export const go = (path: string): void => void (location.hash = path);

const [STUDY, RUN] = ["study:", "run:"];

/** The address where studies and runs are compared. */
export const comparison = (studies: readonly string[], runs: readonly string[]): string =>
  ["#/compare", ...studies.map((name) => STUDY + name), ...runs.map((name) => RUN + name)]
    .map((part, i) => (i === 0 ? part : encodeURIComponent(part)))
    .join("/");
