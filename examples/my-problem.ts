/**
 * A problem of your own, in plain jax-js: a curve is fitted to noisy points by a small network, whose weight decay and input
 * noise are tuned.
 *
 *     hypertrain tune examples/my-problem.ts --epochs 300 --batch-size 20 --lr 0.01 --hyper-lr 0.03
 *
 * Every function is pure and consumes the arrays that it is given: write `.ref` at every use of an array but the last.
 */
import { numpy as np } from "@jax-js/jax";
import {
  createSpace,
  HostArray,
  randomKey,
  randomNormal,
  randomUniform,
  real,
  type Dataset,
  type Problem,
  type Task,
} from "hypertrain";

const UNITS = 64;
const EXAMPLES = { train: 40, valid: 200, test: 200 };

/** The parameters: any tree of arrays. */
type Params = { hidden: np.Array; offset: np.Array; output: np.Array };

const problem: Problem = {
  name: "curve",

  // What is tuned. The loss reads whole parameters, so one draw of the hyperparameters serves a minibatch.
  space: createSpace({
    decay: real(1e-5, { low: 1e-6, high: 1, log: true, perturb: "minibatch" }),
    jitter: real(0.02, { low: 0, high: 0.5, perturb: "minibatch" }),
  }),

  // Random numbers are declared here and arrive in `predict`, so that a resumed run sees the same ones.
  noise: { jitter: { distribution: "normal", shape: [1], per: "example" } },

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
    const { hidden, offset, output } = layers.params() as Params;
    let inputs = x as np.Array; // [rows, 1]
    if (mode === "train")
      inputs = inputs.add((noise.jitter as np.Array).mul((jitter as np.Array).reshape([1, 1])));
    return np.matmul(np.tanh(np.matmul(inputs, hidden).add(offset)), output); // [rows, 1]
  },

  loss: (prediction, { y }) => np.square((prediction as np.Array).sub(y as np.Array)).sum(1), // [rows]

  penalty(layers, { decay }) {
    const { hidden, offset, output } = layers.params() as Params;
    offset.dispose();
    return np
      .square(hidden)
      .sum()
      .add(np.square(output).sum())
      .mul((decay as np.Array).reshape([]));
  },
};

/** Points on a curve, with noise. */
function points(part: keyof typeof EXAMPLES): Dataset {
  const rows = EXAMPLES[part];
  const x = randomUniform(randomKey(1, `${part} x`), 0, rows).map((u) => 2 * u - 1);
  const noise = randomNormal(randomKey(1, `${part} noise`), 0, rows);
  const y = Float64Array.from(x, (value, i) => Math.sin(5 * value) + 0.4 * (noise[i] as number));
  return { rows, fields: { x: new HostArray(x, [rows, 1]), y: new HostArray(y, [rows, 1]) } };
}

const task: Task = {
  problem,
  data: { train: points("train"), valid: points("valid"), test: points("test") },
};

export default task;
