import { defaultDevice, init, numpy as np, tree } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import type { ArrayTree } from "../engine/engine.ts";
import { sgd } from "../nn/optim/sgd.ts";
import { hostVector } from "../util/host-array.ts";
import { heavyBall } from "./heavy-ball.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const f64 = (values: number | number[]) => np.array(values as number[], { dtype: np.float64 });

test("heavy-ball takes the steps of sgd, with the momentum that it is fed", () => {
  const settings = () => ({ learningRate: f64(0.1), momentum: f64(0.7) });
  const moved = (optimizer: ReturnType<typeof sgd>): number[] => {
    let [params, state]: [ArrayTree, ArrayTree] = [f64([1, -2]), { momentum: f64([0, 0]) }];
    for (const gradient of [
      [1, 2],
      [0.5, -1],
      [3, 0],
    ])
      // prettier-ignore
      [params, state] = optimizer.update(f64(gradient), state, params, settings());
    tree.dispose(state);
    return [...(params as np.Array).dataSync()];
  };
  const expected = moved(sgd({ momentum: 0.7 }));
  moved(heavyBall({ momentum: 0.1 })).forEach((p, i) => expect(p).toBeCloseTo(expected[i] as number, 12));
  expect(heavyBall().settings).toEqual(Object.keys(heavyBall().defaults));
  expect(heavyBall().init(hostVector([1, 2]))).toEqual(sgd().init(hostVector([1, 2])));
});

test("its momentum must be a share below 1", () => {
  expect(() => heavyBall({ momentum: 1 })).toThrow(
    "`momentum` of heavyBall must be a number, at least 0 and below 1, but got 1",
  );
});
