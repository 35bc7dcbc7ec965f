import { init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { defineProblem } from "../../src/problem/define-problem.ts";
import { checkProblem } from "../../src/problem/check-problem.ts";
import type { Problem } from "../../src/problem/problem.ts";
import { type HostArray, hostZeros } from "../../src/util/host-array.ts";
import { check, part, sound } from "./sound-problem.ts";

beforeAll(async () => void (await init("cpu")));

test("a sound problem passes", () => expect(() => check()).not.toThrow());

test.each<[string, Partial<Problem>, string]>([
  [
    "a loss that is one number",
    { loss: (f) => np.square(f as np.Array).sum() },
    "loss .* must return the shape \\[4\\] for 4 rows, but returned \\[\\]",
  ],
  [
    "a loss of each output",
    { loss: (f) => np.square(f as np.Array) },
    "loss .* \\[4\\] .* returned \\[4, 1\\]",
  ],
  [
    "a validation loss",
    { validLoss: (f) => np.square(f as np.Array).sum(0) },
    "^validLoss .* \\[4\\] .* returned \\[1\\]",
  ],
  [
    "a penalty of each weight",
    { penalty: (layers) => (layers.params() as { w: np.Array }).w.reshape([-1]) },
    "^penalty .* \\[\\] or \\[1\\] or \\[4\\] .* returned \\[3\\]",
  ],
  [
    "a metric",
    { metric: { name: "m", perExample: (f) => np.max(f as np.Array) } },
    "^metric.perExample .* returned \\[\\]",
  ],
  [
    "a prediction of nothing",
    { predict: (() => undefined) as never },
    "^predict .* must return an array, or arrays by name, but returned undefined; return what it computes",
  ],
  [
    "no loss at all",
    { loss: (() => undefined) as never },
    "^loss .* returned undefined; return what it computes$",
  ],
  [
    "a loss that is a number",
    { loss: (() => 3) as never },
    "^loss .* returned the number 3; make it an array of jax-js$",
  ],
  [
    "a loss that is numbers",
    { loss: (() => [1, 2, 3, 4]) as never },
    "^loss .* returned a list; make it an array of jax-js$",
  ],
  [
    "a loss that is no array of jax-js",
    { loss: (() => hostZeros([4])) as never },
    "^loss .* returned a HostArray; make it an array of jax-js$",
  ],
  [
    "a loss by name",
    { loss: (() => ({ all: np.zeros([4]) })) as never },
    "^loss .* returned an object; make it an",
  ],
  ["no penalty", { penalty: (() => null) as never }, "^penalty .* returned null; make it an"],
  [
    "a prediction with a number",
    { predict: (() => ({ y: { mean: np.zeros([4]), share: 0.5 } })) as never },
    '^predict .* must return an array, or arrays by name, but returned the number 0.5 as "y.share"; make it an array of jax-js$',
  ],
  [
    "an asynchronous prediction",
    { predict: (async () => await Promise.reject(new Error("nobody reads this"))) as never },
    "^predict .* but returned a promise; leave out `async`$",
  ],
  [
    "an asynchronous loss",
    { loss: (async () => await Promise.resolve(3)) as never },
    "^loss .* \\[4\\] .* a promise; leave out `async`$",
  ],
  [
    "asynchronous parameters",
    { init: (async () => await Promise.resolve({})) as never },
    "^init .* but returned a promise; leave out `async`$",
  ],
  [
    "parameters that are plain numbers",
    { init: () => ({ w: [1, 2] }) as never },
    '^init .* but returned a list as "w"; make it a HostArray$',
  ],
])("%s is refused, by the function's name and both shapes", (_, changes, sentence) => {
  expect(() => check(changes)).toThrow(new RegExp(sentence));
});

const jitter = { distribution: "normal", shape: [3], per: "example" } as const;
const declared = (parts: object) => parts as Partial<Problem>; // whatever a user writes

test.each<[string, object, string]>([
  [
    "a distribution",
    { noise: { jitter: { ...jitter, distribution: "gauss" } } },
    '`distribution` of "jitter" in noise of PROBLEM must be uniform or normal, but got "gauss"; correct it',
  ],
  [
    "a distribution with a slip",
    { noise: { jitter: { ...jitter, distribution: "uniformm" } } },
    '`distribution` of "jitter" in noise of PROBLEM must be uniform or normal, but got "uniformm"; did you mean "uniform"?',
  ],
  [
    "whom a draw is for",
    { noise: { jitter: { ...jitter, per: "row" } } },
    '`per` of "jitter" in noise of PROBLEM must be example or minibatch, but got "row"; correct it',
  ],
  [
    "a shape that is a number",
    { noise: { jitter: { ...jitter, shape: 1 } } },
    '`shape` of "jitter" in noise of PROBLEM must be a list, each of it a whole number, at least 1, but got 1; correct it',
  ],
  [
    "a negative side",
    { noise: { jitter: { ...jitter, shape: [-1] } } },
    '`shape` of "jitter" in noise of PROBLEM must be a list, each of it a whole number, at least 1, but got [-1]; correct it',
  ],
  [
    "noise that is a number",
    { noise: { jitter: 3 } },
    '`noise` of PROBLEM must be an object by name, each of it an object of options, such as { distribution: … }, but got {"jitter":3}; correct it',
  ],
  [
    "a misspelt field of noise",
    { noise: { jitter: { distribution: "normal", shap: [3], per: "example" } } },
    '"jitter" in noise of PROBLEM must be given options of its own, but got "shap"; did you mean "shape"?',
  ],
  [
    "a misspelt field of the metric",
    { metric: { ...sound.metric, finsh: Math.sqrt } },
    'metric of PROBLEM must be given options of its own, but got "finsh"; did you mean "finish"?',
  ],
  [
    "what is carried",
    { carried: [{ layer: "norm", name: "mean", shape: [3], start: "0" }] },
    '`start` of place 1 in carried of PROBLEM must be a number, but got "0"; correct it',
  ],
  [
    "a hyperparameter of others that is called smooth",
    { smooth: ["decy"] },
    '`smooth` of the problem "sound" must name its hyperparameters, but "decy" is none of them; did you mean "decay"?',
  ],
  [
    "a hyperparameter of others that an augmentation reads",
    { augmentation: { hypers: ["shift"], view: (batch: object) => batch } },
    '`augmentation.hypers` of the problem "sound" must name its hyperparameters, but "shift" is none of them; it has decay',
  ],
])("%s is refused wherever a problem is declared", (_, parts, sentence) => {
  const wrong = declared(parts);
  expect(() => check(wrong)).toThrow(sentence.replace("PROBLEM", 'the problem "sound"'));
  const definition = { ...sound, fields: ["x", "y"], ...wrong } as Parameters<typeof defineProblem>[0];
  expect(() => defineProblem(definition)).toThrow(sentence.replace("PROBLEM", "defineProblem"));
});

test("what a function throws is told with its name and where", () => {
  const broken = { predict: () => np.matmul(np.zeros([2, 3]), np.zeros([2, 3])) };
  expect(() => check(broken)).toThrow(
    /^predict of the problem "sound" must work on a minibatch of 4 rows, but threw: .+ \(at .*problem-shapes\.test\.ts:\d+\)$/,
  );
});

test("a loss that needs a field of the augmentation is refused with why it must do without", () => {
  const augmentation = {
    hypers: [],
    view: (batch: Record<string, HostArray>) => ({ ...batch, more: hostZeros([4]) }),
  };
  const loss: Problem["loss"] = (f, { y, more }) =>
    np.square((f as np.Array).reshape([-1]).sub(y as np.Array)).mul(more as np.Array);
  expect(() => check({ augmentation, loss })).toThrow(
    /^loss of the problem "sound" must work on a minibatch of 4 rows, but threw: .+; where it needs a field that the augmentation makes, let it do without, as evaluation has none$/,
  );
  expect(() => check({ loss: () => np.matmul(np.zeros([2, 3]), np.zeros([2, 3])) })).toThrow(
    / but threw: [^;]+$/,
  );
});

test.each(["train", "valid", "test"] as const)("a field that %s lacks is named with it", (lacking) => {
  const { y: _, ...fields } = part.fields;
  const data = { train: part, valid: part, test: part, [lacking]: { ...part, fields } };
  expect(() => checkProblem({ problem: sound, data }, 4)).toThrow(
    `loss of the problem "sound" must read fields that data.${lacking} has, but reads "y", which it lacks; add it there`,
  );
});

test("a field of training alone is no matter where nothing else reads it", () => {
  const train = { ...part, fields: { ...part.fields, weight: hostZeros([part.rows]) } };
  const loss: Problem["loss"] = (f, { y, weight }) => {
    const each = np.square((f as np.Array).reshape([-1]).sub(y as np.Array));
    return weight ? each.mul(weight) : each;
  };
  const task = { problem: { ...sound, loss }, data: { train, valid: part, test: part } };
  expect(() => checkProblem(task, 4)).not.toThrow();
});

test("the fields that a problem names are those that it reads, and in its data", () => {
  expect(() => check({ fields: ["x", "y"] })).not.toThrow();
  expect(() => check({ fields: ["x", "y", "yy"] })).toThrow(
    '`fields` of the problem "sound" must name fields of its data, but "yy" is none of them; they have x, y',
  );
  expect(() => check({ fields: ["x"] })).toThrow(
    'loss of the problem "sound" must read fields that the problem names, but reads "y" where `fields: ["x"]` is all; add it there',
  );
});
