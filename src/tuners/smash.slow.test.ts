import { describe, expect, test } from "vitest";

import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { adam } from "../nn/optim/adam.ts";
import { cosine } from "../nn/optim/schedule.ts";
import type { ArchitectureSpace, Task } from "../problem/problem.ts";
import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { startValues, toNatural, type HyperValues } from "../space/space.ts";
import { startingAt } from "../testing/starting-at.ts";
import { demandSame } from "../testing/contract.ts";
import { smallTask } from "../testing/small-task.ts";
import { HypertrainError } from "../util/error.ts";
import { HostArray, hostVector, scalarOf } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { deltaStn } from "./delta-stn.ts";
import { fixed, type FixedOptions } from "./fixed.ts";
import { hyperTraining } from "./hyper-training.ts";
import { t1T2 } from "./implicit.ts";
import { createRun, type RunEvent, type RunOptions } from "./run.ts";
import { randomArchitecture } from "./smash-draws.ts";
import { smash } from "./smash.ts";
import { endlessRun, type Tuner } from "./tuner.ts";
import { unrolled } from "./unrolled.ts";

const task = smallTask({
  hidden: [4, 4],
  hypers: {
    "dropout.fc1": real(0.1, { low: 0, high: 0.9 }),
    l2: real(0.01, { log: true }),
    width: integer(2, { low: 1, high: 8 }),
    "activation.fc1": choice("relu", { options: ["relu", "tanh", "identity"] }),
    "skip.fc2": choice(false, { options: [true, false] }),
  },
});
const architecture = task.problem.architecture as ArchitectureSpace;
const [EPOCHS, CANDIDATES, STEPS_PER_EPOCH] = [5, 8, 4];
const TRAINING = EPOCHS * STEPS_PER_EPOCH + CANDIDATES;
const phases = { hypernetEpochs: EPOCHS, candidates: CANDIDATES };
const options: RunOptions = { epochs: 10, batchSize: 6, validBatchSize: 18, seed: 3 };

/** The events of a run, and how it stands after a number of steps. */
async function runOf(engine: Engine, of: Task, tuner: Tuner, settings: RunOptions, stopAt = Infinity) {
  const run = createRun(of, tuner, engine, settings, { clock: { now: () => 0 } });
  const events: RunEvent[] = [];
  for await (const event of run.events()) {
    events.push(event);
    if (event.kind === "step" && event.step === stopAt) break;
  }
  const { state } = await run.snapshot();
  const weights = await run.weights();
  run.dispose();
  return { events, state, weights };
}

const valuesOf = (state: Awaited<ReturnType<typeof runOf>>["state"]): HyperValues =>
  toNatural(task.problem.space, (state.hypers as HostArray).data);

describe.each<[string, () => Promise<Engine>]>([
  ["jax", jaxEngine],
  ["onnx", onnxEngine],
])("smash on the engine %s", (_, makeEngine) => {
  test("scores the architectures that it draws, and keeps the best of them", async () => {
    const tuner = smash(phases);
    const engine = await makeEngine();
    const before = await runOf(engine, task, tuner, options, EPOCHS * STEPS_PER_EPOCH);
    expect(valuesOf(before.state)).toEqual({ ...startValues(task.problem.space), ...held });
    const session = engine.open(tuner.prepare(task, 3, endlessRun).programs, before.state, "float32");
    const { fields: valid } = task.data.valid;
    const drawn = await Promise.all(
      Array.from({ length: CANDIDATES }, async (_, i) => {
        const at = randomArchitecture(
          task,
          architecture,
          randomKey(3, "architectures"),
          EPOCHS * STEPS_PER_EPOCH + i,
        );
        const noise = { fc1: new HostArray(new Float32Array(18 * 8).fill(0.5), [18, 8]) };
        const { score } = await session.run("score", { at: hostVector(at), valid, batch: valid, noise });
        return { values: toNatural(task.problem.space, at), score: scalarOf(score as HostArray) };
      }),
    );
    session.dispose();
    const best = drawn.reduce((a, b) => (b.score < a.score ? b : a));
    expect(new Set(drawn.map(({ score }) => score)).size).toBeGreaterThan(4);
    const after = await runOf(engine, task, tuner, options, TRAINING);
    expect(valuesOf(after.state)).toEqual({ ...best.values, ...held });
    expect(scalarOf(after.state.score as HostArray)).toBe(Math.fround(best.score));
  });

  test.each<[string, FixedOptions]>([
    ["SGD", { schedule: cosine({ steps: 12 }) }],
    ["Adam", { optimizer: adam(), learningRate: 0.01, clipNorm: 0.5 }],
  ])(
    "ends as plain training of the architecture from the same seed, bit for bit: %s",
    async (_name, training) => {
      const engine = await makeEngine();
      const searched = await runOf(engine, task, smash({ ...phases, ...training }), options);
      const chosen = valuesOf(searched.state);
      expect(chosen.width).not.toBe(2); // else its initial weights were those of the start
      const rest = { ...options, epochs: 10 - TRAINING / STEPS_PER_EPOCH };
      const plain = await runOf(engine, startingAt(task, { ...chosen, ...start }), fixed(training), rest);
      for (const part of ["params", "optimizer", "hypers"] as const)
        demandSame(searched.state[part] as never, plain.state[part] as never, part);
      demandSame(searched.weights, plain.weights, "the weights");
      const final = ({ events }: typeof plain) => events.findLast((event) => event.kind === "epoch")?.trace;
      expect(final(searched)?.valid).toEqual(final(plain)?.valid);
      expect(final(searched)?.train).toEqual(final(plain)?.train);
    },
  );
});

test("the learning rates that it says are those of its phases, and of plain training from its first step on", () => {
  const training = { schedule: cosine({ steps: 12 }) };
  const length = { epochs: 10, stepsPerEpoch: STEPS_PER_EPOCH };
  const { learningRates } = smash({ ...phases, ...training }).prepare(task, 3, length);
  const plain = fixed(training).prepare(task, 3, length);
  expect(learningRates(TRAINING - 1)).toEqual({ hypernetwork: 0.001 });
  for (const step of [0, 5, 11]) expect(learningRates(TRAINING + step)).toEqual(plain.learningRates(step));
  expect(learningRates(TRAINING)).not.toEqual(learningRates(TRAINING + 5));
});

const start = { "dropout.fc1": 0.1, l2: 0.01 };
const held = { "dropout.fc1": expect.closeTo(0.1, 5), l2: expect.closeTo(0.01, 5) };

test("training the hypernetwork lowers the loss averaged over architectures", async () => {
  const engine = await onnxEngine();
  const tuner = smash({ hypernetEpochs: 60, candidates: 1 });
  const session = engine.open(
    tuner.prepare(task, 3, endlessRun).programs,
    tuner.prepare(task, 3, endlessRun).state,
    "float32",
  );
  const mean = async (): Promise<number> => {
    const { fields: valid } = task.data.valid;
    let sum = 0;
    for (let i = 0; i < 40; i++) {
      const at = hostVector(randomArchitecture(task, architecture, randomKey(9, "others"), i));
      const noise = { fc1: new HostArray(new Float32Array(18 * 8).fill(0.5), [18, 8]) };
      sum += scalarOf((await session.run("score", { at, valid, batch: valid, noise })).score as HostArray);
    }
    return sum / 40;
  };
  const untrained = await mean();
  session.write((await runOf(engine, task, tuner, { ...options, epochs: 70 }, 240)).state);
  const trained = await mean();
  session.dispose();
  expect(trained).toBeLessThan(0.8 * untrained);
});

describe("smash refuses", () => {
  const run =
    (of: Task, tuner: () => Tuner, epochs = 10) =>
    async () =>
      runOf(await jaxEngine(), of, tuner(), { ...options, epochs });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "a network whose architecture is no hyperparameter, and says what to add",
      run(smallTask(), () => smash(phases)),
      'smash must have an architecture to choose, but no hyperparameter of "mlp on three classes" is one; add for example `hyper: "width.*=64:8..128"`',
    ],
    [
      "a run that ends before it trains what it chose",
      run(task, () => smash(phases), TRAINING / STEPS_PER_EPOCH),
      `a run of smash must have at least ${TRAINING + 1} steps for all that it does, but has ${TRAINING}`,
    ],
    ["no candidates", run(task, () => smash({ ...phases, candidates: 0 })), "positive integer, but got 0"],
    ["no hypernetwork", run(task, () => smash({ ...phases, hypernetEpochs: 0 })), "above 0, but got 0"],
  ])("%s", async (_, attempt, sentence) => {
    await expect(attempt()).rejects.toThrow(HypertrainError);
    await expect(attempt()).rejects.toThrow(sentence);
  });
});

describe("methods that follow a gradient refuse an architecture before the run", () => {
  test.each([deltaStn, unrolled, hyperTraining, t1T2].map((make) => [make().name, make()] as const))(
    "%s",
    (name, tuner) => {
      expect(() => tuner.prepare(task, 0, endlessRun)).toThrow(
        `${name} must be able to differentiate the training loss by every hyperparameter, but "width", "activation.fc1", "skip.fc2" of "mlp on three classes" are its architecture; hold it fixed, or take a method that chooses it`,
      );
    },
  );
});

test("the best network of a run is a trained one, even where generated weights had a lower loss", async () => {
  const slow = smash({ ...phases, learningRate: 1e-6 });
  const { events } = await runOf(await onnxEngine(), task, slow, options);
  const epochs = events.filter((event) => event.kind === "epoch");
  const { best } = events.findLast((event) => event.kind === "end") as Extract<RunEvent, { kind: "end" }>;
  const of = (trained: boolean) =>
    epochs.flatMap(({ trace }) => (trace.step > TRAINING === trained ? [trace.valid.loss] : []));
  expect(Math.min(...of(false))).toBeLessThan(Math.min(...of(true)));
  expect(best.valid.loss).toBe(Math.min(...of(true)));
});
