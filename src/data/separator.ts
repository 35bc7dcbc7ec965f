import { startsWithFailure } from "./missing.ts";

/** What stands between the fields of a line: one character, or `whitespace`, a run of blanks or tabs. */
export type Separator = "," | ";" | "\t" | "|" | "whitespace" | (string & {});

/** The order of preference: a comma may also be a decimal comma or stand in a text. */
const marks = ["\t", ";", "|", ","] as const;

/**
 * The separator of a table, judged by its first lines: the first of tab, semicolon, bar and comma that all of them have equally
 * often, else the most frequent of the first line, else what stands beside the target's name below a title, else whitespace.
 */
export function detectSeparator(text: string, target?: string): Separator {
  const lines = firstLines(text, 10);
  const counts = marks.map((mark) => ({ mark, counts: lines.map((line) => line.split(mark).length - 1) }));
  const present = counts.filter(({ counts: [first = 0] }) => first > 0);
  const even = present.find(({ counts }) => counts.every((count) => count === counts[0]));
  if (even) return even.mark;
  if (present.length > 0) return present.reduce((a, b) => (first(b) > first(a) ? b : a)).mark;
  const below = marks.find((mark) => lines.some((line) => isNamedIn(line.split(mark), target)));
  if (below) return below;
  return lines.some((line) => /[^ ] +[^ ]/.test(line)) ? "whitespace" : ",";
}

const isNamedIn = (cells: readonly string[], target: string | undefined): boolean =>
  cells.length > 1 && cells.some((cell) => cell.trim() === target);

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

/**
 * The text with empty lines in the place of comments, which start with `#` outside quotes. The last of them is the header, without its
 * `#`, where it has as many separators as the line below. A table most of whose lines start so has none.
 *
 * @param separator to look for a header; default none
 */
export function withoutComments(text: string, separator?: Separator): string {
  const { lines, comments } = linesOf(text);
  if (!comments.includes(true)) return text;
  const below = lines.findIndex((line, i) => !comments[i] && line.trim() !== "");
  const head = below - 1;
  const fields = (line = "") => fieldsOf(line, separator as Separator);
  const bare = lines[head]?.replace(/^[ \t]*#+[ \t]*/, "");
  const named =
    separator !== undefined && comments[head] && fields(bare) > 1 && fields(bare) === fields(lines[below]);
  return lines
    .map((line, i) => (named && i === head ? (bare as string) : comments[i] ? "" : line))
    .join("\n");
}

/** A `#` may also begin a spreadsheet's error, such as `#N/A`. */
const isComment = (line: string): boolean => /^[ \t]*#/.test(line) && !startsWithFailure(line.trimStart());

/** The lines of a text, and which of them are comments. */
function linesOf(text: string): { readonly lines: readonly string[]; readonly comments: readonly boolean[] } {
  if (!/^[ \t]*#/m.test(text)) return { lines: [], comments: [] };
  const lines = text.split("\n");
  let quotes = 0;
  const comments = lines.map((line) => {
    const comment = quotes % 2 === 0 && isComment(line);
    if (!comment) quotes += line.split('"').length - 1;
    return comment;
  });
  const filled = lines.filter((line) => line.trim() !== "").length;
  const most = 2 * comments.filter(Boolean).length > filled && filled > 3;
  return { lines, comments: most ? [] : comments };
}

const fieldsOf = (line: string, separator: Separator): number =>
  (separator === "whitespace" ? line.trim().split(/\s+/) : line.split(separator)).length;

/** The lines, from 1, below the line `from` that are comments and have as many fields as a row. */
export function commentsLike(
  text: string,
  {
    separator,
    fields,
    from,
  }: { readonly separator: Separator; readonly fields: number; readonly from: number },
): number[] {
  const { lines, comments } = linesOf(text);
  if (fields < 2) return [];
  return lines.flatMap((line, i) =>
    i >= from && comments[i] && fieldsOf(line, separator) === fields ? [i + 1] : [],
  );
}
