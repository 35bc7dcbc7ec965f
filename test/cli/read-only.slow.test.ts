import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

import { afterEach, beforeEach, expect, test } from "vitest";

import { call, useFolder } from "./command.ts";

/** Why there is no read-only disk to try it on; undefined where there is one, at `disk`. */
let why: string | undefined;
let disk: string;
const folder = useFolder();

const as = (command: string, ...argv: string[]) => {
  const { status, stderr } = spawnSync(command, argv, { encoding: "utf8" });
  return status === 0 ? undefined : `${command}: ${stderr || "is not there"}`;
};

beforeEach(() => {
  disk = `${folder.path}/disk`;
  mkdirSync(disk);
  writeFileSync(`${disk}/kept.db`, "");
  why = as("mount", "--bind", disk, disk) ?? as("mount", "-o", "remount,bind,ro", disk);
});
afterEach(() => void as("umount", disk));

const tiny = ["--data", "wine", "--hidden", "2", "--no-baseline", "--quiet", "--engine", "jax"];

test("a disk that is read-only is told as that: for a run, a study, a download", async ({ skip }) => {
  if (why !== undefined) skip(`a bind mount takes root: ${why}`);
  const says =
    /^error: [^\n]*must be on a disk that can be written to, but this one is read-only; choose another\n$/;
  const refused = async (...argv: string[]) => {
    const { code, stdout, stderr } = await call(...argv);
    expect([code, stdout]).toEqual([2, ""]);
    return stderr;
  };
  expect(await refused("tune", ...tiny, "--epochs", "1", "--out", "disk/run")).toMatch(says);
  for (const store of ["disk/study.db", "disk/kept.db"])
    expect(await refused("tune", ...tiny, "--method", "random", "--trials", "1", "--store", store)).toMatch(
      /^error: [^\n]*its disk is read-only[^\n]*\n$/,
    );
  expect(
    await refused("tune", ...tiny.slice(2), "--data", "mnist", "--data-dir", "disk", "--download"),
  ).toMatch(/^error: the directory [^\n]*disk\/mnist must be one to write to, but [^\n]*read-only/);
});
