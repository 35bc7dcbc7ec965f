import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Command } from "commander";
import { expect, onTestFinished, test } from "vitest";

import { readWritten } from "../config/written-config.ts";
import { fields } from "../config/fields.ts";
import type { Field } from "../config/fields/field.ts";
import { pathKindOf } from "../config/path-rule.ts";
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
      const saidOf = (value: string): string | undefined => {
        command.setOptionValue(name, value);
        try {
          return void demandPaths(command);
        } catch (error) {
          return (error as Error).message;
        }
      };
      const said = saidOf("-") ?? saidOf("file:-");
      if (said !== undefined) {
        asked.add(option.long as string);
        expect(said).toMatch(
          /^--[a-z-]+ must name a (?:file|folder), but got "(file:)?-", which is neither .* here; leave it out, or write \1\.\/- for one of that name$/,
        );
        if (saidOf("-") !== undefined)
          expect(saidOf("")).toMatch(/ must name a \w+, but got ""; name one, or leave it out$/);
      }
      for (const path of ["./-", "file:./-"]) expect(saidOf(path)).toBeUndefined();
      command.setOptionValue(name, before);
    }
  }
  expect([...asked].sort()).toEqual([
    "--artifacts",
    "--data",
    "--data-dir",
    "--export",
    "--model",
    "--module",
    "--out",
    "--problem",
    "--python",
    "--save",
    "--store",
    "--tensorboard",
    "--weights",
  ]);
});

test("a configuration names a file or a folder as flags do", async () => {
  const place = mkdtempSync(join(tmpdir(), "hypertrain-paths-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const file = join(place, "c.json");
  const paths = Object.entries<Field>(fields).flatMap(([name, { argument = "" }]) =>
    pathKindOf(argument) === undefined ? [] : [name],
  );
  expect(paths.sort()).toEqual([
    "artifacts",
    "data",
    "dataDir",
    "model",
    "out",
    "problem",
    "store",
    "tensorboard",
  ]);
  for (const name of paths) {
    const value = name === "artifacts" ? "file:-" : "-";
    writeFileSync(file, JSON.stringify({ [name]: value }));
    await expect(readWritten(file)).rejects.toThrow(
      new RegExp(`^"${name}" in .*c\\.json must name a (file|folder), but got "${value}", which is neither `),
    );
    writeFileSync(file, JSON.stringify({ [name]: value.replace("-", "./-.ts") }));
    const own = name === "out" ? "./-.ts" : join(place, "-.ts"); // a run folder is seen from where it is made
    expect(await readWritten(file)).toEqual({ [name]: name === "artifacts" ? `file:${own}` : own });
    if (name === "artifacts") continue;
    writeFileSync(file, JSON.stringify({ [name]: "" }));
    await expect(readWritten(file)).rejects.toThrow(`"${name}" in ${file} must name a f`);
  }
});
