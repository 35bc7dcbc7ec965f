import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { link } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { writeUntaken, writeWhole } from "./disk.ts";

vi.mock(import("node:fs/promises"), async (load) => {
  const actual = await load();
  return { ...actual, link: vi.fn(actual.link) };
});

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hypertrain-disk-"));
});
afterEach(() => {
  vi.mocked(link).mockReset();
  rmSync(place, { recursive: true, force: true });
});

/** As disks without hard links refuse them. */
const withoutLinks = () =>
  vi.mocked(link).mockRejectedValue(Object.assign(new Error("operation not permitted"), { code: "EPERM" }));

describe.each([
  ["with links", () => undefined],
  ["without links", withoutLinks],
])("on a disk %s", (_, prepare) => {
  test("a file takes no name that is taken, its own or that aside, and leaves what has it as it is", async () => {
    prepare();
    const path = join(place, "answers.csv");
    expect(await writeUntaken(path, "first")).toBeUndefined();
    expect(await writeUntaken(path, "second")).toBe(path);
    expect(readFileSync(path, "utf8")).toBe("first");
    expect(readdirSync(place)).toEqual(["answers.csv"]);
    expect(await writeUntaken(path, "third", { over: true })).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe("third");
    writeFileSync(`${path}.part`, "a user's own");
    for (const over of [false, true])
      expect(await writeUntaken(path, "fourth", { over })).toBe(`${path}.part`);
    expect(readFileSync(`${path}.part`, "utf8")).toBe("a user's own");
    expect(readFileSync(path, "utf8")).toBe("third");
  });

  test("of several that write a file at once one does, and the others are told", async () => {
    prepare();
    const path = join(place, "answers.csv");
    const written = await Promise.all(["a", "b", "c", "d"].map((text) => writeUntaken(path, text)));
    const winner = written.indexOf(undefined);
    expect(written.filter((taken) => taken === undefined)).toHaveLength(1);
    expect(readFileSync(path, "utf8")).toBe("abcd"[winner]);
    expect(readdirSync(place)).toEqual(["answers.csv"]);
  });
});

test("a run's own file is written whole over the last and over what a crash left aside", async () => {
  const path = join(place, "metrics.jsonl");
  writeFileSync(`${path}.part`, "half a li");
  await writeWhole(path, "one");
  linkSync(path, join(place, "before"));
  await writeWhole(path, "two");
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(readFileSync(join(place, "before"), "utf8")).toBe("one");
  expect(existsSync(`${path}.part`)).toBe(false);
});
