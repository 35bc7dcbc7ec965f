import { expect, test } from "vitest";

import { openStorage, separatePassword } from "../../src/storage/open-storage.ts";

test("a password is taken out of a URL wherever it stands there, and nothing else is", () => {
  expect(separatePassword("study.db")).toEqual({ place: "study.db" });
  expect(separatePassword("postgres://me@db/s?ssl=true")).toEqual({ place: "postgres://me@db/s?ssl=true" });
  expect(separatePassword("postgres://me:a%20b@db:5/s")).toEqual({
    ...{ place: "postgres://me@db:5/s", password: "a b" },
  });
  expect(separatePassword("postgresql://me@db/s?password=ab&ssl=true")).toEqual({
    ...{ place: "postgresql://me@db/s?ssl=true", password: "ab" },
  });
});

test("a URL of another database is refused without what it holds", async () => {
  await expect(openStorage("mysql://me:secret@db/s")).rejects.toThrow(
    "a store must be a SQLite file or a postgres:// URL, but got one of mysql://; choose one of these",
  );
  for (const host of ["u@127.0.0.1", "u:12@34@h", "127.0.0.1", "u@[::1]"]) {
    await expect(openStorage(`postgres://${host}:99999/x`)).rejects.toThrow(
      "the port of a postgres:// URL must be at most 65535, but got 99999; correct it",
    );
  }
  await expect(openStorage("postgres://u:123456/7@h:b/x")).rejects.toThrow(
    "must name user, host and database, but got postgres://u",
  );
});
