import { inputError } from "../../util/error.ts";

/**
 * Demands of what a value names, if that is a file or a folder, that it names one: an empty text would mean the current folder, and `-`, which elsewhere is standard input or output, a
 * file of that name.
 *
 * @param what is given the value: `--out`, or `"out" in my.json`
 * @param word what help calls the value, such as `FILE.db|URL`
 * @param value as it was written; what is no text others refuse
 * @throws {HypertrainError}
 */
export function demandPath(what: string, word: string, value: unknown): void {
  const kind = pathKindOf(word);
  if (kind === undefined || (value !== "-" && value !== "" && value !== "file:-")) return;
  const isPlace = /^PLACE\b/.test(word);
  if (isPlace !== (value === "file:-")) return; // other places have a rule of their own
  const got = value === "" ? '""' : `"${value}", which is neither standard input nor output here`;
  const own = value === "-" ? "./-" : "file:./-";
  const mend =
    value === "" ? "name one, or leave it out" : `leave it out, or write ${own} for one of that name`;
  throw inputError(`${what} must name a ${kind}, but got ${got}; ${mend}`);
}

/** What a value names by the word that help has for it; undefined of what is no path. */
export function pathKindOf(word: string): "file" | "folder" | undefined {
  const [, kind] = /^(?:\w+\|)??(FILE|PROGRAM|DIR|PLACE)\b/.exec(word) ?? [];
  return kind === undefined ? undefined : kinds[kind as keyof typeof kinds];
}

/** `PLACE` is `file:` and a folder, or something else. */
const kinds = { FILE: "file", PROGRAM: "file", DIR: "folder", PLACE: "folder" } as const;
