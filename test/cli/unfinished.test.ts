/** Work that ends neither well nor badly: nothing is left that Node waits for. */
import { writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { inputError } from "../../src/util/error.ts";
import { settled } from "../../src/cli/settled.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

const never = "new Promise(() => {})";

test.each([
  [
    "a network",
    ["--data", "digits", "--model", "own.mjs"],
    `export default () => ${never};`,
    "make a network",
  ],
  ["a network's module", ["--data", "digits", "--model", "own.mjs"], `await ${never};`, "load as a module"],
  ["a problem", ["own.mjs"], `export default ${never};`, "load as a module"],
])("%s that never comes is bad input", async (_, argv, text, must) => {
  writeFileSync("own.mjs", text);
  const { code, stdout, stderr } = await start("tune", ...argv, "--json").finished;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^error: \\S*own\\.mjs must ${must}.*, but .*never finished.*\\n$`));
});

test("any other command that awaits what never comes fails", async () => {
  const finished = call("tune", "none.mjs");
  process.emit("beforeExit", 0); // what Node says when it waits for nothing
  const { code, stderr } = await finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: the command must end with a result, but it awaits what never comes/);
});

test("the innermost work says how it ended", async () => {
  const never = new Promise<void>(() => {});
  const inner = () =>
    settled(
      () => never,
      () => inputError("inner"),
    );
  const outer = settled(inner, () => inputError("outer"));
  process.emit("beforeExit", 0);
  await expect(outer).rejects.toThrow("inner");
  expect(process.listenerCount("beforeExit")).toBe(0);
});
