import type { Command } from "commander";
import { expect, test } from "vitest";

import { benchCommand, doctorCommand, reproduceCommand } from "./machine-commands.ts";
import { demandPaths } from "./path-options.ts";
import { predictCommand, refitCommand, responseCommand, resumeCommand } from "./run-commands.ts";
import { dashboardCommand, serveCommand, studyCommand } from "./study-commands.ts";
import { compareCommand, inspectCommand, tuneCommand } from "./tuning-commands.ts";

const makers = [
  ...[
    tuneCommand,
    inspectCommand,
    compareCommand,
    resumeCommand,
    predictCommand,
    refitCommand,
    responseCommand,
  ],
  ...[studyCommand, dashboardCommand, serveCommand, doctorCommand, benchCommand, reproduceCommand],
];
const withParts = (command: Command): Command[] => [command, ...command.commands.flatMap(withParts)];

test("every option that takes a file or a folder must name one, and nothing else is asked of others", () => {
  const commands = makers.flatMap((make) => withParts(make(() => undefined)));
  const asked = new Set<string>();
  for (const command of commands) {
    for (const option of command.options) {
      const name = option.attributeName();
      const before: unknown = command.getOptionValue(name);
      command.setOptionValue(name, "-");
      try {
        demandPaths(command);
      } catch (error) {
        asked.add(option.long as string);
        expect((error as Error).message).toMatch(
          /^--[a-z-]+ must name a (file|folder), but got "-", which is neither .* here; leave it out, or write \.\/- for one of that name$/,
        );
        command.setOptionValue(name, "");
        expect(() => demandPaths(command)).toThrow(
          / must name a \w+, but got ""; name one, or leave it out$/,
        );
      }
      command.setOptionValue(name, "./-");
      expect(() => demandPaths(command)).not.toThrow();
      command.setOptionValue(name, before);
    }
  }
  expect([...asked].sort()).toEqual([
    "--data",
    "--data-dir",
    "--export",
    "--module",
    "--out",
    "--problem",
    "--save",
    "--store",
    "--tensorboard",
    "--weights",
  ]);
});
