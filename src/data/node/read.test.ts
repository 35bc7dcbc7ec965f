import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

import { readOnce } from "./keep.ts";
import { readBytes, readTableData } from "./read.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "hypertrain-read-"))));
afterAll(() => rm(folder, { recursive: true }));

const text = ["age,y", ...Array.from({ length: 10 }, (_, i) => `${i},${i / 3}`)].join("\n");

test("a table is read from a plain and from a gzip file, and is called by the file's name", async () => {
  await writeFile(join(folder, "plain.csv"), text);
  await writeFile(join(folder, "packed.csv.gz"), gzipSync(text));
  const plain = await readTableData(join(folder, "plain.csv"), { target: "y" });
  const packed = await readTableData(join(folder, "packed.csv.gz"), { target: "y" });
  expect([plain.name, packed.name]).toEqual(["plain.csv", "packed.csv"]);
  expect(packed.splits).toEqual(plain.splits);
});

test("a missing file, a directory and a path through a file are errors in a sentence", async () => {
  const file = join(folder, "file.csv");
  await writeFile(file, text);
  const message = (path: string) => readBytes(path).catch((error: Error) => error.message);
  expect(await message(join(folder, "none.csv"))).toContain(
    "none.csv must be a file that can be read, but there is none; check the path",
  );
  expect(await message(folder)).toBe(
    `${folder} must be a file that can be read, but it is a directory; name a file in it`,
  );
  expect(await message(join(file, "deeper"))).toContain("a part of the path is a file");
});

test("a file that may not be read is an error in a sentence", async () => {
  const denied = () =>
    Promise.reject(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" }));
  await expect(readTableData("people.csv", { target: "y" }, { read: denied })).rejects.toThrow(
    "people.csv must be a file that can be read, but its permissions forbid it; allow reading it or name another file",
  );
});

test("a damaged disk is a failure of the work, not of the input", async () => {
  const broken = () => Promise.reject(Object.assign(new Error("EIO: i/o error"), { code: "EIO" }));
  await expect(readBytes("people.csv", broken)).rejects.toMatchObject({ code: "work" });
});

test("a gzip file that is cut short is an error with its name", async () => {
  const path = join(folder, "cut.csv.gz");
  await writeFile(path, gzipSync(text).subarray(0, 20));
  await expect(readBytes(path)).rejects.toThrow("cut.csv.gz must be a whole gzip file");
});

test("what has no end is refused at once", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const message = (path: string) => readBytes(path).catch((error: Error) => error.message);
  expect(await message(pipe)).toBe(
    `${pipe} must be a file that can be read, but it is a pipe; save its content to a file first`,
  );
  expect(await message("/dev/zero")).toContain("but it is a device");
});

test("a gzip file that unpacks to gigabytes is refused", async () => {
  const path = join(folder, "bomb.csv.gz");
  const member = gzipSync(new Uint8Array(2 ** 26));
  await writeFile(path, Buffer.concat(Array.from({ length: 9 }, () => member)));
  await expect(readBytes(path)).rejects.toThrow(
    "bomb.csv.gz must unpack to at most 512 MiB, but unpacks to more",
  );
});

test("what was read once makes the same data as what is read anew, its parts joined or not", async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${Math.sin(i)},${i % 7},${i % 2 ? "yes" : "no"}`);
  const bytes = new TextEncoder().encode(["a,b,y", ...rows].join("\n"));
  let reads = 0;
  const read = () => Promise.resolve(bytes).finally(() => reads++);
  const kept = readOnce();
  for (const joined of [false, true, false]) {
    const options = { target: "y", joined };
    const data = await readTableData("t.csv", options, { read, kept });
    expect(reads).toBe(1);
    expect(data).toEqual(await readTableData("t.csv", options, { read: () => Promise.resolve(bytes) }));
  }
});
