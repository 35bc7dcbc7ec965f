import { init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { HostArray, hostZeros } from "../../src/util/host-array.ts";
import { defineProblem } from "../../src/problem/define-problem.ts";
import { checkProblem } from "../../src/problem/check-problem.ts";
import { demandTunable } from "../../src/tuners/tunable.ts";
import type { MetricDetails, Problem, Task } from "../../src/problem/problem.ts";

beforeAll(async () => void (await init("cpu")));

const ROWS = 6;
const part = {
  rows: ROWS,
  fields: { x: hostZeros([ROWS, 3]), y: new HostArray(new Int32Array(ROWS), [ROWS]) },
};

const sound: Problem = {
  name: "sound",
  space: createSpace({ decay: real(0.1, { low: 0 }) }),
  noise: { jitter: { distribution: "normal", shape: [3], per: "example" } },
  init: () => ({ w: hostZeros([3, 1]) }),
  predict(layers, { x }, _hypers, { jitter }, mode) {
    const inputs = mode === "train" ? (x as np.Array).add(jitter as np.Array) : (x as np.Array);
    return np.matmul(inputs, (layers.params() as { w: np.Array }).w); // [rows, 1]
  },
  loss: (f, { y }) => np.square((f as np.Array).reshape([-1]).sub(y as np.Array)), // [rows]
  penalty: (layers, { decay }) =>
    np
      .square((layers.params() as { w: np.Array }).w)
      .sum()
      .mul(decay as np.Array), // [1]
  metric: { name: "error", perExample: (f) => np.abs((f as np.Array).reshape([-1])) },
};

const check = (changes: Partial<Problem> = {}, rows = 4): void => {
  const task: Task = { problem: { ...sound, ...changes }, data: { train: part, valid: part } };
  checkProblem(task, rows);
};

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

const wOf = (layers: Parameters<Problem["predict"]>[0]) => (layers.params() as { w: np.Array }).w;

const targetTwice: Problem["loss"] = (f, { y }) =>
  (f as np.Array)
    .reshape([-1])
    .sub(y as np.Array)
    .mul(y as np.Array);

test.each<[string, string, Partial<Problem>]>([
  [
    "predict",
    "w",
    {
      predict(layers, { x }) {
        const w = wOf(layers);
        return np.matmul(x as np.Array, w).add(w.sum());
      },
    },
  ],
  [
    "predict",
    "x",
    { predict: (layers, { x }) => np.matmul(x as np.Array, wOf(layers)).add((x as np.Array).sum()) },
  ],
  [
    "predict",
    "jitter",
    {
      predict: (layers, { x }, _hypers, { jitter }, mode) =>
        np.matmul(
          mode === "train"
            ? (x as np.Array).add(jitter as np.Array).mul(jitter as np.Array)
            : (x as np.Array),
          wOf(layers),
        ),
    },
  ],
  [
    "loss",
    "outputs",
    {
      loss: (f) =>
        np
          .square(f as np.Array)
          .sum(1)
          .add((f as np.Array).sum(1)),
    },
  ],
  ["loss", "y", { loss: targetTwice }],
  ["validLoss", "y", { validLoss: targetTwice }],
  [
    "penalty",
    "decay",
    {
      penalty: (layers, { decay }) =>
        wOf(layers)
          .sum()
          .mul(decay as np.Array)
          .add(decay as np.Array),
    },
  ],
  [
    "penalty",
    "w",
    {
      penalty(layers) {
        const w = wOf(layers);
        w.dispose();
        w.dispose();
        return np.zeros([]);
      },
    },
  ],
  [
    "predict",
    "x",
    {
      predict(layers, { x }) {
        (x as np.Array).dispose();
        return np.matmul((x as np.Array).ref, wOf(layers));
      },
    },
  ],
  [
    "loss",
    "outputs.all.f",
    {
      predict: (layers, { x }) => ({ all: { f: np.matmul(x as np.Array, wOf(layers)) } }),
      loss(outputs) {
        const { f } = (outputs as { all: { f: np.Array } }).all;
        return f.add(f).sum(1);
      },
    },
  ],
])(
  "%s that uses %s again after a use without .ref is refused with both and the line",
  (what, array, changes) => {
    expect(() => check(changes)).toThrow(
      new RegExp(
        `^${what} of the problem "sound" must write \`\\.ref\` at every use of "${array}" but the last, but uses it again after a use without \\(at .*problem-shapes\\.test\\.ts:\\d+\\); add it at the earlier use$`,
      ),
    );
  },
);

test("parameters that are used again after a use without .ref are named with the way to them", () => {
  const twice = (w: np.Array) => w.add(w).sum();
  const init = () => ({ w: hostZeros([3, 1]), inner: { w: hostZeros([3, 1]) } });
  const penalty: Problem["penalty"] = (layers) => {
    const { w, inner } = layers.params() as { w: np.Array; inner: { w: np.Array } };
    return twice(inner.w).add(w.sum());
  };
  expect(() => check({ init, penalty })).toThrow(
    '`.ref` at every use of "inner.w" but the last, but uses it',
  );
});

test.each<[string, string, Partial<Problem>]>([
  [
    "predict",
    '"x"',
    { predict: (layers, { x }) => ({ y: np.matmul(x as np.Array, wOf(layers)), x: x as np.Array }) },
  ],
  [
    "predict",
    '"again.y"',
    {
      predict(layers, { x }) {
        const y = np.matmul(x as np.Array, wOf(layers));
        return { y, again: { y } };
      },
    },
  ],
  [
    "loss",
    "an array",
    {
      loss(f) {
        const losses = (f as np.Array).sum(1);
        losses.dispose();
        return losses;
      },
    },
  ],
])("%s that returns %s after a use without .ref is refused, not what would use it", (what, gone, changes) => {
  expect(() => check(changes)).toThrow(
    `${what} of the problem "sound" must write \`.ref\` at every use of what it returns but the last, but returns ${gone} after a use without; add it at the earlier use`,
  );
});

test("an array that a function makes and uses again after a use without .ref is told by its shape", () => {
  const loss: Problem["loss"] = (f) => {
    const squares = np.square(f as np.Array).reshape([-1]);
    return squares.add(squares);
  };
  expect(() => check({ loss })).toThrow(
    /^loss .* but threw: an array of the shape \[4\] was used again after a use without `\.ref` \(at .*\)$/,
  );
});

/** Problems whose functions use an array from outside of them, each with the function. */
function keeping(kept: () => np.Array): [string, Partial<Problem>][] {
  const times = (x: unknown) => (x as np.Array).mul(kept());
  return [
    ["predict", { predict: (layers, { x }) => np.matmul(times(x), wOf(layers)) }],
    [
      "predict",
      {
        predict: (layers, { x }, _hypers, _noise, mode) =>
          np.matmul(mode === "train" ? times(x) : (x as np.Array), wOf(layers)),
      },
    ],
    ["loss", { loss: (f) => times(f).sum(1) }],
    ["validLoss", { validLoss: (f) => times(f).sum(1) }],
    ["penalty", { penalty: (layers) => times(wOf(layers)).sum() }],
    ["metric.perExample", { metric: { name: "m", perExample: (f) => times(f).sum(1) } }],
    ["metric.details.sums", summing((f) => times(f).sum())],
  ];
}

/** A metric whose details are sums of its own. */
const summing = (sums: MetricDetails["sums"]): Pick<Problem, "metric"> => ({
  metric: { name: "m", perExample: (f) => (f as np.Array).sum(1), details: { sums, finish: () => ({}) } },
});

test("the sums of a metric's details are looked at as its other functions are", () => {
  const weighted = (f: np.Array, weight: np.Array) => f.sum(1).mul(weight).sum();
  expect(() => check(summing((f, _, weight) => weighted(f as np.Array, weight)))).not.toThrow();
  expect(() =>
    check(summing((f, _, weight) => weighted(f as np.Array, weight).add((f as np.Array).sum()))),
  ).toThrow(
    /^metric\.details\.sums of the problem "sound" must write `\.ref` at every use of "outputs" but the last/,
  );
  expect(() =>
    check(summing(((_f: np.Array, _batch: unknown, w: np.Array) => w.mul(w).sum()) as never)),
  ).toThrow(/^metric\.details\.sums .* every use of "weight" but the last/);
  expect(() => check(summing((() => 5) as never))).toThrow(
    /^metric\.details\.sums of the problem "sound" must return an array, but returned the number 5/,
  );
  expect(() => check(summing((_f, { z }) => (z as np.Array).sum()))).toThrow(
    /^metric\.details\.sums .* but reads "z", which it lacks/,
  );
});

test.each([[[3]], [[]]])(
  "an array of the shape %j from outside of a problem must be there after every use",
  (shape) => {
    const sentence = (what: string) =>
      new RegExp(
        `^${what} of the problem "sound" must write \`\\.ref\` at every use of an array that the module keeps, the last as well, but used up one of the shape \\[${shape.join()}\\] and needs it again \\(at .*problem-shapes\\.test\\.ts:\\d+\\); add it$`,
      );
    for (const i of keeping(() => np.ones(shape)).keys()) {
      const kept = np.ones(shape);
      const [what, spending] = keeping(() => kept)[i] as [string, Partial<Problem>];
      const [, sparing] = keeping(() => kept.ref)[i] as [string, Partial<Problem>];
      expect(() => check(sparing)).not.toThrow();
      expect(() => check(spending)).toThrow(sentence(what));
    }
  },
);

test("an array that the module keeps is returned by its .ref", () => {
  const first = (outputs: unknown) => (outputs as { y: np.Array }).y.reshape([-1]);
  const giving = (give: () => np.Array): Readonly<Record<string, Partial<Problem>>> => ({
    predict: {
      predict: (layers, { x }) => ({ y: np.matmul(x as np.Array, wOf(layers)), own: give() }),
      loss: first,
      metric: { name: "m", perExample: first },
    },
    loss: { loss: give },
    validLoss: { validLoss: give },
    "metric.perExample": { metric: { name: "m", perExample: give } },
    "metric.details.sums": summing(() => give()),
  });
  for (const what of Object.keys(giving(() => np.ones([4])))) {
    const [lasting, kept] = [np.ones([4]), np.ones([4])];
    expect(() => check(giving(() => lasting.ref)[what])).not.toThrow();
    expect(() => check(giving(() => kept)[what])).toThrow(
      `${what} of the problem "sound" must return the \`.ref\` of an array that the module keeps, but returns one of the shape [4] itself, which its first call has used up; write \`.ref\` behind it`,
    );
  }
});

test("an array that a function keeps for its next call is told of", () => {
  let cache: np.Array | undefined;
  const predict: Problem["predict"] = (layers, { x }) => {
    const inputs = x as np.Array;
    cache ??= inputs.ref.mean();
    return np.matmul(inputs.mul(cache.ref), wOf(layers));
  };
  expect(() => check({ predict })).toThrow(
    /^predict of the problem "sound" must work on .*, but threw: it used an array that an earlier call had computed or was given; keep none between calls, or make it outside of the functions \(at .*:\d+\)$/,
  );
});

test("an array of numbers that a function makes and uses again after a use without .ref is told by its shape", () => {
  const predict =
    (kept: (own: np.Array) => np.Array): Problem["predict"] =>
    (layers, { x }) => {
      const shift = np.array([1, 2, 3]);
      return np.matmul((x as np.Array).mul(kept(shift)).add(shift), wOf(layers));
    };
  expect(() => check({ predict: predict((own) => own.ref) })).not.toThrow();
  expect(() => check({ predict: predict((own) => own) })).toThrow(
    'predict of the problem "sound" must write `.ref` at every use of an array but the last, but uses one that it makes, of the shape [3], again after a use without; add it at the earlier use',
  );
});

test("whoever looks which hyperparameters have an effect lets the compiler refuse an array that is used again after a use without .ref", () => {
  const penalty: Problem["penalty"] = (layers, { decay }) => {
    const w = wOf(layers);
    return np
      .square(w)
      .sum()
      .add(w.sum())
      .mul(decay as np.Array);
  };
  const task: Task = { problem: { ...sound, penalty }, data: { train: part, valid: part } };
  expect(() => demandTunable("delta-stn", task)).not.toThrow();
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
  const train = { ...part, fields: { ...part.fields, weight: hostZeros([ROWS]) } };
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
