/**
 * Text from a file or a user as a message shows it: in one line, without what a terminal would obey, cut where it is long.
 *
 * @param limit the most characters that are left
 */
export function oneLine(text: string, limit = 80): string {
  const line = neutralised(text.slice(0, 2 * limit)).replace(/\s+/g, " ");
  return line.length <= limit && text.length <= 2 * limit ? line : `${line.slice(0, limit)}…`;
}

/** Text without control characters but newlines and tabs, so that it can neither colour nor clear a terminal. */
export const neutralised = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escaped);

const escaped = (character: string): string => {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
};
