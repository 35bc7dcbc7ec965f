import { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";

import { paramsOf } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/kinds/linear.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { gate } from "../../src/response/gate.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { orthogonalColumns, times } from "../../src/testing/linear-algebra.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { leaf, linearData, settle } from "./settle.ts";

/*
 * The gate oracle (MacKay et al. 2019): the best response of a two-layer linear network f(x) = s'Qx to the weight λ of
 * Σ_n (f(x_n) - t_n)² + e^λ |df/dx|². With X = U D, U'U = I, and s = u the least-squares solution it is
 *
 *     Q(λ) = diag(sigmoid(2 ln d_i - λ)),   so that   dQ_i/dλ = -sigmoid(λ - 2 ln d_i) Q_i:
 *
 * each hidden unit is scaled by itself, which is what the gate response can say.
 */

const [ROWS, UNITS, LAMBDA, STEP] = [12, 3, 0.4, 0.02] as const;
const lengths = [0.6, 1, 1.7];
const x = orthogonalColumns(linearData(4, ROWS, UNITS, [1, 1, 1], 0).x).map((row) =>
  row.map((v, i) => v * (lengths[i] as number)),
);
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
/** Such that all gains matter alike. */
const solution = lengths.map(
  (d) => 1 / (sigmoid(2 * Math.log(d) - LAMBDA) * Math.sqrt(d ** 2 + Math.exp(LAMBDA))),
);
const target = times(x, solution);

const q = linear({ name: "q", inputs: UNITS, outputs: UNITS, bias: false });
const given = (like: np.Array) => np.array(solution, { dtype: like.dtype });
const matrix = (rows: readonly (readonly number[])[]) =>
  new HostArray(Float64Array.from(rows.flat()), [rows.length, (rows[0] as readonly number[]).length]);

/** Q stands at its best for λ; only the response is trained. */
function gateTask(): Task {
  const problem: Problem = {
    name: "gate oracle",
    space: createSpace({
      penalty: real(Math.exp(LAMBDA), { log: true, perturb: "minibatch", scale: 1, tuneScale: false }),
    }),
    noise: {},
    layers: [q],
    init: () => ({
      q: {
        weight: matrix(
          lengths.map((d, i) => lengths.map((_, j) => (i === j ? sigmoid(2 * Math.log(d) - LAMBDA) : 0))),
        ),
      },
    }),
    predict(layers, batch) {
      const hidden = layers.apply(q, batch.x as np.Array);
      return hidden.mul(given(hidden)).sum(1).reshape([-1, 1]); // [rows, 1]
    },
    loss: (outputs, { y }) => {
      const error = (outputs as np.Array).sub(y as np.Array);
      return error.ref.mul(error).sum(1).mul(ROWS); // the mean over rows is the sum
    },
    penalty(layers, { penalty }) {
      const { weight } = paramsOf(layers.params(), q);
      const slope = weight.mul(given(weight)).sum(1); // df/dx
      return slope.ref
        .mul(slope)
        .sum()
        .mul((penalty as np.Array).reshape([]));
    },
  };
  const part = { rows: ROWS, fields: { x: matrix(x), y: matrix(target.map((t) => [t])) } };
  return { problem, data: { train: part, valid: part } };
}

test.each([
  ["centered-stn", centeredStn],
  ["delta-stn", deltaStn],
] as const)(
  "the gate response of %s learns the response of a two-layer linear network",
  async (_, method) => {
    const tuner = method({
      response: gate,
      optimizer: gradientDescent(),
      responseOptimizer: gradientDescent(),
      learningRate: 0,
      responseLearningRate: 0.05 / STEP ** 2,
    });
    const perturbation = (step: number) =>
      new HostArray(Float64Array.of(step % 2 === 0 ? STEP : -STEP), [1, 1]);
    const state = await settle(gateTask(), tuner, { steps: 400, perturbation });
    const gains = leaf(state, "response.q.weightGain");
    lengths.forEach((d, i) => {
      expect(gains[i]).toBeCloseTo(-sigmoid(LAMBDA - 2 * Math.log(d)), 2);
    });
  },
);
