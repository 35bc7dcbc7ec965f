import type { Command } from "commander";

import { inputError } from "../../util/error.ts";

/**
 * Demands of every option of a command that takes a file or a folder that it names one: an empty text would mean the current folder, and `-`, which elsewhere is standard input or
 * output, a file of that name.
 *
 * @throws {HypertrainError}
 */
export function demandPaths(command: Command): void {
  for (const option of command.options) {
    const [, kind] = /<(?:\w+\|)??(FILE|DIR)\b/.exec(option.flags) ?? [];
    const value: unknown = command.getOptionValue(option.attributeName());
    if (kind === undefined || (value !== "" && value !== "-")) continue;
    const what = kind === "DIR" ? "folder" : "file";
    const got = value === "" ? '""' : '"-", which is neither standard input nor output here';
    const mend =
      value === "" ? "name one, or leave it out" : "leave it out, or write ./- for one of that name";
    throw inputError(`${option.long ?? option.flags} must name a ${what}, but got ${got}; ${mend}`);
  }
}
