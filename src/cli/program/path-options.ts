import type { Command } from "commander";

import { demandPath } from "../config/path-rule.ts";

/** Demands of every option of a command that takes a file or a folder that it names one. @throws {HypertrainError} */
export function demandPaths(command: Command): void {
  for (const option of command.options) {
    const [, word = ""] = /<([^>]*)>/.exec(option.flags) ?? [];
    demandPath(option.long ?? option.flags, word, command.getOptionValue(option.attributeName()));
  }
}
