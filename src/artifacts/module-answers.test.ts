import { expect, test } from "vitest";

import { jaxEngine } from "../engine/jax.ts";
import { mlp } from "../nn/mlp.ts";
import type { Network } from "../nn/network.ts";
import { HostArray, mapTree } from "../util/host-array.ts";
import { changedAnswer, networkAnswers } from "./module-answers.ts";

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
