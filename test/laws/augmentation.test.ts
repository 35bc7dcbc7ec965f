import { expect, test } from "vitest";

import type { SupervisedData } from "../../src/data/supervised-data.ts";
import { sequential } from "../../src/nn/sequential.ts";
import { supervised, type SupervisedOptions } from "../../src/problem/supervised.ts";
import { lowRank } from "../../src/response/low-rank.ts";
import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { stn } from "../../src/tuners/stn.ts";
import { t1T2 } from "../../src/tuners/implicit.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { augmentedInputs, viewsAhead } from "../../src/tuners/views.ts";
import { HostArray, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";
import { trained, type TrainedPart } from "./trained.ts";

/* What a run does with the views of training images. */

const [ROWS, SIDE] = [20, 6] as const;

function part(rows: number, stream: string) {
  const draws = randomNormal(randomKey(5, stream), 0, rows * SIDE ** 2);
  return {
    rows,
    fields: {
      x: new HostArray(Float32Array.from(draws), [rows, 1, SIDE, SIDE]),
      y: new HostArray(
        Int32Array.from({ length: rows }, (_, i) => i % 3),
        [rows],
      ),
    },
  };
}

const data: SupervisedData = {
  name: "noise",
  splits: { train: part(ROWS, "train"), valid: part(8, "valid") },
  task: "classification",
  inputShape: [1, SIDE, SIDE],
  images: { shape: [1, SIDE, SIDE], scale: { mean: 0.5, sd: 0.2 }, white: 1 },
  outputs: 3,
  warnings: [],
};

const network = sequential({
  input: [1, SIDE, SIDE],
  outputs: 3,
  layers: [{ layer: "flatten" }, { layer: "linear", outputs: 5 }, { layer: "tanh" }, { layer: "linear" }],
});

const strengths = {
  rotate: real(20, { low: 0, high: 45 }),
  "cutout.holes": real(1.2, { low: 0, high: 5 }),
  mixup: real(0.3, { low: 0, high: 2 }),
};

const taskOf = (options: Partial<SupervisedOptions>) => supervised({ data, network, hypers: {}, ...options });

const options = { epochs: 3, batchSize: 7, seed: 3 } as const;

const train = async (task: ReturnType<typeof taskOf>, tuner: Tuner, part?: TrainedPart) =>
  (await trained(task, tuner, options, part)).snapshot;

test("strengths of 0 are plain training, bit for bit, tuned or held", async () => {
  const l2 = real(0.01, { log: true });
  const plain = await train(taskOf({ hypers: { l2 } }), fixed());
  const none = { "cutout.holes": real(0.5, { low: 0, high: 1 }), l2 }; // floored
  const tuned = await train(taskOf({ hypers: none }), fixed());
  demandSame(tuned.state.params as HostTree, plain.state.params as HostTree, "no holes");
  const held = await train(
    taskOf({ hypers: { l2 }, augment: { rotate: 0, brightness: 0, crop: 0, flip: 0 } }),
    fixed(),
  );
  demandSame(held.state.params as HostTree, plain.state.params as HostTree, "strengths held at 0");
  const mixed = await train(taskOf({ hypers: { l2 }, augment: { mixup: 0 } }), fixed()); // its loss is another program, which rounds by itself
  demandSame(mixed.state.params as HostTree, plain.state.params as HostTree, "no mixup", 1e-6);
  const one = await train(taskOf({ hypers: { l2 }, augment: { rotate: 90 } }), fixed());
  expect(() => demandSame(one.state.params as HostTree, plain.state.params as HostTree, "")).toThrow();
});

test.each([
  ["delta-stn in pairs", deltaStn({ warmupEpochs: 1, trainSteps: 2, perturbations: "paired" })],
  [
    "delta-stn whose response learns in every third step",
    deltaStn({ warmupEpochs: 1, trainSteps: 2, perturbations: "paired", responseEvery: 3 }),
  ],
  ["stn", stn({ warmupEpochs: 1, trainSteps: 2 })],
  ["delta-stn with a low-rank response", deltaStn({ warmupEpochs: 1, trainSteps: 2, response: lowRank(2) })],
  ["fixed", fixed()],
])("stop and resume is no stop, bit for bit: %s", async (_, tuner) => {
  const task = taskOf({ hypers: strengths });
  const whole = await train(task, tuner);
  for (const stopAt of [4, 5]) {
    const half = await train(task, tuner, { stopAt });
    const resumed = await train(task, tuner, { from: half });
    demandSame(resumed.state as HostTree, whole.state as HostTree, `stopped at ${stopAt}`);
  }
});

test("all strengths move under Delta-STN", async () => {
  const task = taskOf({ hypers: strengths });
  const start = deltaStn().prepare(task, 3, endlessRun).state.hypers as HostArray;
  const { state } = await train(task, deltaStn({ warmupEpochs: 1, trainSteps: 1 }));
  (state.hypers as HostArray).data.forEach((u, i) => expect(u).not.toBe(start.data[i]));
});

test.each([true, false])(
  "the views behind a hyperparameter step are made at its hyperparameters, others ahead: told of it %s",
  async (told) => {
    const made: [step: number, at: number][] = [];
    let hypers = 1;
    const session = {
      run: (program: string) => {
        if (program === "tune") hypers++;
        return Promise.resolve({});
      },
      read: () => Promise.resolve({ hypers: new HostArray(Float64Array.of(hypers), [1]) }),
    };
    const host = viewsAhead(session as never, (step, point) => {
      made.push([step, point.hypers[0] as number]);
      return { batch: {}, noise: {} };
    });
    for (let step = 0; step < 3; step++) {
      await host.trainInputs(step, { tunesNext: told && step === 1 });
      await host.run("train", {});
      if (step === 1) await host.run("tune", {});
    }
    expect(made).toEqual([
      [0, 1],
      [1, 1],
      ...(told ? [] : [[2, 1]]), // ahead, in vain
      [2, 2],
      [3, 2],
    ]);
  },
);

test("the examples of a pair have the same draws, mirrored strengths and the first half's labels", () => {
  const seen: { values: number[]; draw: number; labels: number[] }[] = [];
  const task = taskOf({ hypers: { rotate: strengths.rotate } });
  const augmentation = {
    hypers: ["rotate"],
    view: (
      batch: Readonly<Record<string, HostArray>>,
      values: Readonly<Record<string, Float64Array>>,
      draws: (name: string, count: number) => Float32Array,
    ) => {
      const labels = Array.from((batch.y as HostArray).data);
      seen.push({
        values: Array.from(values.rotate as Float64Array),
        draw: draws("x", 1)[0] as number,
        labels,
      });
      return { ...batch };
    },
  };
  const z = [0.5, -1, 2, 0];
  const y = new HostArray(Int32Array.of(4, 5, 6, 7), [4]);
  const { perturbed } = augmentedInputs(
    {
      ...{ problem: task.problem, augmentation, seed: 1, step: 2, noise: {}, trainRows: 100 },
      batch: { y },
      perturbation: new HostArray(Float64Array.from(z), [4, 1]),
    },
    { hypers: [0.2], scales: [Math.log(Math.E - 1)] }, // σ = softplus(s) = 1
    { perturbations: () => "paired" },
  );
  const [plain, plus, minus] = seen;
  const rotation = (u: number) => 45 / (1 + Math.exp(-u));
  [0, 1].forEach((row) => {
    expect(plain?.values[row]).toBeCloseTo(rotation(0.2), 9);
    expect(plus?.values[row]).toBeCloseTo(rotation(0.2 + (z[row] as number)), 9);
    expect(minus?.values[row]).toBeCloseTo(rotation(0.2 - (z[row] as number)), 9);
  });
  expect(plus?.draw).toBe(minus?.draw);
  expect(plus?.draw).not.toBe(plain?.draw);
  expect(Array.from(((perturbed as Record<string, HostArray>).y as HostArray).data)).toEqual([4, 5, 4, 5]);
});

test.each<[string, () => unknown, RegExp]>([
  [
    "a table",
    () => taskOf({ data: { ...data, images: undefined as never }, hypers: strengths }),
    /"rotate" must come with images, but noise has examples/,
  ],
  [
    "colours of grey images",
    () => taskOf({ hypers: { hue: real(0.1, { low: 0, high: 0.5 }) } }),
    /"hue" must come with images in colour, but those of noise have 1 channel;/,
  ],
  [
    "tones of images that do not say what is white",
    () =>
      taskOf({
        data: { ...data, images: { shape: [1, SIDE, SIDE], scale: { mean: 0.5, sd: 0.2 } } },
        augment: { brightness: 0.1 },
      }),
    /"brightness" must come with images of which is known what is black and white, but those of noise do not/,
  ],
  [
    "a range beyond what it means",
    () => taskOf({ hypers: { rotate: real(20, { low: 0, high: 400 }) } }),
    /range of "rotate" must be from 0 to 180, but got 0 to 400/,
  ],
  ["an unknown name", () => taskOf({ augment: { rotat: 3 } }), /but got "rotat"; did you mean "rotate"\?/],
  ["a strength beyond", () => taskOf({ augment: { flip: 3 } }), /"flip" must be from 0 to 1, but got 3/],
  [
    "tuned and held",
    () => taskOf({ hypers: strengths, augment: { rotate: 3 } }),
    /"rotate" must be tuned or held, but got both/,
  ],
  [
    "a method without views",
    () => t1T2().prepare(taskOf({ hypers: strengths }), 0, endlessRun),
    /t1-t2 must see the training examples as they are/,
  ],
])("refused by a sentence: %s", (_, work, sentence) => {
  expect(work).toThrow(sentence);
});
