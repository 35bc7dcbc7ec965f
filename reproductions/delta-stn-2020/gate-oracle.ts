import { numpy as np } from "@jax-js/jax";

import { paramsOf } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/kinds/linear.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Problem, Task } from "../../src/problem/problem.ts";
import { factored } from "../../src/response/factored.ts";
import { gate } from "../../src/response/gate.ts";
import type { Response } from "../../src/response/response.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { orthogonalColumns, times, transposedTimes, type Matrix } from "../../src/testing/linear-algebra.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { close } from "../hyper-training-2018/close.ts";
import type { Reproduction } from "../reproduction.ts";
import { gateFigure } from "./gate-figure.ts";
import { onWholeSets } from "./whole-sets.ts";

/*
 * Two-layer linear networks, whose best response is a gate for each hidden unit (MacKay et al. 2019).
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | X, t | inputs X = U D R with U'U = I, D diagonal, R orthogonal; targets | [rows, units], [rows] |
 * | f(x) | the network s'Q x, of which Q is trained and s = R u is given, u the least-squares solution | |
 * | λ    | the logarithm of the penalty's weight: L_T = Σ_n (f(x_n) - t_n)² + e^λ |df/dx|² | |
 *
 * The best response is Q(λ) = diag(g(λ)) R, where the gates are g_i = sigmoid(2 ln d_i - λ), so that
 *
 *     dQ_i/dλ = -(1 - g_i) Q_i,
 *
 * a multiple of each unit's own weights: a gate response has no error. What a gate response learns is that multiple.
 */

const [ROWS, UNITS] = [24, 4];
const LENGTHS = [0.4, 0.8, 1.6, 3.2]; // d
const BEST = 0.5; // validation asks for the best response at this λ
const POINTS = { quick: [-1, 2], paper: [-3, -2, -1, 0, 1, 2, 3] };
const LINE = Array.from({ length: 61 }, (_, i) => -3 + i / 10);
const NARROW = 0.02; // the perturbations' scale: the tangent, not a chord
const LEARN_STEPS = 600;
const STARTS = { quick: [3], paper: [-3, 3] }; // from which λ is tuned
const TUNE_STEPS = 1500;
const TOLERANCE = { gain: 0.001, lambda: 0.02 };

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const gateAt = (unit: number, lambda: number): number =>
  sigmoid(2 * Math.log(LENGTHS[unit] as number) - lambda);
const q = linear({ name: "q", inputs: UNITS, outputs: UNITS, bias: false });

/** Gate oracle: what the gate response learns is the best response's derivative, and by it Delta-STN finds the best penalty. */
export const gateOracle: Reproduction = async ({ scale, engine, seed, note }) => {
  const { rotation, inputs, solution } = linearNetwork(seed);
  const rotated = times(rotation, solution); // s
  /** Q' at its best: [inputs, units]. */
  const weightsAt = (lambda: number) =>
    rotation.map((_, j) => rotation.map((row, i) => gateAt(i, lambda) * (row[j] as number)));
  const task = (start: number, width: number): Task => ({
    problem: problemOf({ start, scale: width, output: rotated, initial: weightsAt(start) }),
    data: {
      train: partOf(inputs, times(inputs, solution)),
      valid: partOf(inputs, times(inputs, times(weightsAt(BEST), rotated))), // Q(BEST)'s
    },
  });

  // The gates' derivatives, with Q at its best for each λ.
  const gains: { response: string; unit: number; lambda: number; gain: number }[] = [];
  for (const lambda of POINTS[scale]) {
    const optimizer = adam();
    const tuner = deltaStn({
      ...{ response: gate, perturbations: "full", warmupEpochs: Infinity },
      ...{ optimizer: gradientDescent(), learningRate: 0, responseOptimizer: optimizer },
      schedule: (step) => 1 - step / LEARN_STEPS,
      responseLearningRate: 0.05,
    });
    const found = await onWholeSets(
      { engine, task: task(lambda, NARROW), tuner },
      () => new HostArray(Float64Array.of(1), [1, 1]),
      async ({ prepared, session, host }) => {
        for (let step = 0; step < LEARN_STEPS; step++) await prepared.advance(host, step);
        const { response } = await session.read(["response"]);
        return (response as unknown as { q: { weightGain: HostArray } }).q.weightGain.data;
      },
    );
    found.forEach((gain, unit) => gains.push({ response: "gate", unit, lambda, gain }));
    note(`λ = ${lambda}: ${[...found].map((gain) => gain.toFixed(4)).join(", ")}`);
  }
  const worst = Math.max(...gains.map(({ unit, lambda, gain }) => Math.abs(gain + 1 - gateAt(unit, lambda))));

  // λ tuned through the response.
  const paths: { response: string; start: number; step: number; lambda: number }[] = [];
  for (const [name, response] of Object.entries({ gate, factored } as Record<string, Response>)) {
    for (const start of STARTS[scale]) {
      const tuner = deltaStn({
        ...{ response, perturbations: "full", warmupEpochs: 100, trainSteps: 2 },
        ...{
          optimizer: gradientDescent(),
          learningRate: 0.01,
          responseOptimizer: adam(),
          responseLearningRate: 0.01,
        },
        ...{ hyperOptimizer: adam(), hyperLearningRate: 0.02, scaleLearningRate: 0 },
      });
      const key = randomKey(seed, `gate oracle ${name} ${start}`);
      await onWholeSets(
        { engine, task: task(start, 0.2), tuner },
        (stream, index) =>
          new HostArray(
            Float64Array.from(randomNormal(key, 2 * index + (stream === "train" ? 0 : 1), 1)),
            [1, 1],
          ),
        async ({ prepared, session, host }) => {
          for (let step = 0; step <= TUNE_STEPS; step++) {
            if (step % 50 === 0) {
              const { hypers } = await session.read(["hypers"]);
              paths.push({ response: name, start, step, lambda: hypers.data[0] as number });
            }
            if (step < TUNE_STEPS) await prepared.advance(host, step);
          }
        },
      );
      note(`${name} from λ = ${start}: ${paths.at(-1)?.lambda.toFixed(3)}, best ${BEST}`);
    }
  }
  const ends = paths.filter(({ step }) => step === TUNE_STEPS);
  const claims = [
    {
      what: `largest error of ${gains.length} gates' derivatives, -(1 - g)`,
      expected: `at most ${TOLERANCE.gain}`,
      measured: worst.toFixed(5),
      holds: worst <= TOLERANCE.gain,
    },
    ...ends.map(({ response, start, lambda }) =>
      close(`${response}: λ tuned from ${start}`, lambda, BEST, TOLERANCE.lambda),
    ),
  ];
  const line = LENGTHS.flatMap((_, unit) =>
    LINE.map((lambda) => ({ unit, lambda, gain: gateAt(unit, lambda) - 1 })),
  );
  return { numbers: { gains, paths }, claims, figure: gateFigure({ line, gains, paths, best: BEST }) };
};

/** X = U D R, and targets of the least-squares solution u. */
function linearNetwork(seed: number) {
  const key = randomKey(seed, "two-layer linear network");
  const matrix = (stream: number, rows: number) => {
    const drawn = [...randomNormal(key, stream, rows * UNITS)];
    return Array.from({ length: rows }, (_, i) => drawn.slice(i * UNITS, (i + 1) * UNITS));
  };
  const rotation = orthogonalColumns(matrix(0, UNITS));
  const solution = [...randomNormal(key, 2, UNITS)];
  const inputs = orthogonalColumns(matrix(1, ROWS)).map((row) =>
    transposedTimes(
      rotation,
      row.map((v, i) => v * (LENGTHS[i] as number)),
    ),
  );
  return { rotation, inputs, solution };
}

const partOf = (x: Matrix, t: readonly number[]) => ({
  rows: ROWS,
  fields: { x: matrixOf(x), y: matrixOf(t.map((v) => [v])) },
});

const matrixOf = (rows: Matrix): HostArray =>
  new HostArray(Float64Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);

function problemOf(given: {
  readonly start: number;
  readonly scale: number;
  readonly output: readonly number[];
  readonly initial: Matrix;
}): Problem {
  const output = (like: np.Array) => np.array([...given.output], { dtype: like.dtype });
  return {
    name: "two-layer linear network",
    space: createSpace({
      penalty: real(Math.exp(given.start), {
        log: true,
        perturb: "minibatch",
        scale: given.scale,
        tuneScale: false,
      }),
    }),
    noise: {},
    layers: [q],
    init: () => ({ q: { weight: matrixOf(given.initial) } }),
    predict(layers, batch) {
      const hidden = layers.apply(q, batch.x as np.Array);
      return hidden.mul(output(hidden)).sum(1).reshape([-1, 1]); // [rows, 1]
    },
    loss: (outputs, { y }) =>
      np
        .square((outputs as np.Array).sub(y as np.Array))
        .sum(1)
        .mul(ROWS), // the mean over rows is the sum
    validLoss: (outputs, { y }) => np.square((outputs as np.Array).sub(y as np.Array)).sum(1),
    penalty(layers, { penalty }) {
      const { weight } = paramsOf(layers.params(), q);
      const slope = np.matmul(weight, output(weight)); // df/dx
      return np
        .square(slope)
        .sum()
        .mul((penalty as np.Array).reshape([]));
    },
  };
}
