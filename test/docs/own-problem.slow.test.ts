import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "../cli/command.ts";

useFolder();

test("the guide's problem runs, and tuning tells its two kinds of inputs apart", async () => {
  const guide = readFileSync(join(import.meta.dirname, "../../docs/own-problem.md"), "utf8");
  writeFileSync("mine.ts", /```ts\n([\s\S]*?)```/.exec(guide)?.[1] as string);
  const flags = ["--batch-size", "30", "--out", "run", "--json"];
  const { code, stdout, stderr } = await call("tune", "mine.ts", ...flags);
  expect(code, stderr).toBe(0);
  const { best, baseline } = JSON.parse(stdout) as TuneResult;
  const { "decay.good": good, "decay.poor": poor } = best.hyperparameters;
  expect(poor?.value).toBeGreaterThan(10 * (good?.value as number));
  expect(best.valid.loss).toBeLessThan(0.7 * (baseline?.valid.loss as number));
});
