/** Words in a sentence: "a, b or c". */
export const inWords = (words: readonly string[], last: "and" | "or"): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(` ${last} `);
