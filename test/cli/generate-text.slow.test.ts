import { writeFileSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadModel, type TextModel } from "../../src/artifacts/index.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const line = "the cat sat on the mat\n";
let model: TextModel;

async function train(...network: string[]): Promise<void> {
  writeFileSync("book.txt", line.repeat(40));
  const text = ["--data", "text", "--data-dir", "book.txt", "--bptt", "4", "--batch-size", "16"];
  const run = ["--epochs", "2", "--warmup-epochs", "0", "--no-baseline", "--threads", "1", "--out", "run"];
  const { code, stderr } = await call("tune", ...text, "--model", ...network, ...run, "--quiet");
  expect(code, stderr).toBe(0);
  model = await loadModel("run", await onnxEngine(), "text");
}

afterEach(() => model.dispose());

/** The probability of every character behind a text, from how well the run's model scores the text with it and without. */
async function probabilitiesBehind(text: string): Promise<Map<string, number>> {
  const nats = async (whole: string) =>
    whole.length < 2 ? 0 : (await model.score(whole)).loss * (whole.length - 1);
  const before = await nats(text);
  const all = new Map<string, number>();
  for (const token of model.document.classes) all.set(token, Math.exp(before - (await nats(text + token))));
  return all;
}

describe.each([
  ["lstm", "--hidden", "5"],
  ["transformer", "--width", "0.25"],
])("of the model %s", (...network) => {
  beforeEach(() => train(...network));

  test("a continued text follows the probabilities by which the model scores one", async () => {
    for (const start of ["t", "the ", "the cat s"]) {
      const behind = await probabilitiesBehind(start); // within a row of four, at its end, and in a later one
      const [likeliest] = [...behind].reduce((a, b) => (b[1] > a[1] ? b : a));
      expect([...behind.values()].reduce((a, b) => a + b)).toBeCloseTo(1, 4);
      expect((await model.generate(start, { length: 1, temperature: 0 })).tokens).toEqual([likeliest]);
    }
    const start = "the cat s";
    const greedy = await model.generate(start, { length: 12, temperature: 0 });
    for (const [i, token] of greedy.tokens.entries()) {
      const behind = await probabilitiesBehind(start + greedy.tokens.slice(0, i).join(""));
      expect(behind.get(token)).toBeCloseTo(Math.max(...behind.values()), 5);
    }
    const counts = new Map<string, number>();
    const draws = 300;
    for (let seed = 0; seed < draws; seed++) {
      const [token] = (await model.generate(start, { length: 1, seed })).tokens as [string];
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const [token, p] of await probabilitiesBehind(start)) {
      const sd = Math.sqrt((p * (1 - p)) / draws);
      expect(Math.abs((counts.get(token) ?? 0) / draws - p)).toBeLessThan(4 * sd + 1e-9);
    }
  });
});
