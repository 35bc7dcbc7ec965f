/** What stands between the fields of a line; `whitespace` is a run of blanks or tabs. */
export type Separator = "," | ";" | "\t" | "whitespace";

/** The order of preference: a comma may also be a decimal comma or stand in a text. */
const marks = ["\t", ";", ","] as const;

/**
 * The separator of a table, judged by its first lines: the first of tab, semicolon and comma that all of them have equally
 * often, else the most frequent of the first line, else whitespace.
 */
export function detectSeparator(text: string): Separator {
  const lines = firstLines(text, 10);
  const counts = marks.map((mark) => ({ mark, counts: lines.map((line) => line.split(mark).length - 1) }));
  const present = counts.filter(({ counts: [first = 0] }) => first > 0);
  const even = present.find(({ counts }) => counts.every((count) => count === counts[0]));
  if (even) return even.mark;
  if (present.length > 0) return present.reduce((a, b) => (first(b) > first(a) ? b : a)).mark;
  return lines.some((line) => /[^ ] +[^ ]/.test(line)) ? "whitespace" : ",";
}

const first = ({ counts }: { counts: readonly number[] }): number => counts[0] ?? 0;

/** Quoted fields are emptied, since separators and newlines in them do not count. */
const firstLines = (text: string, count: number): string[] =>
  text
    .slice(0, 2 ** 20)
    .replace(/"(?:[^"]|"")*"/g, '""')
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, count);

/** The text with a single blank for every run of blanks and tabs between fields, none around lines; quoted fields stay. */
export const collapseWhitespace = (text: string): string =>
  text.replace(/("(?:[^"]|"")*")|^[ \t]+|[ \t]+$|[ \t]+/gm, (run, quoted: string | undefined, at: number) => {
    if (quoted !== undefined) return quoted;
    const inside = at > 0 && text[at - 1] !== "\n" && at + run.length < text.length;
    return inside && text[at + run.length] !== "\n" ? " " : "";
  });
