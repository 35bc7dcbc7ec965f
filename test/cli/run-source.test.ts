/** What the dashboard shows of a run whose course and result don't belong together. */
import { readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { runSource } from "../../src/cli/dashboard/run-source.ts";
import { call, useFolder } from "./command.ts";

useFolder();

test("a course that is longer than its result has gone on, a shorter one was cut off", async () => {
  const flags = ["--data", "wine", "--hidden", "4", "--epochs", "3", "--threads", "1", "--no-baseline"];
  await call("tune", ...flags, "--quiet", "--out", "runs/first");
  const shown = () => runSource("runs").run("first");
  expect(await shown()).toHaveProperty("document");

  const course = "runs/first/metrics.jsonl";
  const whole = readFileSync(course, "utf8");
  const lines = whole.trim().split("\n");
  writeFileSync(course, `${lines.slice(0, -1).join("\n")}\n`);
  expect((await shown()).missing).toMatch(/metrics\.jsonl was cut off; `hypertrain show`/);

  writeFileSync(course, whole);
  const result = readFileSync("runs/first/result.json", "utf8");
  await call("resume", "runs/first", "--epochs", "5", "--quiet");
  writeFileSync("runs/first/result.json", result);
  expect((await shown()).missing).toMatch(/^The run has gone on/);
});
