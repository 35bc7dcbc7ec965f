/** What spreadsheets write where a formula failed. */
const failures = ["#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"];

/** The same in German, French, Spanish, Portuguese, Italian and Dutch, newer ones in English, and LibreOffice's numbers; always written so. */
const otherFailures = [
  ...[
    "#NV",
    "#WERT!",
    "#BEZUG!",
    "#ZAHL!",
    "#ÜBERLAUF!",
    "#VALEUR!",
    "#NOM?",
    "#NOMBRE!",
    "#NUL!",
    "#PROPAGATION!",
  ],
  ...[
    "#¡VALOR!",
    "#¡REF!",
    "#¿NOMBRE?",
    "#¡NUM!",
    "#¡DIV/0!",
    "#¡NULO!",
    "#¡DESBORDAMIENTO!",
    "#VALOR!",
    "#NOME?",
  ],
  ...["#NÚM!", "#NULO!", "#DESPEJAR!", "#VALORE!", "#RIF!", "#ESPANSIONE!", "#WAARDE!", "#VERW!", "#NAAM?"],
  ...["#GETAL!", "#N/B", "#LEEG!", "#DEEL/0!", "#OVERLOOP!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"],
  ...["#UNKNOWN!", "#CONNECT!", "#BUSY!", "#GETTING_DATA"],
  ...Array.from({ length: 41 }, (_, i) => `Err:${500 + i}`),
];

const otherMarks = new Set(otherFailures);

const marks = new Set(["", "na", "n/a", "n.a.", "nan", "null", "?", "-", "--", "–", "—", ...failures]);

/**
 * Whether a cell says that its value is not known: empty, `NA`, `N/A`, `null`, `NaN`, `?`, `-`, or a spreadsheet's error such as
 * `#DIV/0!`, in any case, or `#WERT!`, in capitals.
 */
export const isMissing = (cell: string): boolean =>
  (cell.length <= 7 && marks.has(cell.toLowerCase())) || otherMarks.has(cell);

/** Whether a line starts with a spreadsheet's error. */
export const startsWithFailure = (line: string): boolean =>
  failures.some((mark) => line.slice(0, mark.length).toLowerCase() === mark) ||
  otherFailures.some((mark) => line.startsWith(mark));

/** Everything that {@link isMissing} holds for, all cases written out. */
export const missingSpellings = (): string[] => [...[...marks].flatMap(casesOf), ...otherFailures];

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
