import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { isDeepStrictEqual } from "node:util";

import { afterAll, expect, test } from "vitest";

import { openStorage } from "../../src/storage/open-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { HypertrainError } from "../../src/util/error.ts";

const folder = mkdtempSync(join(tmpdir(), "hypertrain-damage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const point = (loss: number) => ({
  ...{ step: 10, epoch: 1, examples: 100, gradientEvaluations: 10, seconds: 1 },
  ...{ train: { loss, penalty: 0 }, valid: { loss }, hyperparameters: {} },
});

/** A store of a study with trials and evaluations. */
async function storeAt(name: string, trials = 40): Promise<string> {
  const path = join(folder, name);
  await using storage = await openStorage(path);
  await storage.create("s", { of: "damage" });
  for (let number = 0; number < trials; number++) {
    const trial = {
      ...{ number, values: { x: number }, state: "waiting" as const },
      ...{ attempt: 0, deaths: 0, to: 1, curve: [] },
    };
    const claimed = await storage.claim("s", "worker", () => ({
      ...{ kind: "segment", trial, changed: [trial], decision: { kind: "start", to: 1 } },
    }));
    if (claimed.kind !== "segment") throw new Error("a segment was expected");
    await storage.report(claimed.claim, 1, point(number + 0.5));
    await storage.checkpoint(claimed.claim, new Uint8Array(200).fill(number));
  }
  return path;
}

/** All that a store says, or the sentence in which it refuses. */
async function readingOf(path: string): Promise<unknown> {
  try {
    await using storage = await openStorage(path, { mustExist: true });
    const trials = await storage.trials("s");
    const bytes = await Promise.all(
      trials.map(({ checkpoint }) => storage.artifact("s", checkpoint as string)),
    );
    return [await storage.list(), trials, await storage.points("s"), bytes];
  } catch (error) {
    if (!(error instanceof HypertrainError)) throw error;
    expect(error.message).not.toMatch(/internal|undefined|\n/);
    return "refused";
  }
}

test("a store with flipped bytes, or cut short, says what it said before or refuses in a sentence", async () => {
  const path = await storeAt("flipped.db");
  const before = await readingOf(path);
  const whole = readFileSync(path);
  const outcomes = { same: 0, refused: 0 };
  const damaged = [
    ...Array.from({ length: 80 }, (_, i) => {
      const copy = Buffer.from(whole);
      for (let at = i * 37; at < copy.length; at += 4099) copy[at] = (copy[at] as number) ^ 0x5a;
      return copy;
    }),
    ...[1, 100, 3000, whole.length / 2, whole.length - 500].map((length) => whole.subarray(0, length)),
  ];
  for (const [i, bytes] of damaged.entries()) {
    const at = join(folder, `flipped-${i}.db`);
    writeFileSync(at, bytes);
    const reading = await readingOf(at);
    if (reading === "refused") outcomes.refused++;
    else {
      expect(isDeepStrictEqual(reading, before), `damage no. ${i}`).toBe(true);
      outcomes.same++;
    }
    for (const end of ["", "-wal", "-shm"]) rmSync(`${at}${end}`, { force: true });
  }
  expect(outcomes.refused).toBeGreaterThan(60);
});

test("a store whose log lies beside it, but that lacks its end, is said to be cut short", async () => {
  const path = await storeAt("with-log.db", 3);
  const copy = join(folder, "without-end.db");
  {
    await using storage = await openStorage(path);
    await storage.annotate("s", undefined, "in the log");
    writeFileSync(copy, readFileSync(path).subarray(0, 5000));
    writeFileSync(`${copy}-wal`, readFileSync(`${path}-wal`));
  }
  await expect(openStorage(copy)).rejects.toThrow(
    /without-end.db must be whole, but is damaged, or was cut short/,
  );
});

test.each([
  ["update trial set record = replace(record, '7.5', '7.4') where number = 7", /^trial 7 in /],
  ["update trial set attempt = 5 where number = 2", /^trial 2 in /],
  ["update point set point = replace(point, '3.5', '3.4') where trial = 3", /^an evaluation of trial 3 in /],
  ["update study set config = '{}'", /^the study "s" in /],
  ["delete from trial where number = 4", /^trial 4 of "s" must be in /],
  ["update chunk set data = x'00' where name like (select checkpoint from trial) || '%'", /^the bytes /],
])("numbers that were changed by hand are named: %s", async (sql, sentence) => {
  const path = await storeAt(`changed-${sql.length}.db`, 10);
  const database = new DatabaseSync(path);
  expect(database.prepare(sql).run().changes).toBeGreaterThan(0);
  database.close();
  await using storage = await openStorage(path);
  const read = async (from: Storage) => {
    await from.list();
    const trials = await from.trials("s");
    await from.points("s");
    for (const { checkpoint } of trials) await from.artifact("s", checkpoint as string);
  };
  const refused = read(storage);
  await expect(refused).rejects.toThrow(sentence);
  await expect(refused).rejects.toMatchObject({ name: "HypertrainError", code: "work" });
});

test("a store that was cut short asks for a copy, wherever it was cut", async () => {
  const whole = readFileSync(await storeAt("cut.db"));
  const path = join(folder, "cut-short.db");
  for (const length of [6, 600, 5000, 30_000, whole.length - 8192]) {
    writeFileSync(path, whole.subarray(0, length));
    const sentence = /(has 6 bytes: .*|must be whole, but is damaged), or was cut short; restore a copy$/;
    await expect(openStorage(path)).rejects.toMatchObject({
      ...{ code: "work", message: expect.stringMatching(sentence) as string },
    });
  }
});

test("a database of another program is refused, and stays as it is", async () => {
  const path = join(folder, "other.db");
  const database = new DatabaseSync(path);
  database.exec("create table recipes (name text); insert into recipes values ('soup')");
  database.close();
  const before = readFileSync(path);
  await expect(openStorage(path)).rejects.toThrow(
    /^a store must be a new file or one of hypertrain's, but .* tables recipes; choose another file$/,
  );
  expect(readFileSync(path)).toEqual(before);
});

test("a store that was removed or replaced while it is open is worked on no more", async () => {
  const path = await storeAt("moved.db", 1);
  await using storage = await openStorage(path);
  await storage.list();
  renameSync(path, `${path}.elsewhere`);
  await expect(storage.list()).rejects.toThrow(/must stay where it is .* but was removed;/);
  writeFileSync(path, readFileSync(await storeAt("another.db", 1)));
  await expect(storage.trials("s")).rejects.toThrow(/but was replaced by another file;/);
  rmSync(path);
  renameSync(`${path}.elsewhere`, path);
  expect(await storage.trials("s")).toHaveLength(1);
});
