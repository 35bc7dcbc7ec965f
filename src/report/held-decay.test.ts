import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { heldDecaySentence } from "./held-decay.ts";

const decay = real(1e-4, { log: true });
const space = createSpace({
  ...{ "l2.fc1": decay, "l2.fc2": decay, l1: real(0.1, { log: true, low: 1e-3, high: 100 }) },
  ...{ high: real(50, { log: true }), "dropout.fc1": real(0.1, { low: 0, high: 0.95 }) },
});

const ending = (values: Readonly<Record<string, number>>, more: Partial<TracePoint> = {}): TracePoint => ({
  ...{ step: 10, epoch: 1, examples: 0, gradientEvaluations: 0, seconds: 0, valid: { loss: 1 } },
  hyperparameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
  ...more,
});

const told = (point: TracePoint, learningRate?: number) =>
  heldDecaySentence([point], { space, learningRate });

test("a run says which weight decays were held", () => {
  const point = ending({ "l2.fc1": 33.333332, "l2.fc2": 33.33334, "dropout.fc1": 0.3 });
  expect(told(point, 0.03)).toBe(
    "l2.fc1 and l2.fc2 were held at 33.33, 1 / learning rate, where a step of gradient descent makes its weights 0: for more, take a lower learning rate (`lr`) or a range with an upper end (`hyper`).",
  );
  expect(told(ending({ "l2.fc1": 33.2, "l2.fc2": 33.33334 }), 0.03)).toMatch(/^l2\.fc2 was held at 33\.33,/);
  const trace = [point, ending({ "l2.fc1": 20, "l2.fc2": 1 })]; // it may come back
  expect(heldDecaySentence(trace, { space, learningRate: 0.03 })).toMatch(/^l2\.fc1 and l2\.fc2 were held/);
});

test("it says nothing of what is below, has an upper end, started above or is a search's, nor without a learning rate", () => {
  const at = { "l2.fc1": 33.33333 };
  expect(told(ending({ "l2.fc1": 33.2, l1: 33.33333, high: 33.33333 }), 0.03)).toBeUndefined();
  expect(told(ending(at, { trial: { number: 0, epoch: 1 } }), 0.03)).toBeUndefined();
  expect(told(ending(at))).toBeUndefined();
  expect(heldDecaySentence([], { space, learningRate: 0.03 })).toBeUndefined();
});
