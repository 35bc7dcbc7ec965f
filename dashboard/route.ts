/** What the page shows: by the part of its address behind #. */
export type Place =
  | { readonly kind: "overview" }
  | { readonly kind: "study"; readonly study: string }
  | { readonly kind: "trial"; readonly study: string; readonly trial: number }
  | { readonly kind: "run"; readonly run: string }
  | { readonly kind: "comparison"; readonly comparison: string }
  /** Runs and studies that somebody chose. */
  | { readonly kind: "compare"; readonly studies: readonly string[]; readonly runs: readonly string[] }
  /** An address that names none. */
  | { readonly kind: "nowhere"; readonly hash: string };

/** The place that an address names. */
export function placeOf(hash: string): Place {
  const parts = partsOf(hash);
  if (!parts) return { kind: "nowhere", hash };
  const [, kind = "", name = "", sub, number = ""] = parts;
  if (kind === "") return { kind: "overview" };
  if (kind === "compare") {
    const of = (prefix: string) =>
      parts.slice(2).flatMap((part) => (part.startsWith(prefix) ? [part.slice(prefix.length)] : []));
    return { kind: "compare", studies: of(STUDY), runs: of(RUN) };
  }
  if (kind === "study" && sub === "trial" && /^\d{1,9}$/.test(number))
    return { kind: "trial", study: name, trial: Number(number) };
  if (kind === "study" && name !== "" && sub === undefined) return { kind: "study", study: name };
  if (kind === "comparison" && name !== "") return { kind: "comparison", comparison: name };
  if (kind === "run" && name !== "") return { kind: "run", run: name };
  return { kind: "nowhere", hash };
}

/** The parts of an address; undefined where its signs are no text. */
function partsOf(hash: string): readonly string[] | undefined {
  try {
    return hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Goes to a place of this page. */
export const go = (path: string): void => void (location.hash = path);

const [STUDY, RUN] = ["study:", "run:"];

/** The address where studies and runs are compared. */
export const comparison = (studies: readonly string[], runs: readonly string[]): string =>
  ["#/compare", ...studies.map((name) => STUDY + name), ...runs.map((name) => RUN + name)]
    .map((part, i) => (i === 0 ? part : encodeURIComponent(part)))
    .join("/");
