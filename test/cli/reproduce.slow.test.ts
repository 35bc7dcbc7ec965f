import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { start, useFolder } from "./command.ts";

const folder = useFolder();

test("a file that comes while a figure is made is not written over", async () => {
  const { child, finished } = start("reproduce", "figure-3", "--engine", "jax", "--out", folder.path);
  const mine = `${folder.path}/figure-3.json`;
  child.stderr?.on("data", (chunk) => String(chunk).includes("step 500 ") && writeFileSync(mine, "mine"));
  const { code, stdout, stderr } = await finished;
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(
    /\nerror: --out must be the folder of an earlier reproduction of figure-3, .* is another;/,
  );
  expect(readFileSync(mine, "utf8")).toBe("mine");
  expect(existsSync(`${folder.path}/figure-3.svg`)).toBe(false);
});
