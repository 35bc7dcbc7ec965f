import { writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const line = "the cat sat on the mat and the dog saw the bird\n";
const run = ["--epochs", "2", "--warmup-epochs", "0", "--no-baseline", "--threads", "1", "--out", "run"];

test("a causal transformer is tuned on a text", { timeout: 120_000 }, async () => {
  writeFileSync("book.txt", line.repeat(40));
  const flags = ["--model", "transformer", "--width", "0.0625", "--bptt", "8", "--batch-size", "16"];
  const text = ["--data", "text", "--data-dir", "book.txt"];
  const { code, stdout, stderr } = await call("tune", ...text, ...flags, ...run, "--json");
  expect(code, stderr).toBe(0);
  const { best } = JSON.parse(stdout) as TuneResult;
  expect(Object.keys(best.hyperparameters)).toEqual([
    ...["embedding", "attention1", "hidden1", "attention2", "hidden2"].map((place) => `dropout.${place}`),
    "dropout-embedding",
  ]);
  expect(best.valid.loss).toBeLessThan(2.82); // ln 17 = 2.83: it knows more than that there are 17 letters
});
