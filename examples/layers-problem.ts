/**
 * A problem of your own over layers: its linear layers respond to the hyperparameters example by example, which is cheaper and
 * learns faster than a response of the whole parameter tree. Two classes of points on spirals; the noise that is added to the
 * hidden units is tuned.
 *
 *     hypertrain tune examples/layers-problem.ts --epochs 500 --lr 0.1
 *
 * Every function is pure and consumes the arrays that it is given: write `.ref` at every use of an array but the last.
 */
import { nn } from "hypertrain/jax";
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
import { accuracy, crossEntropy, initLayers, linear } from "hypertrain/nn";

const UNITS = 64;

const hidden = linear({ name: "hidden", inputs: 2, outputs: UNITS });
const output = linear({ name: "output", inputs: UNITS, outputs: 2 });

const problem = defineProblem({
  name: "spirals",
  fields: ["x", "y"],
  layers: [hidden, output],
  space: createSpace({
    noise: real(0.05, { low: 0, high: 2 }),
    decay: real(1e-3, { low: 1e-6, high: 1, log: true }),
  }),
  noise: { hidden: { distribution: "normal", shape: [UNITS], per: "example" } },
  init: (key) => initLayers(key, [hidden, output]),
  predict(at, { x }, { noise }, draws, mode) {
    let y = nn.relu(at.apply(hidden, x)); // [rows, UNITS]
    // A hyperparameter has one value per example, or one for all: [rows] or [1].
    if (mode === "train") y = y.add(draws.hidden.mul(noise.reshape([-1, 1])));
    return at.apply(output, y); // [rows, 2]
  },
  loss: (logits, { y }) => crossEntropy(logits, y),
  penalty: (at, { decay }) => at.squaredNorm(hidden).add(at.squaredNorm(output)).mul(decay).mul(0.5),
  metric: {
    name: "accuracy",
    perExample: (logits, { y }) => accuracy(logits, y),
  },
});

/** Points on two spirals, with noise. */
function spirals(part: string, rows: number): Dataset {
  const turn = randomUniform(randomKey(2, `${part} turn`), 0, rows);
  const noise = randomNormal(randomKey(2, `${part} noise`), 0, 2 * rows);
  const x = new Float32Array(2 * rows);
  const y = Int32Array.from({ length: rows }, (_, i) => i % 2);
  for (let i = 0; i < rows; i++) {
    const radius = 0.2 + (turn[i] as number);
    const angle = 4 * radius + (i % 2) * Math.PI;
    x[2 * i] = radius * Math.cos(angle) + 0.15 * (noise[2 * i] as number);
    x[2 * i + 1] = radius * Math.sin(angle) + 0.15 * (noise[2 * i + 1] as number);
  }
  return { rows, fields: { x: new HostArray(x, [rows, 2]), y: new HostArray(y, [rows]) } };
}

const task: Task = {
  problem,
  data: { train: spirals("train", 200), valid: spirals("valid", 200), test: spirals("test", 400) },
};

export default task;
