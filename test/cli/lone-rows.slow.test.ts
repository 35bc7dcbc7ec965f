import { writeFileSync } from "node:fs";

import { beforeEach, expect, test } from "vitest";

import type { ComparisonDocument } from "../../src/api/comparison.ts";
import { call, useFolder } from "./command.ts";

useFolder();
beforeEach(() => {
  writeFileSync("book.txt", "it was a dark and stormy night; ".repeat(4));
});

const text = ["--data-dir", "book.txt", "--tokens", "character", "--bptt", "2"];
const small = [...text, "--model", "lstm", "--hidden", "3", "--hyper", "dropout.lstm1=0.05"];
const said =
  /no state of "lstm1" goes from one training step to the next: a minibatch holds all training rows/g;

test("inspect says of a search as of a training that no row of a minibatch follows another", async () => {
  for (const method of ["random", "fixed"]) {
    const { code, stdout, stderr } = await call(
      "inspect",
      "text",
      ...text,
      "--model",
      "lstm",
      "--hidden",
      "3",
      "--method",
      method,
    );
    expect(code, stderr).toBe(0);
    expect(stdout.match(said), method).toHaveLength(1);
    expect(stdout).toContain("(--batch-size ");
  }
});

test("a search in a store says so once", async () => {
  const search = [...small, "--data", "text", "--method", "random", "--trial-epochs", "1", "--no-baseline"];
  const { code, stderr } = await call("tune", ...search, "--store", "s.db", "--trials", "1", "--out", "run");
  expect(code, stderr).toBe(0);
  expect(stderr.match(said)).toHaveLength(1);
});

test("a comparison says so once of all its methods, and keeps it", async () => {
  const methods = ["--methods", "fixed,random,delta-stn", "--seeds", "1", "--budget-steps", "2"];
  const { code, stdout, stderr } = await call("compare", "--data", "text", ...small, ...methods, "--json");
  expect(code, stderr).toBe(0);
  expect(stderr.match(said)).toHaveLength(1);
  expect(stderr).toContain("goes from one hyperparameter step to the next");
  const { warnings } = JSON.parse(stdout) as ComparisonDocument;
  expect(warnings.filter(({ sentence }) => sentence.startsWith("no state of"))).toMatchObject([
    { about: "options" },
    { about: "options" },
  ]);
});
