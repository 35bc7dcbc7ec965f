import { numpy as np } from "@jax-js/jax";

import { checkProblem } from "../../src/problem/check-problem.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { HostArray, hostZeros } from "../../src/util/host-array.ts";

const ROWS = 6;
/** Rows that a problem may be of. */
export const part = {
  rows: ROWS,
  fields: { x: hostZeros([ROWS, 3]), y: new HostArray(new Int32Array(ROWS), [ROWS]) },
};

/** A problem with nothing wrong. */
export const sound: Problem = {
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

/** Checks that problem with something changed, as a run does before it trains. */
export const check = (changes: Partial<Problem> = {}, rows = 4): void => {
  const task: Task = { problem: { ...sound, ...changes }, data: { train: part, valid: part } };
  checkProblem(task, rows);
};

/** Its weights. */
export const wOf = (layers: Parameters<Problem["predict"]>[0]) => (layers.params() as { w: np.Array }).w;
