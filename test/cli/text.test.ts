import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import * as ort from "onnxruntime-node";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const line = "the cat sat on the mat and the dog saw the bird\n";
const model = ["--model", "lstm", "--hidden", "5", "--bptt", "4", "--batch-size", "16"];
const run = ["--epochs", "2", "--warmup-epochs", "0", "--no-baseline", "--threads", "1", "--out", "run"];

test("a text is tuned as words from a directory, and its perplexity is the exponential of its loss", async () => {
  mkdirSync("words");
  const short = "the cat saw the\n"; // one row, since model.onnx starts every row anew
  for (const [part, text] of Object.entries({
    train: line.repeat(60),
    valid: line.repeat(10),
    test: short,
  })) {
    writeFileSync(`words/toy.${part}.txt`, text);
  }
  const { code, stdout, stderr } = await call(
    "tune",
    "--data",
    "ptb",
    "--data-dir",
    "words",
    ...model,
    ...run,
    "--json",
  );
  expect(code, stderr).toBe(0);
  const { best } = JSON.parse(stdout) as TuneResult;
  expect(Object.keys(best.hyperparameters)).toEqual([
    ...["dropout.embedding", "dropout.lstm1", "dropout-embedding"],
    ...["activation-l2", "activation-slowness"],
  ]);
  expect(best.valid.loss).toBeGreaterThan(0);
  expect(best.valid.loss).toBeLessThan(Math.log(10)); // 9 words and <eos>
  for (const { loss, metric } of [best.valid, best.test as typeof best.valid]) {
    expect(metric).toEqual({ name: "perplexity", value: expect.closeTo(Math.exp(loss), 9) });
  }

  const { classes } = JSON.parse(readFileSync("run/model.json", "utf8")) as { classes: string[] };
  const tokens = short
    .replaceAll("\n", " <eos> ")
    .trim()
    .split(" ")
    .map((word) => classes.indexOf(word));
  const rows = 1;
  const x = new ort.Tensor("int32", Int32Array.from(tokens.slice(0, 4 * rows)), [rows, 4]);
  const session = await ort.InferenceSession.create("run/model.onnx", { logSeverityLevel: 3 });
  const { y } = await session.run({ x });
  await session.release();
  expect(y?.dims).toEqual([rows, 4, 10]);
  const logits = y?.data as Float32Array;
  const losses = Array.from({ length: 4 * rows }, (_, i) => {
    const z = logits.subarray(10 * i, 10 * (i + 1));
    return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - (z[tokens[i + 1] as number] as number);
  });
  expect(losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toBeCloseTo(
    best.test?.loss as number,
    5,
  );
});

test.each([
  [
    ["--data", "text", "--data-dir", "nowhere"],
    "--data-dir must name a text file, or a directory with train, valid and test files, but there is no",
  ],
  [
    ["--data", "text", "--data-dir", "one.txt"],
    "the text one must have at least 108 tokens, but has 1; check",
  ],
  [
    ["--data", "text", "--data-dir", "two.txt"],
    "the text two must have at least 108 tokens, but has 2; lower --bptt, or take a longer text",
  ],
  [
    ["--data", "text", "--data-dir", "good.txt", "--valid", "9000"],
    "every part of the data must have at least one character, but validation and test ask for 9000 and 240 of 2400 characters; ask for fewer (--valid, --test) or add characters",
  ],
  [
    ["--data", "text", "--data-dir", "same.txt"],
    'the training part of a text must have at least two different characters to predict, but that of same has only "a"',
  ],
  [
    ["--data", "ptb", "--data-dir", "empty"],
    "empty must hold the files train.txt and valid.txt, and maybe test.txt, but has no train file",
  ],
  [
    ["--data", "digits", "--bptt", "4"],
    "--bptt must come with --data text or ptb, but got 4 with --data digits",
  ],
  [
    ["--data", "text", "--data-dir", "good.txt", "--model", "mlp"],
    "--model must be lstm, transformer or a FILE.json for the text good, whose every token is predicted, but got mlp",
  ],
  [
    ["--data", "text", "--data-dir", "good.txt", "--model", "transformer", "--hidden", "32"],
    "--hidden must be left out for transformer, whose layers are its own, but got 32; leave it out, or take --model lstm",
  ],
  [["--data", "digits", "--model", "lstm"], "--model lstm must have a text to predict, but digits is none"],
  [
    ["--data", "text", "--data-dir", "good.txt", "--model", "lstm", "--loss", "squared-error"],
    "a text must have the loss cross-entropy without class weights, but got squared-error and none",
  ],
  [
    ["--data", "text", "--data-dir", "good.txt", "--model", "lstm", "--target", "x"],
    "--target must go with a table of your own, but the data is text",
  ],
  [
    ["--data", "text", "--data-dir", "good.txt", "--model", "few.json"],
    'layer 1 (embedding "embedding1") of network must have a vector for each of the',
  ],
  [
    ["--data", "text", "--data-dir", "good.txt", "--model", "within.json"],
    'layer 1 (residual), layer 1 (embedding "embedding2") of network must have a vector for each of the',
  ],
] as const)("refuses %j", async (argv, sentence) => {
  mkdirSync("empty");
  writeFileSync("one.txt", "a");
  writeFileSync("two.txt", "ab");
  writeFileSync("same.txt", "a".repeat(1000));
  writeFileSync("good.txt", line.repeat(50));
  writeFileSync(
    "few.json",
    JSON.stringify([{ layer: "embedding", outputs: 3, words: 4 }, { layer: "linear" }]),
  );
  const words = { layer: "embedding", outputs: 3, words: 4 };
  const within = { layer: "residual", layers: [{ ...words, words: 99 }], shortcut: [words] };
  writeFileSync("within.json", JSON.stringify([within, { layer: "linear" }]));
  const { code, stderr } = await call("tune", ...argv);
  expect([code, stderr.split("\n")[0]]).toEqual([2, expect.stringContaining(sentence)]);
});
