import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Kysely, sql } from "kysely";
import { afterAll, expect, test } from "vitest";

import { openStorage } from "../../src/storage/open-storage.ts";
import { sqliteDialect } from "../../src/storage/sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "hypertrain-full-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a transaction that finds no room fails for that, and not for having been taken back", async () => {
  const db = new Kysely<{ t: { x: Uint8Array } }>({ dialect: sqliteDialect(join(folder, "small.db")) });
  await sql`create table t (x blob)`.execute(db);
  await sql`pragma max_page_count = 16`.execute(db);
  const fill = db.transaction().execute(async (tx) => {
    for (let i = 0; i < 50; i++)
      await tx
        .insertInto("t")
        .values({ x: new Uint8Array(4000) })
        .execute();
  });
  await expect(fill).rejects.toThrow(/^database or disk is full$/);
  expect(await db.selectFrom("t").selectAll().execute()).toEqual([]);
  await db.destroy();
});

test("a full disk is named, and with room the study goes on", async ({ skip }) => {
  const disk = mkdtempSync(join(folder, "disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { encoding: "utf8" });
  if (mounted.status !== 0) skip(`a small disk takes root: ${mounted.stderr}`);
  try {
    const place = join(disk, "study.db");
    await using storage = await openStorage(place);
    await storage.create("s", {});
    spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "ballast")}`, "bs=4k"]);
    await expect(storage.create("t", { text: "x".repeat(200_000) })).rejects.toThrow(
      `the store ${place} must have room to grow, but its disk is full; make room, and begin the command again`,
    );
    const other = join(disk, "other.db");
    await expect(openStorage(other)).rejects.toThrow(
      /other\.db must (have room to grow, but its disk is full|be on a disk that works, .* it may be full)/,
    );
    rmSync(join(disk, "ballast"));
    expect(await storage.create("t", {})).toBe(true);
    expect((await storage.list()).map(({ name }) => name)).toEqual(["s", "t"]);
  } finally {
    spawnSync("umount", ["-l", disk]);
  }
});

test.each([
  [100, /has 100 bytes: it is another file, or was cut short; restore a copy$/],
  [5000, /file is not a database; choose another$/],
])("a file of %i bytes of something else is refused in a sentence", async (size, sentence) => {
  const place = join(folder, `garbage-${size}.db`);
  writeFileSync(place, "x".repeat(size));
  await expect(openStorage(place)).rejects.toThrow(sentence);
});
