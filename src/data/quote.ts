/** Text from a file as messages show it: control characters neutralised, cut at 80 characters. */
export function cut(text: string): string {
  // Escape sequences of terminals must not get through.
  const shown = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "·");
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}

/** A cell as messages show it. */
export const quoted = (cell: string): string => (cell === "" ? "an empty field" : `"${cut(cell)}"`);

/** Up to `most` names in quotes, and how many more there are: `"a", "b" and 3 more`. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most).map((name) => `"${cut(name)}"`);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}
