/**
 * A problem of your own, in plain jax-js: a curve is fitted to noisy points by a small network, whose weight decay and input
 * noise are tuned.
 *
 *     hypertrain tune examples/my-problem.ts --batch-size 10
 *
 * Every function is pure and consumes the arrays that it is given: write `.ref` at every use of an array but the last.
 */
import { numpy as np } from "hypertrain/jax";
import {
  createSpace,
  defineProblem,
  HostArray,
  randomKey,
  randomNormal,
  randomUniform,
  real,
  type Dataset,
  type Task,
} from "hypertrain";

const UNITS = 64;
const EXAMPLES = { train: 40, valid: 200, test: 200 };

const problem = defineProblem({
  name: "curve",

  // What the functions read of the data: made below.
  fields: ["x", "y"],

  // What is tuned. The loss reads whole parameters, so one draw of the hyperparameters serves a minibatch.
  space: createSpace({
    decay: real(1e-5, { low: 1e-6, high: 1, log: true, perturb: "minibatch" }),
    jitter: real(0.02, { low: 0, high: 0.5, perturb: "minibatch" }),
  }),

  // Random numbers are declared here and arrive in `predict`, so that a resumed run sees the same ones.
  noise: { jitter: { distribution: "normal", shape: [1], per: "example" } },

  // The parameters: any tree of arrays.
  init(key) {
    const [seed] = key;
    const normal = (part: string, shape: number[], scale: number) => {
      const count = shape.reduce((a, b) => a * b);
      return new HostArray(
        randomNormal(randomKey(seed, part), 0, count).map((z) => z * scale),
        shape,
      );
    };
    return {
      hidden: normal("hidden", [1, UNITS], 3),
      offset: normal("offset", [UNITS], 2),
      output: normal("output", [UNITS, 1], 1 / Math.sqrt(UNITS)),
    };
  },

  predict(layers, { x }, { jitter }, noise, mode) {
    const { hidden, offset, output } = layers.params();
    const inputs = mode === "train" ? x.add(noise.jitter.mul(jitter.reshape([1, 1]))) : x; // [rows, 1]
    return np.matmul(np.tanh(np.matmul(inputs, hidden).add(offset)), output); // [rows, 1]
  },

  loss: (prediction, { y }) => np.square(prediction.sub(y)).sum(1), // [rows]

  penalty(layers, { decay }) {
    const { hidden, offset, output } = layers.params();
    offset.dispose();
    return np.square(hidden).sum().add(np.square(output).sum()).mul(decay.reshape([]));
  },
});

/** Points on a curve, with noise. */
function points(part: keyof typeof EXAMPLES): Dataset {
  const rows = EXAMPLES[part];
  const x = randomUniform(randomKey(1, `${part} x`), 0, rows).map((u) => 2 * u - 1);
  const noise = randomNormal(randomKey(1, `${part} noise`), 0, rows);
  const y = noise.map((z, i) => Math.sin(5 * (x[i] ?? 0)) + 0.4 * z);
  return { rows, fields: { x: new HostArray(x, [rows, 1]), y: new HostArray(y, [rows, 1]) } };
}

const task: Task = {
  problem,
  data: { train: points("train"), valid: points("valid"), test: points("test") },
};

export default task;
