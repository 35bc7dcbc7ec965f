import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { imageStrengths } from "../data/augment/image-view.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import type { ArrayTree } from "../engine/engine.ts";
import { plainLayers } from "../nn/layer.ts";
import { mlp } from "../nn/mlp.ts";
import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import type { Hyper } from "../space/space.ts";
import { HypertrainError } from "../util/error.ts";
import { HostArray } from "../util/host-array.ts";
import { expandHypers, hyperNames } from "./effects.ts";
import { parameterCount } from "./penalty.ts";
import { checkProblem } from "./check-problem.ts";
import { supervised } from "./supervised.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const network = mlp({ inputs: 2, hidden: [2], outputs: 1 });
const part = (y: number[]) => ({
  rows: y.length,
  fields: {
    x: new HostArray(new Float64Array(2 * y.length), [y.length, 2]),
    y: new HostArray(Float64Array.from(y), [y.length, 1]),
  },
});
const data: SupervisedData = {
  name: "numbers",
  splits: { train: part([0, 0]), valid: part([1, 2, 3]), test: part([5, 9]) },
  task: "regression",
  inputShape: [2],
  outputs: 1,
  warnings: [],
};
const taskOf = (hypers: Readonly<Record<string, Hyper>>) => supervised({ data, network, hypers });

const f64 = (values: unknown) => np.array(values as number[], { dtype: np.float64 });
const params = (): ArrayTree =>
  ({
    fc1: { weight: f64([[1, -2], [3, 0.5]]), bias: f64([10, 20]) }, // prettier-ignore
    fc2: { weight: f64([[-4], [1]]), bias: f64([30]) },
  }) as unknown as ArrayTree;

/** The penalty at the weights above; those of the layers: squares 14.25 and 17, absolute values 6.5 and 5. */
const penaltyAt = (values: Readonly<Record<string, number | number[]>>): number[] => {
  const hypers = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      real(0.1, { perturb: "minibatch", ...(Array.isArray(value) && { shape: [value.length] }) }),
    ]),
  );
  const { problem } = taskOf(hypers);
  const arrays = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f64([value])]));
  const penalty = problem.penalty?.(plainLayers(params()), arrays);
  return penalty ? [...penalty.dataSync()] : [];
};

describe("penalties", () => {
  test.each([
    [{ l2: 2 }, 14.25 + 17],
    [{ "l2.fc1": 2 }, 14.25],
    [{ "l2.fc1": 2, "l2.fc2": 4 }, 14.25 + 34],
    [{ l1: 2 }, 2 * 11.5],
    [{ "l1.fc2": 3 }, 15],
    [{ "l2.each": [2, 0, 0, 0, 0, 0, 0, 4, 0] }, 1 + 2],
    [{ "l2.each": [0, 0, 0, 0, 0, 2, 0, 0, 4] }, 400 + 1800],
    [{ "l1.each": [1, 1, 0, 0, 0, 0, 2, 0, 3] }, 3 + 8 + 90],
    [{ l2: 2, "l1.fc1": 1 }, 31.25 + 6.5],
  ])("of %o", (values, expected) => {
    expect(penaltyAt(values)).toEqual([expected]);
  });

  test("for each weight have one value for every weight and bias", () => {
    expect(parameterCount(network)).toBe(9);
    expect(parameterCount(mlp({ inputs: 784, hidden: [], outputs: 10 }))).toBe(7850);
    expect(parameterCount(mlp({ inputs: 784, hidden: [100, 100], outputs: 10 }))).toBe(89_610);
  });

  test("are absent where no hyperparameter asks for one", () => {
    expect(taskOf({ dropout: real(0.1, { low: 0, high: 1 }) }).problem.penalty).toBeUndefined();
  });

  test("that read the weights make the whole minibatch share every perturbation", () => {
    const dropout = real(0.1, { low: 0, high: 1 });
    const perturbed = (hypers: Readonly<Record<string, Hyper>>) =>
      Object.values(taskOf(hypers).problem.space.hypers).map((hyper) => "perturb" in hyper && hyper.perturb);
    expect(perturbed({ dropout, l1: real(0.1) })).toEqual(["minibatch", "minibatch"]);
    expect(perturbed({ dropout, l2: real(0.1) })).toEqual(["example", "example"]);
  });
});

describe("dropout", () => {
  const rate = real(0.1, { low: 0, high: 1 });

  test("has noise for the places that have a rate alone", () => {
    expect(Object.keys(taskOf({ dropout: rate }).problem.noise)).toEqual(["input", "fc1"]);
    expect(Object.keys(taskOf({ "dropout.fc1": rate }).problem.noise)).toEqual(["fc1"]);
    expect(taskOf({ l2: rate }).problem.noise).toEqual({});
  });

  test("is off in evaluation", () => {
    const { problem } = taskOf({ dropout: rate });
    const run = (mode: "train" | "eval") =>
      (
        problem.predict(
          plainLayers(params()),
          { x: f64([[1, 1]]) },
          { dropout: f64([0.5]) },
          mode === "train" ? { input: f64([[0.9, 0.1]]), fc1: f64([[0.9, 0.9]]) } : {},
          mode,
        ) as np.Array
      ).dataSync()[0];
    expect(run("eval")).toBe(-4 * 14 + 18.5 + 30);
    expect(run("train")).toBe(-4 * 24 + 32 + 30);
  });
});

describe("names", () => {
  test("are those of the network's places and layers", () => {
    expect(hyperNames(network)).toEqual([
      "dropout",
      "dropout.input",
      "dropout.fc1",
      "l2",
      "l2.fc1",
      "l2.fc2",
      "l2.each",
      "l1",
      "l1.fc1",
      "l1.fc2",
      "l1.each",
      "width",
      "width.fc1",
      "activation",
      "activation.fc1",
      ...Object.keys(imageStrengths),
    ]);
  });

  test("that fit are told in the place of one that does not", () => {
    const all = () => taskOf({ nope: real(0.1) });
    expect(all).toThrow(
      /must be one of dropout, .*, activation\.fc1 for this network and these data, but got "nope"$/,
    );
  });

  test("of residual connections are those of hidden layers behind the first", () => {
    const deep = mlp({ inputs: 2, hidden: [2, 2, 2], outputs: 1 });
    const skips = hyperNames(deep).filter((name) => name.startsWith("skip"));
    expect(skips).toEqual(["skip", "skip.fc2", "skip.fc3"]);
    expect(Object.keys(expandHypers(deep, { "skip.*": 1, "width.*": 2 }))).toEqual([
      "skip.fc2",
      "skip.fc3",
      "width.fc1",
      "width.fc2",
      "width.fc3",
    ]);
    expect(() => expandHypers(network, { "skip.*": 1 })).toThrow(
      '"skip.*" must stand for a hidden layer behind the first',
    );
  });

  test.each<[string, Hyper, string]>([
    ["width.fc1", real(2, { low: 1, high: 4 }), '"width.fc1" must be an integer from 1 on'],
    ["width.fc1", integer(2, { low: 0, high: 4 }), "but is an integer from 0"],
    ["activation", choice("relu", { options: ["relu", "tan"] }), "but is a choice among relu, tan"],
    ["activation", integer(0, { low: 0, high: 2 }), '"activation" must be a choice among relu, tanh'],
  ])("of an architecture are refused for the wrong kind: %s", (name, hyper, sentence) => {
    expect(() => taskOf({ [name]: hyper })).toThrow(HypertrainError);
    expect(() => taskOf({ [name]: hyper })).toThrow(sentence);
  });

  test("that fit nothing are refused, with the nearest", () => {
    expect(() => taskOf({ "dropout.fc2": real(0.1) })).toThrow(HypertrainError);
    expect(() => taskOf({ "l2.fc12": real(0.1) })).toThrow('got "l2.fc12"');
  });

  test("with a star stand for one each", () => {
    expect(expandHypers(network, { "dropout.*": 1, "l2.*": 2, l1: 3 })).toEqual({
      "dropout.input": 1,
      "dropout.fc1": 1,
      "l2.fc1": 2,
      "l2.fc2": 2,
      l1: 3,
    });
  });
});

test("R2 compares the mean squared error with the variance of the part's targets", () => {
  const { metric } = taskOf({}).problem;
  expect(metric?.finish?.(0.5, "valid")).toBeCloseTo(1 - 0.5 / (2 / 3), 12);
  expect(metric?.finish?.(8, "test")).toBeCloseTo(-1, 12);
});

describe("losses of classes that regress on one-hot targets", () => {
  const classes: SupervisedData = {
    ...data,
    task: "classification",
    outputs: 2,
    splits: { train: part([0, 0]), valid: part([0, 1]) },
  };
  const twoOutputs = mlp({ inputs: 2, hidden: [], outputs: 2 });
  const lossesOf = (loss: "squared-error" | "gaussian"): number[] => {
    const { problem } = supervised({ data: classes, network: twoOutputs, hypers: {}, loss });
    const y = np.array([0, 1], { dtype: np.int32 });
    return [...problem.loss(f64([[0.5, 0], [0, 3]]), { y }, {}).dataSync()]; // prettier-ignore
  };

  test("squared error", () => expect(lossesOf("squared-error")).toEqual([0.125, 2]));

  test("gaussian is 50 times it, less a constant", () => {
    lossesOf("gaussian").forEach((value, i) => {
      expect(value).toBeCloseTo(([6.25, 100][i] as number) + 0.5 * Math.log(2 * Math.PI * 0.01), 10);
    });
  });
});

test("losses and weights that need classes are refused without, and one of a text alone", () => {
  const losses = [undefined, "cross-entropy", "squared-error", "gaussian"] as const;
  const weights = [undefined, "none", "balanced"] as const;
  const refused = (kind: Partial<SupervisedData>) =>
    losses.flatMap((loss) =>
      weights
        .filter((classWeights) => {
          const given = { data: { ...data, ...kind }, network, hypers: {} };
          try {
            supervised({ ...given, ...(loss && { loss }), ...(classWeights && { classWeights }) });
            return false;
          } catch (error) {
            return error instanceof HypertrainError;
          }
        })
        .map((classWeights) => [loss, classWeights]),
    );
  const balanced = losses.map((loss) => [loss, "balanced"]);
  expect(refused({})).toEqual(
    expect.arrayContaining([...balanced, ["cross-entropy", undefined], ["cross-entropy", "none"]]),
  );
  expect(refused({})).toHaveLength(6);
  expect(refused({ task: "classification", outputs: 10 })).toEqual([]);
  expect(refused({ task: "classification", outputs: 10, perStep: true })).toHaveLength(8);
  expect(() => supervised({ data, network, hypers: {}, loss: "cross-entropy" })).toThrow(
    '`loss: "cross-entropy"` must go with classes, but numbers is a regression; leave it out, or choose squared-error or gaussian',
  );
});

describe("balanced class weights", () => {
  const labels = [0, 0, 1, 0, 0, 2, 1, 0, 1, 0]; // 6, 3 and 1 of 10 rows
  const weights = [10 / 18, 10 / 9, 10 / 3]; // rows / (classes * rows of the class)
  const labelled = (y: number[]) => ({
    rows: y.length,
    fields: {
      x: new HostArray(new Float64Array(2 * y.length), [y.length, 2]),
      y: new HostArray(Int32Array.from(y), [y.length]),
    },
  });
  const splits = { train: labelled(labels), valid: labelled([2, 2, 2]) }; // whose classes do not count
  const classified = { ...data, task: "classification", splits, outputs: 3 } as const;
  const three = mlp({ inputs: 2, hidden: [], outputs: 3 });
  const logits = [
    [0, 0, 0],
    [1, 2, -1],
    [0.5, -0.5, 3],
  ];

  test.each(["cross-entropy", "squared-error"] as const)("times the %s of each class", (loss) => {
    const at = (classWeights: "none" | "balanced", k: number) => {
      const { problem } = supervised({ data: classified, network: three, hypers: {}, loss, classWeights });
      const y = np.array([k, k, k], { dtype: np.int32 });
      return [...problem.loss(f64(logits), { y }, {}).dataSync()];
    };
    for (const [k, weight] of weights.entries()) {
      const plain = logits.map((row) =>
        loss === "cross-entropy"
          ? Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - (row[k] as number)
          : row.reduce((sum, z, j) => sum + (z - Number(j === k)) ** 2, 0) / 3,
      );
      at("none", k).forEach((found, i) => expect(found).toBeCloseTo(plain[i] as number, 12));
      at("balanced", k).forEach((found, i) => expect(found).toBeCloseTo(weight * (plain[i] as number), 6));
    }
  });

  test("leave the mean weight of the training rows at 1, and are refused for a regression", () => {
    expect(labels.reduce((sum, k) => sum + (weights[k] as number), 0)).toBeCloseTo(labels.length, 12);
    expect(() => supervised({ data, network, hypers: {}, classWeights: "balanced" })).toThrow(
      '`classWeights: "balanced"` must go with classes, but numbers is a regression; leave it out',
    );
  });
});

test("a network must have as many outputs as the data, which would be broadcast against others", () => {
  const wide = mlp({ inputs: 2, hidden: [2], outputs: 7 });
  const task = supervised({ data, network: wide, hypers: {} });
  expect(() => checkProblem(task, 2)).toThrow(
    new HypertrainError(
      "input",
      "mlp must have as many outputs as numbers has targets, 1, but has 7; make it with `outputs: 1`",
    ),
  );
  expect(() => checkProblem(supervised({ data, network, hypers: {} }), 2)).not.toThrow();
});

test.each([2, -1, 0.5])("a class %f has none of two outputs", (odd) => {
  const labelled = (y: number[]) => {
    const { rows, fields } = part(y);
    return { rows, fields: { ...fields, y: new HostArray(Float64Array.from(y), [rows]) } };
  };
  const splits = { train: labelled([0, 1]), valid: labelled([1, odd]) };
  const classes = { ...data, name: "classes", task: "classification", outputs: 2, splits } as const;
  expect(() => supervised({ data: classes, network, hypers: {} })).toThrow(
    `the classes of classes must be whole numbers from 0 to 1, as it has 2 outputs, but y of data.valid has ${odd}; count classes from 0, or raise \`outputs\``,
  );
});
