/*
 * Antithetic pairs: what they leave of the noise in the response's gradient, by closed forms on ridge, and that a step of them is
 * the mean of two steps at opposite perturbations.
 *
 * | symbol | meaning |
 * |---|---|
 * | s, ε | standard deviation and draw of the perturbation of λ, one for each row |
 * | m | e^λ |
 * | a | derivative of one row's loss by a weight, before the penalty |
 *
 * At Θ = 0 a row adds `ε (a + m w e^ε)` to the gradient of Θ; the mean over ε and -ε is `m w ε sinh ε`: without a.
 */
import { beforeAll, describe, expect, test } from "vitest";

import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import type { Task } from "../../src/problem/problem.ts";
import { ridge } from "../../src/problem/ridge.ts";
import { dense } from "../../src/response/dense.ts";
import { real } from "../../src/space/real.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import type { Perturbations } from "../../src/tuners/host.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { drawNoise, drawPerturbation } from "../../src/tuners/noise.ts";
import { stn } from "../../src/tuners/stn.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { HostArray, hostScalar, leavesOf, mapTree, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { linearData, ready } from "./settle.ts";

beforeAll(ready);

const settings = { learningRate: hostScalar(1), momentum: hostScalar(0) };
const gradientStep = { optimizer: gradientDescent(), response: dense };

type Inputs = { batch: HostTree; noise: HostTree; perturbation: HostArray };

/** The gradients by the response, leaf after leaf, of one training step from the start for each of some inputs. */
async function responseGradients(
  task: Task,
  tuner: Tuner,
  state: Record<string, HostTree>,
  inputs: readonly Inputs[],
): Promise<number[][]> {
  const prepared = tuner.prepare(task, 0, endlessRun);
  const start = { ...prepared.state, ...state };
  const session = (await onnxEngine()).open(prepared.programs, start, "float64");
  const { response: before, params, paramsOptimizer, responseOptimizer } = start;
  const gradients: number[][] = [];
  for (const given of inputs) {
    await session.run("train", { ...given, settings: { params: settings, response: settings } });
    const { response } = await session.read(["response"]);
    gradients.push(difference(before as HostTree, response as HostTree));
    session.write({ response: before, params, paramsOptimizer, responseOptimizer } as typeof start);
  }
  session.dispose();
  return gradients;
}

const numbersOf = (tree: HostTree): number[] => leavesOf(tree).flatMap(([, { data }]) => Array.from(data));

function difference(before: HostTree, after: HostTree): number[] {
  const moved = numbersOf(after);
  return numbersOf(before).map((value, i) => value - (moved[i] as number));
}

describe("the gradient of a dense response on ridge", () => {
  const ROWS = 40;
  const DRAWS = 1500;
  const [lambda, s, w] = [Math.log(0.05), 0.5, 0.3];
  const m = Math.exp(lambda);
  const train = linearData(3, ROWS, 2, [1, -0.5], 1);
  const task = ridge({ train, valid: train, start: lambda, perturbation: { scale: s } });
  const state = {
    params: { w: { weight: new HostArray(Float64Array.of(w, w), [2, 1]), bias: hostZero() } },
  };
  const { fields } = task.data.train;
  const inputs = Array.from({ length: DRAWS }, (_, step) => ({
    batch: fields,
    noise: {},
    perturbation: new HostArray(randomNormal(randomKey(5, "oracle"), step, ROWS), [ROWS, 1]),
  }));

  /** E ε e^(tε), E ε² e^(tε) of a normal ε. */
  const first = (t: number) => t * s ** 2 * Math.exp((t * s) ** 2 / 2);
  const second = (t: number) => (s ** 2 + t ** 2 * s ** 4) * Math.exp((t * s) ** 2 / 2);
  const slope = (row: number, k: number) => {
    const x = train.x[row] as readonly number[];
    return ROWS * (w * (x[0] as number) + w * (x[1] as number) - (train.y[row] as number)) * (x[k] as number);
  };
  const mean = m * w * first(1);
  const independent = (k: number) => {
    const terms = train.y.map((_, i) => {
      const a = slope(i, k);
      return a ** 2 * s ** 2 + 2 * a * m * w * second(1) + (m * w) ** 2 * second(2) - mean ** 2;
    });
    return terms.reduce((sum, term) => sum + term, 0) / ROWS ** 2;
  };
  const paired = ((m * w) ** 2 * ((second(2) - s ** 2) / 2) - mean ** 2) / ROWS;

  const moments = async (perturbations: Perturbations) => {
    const tuner = deltaStn({ ...gradientStep, perturbations });
    const draws = (await responseGradients(task, tuner, state, inputs)).map((leaves) => leaves.slice(0, 2)); // the bias behind the weights
    return [0, 1].map((k) => {
      const column = draws.map((draw) => draw[k] as number);
      const average = column.reduce((sum, g) => sum + g, 0) / DRAWS;
      return { average, variance: column.reduce((sum, g) => sum + (g - average) ** 2, 0) / (DRAWS - 1) };
    });
  };

  test("has the closed form's variance where perturbations are independent", async () => {
    for (const [k, { average, variance }] of (await moments("independent")).entries()) {
      expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(independent(k) / DRAWS));
      expect(variance / independent(k)).toBeGreaterThan(0.85);
      expect(variance / independent(k)).toBeLessThan(1.15);
    }
  });

  test("has the same mean and the penalty's variance alone where they come in pairs", async () => {
    for (const [k, { average, variance }] of (await moments("full")).entries()) {
      expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(paired / DRAWS));
      expect(variance / paired).toBeGreaterThan(0.8);
      expect(variance / paired).toBeLessThan(1.25);
      expect(independent(k) / paired).toBeGreaterThan(1e4); // of which these are a ten-thousandth
    }
  });
});

function hostZero(): HostArray {
  return new HostArray(new Float64Array(1), [1]);
}

describe.each([
  ["delta-stn", deltaStn],
  ["centered-stn", centeredStn],
  ["stn", stn],
] as const)("a step of %s", (_, method) => {
  const rows = 24;
  const halfRows = 7; // of a minibatch of 15: the odd row is left out
  const start = (task: Task): Record<string, HostTree> => {
    const { state } = method(gradientStep).prepare(task, 0, endlessRun);
    const key = randomKey(2, "response");
    return {
      response: mapTree(state.response as HostTree, ({ shape, data }) => {
        return new HostArray(
          randomNormal(key, data.length, data.length).map((z) => z / 5),
          shape,
        );
      }),
    };
  };
  const inputsOf = (task: Task, count: number, sign = 1): Inputs => {
    const first = (array: HostArray) => {
      const [all = 1, ...rest] = array.shape;
      if (all === 1) return array;
      const width = array.data.length / all;
      return new HostArray(array.data.slice(0, count * width), [count, ...rest]);
    };
    const z = drawPerturbation(task.problem.space, 0, "train", 0, rows);
    return {
      batch: mapTree(task.data.train.fields as HostTree, first),
      noise: mapTree(drawNoise(task.problem.noise, 0, 0, rows), first),
      perturbation: first(
        new HostArray(
          (z.data as Float64Array).map((v) => sign * v),
          z.shape,
        ),
      ),
    };
  };
  const perMinibatch = { low: 0, high: 0.9, perturb: "minibatch" } as const;
  const tasks = {
    "by example": smallTask(),
    "by minibatch": smallTask({
      hypers: { "dropout.fc1": real(0.2, perMinibatch), l1: real(0.01, { low: 1e-5, high: 1, log: true }) },
    }),
  };
  const gradientOf = async (task: Task, perturbations: Perturbations, inputs: Inputs) =>
    (
      await responseGradients(task, method({ ...gradientStep, perturbations }), start(task), [inputs])
    )[0] as number[];

  test.each(Object.entries(tasks))(
    "with pairs, perturbed %s, is the mean of one at +ε and one at -ε",
    async (_name, task) => {
      const [up, down] = [
        await gradientOf(task, "independent", inputsOf(task, rows)),
        await gradientOf(task, "independent", inputsOf(task, rows, -1)),
      ];
      const full = await gradientOf(task, "full", inputsOf(task, rows));
      const gaps = full.map((g, i) => Math.abs(g - ((up[i] as number) + (down[i] as number)) / 2));
      expect(Math.max(...gaps)).toBeLessThan(1e-12);
      expect(Math.max(...full.map((g, i) => Math.abs(g - (up[i] as number))))).toBeGreaterThan(1e-3);
    },
  );

  test.each(Object.entries(tasks))(
    "with pairs over half the rows, perturbed %s, is one with pairs of that half",
    async (_name, task) => {
      const half = await gradientOf(task, "paired", inputsOf(task, 2 * halfRows + 1));
      const alone = await gradientOf(task, "full", inputsOf(task, halfRows));
      expect(Math.max(...half.map((g, i) => Math.abs(g - (alone[i] as number))))).toBeLessThan(1e-12);
    },
  );

  test("that has all rows takes all of them in pairs", async () => {
    const task = smallTask();
    const inputs = inputsOf(task, rows);
    expect(await gradientOf(task, "paired", inputs)).toEqual(await gradientOf(task, "full", inputs));
  });
});
