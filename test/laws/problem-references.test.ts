import { init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { demandTunable } from "../../src/tuners/tunable.ts";
import type { MetricDetails, Problem, Task } from "../../src/problem/problem.ts";
import { hostZeros } from "../../src/util/host-array.ts";
import { check, part, sound, wOf } from "./sound-problem.ts";

beforeAll(async () => void (await init("cpu")));

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
        `^${what} of the problem "sound" must write \`\\.ref\` at every use of "${array}" but the last, but uses it again after a use without \\(at .*problem-references\\.test\\.ts:\\d+\\); add it at the earlier use$`,
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
        `^${what} of the problem "sound" must write \`\\.ref\` at every use of an array that the module keeps, the last as well, but used up one of the shape \\[${shape.join()}\\] and needs it again \\(at .*problem-references\\.test\\.ts:\\d+\\); add it$`,
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
