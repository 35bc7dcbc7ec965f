import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "hypertrain-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Three species that differ by their first measure. */
const flowers = ["length,width,species"]
  .concat(Array.from({ length: 120 }, (_, i) => `${(i % 3) + (i % 7) / 10},${(i % 5) / 5},${"abc"[i % 3]}`))
  .join("\n");

test("the README's library example runs and reports every epoch", () => {
  const example = /## As a library[\s\S]*?```ts\n([\s\S]*?)```/.exec(
    readFileSync(join(root, "README.md"), "utf8"),
  )?.[1];
  writeFileSync(join(folder, "example.ts"), example as string);
  writeFileSync(join(folder, "flowers.csv"), flowers);
  const hook = pathToFileURL(join(root, "src/cli/modules/resolve-hook.ts")).href;
  writeFileSync(
    join(folder, "main.mjs"),
    `import { registerResolveHook } from ${JSON.stringify(hook)};\nregisterResolveHook();\nawait import("./example.ts");\n`,
  );
  const printed = execFileSync(process.execPath, ["main.mjs"], { cwd: folder, encoding: "utf8" });
  const epochs = printed.split("\n").filter((line) => /^\d+ \d/.test(line));
  expect(epochs).toHaveLength(20);
  const [first, last] = [epochs[0], epochs.at(-1)].map((line) => Number((line as string).split(" ")[1]));
  expect(last).toBeLessThan(first as number);
});

test("the README's library example is short", () => {
  const example = /## As a library[\s\S]*?```ts\n([\s\S]*?)```/.exec(
    readFileSync(join(root, "README.md"), "utf8"),
  )?.[1];
  expect((example as string).trim().split("\n").length).toBeLessThanOrEqual(17);
});
