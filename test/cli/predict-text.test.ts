import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { beforeEach, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { loadModel } from "../../src/artifacts/index.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const line = "the cat sat on the mat and the dog saw the bird\n";
const unheard = "the dog saw the zebra\n";

let best: TuneResult["best"];

beforeEach(async () => {
  mkdirSync("words");
  const parts = { train: line.repeat(60), valid: line.repeat(5) + unheard, test: line.repeat(40) + unheard };
  for (const [part, text] of Object.entries(parts)) writeFileSync(`words/${part}.txt`, text);
  const model = ["--model", "lstm", "--hidden", "5", "--bptt", "4", "--batch-size", "16"];
  const run = ["--epochs", "2", "--warmup-epochs", "0", "--no-baseline", "--threads", "1", "--out", "run"];
  const { code, stdout, stderr } = await call(
    ...["tune", "--data", "ptb", "--data-dir", "words", ...model, ...run, "--json", "--quiet"],
  );
  expect(code, stderr).toBe(0);
  ({ best } = JSON.parse(stdout) as TuneResult);
});

test("a model of a text judges a new one as the run judged its test part, and refuses what is none", async () => {
  const { code, stdout, stderr } = await call("predict", "run", "words/test.txt", "--json");
  expect([code, stderr]).toEqual([0, ""]);
  const judged = JSON.parse(stdout) as { tokens: number; unknown: number; score: typeof best.valid };
  expect(judged).toEqual({
    tokens: 13 * 40 + 6,
    unknown: expect.closeTo(1 / 526, 9) as number,
    score: {
      loss: expect.closeTo(best.test?.loss as number, 5) as number,
      metric: { name: "perplexity", value: expect.closeTo(best.test?.metric?.value as number, 3) as number },
    },
  });
  expect((await call("predict", "run", "words/test.txt")).stdout).toMatch(
    /^\n {2}526 words, 0\.19 % of them <unk>: loss \d\.\d{4} nats each, perplexity [\d.]+\n$/,
  );
  writeFileSync("short.txt", "the cat");
  const short = JSON.parse((await call("predict", "run", "short.txt", "--json")).stdout) as typeof judged;
  expect([short.tokens, short.unknown]).toEqual([3, 0]); // fewer than a row of training, with <eos>
  expect(short.score.loss).toBeGreaterThan(0);

  mkdirSync("images");
  writeFileSync("images/one.png", "");
  writeFileSync("empty.txt", "");
  writeFileSync("latin.txt", Uint8Array.of(0xe9, 0x20));
  for (const [argv, sentence] of [
    [
      ["images"],
      /^error: run must be a run on images for its model to take some, but words is a text; give it a file of text\n$/,
    ],
    [
      ["empty.txt"],
      /^error: the text must have at least 2 tokens, but has 0; check that it is the right file\n$/,
    ],
    [["latin.txt"], /^error: .*latin\.txt must be text in UTF-8, /],
    [
      ["short.txt", "short.txt"],
      /^error: predict must be given one file of text where the run was on one, but got 2;/,
    ],
    [
      ["short.txt", "--out", "answers.csv"],
      /^error: --out must go with rows or images, but the run was on a text/,
    ],
    [["nowhere.txt"], /^error: .*nowhere\.txt/],
  ] as const) {
    const told = await call("predict", "run", ...argv);
    expect([told.code, told.stdout, told.stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
  }
  const document = JSON.parse(readFileSync("run/model.json", "utf8")) as { text: unknown };
  expect(document.text).toEqual({ tokens: "word" });
});

test("a model of a text continues one, the same from the same seed, and refuses what does not go with that", async () => {
  const asked = ["predict", "run", "--continue", "the cat", "--length", "30", "--temperature", "0.7"];
  const { code, stdout, stderr } = await call(...asked, "--seed", "3");
  expect([code, stderr]).toEqual([0, ""]);
  const model = await loadModel("run", await onnxEngine(), "text");
  const { text, tokens } = await model.generate("the cat", { length: 30, temperature: 0.7, seed: 3 });
  const longer = await model.generate("the cat", { length: 40, temperature: 0.7, seed: 3 });
  model.dispose();
  expect(stdout).toBe(`the cat${text}\n`);
  expect(tokens).toHaveLength(30);
  expect(longer.tokens.slice(0, 30)).toEqual(tokens);
  const document = JSON.parse((await call(...asked, "--seed", "3", "--json")).stdout) as unknown;
  expect(document).toEqual({ start: "the cat", text, tokens, unknown: 0 });
  expect((await call(...asked, "--seed", "4")).stdout).not.toBe(stdout);

  const plugh = ["predict", "run", "--continue", "the plugh cat xyzzy", "--length", "2"];
  expect(await call(...plugh)).toMatchObject({
    code: 0,
    stderr: "warning: 2 of the 4 words of the text are unknown to the model, which takes them for <unk>\n",
    stdout: expect.stringMatching(/^the plugh cat xyzzy\s/) as string,
  });
  expect(JSON.parse((await call(...plugh, "--json")).stdout)).toMatchObject({ unknown: 0.5 });

  for (const [argv, sentence] of [
    [[], /^error: predict must be given what to answer for, but got a run alone; add a file/],
    [
      ["words/test.txt", "--continue", "the"],
      /^error: --continue must come without files, .* but got "words/,
    ],
    [
      ["words/test.txt", "--seed", "3"],
      /^error: --seed must come with --continue, but got 3; leave it out\n$/,
    ],
    [["--continue", "the", "--out", "a.csv"], /^error: --out must come without --continue, but got a.csv/],
    [
      ["--continue", "the", "--length", "1e9", "--json"],
      /^error: --length must be a whole number, at least 1 and at most 100000, but got 1000000000; change it/,
    ],
    [
      ["--continue", "the", "--length", "0"],
      /^error: --length must be a whole number, at least 1 and at most 100000, but got 0; change it/,
    ],
    [
      ["--continue", "the", "--temperature", "-1"],
      /^error: --temperature must be a number, at least 0, but got -1/,
    ],
    [
      ["--continue", " "],
      /^error: the text must have a word to go on from, but has none; give its beginning\n$/,
    ],
  ] as const) {
    const told = await call("predict", "run", ...argv);
    expect([told.code, told.stdout, told.stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
  }
});
