/**
 * An option, alone or with a value, as messages of the library name it, as in code: `epochs` or `task: "regression"` between backquotes. Who has another name
 * for it, as the command line has flags, finds it there.
 */
export const optionText = (name: string, value?: unknown): string =>
  `\`${name}${value === undefined ? "" : `: ${JSON.stringify(value).replaceAll("`", "\\u0060")}`}\``;
