/** Rows of fields as CSV (RFC 4180), a line each; an object is told as JSON. */
export const csvText = (rows: readonly (readonly unknown[])[]): string =>
  rows.map((row) => `${row.map(quoted).join(",")}\n`).join("");

function quoted(field: unknown): string {
  const text = typeof field === "object" ? JSON.stringify(field) : String(field);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
