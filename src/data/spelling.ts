/** What a text is known by among those of a column: `True` and `TRUE` are `true`, since programs differ in how they write it. */
export const keyOf = (text: string): string => (isTruth(text) ? text.toLowerCase() : text);

/** The texts of a column, with `True`, `TRUE` and `true` in the spelling of the first of them. */
export function withOneSpelling(values: readonly (string | null)[]): (string | null)[] {
  const first = new Map<string, string>();
  return values.map((value) => {
    if (value === null || !isTruth(value)) return value;
    const key = keyOf(value);
    if (!first.has(key)) first.set(key, value);
    return first.get(key) as string;
  });
}

/** The same texts in all usual spellings: lists as long as `texts`, the first of which are the texts themselves. */
export function spellingsOf(texts: readonly string[]): (readonly string[])[] {
  if (!texts.some(isTruth)) return [texts];
  return [texts, ...usual.map((spell) => texts.map((text) => (isTruth(text) ? spell(keyOf(text)) : text)))];
}

const isTruth = (text: string): boolean => text.length <= 5 && /^(true|false)$/i.test(text);

const usual: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => key.toUpperCase(),
  (key) => `${key[0]?.toUpperCase()}${key.slice(1)}`,
];
