import { expect, test } from "vitest";

import { withOptimizerHypers } from "../hypergrad/optimizer-hypers.ts";
import { choice } from "../space/choice.ts";
import { real } from "../space/real.ts";
import { smallTask } from "../testing/small-task.ts";
import { factsOf, methodFor } from "./method-for.ts";

const l2 = real(1e-3, { low: 1e-6, high: 1, log: true });
const rate = real(0.01, { low: 1e-4, high: 1, log: true });

const activation = choice("relu", { options: ["relu", "tanh"] });

test.each([
  ["dropout rates and a weight decay", smallTask(), "delta-stn"],
  [
    "a penalty for every weight",
    smallTask({ hidden: [16], hypers: { "l2.each": { ...l2, shape: [115] } } }),
    "delta-stn",
  ],
  ["a learning rate", withOptimizerHypers(smallTask(), { learningRate: rate }), "hyperband"],
  ["an activation", smallTask({ hypers: { l2, "activation.fc1": activation } }), "gp"],
  ["nothing", smallTask({ hypers: {} }), "fixed"],
])("the method for %s", (_, task, method) => {
  expect(methodFor(factsOf(task)).method).toBe(method);
});

test("a Gaussian process is for few hyperparameters", () => {
  const facts = { discrete: true, ofOptimizer: false };
  expect(methodFor({ ...facts, hyperparameters: 20 }).method).toBe("gp");
  expect(methodFor({ ...facts, hyperparameters: 21 }).method).toBe("tpe");
});
