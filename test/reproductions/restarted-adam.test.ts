import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { restartedAdam } from "../../reproductions/hyper-training-2018/restarted-adam.ts";
import type { ArrayTree } from "../../src/engine/engine.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const scalar = (value: number): np.Array => np.array(value, { dtype: np.float64 });

test("bias corrections stay those of the first step", () => {
  let state: ArrayTree = {
    ...{ first: scalar(0), second: scalar(0) },
    ...{ firstWeight: scalar(0), secondWeight: scalar(0) },
  };
  let params: ArrayTree = scalar(2);
  let [p, m, v] = [2, 0, 0];
  for (const gradient of [0.3, -2, 0.7, 0.1]) {
    [params, state] = restartedAdam.update(scalar(gradient), state, params, { learningRate: scalar(0.01) });
    m = 0.9 * m + 0.1 * gradient;
    v = 0.999 * v + 0.001 * gradient ** 2;
    p -= (0.01 * (m / 0.1)) / (Math.sqrt(v / 0.001) + 1e-8);
  }
  expect((params as np.Array).item()).toBeCloseTo(p, 12);
});
