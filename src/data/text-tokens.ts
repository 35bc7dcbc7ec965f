/** What the tokens of a text are. */
export type TokenKind = "word" | "character";

/** The tokens of a text. Words are what blanks separate, with `<eos>` at the end of every line. */
export function tokensOf(text: string, kind: TokenKind): string[] {
  if (kind === "character") return Array.from(text.replace(/\r\n/g, "\n"));
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line) => [...(line.match(/\S+/g) ?? []), END_OF_LINE]);
}

/** What tokens read as behind a text: words between blanks, and `<eos>` as the end of a line. */
export function textAfter(before: string, tokens: readonly string[], kind: TokenKind): string {
  if (kind === "character") return tokens.join("");
  let text = before;
  for (const token of tokens)
    text += token === END_OF_LINE ? "\n" : text === "" || /\s$/.test(text) ? token : ` ${token}`;
  return text.slice(before.length);
}

/** The tokens of each part of a text. */
export type TokenParts = { readonly train: string[]; readonly valid: string[]; readonly test?: string[] };

/** The tokens of the training part, the most frequent first, and of those equally frequent the first. */
export function vocabularyOf({ train, valid, test = [] }: TokenParts, most: number): string[] {
  const counts = new Map<string, number>();
  for (const token of train) counts.set(token, (counts.get(token) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([token]) => token); // stable
  const complete = sorted.length <= most && ![valid, test].some((part) => part.some((t) => !counts.has(t)));
  if (complete) return sorted;
  const kept = sorted.filter((token) => token !== UNKNOWN).slice(0, most - 1);
  return [...kept, UNKNOWN];
}

/** Stands for every token that is not known. */
export const UNKNOWN = "<unk>";

/** Stands for the end of a line among words. */
const END_OF_LINE = "<eos>";
