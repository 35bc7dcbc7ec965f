import { expect, test } from "vitest";

import { imageTask } from "../../test/laws/images.ts";
import { real } from "../space/real.ts";
import { smallTask } from "../testing/small-task.ts";
import { deltaStn } from "./delta-stn.ts";
import { fixed } from "./fixed.ts";
import { t1T2 } from "./implicit.ts";
import { planRun } from "./run-plan.ts";
import type { Tuner } from "./tuner.ts";

const told = (tuner: Tuner, options: { validBatchSize?: number; checkShare?: number }) =>
  planRun(smallTask(), tuner, { epochs: 1000, ...options }).plan.remarks;

test("options of a run that its method has no use for are told, and no others", () => {
  const both = { validBatchSize: 7, checkShare: 0.03 };
  expect(told(fixed(), both)).toEqual([
    "`validBatchSize: 7` changes nothing here: fixed takes no minibatches of the validation part; leave it out",
    "`checkShare: 0.03` changes nothing here: fixed learns no response that could be held against training; leave it out",
  ]);
  expect(told(fixed(), { checkShare: 0 })).toEqual([]);
  expect(told(t1T2(), both)).toEqual([expect.stringMatching(/^`checkShare: 0\.03` changes nothing here: /)]);
  expect(told(deltaStn(), both)).toEqual([]);
});

test("where training carries running statistics, that is why a response is not checked", () => {
  const normed = [{ layer: "flatten" }, { layer: "batch-norm" }, { layer: "linear" }] as const;
  const task = imageTask([2, 2, 2], normed, { l2: real(0.01, { log: true }) });
  const remarks = (tuner: Tuner, checkShare: number) =>
    planRun(task, tuner, { epochs: 1000, checkShare }).plan.remarks;
  expect(remarks(deltaStn(), 0.03)).toEqual([
    "`checkShare: 0.03` changes nothing here: delta-stn holds no response against training that carries running statistics, as those of batch normalisation; leave it out",
  ]);
  expect(remarks(deltaStn(), 0)).toEqual([]);
  expect(remarks(fixed(), 0.03)).toEqual([expect.stringContaining("fixed learns no response")]);
});
