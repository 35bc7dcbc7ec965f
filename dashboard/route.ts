/** What the page shows: by the part of its address behind #. */
export type Place =
  | { readonly kind: "overview" }
  | { readonly kind: "study"; readonly study: string }
  | { readonly kind: "trial"; readonly study: string; readonly trial: number }
  | { readonly kind: "run"; readonly run: string };

/** The place that an address names. */
export function placeOf(hash: string): Place {
  const [, kind, name = "", sub, number] = hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  if (kind === "study" && sub === "trial") return { kind: "trial", study: name, trial: Number(number) };
  if (kind === "study") return { kind: "study", study: name };
  if (kind === "run") return { kind: "run", run: name };
  return { kind: "overview" };
}

/** Goes to a place of this page. */
export const go = (path: string): void => void (location.hash = path);
