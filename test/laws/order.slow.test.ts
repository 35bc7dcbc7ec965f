import { describe, expect, test } from "vitest";

import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { linearHypernet } from "../../src/response/hypernet.ts";
import { simplifiedHyperTraining } from "../../src/tuners/hyper-training.ts";
import { tuners } from "../contracts/tuners.ts";
import { leaf, tuneFully, type Inputs } from "../oracles/settle.ts";

/** Those that take their perturbations from the host; a hypernetwork's own start and samples know the order, and so do the architectures of smash. */
const perturbed = Object.entries(tuners).filter(([name]) => !/hyperTraining$|^smash$/i.test(name));

const SIZE = 4;
const hypers = {
  "dropout.input": real(0.1, { low: 0, high: 0.9 }),
  "l2.fc1": integer(2, { low: 0, high: 5 }),
  "dropout.fc1": real(0.3, { low: 0, high: 0.8, scale: 0.5 }),
  "l2.fc2": real(0.02, { log: true }),
};
const names = Object.keys(hypers) as (keyof typeof hypers)[];
const order = [2, 3, 0, 1]; // where the new order finds each hyperparameter in the old one

const inOrder = (positions: readonly number[]) =>
  smallTask({
    hypers: Object.fromEntries(
      positions.map((i) => {
        const name = names[i] as keyof typeof hypers;
        return [name, hypers[name]];
      }),
    ),
  });

/** The same draws for each hyperparameter, wherever it stands. */
const drawsIn = (positions: readonly number[]): Inputs => {
  const draws = (stream: string, rows: number) => (step: number) => {
    const z = randomNormal(randomKey(0, stream), step, rows * SIZE);
    const columns = Array.from({ length: rows }, (_, row) =>
      positions.map((i) => z[row * SIZE + i] as number),
    );
    return new HostArray(Float64Array.from(columns.flat()), [rows, SIZE]);
  };
  return { perturbation: draws("train", 24), validPerturbation: draws("valid", 18) };
};

const same = (actual: readonly number[], expected: readonly number[]) =>
  actual.forEach((v, i) => expect(Math.abs(v - (expected[i] as number))).toBeLessThan(1e-8));

describe("permuting the hyperparameters permutes the answer", () => {
  test.each(perturbed)("%s", async (_, tuner) => {
    const before = await tuneFully(inOrder([0, 1, 2, 3]), tuner, { steps: 8, ...drawsIn([0, 1, 2, 3]) });
    const after = await tuneFully(inOrder(order), tuner, { steps: 8, ...drawsIn(order) });
    for (const part of ["hypers", "scales"].filter((name) => name in before)) {
      const values = leaf(before, part);
      same(
        leaf(after, part),
        order.map((i) => values[i] as number),
      );
    }
    same(leaf(after, "params.fc1.weight"), leaf(before, "params.fc1.weight"));
    same(leaf(after, "params.fc2.bias"), leaf(before, "params.fc2.bias"));
  });

  test("hyper-training from a hypernetwork that starts constant", async () => {
    const tuner = simplifiedHyperTraining({ hypernet: linearHypernet({ initialScale: 0 }) });
    const before = leaf(await tuneFully(inOrder([0, 1, 2, 3]), tuner, { steps: 8 }), "hypers");
    const after = leaf(await tuneFully(inOrder(order), tuner, { steps: 8 }), "hypers");
    same(
      after,
      order.map((i) => before[i] as number),
    );
    expect(new Set(after.map((v) => v.toFixed(6))).size).toBe(SIZE);
  });

  test("and the answer is another where the draws are not permuted with them", async () => {
    const tuner = deltaStn({ warmupEpochs: 0, trainSteps: 2 });
    const straight = drawsIn([0, 1, 2, 3]);
    const before = await tuneFully(inOrder([0, 1, 2, 3]), tuner, { steps: 8, ...straight });
    const after = await tuneFully(inOrder(order), tuner, { steps: 8, ...straight });
    const values = leaf(before, "hypers");
    const gaps = leaf(after, "hypers").map((v, i) => Math.abs(v - (values[order[i] as number] as number)));
    expect(Math.max(...gaps)).toBeGreaterThan(1e-4);
  });
});

describe("a perturbation that the minibatch shares is one perturbation for each example, all equal", () => {
  const sharing = (perturb: "example" | "minibatch") =>
    smallTask({
      hypers: {
        "dropout.fc1": real(0.3, { low: 0, high: 0.8, perturb }),
        l2: real(0.01, { low: 1e-4, high: 1, log: true, perturb }),
      },
    });
  const draws = (stream: string, rows: number) => (step: number) => {
    const z = [...randomNormal(randomKey(0, stream), step, 2)];
    return new HostArray(Float64Array.from(Array.from({ length: rows }, () => z).flat()), [rows, 2]);
  };

  test.each(perturbed)("%s", async (_, tuner) => {
    const shared = await tuneFully(sharing("minibatch"), tuner, {
      steps: 8,
      perturbation: draws("train", 1),
      validPerturbation: draws("valid", 1),
    });
    const each = await tuneFully(sharing("example"), tuner, {
      steps: 8,
      perturbation: draws("train", 24),
      validPerturbation: draws("valid", 18),
    });
    for (const path of ["params.fc1.weight", "params.fc2.weight", "hypers"])
      same(leaf(each, path), leaf(shared, path));
  });
});
