import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test, vi } from "vitest";

import type { StudySummary } from "../../src/cli/study/study-summary.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

const run = promisify(execFile);
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const python = ["/usr/bin/python3", "python3"].find((path) => spawnSync(path, ["--version"]).status === 0);

async function served(): Promise<{ readonly url: string; readonly end: () => Promise<number | null> }> {
  const { child, finished } = start("serve", "--store", "study.db", "--port", "0");
  const url = await new Promise<string>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      const [, found] = / at (http:\S+?);/.exec(String(chunk)) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    url,
    end: async () => {
      child.kill("SIGINT");
      return (await finished).code;
    },
  };
}

/** What a program prints that finds a URL as its first argument. */
async function printed(url: string, program: () => Promise<unknown>): Promise<string> {
  const log = vi.spyOn(console, "log").mockReturnValue();
  const before = process.argv;
  process.argv = [before[0] as string, "program", url];
  try {
    await program();
    return log.mock.calls.flat().join("\n");
  } finally {
    process.argv = before;
    log.mockRestore();
  }
}

const shownOf = async (study: string) =>
  JSON.parse((await call("study", "show", study, "--json", "--store", "study.db")).stdout) as StudySummary;

test("a shell command is searched by the example, and the commands on studies know its study", async () => {
  const { url, end } = await served();
  const stdout = await printed(url, () => import("../../examples/search-command.ts"));
  const best = Number(/^best (\S+) with /.exec(stdout)?.[1]);
  expect(best).toBeLessThan(0.2);
  expect(await end()).toBe(0);
  const shown = await shownOf("a command");
  expect(shown).toMatchObject({ state: "done", trials: { length: 30 } });
  expect(Math.min(...shown.trials.map(({ best: loss }) => loss ?? Infinity))).toBe(best);
  const store = ["--store", "study.db"];
  expect((await call("study", "export", "a command", "--format", "csv", ...store)).stdout).toMatch(
    /,x,shape\n/,
  );
  expect((await call("work", "study.db", "--study", "a command")).stderr).toMatch(
    /programs that ask `hypertrain serve`/,
  );
  expect((await call("work", "study.db")).code).toBe(0);
  const tune = ["tune", "--data", "wine", "--method", "random", "--study", "a command", ...store, "--quiet"];
  expect((await call(...tune)).stderr).toMatch(/programs that ask `hypertrain serve`/);
});

test.skipIf(python === undefined)("a Python function is searched by the example", async () => {
  const { url, end } = await served();
  const { stdout } = await run(python as string, [example("search_function.py"), url]);
  expect(stdout).toMatch(/^best [\d.]+ with \{'alpha': [\d.e-]+, 'degree': [2-8]\}\n$/);
  expect(await end()).toBe(0);
  expect(await shownOf("ridge")).toMatchObject({ state: "done", trials: { length: 25 } });
});

test("serve --artifacts must be a place", async () => {
  const { code, stderr } = await call("serve", "--store", "study.db", "--artifacts", "somewhere");
  expect([code, stderr]).toEqual([
    2,
    'error: --artifacts must be sql, file:DIR or s3://BUCKET/PREFIX, but got "somewhere"; choose one of these\n',
  ]);
  expect(existsSync("study.db")).toBe(false);
});
