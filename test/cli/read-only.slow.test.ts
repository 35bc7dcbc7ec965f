import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";

import { afterEach, beforeEach, expect, test } from "vitest";

import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
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

test("a study on a read-only disk is looked at, and said to be read alone; what would change it is refused", async ({
  skip,
}) => {
  if (why !== undefined) skip(`a bind mount takes root: ${why}`);
  as("mount", "-o", "remount,bind,rw", disk);
  for (const name of ["whole.db", "torn.db"]) {
    await using storage = await openStorage(`disk/${name}`);
    const desk = studyDesk(storage, performance, () => {});
    await desk.create({
      name: "s",
      space: { x: { kind: "real", low: 0, high: 1 } },
      method: "random",
      trials: 3,
    });
    await desk.ask("s", {});
    await desk.tell({ study: "s", trial: 0, attempt: 1 }, { loss: 0.25 });
    if (name === "torn.db")
      for (const end of ["", "-wal"]) copyFileSync(`disk/${name}${end}`, `disk/copy.db${end}`);
  }
  const commands = [["list"], ["show", "s"], ["export", "s", "--format", "csv"], ["pareto", "s"]];
  copyFileSync("disk/whole.db", "writable.db");
  const before: string[] = [];
  for (const [command = "", ...more] of commands) {
    before.push((await call("study", command, ...more, "--store", "writable.db")).stdout);
  }
  as("mount", "-o", "remount,bind,ro", disk);
  for (const [i, [command = "", ...more]] of commands.entries()) {
    const { code, stdout, stderr } = await call("study", command, ...more, "--store", "disk/whole.db");
    expect([code, stdout]).toEqual([0, before[i]?.replace("writable.db", "disk/whole.db")]);
    expect(stderr).toBe(
      "disk/whole.db cannot be written to: it is opened to be read, and nothing of it can be changed\n",
    );
  }
  const page = await call("dashboard", ".", "--store", "disk/whole.db", "--export", "page.html");
  expect(page).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("it is opened to be read") as string,
  });
  expect(await call("study", "stop", "s", "--store", "disk/whole.db")).toMatchObject({
    ...{ code: 2, stderr: expect.stringMatching(/^error: [^\n]*its disk is read-only[^\n]*\n$/) as string },
  });
  expect(await call("study", "show", "s", "--store", "disk/copy.db")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: the store disk\/copy\.db must be where it can be written .*copy both/,
    ) as string,
  });
  expect(await call("study", "list", "--store", "disk/kept.db")).toMatchObject({
    ...{ code: 2, stderr: expect.stringMatching(/must hold studies, but disk\/kept\.db is empty/) as string },
  });
});
