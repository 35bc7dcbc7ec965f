import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";

import { expect, test, vi } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { startS3 } from "../storage/s3-server.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const search = [
  ...["tune", "--data", "wine", "--hidden", "3", "--method", "population-based", "--trial-epochs", "9"],
  ...["--batch-size", "40", "--engine", "onnx", "--threads", "1", "--no-baseline", "--quiet", "--json"],
  ...["--trials", "10"],
];

const numbersOf = async (store: string, study: string) => {
  await using storage = await openStorage(store);
  const trials = await storage.trials(study);
  return trials.map(({ number, values, state, curve, copies }) => ({ number, values, state, curve, copies }));
};

test("a search with its artifacts in files, or in a bucket, has the numbers of one that has them in its store", async () => {
  const s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
  const results = [];
  for (const place of ["sql", "file:kept", "s3://bucket/studies"]) {
    const study = place.slice(0, 2);
    const { code, stdout, stderr } = await call(
      ...[...search, "--store", "study.db", "--artifacts", place, "--study", study],
    );
    expect([code, stderr]).toEqual([0, ""]);
    results.push({
      best: (JSON.parse(stdout) as TuneResult).best.valid.loss,
      trials: await numbersOf("study.db", study),
    });
  }
  const [first, ...others] = results;
  expect(first?.trials.some(({ copies }) => copies !== undefined)).toBe(true);
  for (const other of others) expect(other).toEqual(first);
  expect(readdirSync("kept")).toHaveLength(1);
  expect(s3.objects.size).toBeGreaterThan(1);
  for (const study of ["fi", "s3"]) {
    expect((await call("study", "delete", study, "--store", "study.db")).code).toBe(0);
  }
  expect([readdirSync("kept"), s3.objects.size]).toEqual([[], 0]);
  vi.unstubAllEnvs();
  await s3.stop();
});

const open = ["--store", "study.db", "--study", "s"];

test("a place for artifacts that cannot be used leaves no store behind", async () => {
  const s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
  writeFileSync("taken", "");
  const refused = [
    ["s3://gone", /NoSuchBucket/],
    ["s3://BUCKET", /must be at s3:\/\/BUCKET or s3:\/\/BUCKET\/PREFIX/],
    ["file:taken/kept", /must be a folder, but a file is there/],
  ] as const;
  for (const [place, sentence] of refused) {
    const compare = [
      "compare",
      "--data",
      "wine",
      "--methods",
      "random",
      "--seeds",
      "1",
      "--budget-steps",
      "9",
    ];
    for (const command of [search, ["serve"], compare]) {
      const { code, stderr } = await call(...command, "--store", "new.db", "--artifacts", place);
      expect([code, stderr.split("\n").length], stderr).toEqual([expect.toBeOneOf([1, 2]), 2]);
      expect(stderr).toMatch(sentence);
    }
  }
  expect(readdirSync(".").filter((name) => name.startsWith("new"))).toEqual([]);
  expect([...s3.objects.keys()]).toEqual([]);
  vi.unstubAllEnvs();
  await s3.stop();
});

test("a worker that cannot reach the artifacts says so before it trains, in one sentence", async () => {
  const s3 = await startS3();
  for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
  for (const [study, place] of [
    ["files", "file:kept"],
    ["bucket", "s3://bucket"],
  ] as const) {
    const options = ["--store", "study.db", "--study", study, "--artifacts", place];
    expect((await call(...search, ...options, "--trials", "1")).code).toBe(0);
    await using storage = await openStorage("study.db");
    await storage.reopen(study, ({ config }) => ({ ...(config as object), trials: 2 }));
  }
  const attempts = async (study: string) => {
    await using storage = await openStorage("study.db");
    return (await storage.trials(study)).map(({ attempt }) => attempt);
  };
  renameSync("kept", "elsewhere");
  const before = await attempts("files");
  const away = await call("work", "study.db", "--study", "files");
  expect(away.code).toBe(2);
  expect(away.stderr).toMatch(
    /^error: the folder of a study's artifacts must be there [^\n]*kept\/files-\w{8} is not there; mount [^\n]*\n$/,
  );
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wrong");
  const wrong = await call("work", "study.db", "--study", "bucket");
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^error: s3:\/\/bucket must let artifacts be [^\n]*403 SignatureDoesNotMatch; [^\n]*\n$/,
    ),
  ]);
  await s3.stop();
  const down = await call("work", "study.db", "--study", "bucket");
  expect([down.code, down.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^error: s3:\/\/bucket must be within reach, but http[^\n]*ECONNREFUSED; [^\n]*\n$/,
    ),
  ]);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "");
  const poor = await call("work", "study.db", "--study", "bucket");
  expect([poor.code, poor.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: artifacts in s3:\/\/ must have AWS_ACCESS_KEY_ID [^\n]*\n$/),
  ]);
  vi.unstubAllEnvs();
  expect(await attempts("files")).toEqual(before);
  renameSync("elsewhere", "kept");
  expect((await call("work", "study.db", "--study", "files", "--quiet")).code).toBe(0);
});

test("a study goes on with its artifacts where they are, and another place is refused", async () => {
  expect((await call(...search, ...open, "--artifacts", "file:kept", "--trials", "1")).code).toBe(0);
  const refused = await call(...search, ...open, "--artifacts", "file:other", "--trials", "2");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(
      /^error: the artifacts of "s" must stay where they are, in file:kept, but got file:other;/,
    ),
  ]);
  expect(existsSync("other")).toBe(false);
  expect((await call(...search, ...open, "--trials", "2", "--out", "again")).code).toBe(0);
});

test.each([
  ["files", /^error: --artifacts must be sql, file:DIR or s3:\/\/BUCKET\/PREFIX, but got "files"\n$/],
  ["file:", /^error: --artifacts must be sql/],
  ["s3://Bucket", /^error: artifacts in an object store must be at s3:/],
  ["file:a-file", /^error: [^\n]*a-file[^\n]* must (be a folder|lie in folders), but [^\n]*\n$/],
])("artifacts have no place such as %s", async (place, sentence) => {
  writeFileSync("a-file", "");
  mkdirSync("there");
  const { code, stderr } = await call(...search, ...open, "--artifacts", place);
  expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  expect(existsSync("runs")).toBe(false);
});

test("--artifacts is for studies in a store", async () => {
  const { code, stderr } = await call(...search.slice(0, -2), "--artifacts", "sql");
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: --artifacts must come with --store,/)]);
});
