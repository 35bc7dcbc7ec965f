import { expect, test } from "vitest";

import { textData } from "../data/text.ts";
import type { Session } from "../engine/engine.ts";
import { lstmLanguageModel } from "../nn/networks/lstm.ts";
import { supervised } from "../problem/supervised.ts";
import { real } from "../space/real.ts";
import { deltaStn } from "./delta-stn.ts";
import type { TunerPrograms } from "./evaluate.ts";
import { t1T2 } from "./implicit.ts";
import { runHost } from "./run-host.ts";
import { planRun } from "./run-plan.ts";

/** A text of so many rows of two tokens to train on, and to validate on. */
function taskOf(rows: { train: number; valid: number }) {
  const part = (count: number) => "ab".repeat(count) + "a";
  const data = textData(
    { train: part(rows.train), valid: part(rows.valid) },
    { name: "toy", steps: 2, tokens: "character" },
  );
  const network = lstmLanguageModel({ steps: 2, words: data.outputs, hidden: [3, 2] });
  return supervised({ data, network, hypers: { "dropout.lstm1": real(0.05, { low: 0, high: 0.9 }) } });
}

const noSession = {} as Session<TunerPrograms>; // no program runs
const still = { began: () => 0, warmedUp: () => undefined, rateFactor: () => 1 };

test.each([
  [40, 20, 8],
  [40, 8, 8],
  [8, 9, 8],
  [8, 8, 128],
  [2, 1, 1],
  [1, 1, 1],
])(
  "%i training and %i validation rows in minibatches of %i: what is said is what streams do",
  (train, valid, size) => {
    const task = taskOf({ train, valid });
    const { plan } = planRun(task, deltaStn(), { epochs: 100, batchSize: size });
    const host = runHost(task, noSession, plan.settings, still);
    const handsOn = (stream: "train" | "valid") =>
      Array.from({ length: 100 }, (_, i) => host.continues?.(stream, i)?.continues.data[0]).includes(1);
    expect(plan.remarks.map((remark) => remark.split(" step to")[0])).toEqual([
      ...(handsOn("train") ? [] : ['no state of "lstm1", "lstm2" goes from one training']),
      ...(handsOn("valid") ? [] : ['no state of "lstm1", "lstm2" goes from one hyperparameter']),
    ]);
  },
);

test("what is advised makes streams of more rows", () => {
  const task = taskOf({ train: 95, valid: 2 });
  const remarksAt = (sizes: { batchSize: number; validBatchSize: number }) =>
    planRun(task, deltaStn(), { epochs: 100, ...sizes }).plan.remarks;
  expect(remarksAt({ batchSize: 128, validBatchSize: 128 })).toEqual([
    'no state of "lstm1", "lstm2" goes from one training step to the next: a minibatch holds all training rows, 95, each of which begins at 0; a smaller minibatch (`batchSize: 9`) hands it on',
    'no state of "lstm1", "lstm2" goes from one hyperparameter step to the next: a minibatch holds all validation rows, 2, each of which begins at 0; a smaller minibatch (`validBatchSize: 1`) hands it on',
  ]);
  expect(remarksAt({ batchSize: 9, validBatchSize: 1 })).toEqual([]);
});

test("nothing is said by a method that hands nothing on at all, which has no use for other minibatches", () => {
  const task = taskOf({ train: 8, valid: 8 });
  expect(planRun(task, t1T2(), { epochs: 100, batchSize: 8 }).plan.remarks).toEqual([]);
});
