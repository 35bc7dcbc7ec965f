import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { call, useFolder } from "./command.ts";

const folder = useFolder();

const hasBash = spawnSync("bash", ["--version"]).status === 0;

/** What bash offers behind a line. */
async function offered(line: string): Promise<string[]> {
  const { stdout } = await call("completion", "bash");
  writeFileSync("completion.bash", stdout);
  const words = line.split(/\s+|(?==)|(?<==)/); // bash breaks words at =
  const script = `set -u; source completion.bash
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
    _hypertrain; printf '%s\\n' "\${COMPREPLY[@]-}"`;
  const printed = execFileSync("bash", ["-c", script], { encoding: "utf8", cwd: folder.path });
  return printed.split("\n").filter((word) => word !== "");
}

describe.skipIf(!hasBash)("bash completes", () => {
  test.each([
    ["hypertrain res", ["resume", "response"]],
    ["hypertrain bench hy", ["hypernet"]],
    ["hypertrain tune --hyper-l", ["--hyper-lr"]],
    ["hypertrain tune --method implicit-", ["implicit-cg", "implicit-neumann"]],
    ["hypertrain tune --method=sm", ["smash"]],
    ["hypertrain tune --method=", expect.arrayContaining(["delta-stn", "tpe"]) as string[]],
    ["hypertrain compare --no-base", []],
    ["hypertrain tune --seed 1 --engine ", ["auto", "onnx", "jax"]],
    ["hypertrain tune --out ", []], // files, which bash knows
    ["hypertrain resume --tr", ["--trust"]],
    ["hypertrain resume --data ", []], // a file, and no data set by name
  ])("%s", async (line, words) => {
    expect(await offered(line)).toEqual(words);
  });
});

test("zsh runs bash's, and fish has a line for each option", async () => {
  const bash = (await call("completion", "bash")).stdout;
  expect((await call("completion", "zsh")).stdout).toContain(bash.slice(bash.indexOf("_hypertrain()")));
  const { stdout } = await call("completion", "fish");
  expect(stdout).toMatch(
    /^complete -c hypertrain -n '__fish_seen_subcommand_from tune' -l method -x -a 'delta-stn .*' -d /m,
  );
  expect(stdout).toMatch(/^complete -c hypertrain -n 'not __fish_seen_subcommand_from .*' -f -a tune -d /m);
});

test("another shell is refused", async () => {
  expect(await call("completion", "fsh")).toEqual({
    ...{ code: 2, stdout: "" },
    stderr: 'error: the shell must be bash, zsh, fish, but got "fsh"; did you mean "zsh"?\n',
  });
});
