/** Words in a sentence: "a, b or c". */
export const inWords = (words: readonly string[], last: "and" | "or"): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(` ${last} `);

/** A number with its noun: `1 row`, `2 rows`. */
export const count = (n: number, noun: string): string => `${n} ${n === 1 ? noun : plural(noun)}`;

const plural = (noun: string): string =>
  noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}${noun.endsWith("ss") ? "es" : "s"}`;

/** A text that begins with a capital letter. */
export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
