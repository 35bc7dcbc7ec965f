import { expect, test } from "vitest";

import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { heldDecaySentence } from "./held-decay.ts";

const decays = ["l2.fc1", "l2.fc2"];

const point = (
  values: Readonly<Record<string, HyperPoint["value"]>>,
  more: Partial<TracePoint> = {},
): TracePoint => ({
  ...{ step: 10, epoch: 1, examples: 0, gradientEvaluations: 0, seconds: 0, valid: { loss: 1 } },
  hyperparameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
  ...more,
});
const start = point({ "l2.fc1": 1e-4, "l2.fc2": 1e-4, l1: 0.1, "dropout.fc1": 0.1 }, { step: 0 });

const told = (later: TracePoint, learningRate?: number) =>
  heldDecaySentence([start, later], { decays, learningRate });

test("a run says which weight decays were held", () => {
  const both = point({ "l2.fc1": 33.333332, "l2.fc2": 33.33334, "dropout.fc1": 0.3 });
  expect(told(both, 0.03)).toBe(
    "l2.fc1 and l2.fc2 were held at 33.33, 1 / learning rate, where a step of gradient descent makes its weights 0: for more, take a lower learning rate (`lr`) or a range with an upper end (`hyper`).",
  );
  expect(told(point({ "l2.fc1": 33.2, "l2.fc2": 33.33334 }), 0.03)).toMatch(/^l2\.fc2 was held at 33\.33,/);
  const trace = [start, both, point({ "l2.fc1": 20, "l2.fc2": 1 })]; // it may come back
  expect(heldDecaySentence(trace, { decays, learningRate: 0.03 })).toMatch(/^l2\.fc1 and l2\.fc2 were held/);
});

test("one element that was held is enough, of thousands one in ten", () => {
  const begun = point({ "l2.each": [1, 1, 1] });
  const held = (later: TracePoint) =>
    heldDecaySentence([begun, later], { decays: ["l2.each"], learningRate: 0.2 });
  expect(held(point({ "l2.each": [0.2, 5.0000002, 3] }))).toMatch(/^l2\.each was held at 5, /);
  expect(held(point({ "l2.each": [0.2, 4.9, 3] }))).toBeUndefined();
  const many = { value: 2, elements: { count: 5000, q10: 0.1, q50: 2, q90: 5 } };
  expect(held({ ...begun, hyperparameters: { "l2.each": many } })).toMatch(/^l2\.each was held at 5, /);
});

test("it says nothing of what is below, is no decay, only started there or is a search's, nor without a learning rate", () => {
  const at = { "l2.fc1": 33.33333 };
  expect(told(point({ "l2.fc1": 33.2, l1: 33.33333 }), 0.03)).toBeUndefined();
  expect(told(point(at))).toBeUndefined();
  const begun = [point(at), point(at)];
  expect(heldDecaySentence(begun, { decays, learningRate: 0.03 })).toBeUndefined();
  const search = [point(at, { trial: { number: 0, epoch: 0 } }), point({ "l2.fc1": 33.33334 })];
  expect(heldDecaySentence(search, { decays, learningRate: 0.03 })).toBeUndefined();
  expect(heldDecaySentence([], { decays, learningRate: 0.03 })).toBeUndefined();
});
