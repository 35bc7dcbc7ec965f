const marks = new Set(["", "na", "n/a", "#n/a", "n.a.", "nan", "null", "?", "-", "--"]);

/** Whether a cell says that its value is not known: empty, `NA`, `N/A`, `null`, `NaN`, `?` or `-`, in any case. */
export const isMissing = (cell: string): boolean => cell.length <= 4 && marks.has(cell.toLowerCase());

/** Everything that {@link isMissing} holds for, all cases written out. */
export const missingSpellings = (): string[] => [...marks].flatMap(casesOf);

const casesOf = (text: string): string[] =>
  [...text].reduce<string[]>(
    (begun, letter) =>
      [...new Set([letter, letter.toUpperCase()])].flatMap((either) => begun.map((start) => start + either)),
    [""],
  );

/** The cells of a column with null for missing ones; `-` is a value beside `+`, as in a column of two signs. */
export function withoutMissing(cells: readonly string[]): (string | null)[] {
  const signs = cells.includes("+");
  return cells.map((cell) => (isMissing(cell) && !(signs && cell === "-") ? null : cell));
}
