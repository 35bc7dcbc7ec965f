/** Work that ends neither well nor badly: nothing is left that Node waits for. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";

import { afterEach, expect, test, vi } from "vitest";

import { inputError } from "../../src/util/error.ts";
import { loadNetwork } from "../../src/cli/network-module.ts";
import { settled } from "../../src/cli/settled.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

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

test.each([
  ["module", "slow-module.mjs", `process.emit("reached"); await ${never};`, "slow-module.mjs still loads: "],
  [
    "function",
    "slow-function.mjs",
    `export default () => process.emit("reached") && ${never};`,
    "slow-function.mjs still makes its network: ",
  ],
])("a %s that takes long is named once", async (_, file, text, line) => {
  writeFileSync(file, text);
  const told: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((said) => told.push(String(said)) > 0);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const loaded = loadNetwork(file, { input: [2], outputs: 2 }, "wine");
  const ended = expect(loaded).rejects.toThrow("never finished");
  await once(process, "reached");
  vi.advanceTimersByTime(9_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([expect.stringMatching(new RegExp(`^${line}.*\\n$`))]);
  process.emit("beforeExit", 0);
  await ended;
});

test("work that ends in time is not told of", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  expect(await settled(() => Promise.resolve(3), unneeded, "still")).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
});

const unneeded = () => inputError("unneeded");
