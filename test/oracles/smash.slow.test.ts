import { expect, describe, test } from "vitest";

import { readBundled } from "../../src/data/node/bundled.ts";
import type { SupervisedData } from "../../src/data/supervised-data.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { mlp } from "../../src/nn/mlp.ts";
import type { ArchitectureSpace, Task } from "../../src/problem/problem.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { mlpHypernet } from "../../src/response/hypernet.ts";
import { choice } from "../../src/space/choice.ts";
import { integer } from "../../src/space/integer.ts";
import { toNatural, type HyperValues } from "../../src/space/space.ts";
import { trialRunner } from "../../src/study/trial.ts";
import { rankCorrelation } from "../../src/testing/rank-correlation.ts";
import { trainTrial } from "../../src/testing/train-trial.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import { randomArchitecture } from "../../src/tuners/smash-draws.ts";
import { smash, type SmashOptions } from "../../src/tuners/smash.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HostArray, hostVector, scalarOf } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { leastOf } from "../../src/util/statistics.ts";

const still = { clock: { now: () => 0 } };

describe("on the digits", async () => {
  const [ARCHITECTURES, EPOCHS] = [24, 30];
  const data = await readBundled("digits", { seed: 0 });
  const activation = choice("relu", { options: ["relu", "tanh", "sigmoid"] });
  const task = supervised({
    data,
    network: mlp({ inputs: 64, hidden: [32, 32], outputs: 10 }),
    hypers: {
      "width.fc1": integer(16, { low: 4, high: 32, log: true }),
      "width.fc2": integer(16, { low: 4, high: 32, log: true }),
      "activation.fc1": activation,
      "activation.fc2": activation,
      "skip.fc2": choice(false, { options: [false, true] }),
    },
  });
  const architecture = task.problem.architecture as ArchitectureSpace;
  const points = Array.from({ length: ARCHITECTURES }, (_, i) =>
    randomArchitecture(task, architecture, randomKey(1, "judged"), i),
  );

  /** The lowest validation loss of each architecture, trained alone. */
  const trained = async (): Promise<number[]> => {
    const engine = await onnxEngine({ threads: 1 });
    const runner = trialRunner({
      task,
      tuner: fixed(),
      engine,
      run: { seed: 0, evaluateEvery: 9 },
      environment: still,
    });
    const losses: number[] = [];
    for (const point of points) {
      const { trace } = await trainTrial(runner, { values: toNatural(task.problem.space, point) }, EPOCHS);
      losses.push(leastOf(trace.map(({ valid }) => valid.loss)));
    }
    runner.dispose();
    return losses;
  };

  /** What the score of each is after the first phase. */
  const scored = async (options: Partial<SmashOptions>, seed: number): Promise<number[]> => {
    const engine = await onnxEngine({ threads: 1 });
    const tuner = smash({ hypernetEpochs: EPOCHS, candidates: 1, ...options });
    const run = createRun(task, tuner, engine, { epochs: EPOCHS + 1, seed, evaluateEvery: 1000 }, still);
    for await (const event of run.events()) if (event.kind === "step" && event.step === EPOCHS * 9) break;
    const { state } = await run.snapshot();
    run.dispose();
    const session = engine.open(tuner.prepare(task, seed, endlessRun).programs, state, "float32");
    const { fields: valid } = task.data.valid;
    const scores: number[] = [];
    for (const point of points) {
      const { score } = await session.run("score", { at: hostVector(point), valid, batch: valid, noise: {} });
      scores.push(scalarOf(score as HostArray));
    }
    session.dispose();
    return scores;
  };

  test("scores rank architectures as training each of them does", async () => {
    const truth = await trained();
    const correlations = async (options: Partial<SmashOptions> = {}) => {
      const found = [];
      for (const seed of [0, 1, 2]) found.push(rankCorrelation(await scored(options, seed), truth));
      return found;
    };
    const linear = await correlations();
    expect(Math.min(...linear)).toBeGreaterThan(0.75); // .90, .87, .90
    const mlps = await correlations({ hypernet: mlpHypernet() }); // .77, .66, .57
    expect(meanOf(linear)).toBeGreaterThan(meanOf(mlps) + 0.1); // why the linear one is the default
  }, 60_000);
});

describe("where one choice decides, every seed makes it", () => {
  const seeds = [0, 1, 2, 3, 4];

  /** x ~ N(0, I), y = f(x). */
  const dataOf = (inputs: number, f: (x: readonly number[]) => readonly number[]): SupervisedData => {
    const part = (name: string, rows: number) => {
      const x = randomNormal(randomKey(0, name), 0, rows * inputs);
      const y = Array.from({ length: rows }, (_, i) => f(Array.from(x.slice(i * inputs, (i + 1) * inputs))));
      const outputs = (y[0] as readonly number[]).length;
      return {
        rows,
        fields: {
          x: new HostArray(x, [rows, inputs]),
          y: new HostArray(Float64Array.from(y.flat()), [rows, outputs]),
        },
      };
    };
    const splits = { train: part("train", 128), valid: part("valid", 64) };
    const outputs = splits.valid.fields.y.shape[1] as number;
    return { name: "decisive", splits, task: "regression", inputShape: [inputs], outputs, warnings: [] };
  };
  const chosen = async (task: Task, seed: number): Promise<HyperValues> => {
    const tuner = smash({ hypernetEpochs: 150, candidates: 20, hypernetLearningRate: 0.01 });
    const run = createRun(
      task,
      tuner,
      await onnxEngine({ threads: 1 }),
      { epochs: 165, batchSize: 64, seed, evaluateEvery: 1000 },
      still,
    );
    let last: HyperValues = {};
    for await (const event of run.events()) {
      if (event.kind !== "end") continue;
      last = Object.fromEntries(
        Object.entries(event.final.hyperparameters).map(([name, { value }]) => [name, value]),
      );
    }
    run.dispose();
    return last;
  };

  test.each(seeds)("an activation that cannot fit the target is not taken: seed %i", async (seed) => {
    const product = dataOf(2, ([a = 0, b = 0]) => [a * b]); // no linear function of a and b is better than none
    const task = supervised({
      data: product,
      network: mlp({ inputs: 2, hidden: [16], outputs: 1 }),
      hypers: { activation: choice("identity", { options: ["identity", "relu"] }) },
    });
    expect(await chosen(task, seed)).toEqual({ activation: "relu" });
  });

  test.each(seeds)("nor is a width that lets too little through: seed %i", async (seed) => {
    const copy = dataOf(4, (x) => x); // with n units between, (4 - n) / 4 of the variance is lost
    const task = supervised({
      data: copy,
      network: mlp({ inputs: 4, hidden: [4], outputs: 4, activation: "identity" }),
      hypers: { "width.fc1": integer(1, { low: 1, high: 4 }) },
    });
    expect(await chosen(task, seed)).toEqual({ "width.fc1": 4 });
  });
});

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
