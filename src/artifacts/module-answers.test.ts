import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";

import { jaxEngine } from "../engine/jax.ts";
import { mlp } from "../nn/mlp.ts";
import type { Network } from "../nn/network.ts";
import { defineProblem } from "../problem/define-problem.ts";
import type { Task } from "../problem/problem.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { HostArray, mapTree } from "../util/host-array.ts";
import { changedAnswer, networkAnswers, problemAnswers } from "./module-answers.ts";

const answersOf = async (network: Network) =>
  networkAnswers({ network, inputShape: [3], outputs: 2 }, await jaxEngine(), { words: false });

test("a network is known again by what it does, even with weights that begin at zero", async () => {
  const fromZero = (network: Network): Network => ({
    ...network,
    init: (key) =>
      mapTree(network.init(key), ({ data, shape }) => new HostArray(new Float32Array(data.length), shape)),
  });
  const made = (activation: "relu" | "tanh") =>
    fromZero(mlp({ inputs: 3, hidden: [4], outputs: 2, activation }));
  const then = await answersOf(made("relu"));
  expect(then.outputs).toHaveLength(8);
  expect(changedAnswer(then, await answersOf(made("relu")))).toBeUndefined();
  expect(changedAnswer(then, await answersOf(made("tanh")))).toEqual({
    ...{ what: "outputs", was: expect.any(String) as string, is: expect.any(String) as string },
  });
});

test("an answer is another by more than rounding of its own kind, or where it is lacking", () => {
  const then = { "training loss": [0.5, 0.25], penalty: [1e6, 1e6] };
  expect(changedAnswer(then, { ...then, "training loss": [0.5001, 0.25] })).toBeUndefined();
  expect(changedAnswer(then, { ...then, "training loss": [0.5, 0.252] })).toEqual({
    ...{ what: "training loss", was: "0.25", is: "0.252" },
  });
  expect(changedAnswer({ "training loss": [0.5, 0.25] }, then)).toEqual({
    ...{ what: "penalty", was: "no number", is: "1000000" },
  });
});

describe("a problem whose training loss takes a field that its augmentation makes", () => {
  const column = (values: readonly number[]) => new HostArray(Float32Array.from(values), [values.length, 1]);
  const part = { rows: 4, fields: { x: column([1, 2, 3, 4]), y: column([2, 4, 6, 9]) } };
  const made = (shift: number): Task => ({
    problem: defineProblem({
      name: "line",
      fields: ["x", "y", "weight"],
      space: createSpace({ share: real(0.5, { low: 0, high: 1 }) }),
      noise: {},
      init: () => ({ slope: new HostArray(Float32Array.of(1), [1]) }),
      predict: (layers, { x }) => x.mul(layers.params().slope),
      loss(prediction, { y, ...fields }) {
        const { weight } = fields as Partial<typeof fields>; // which evaluation has not
        const squares = np.square(prediction.sub(y));
        return (weight ? squares.mul(weight) : squares).sum(1);
      },
      augmentation: {
        hypers: ["share"],
        view(batch, { share }, draws) {
          const rows = batch.x?.shape[0] as number;
          const drawn = draws("weight", rows);
          const weights = Array.from(drawn, (uniform, row) => shift + (share?.[row] as number) * uniform);
          return { ...batch, weight: column(weights) };
        },
      },
    }),
    data: { train: part, valid: part },
  });

  test("is known again by what that is", async () => {
    const asked = async (task: Task) => problemAnswers(task, await jaxEngine(), "float32");
    const then = await asked(made(1));
    expect(then["training loss"]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(changedAnswer(then, await asked(made(1)))).toBeUndefined();
    expect(changedAnswer(then, await asked(made(2)))?.what).toBe("training loss");
  });
});
