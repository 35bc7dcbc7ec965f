import { defaultDevice, init } from "@jax-js/jax";
import { afterEach, beforeAll, expect, test } from "vitest";

import { textData } from "../../src/data/text.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { lstmLanguageModel } from "../../src/nn/networks/lstm.ts";
import type { Task } from "../../src/problem/problem.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { responseCurve } from "../../src/tuners/response-curve.ts";
import { createRun, type RunOptions, type Snapshot } from "../../src/tuners/run.ts";
import type { SelfTuningOptions } from "../../src/tuners/self-tuning-options.ts";
import { stn } from "../../src/tuners/stn.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import type { HostArray } from "../../src/util/host-array.ts";
import { type HostTree } from "../../src/util/host-array.ts";

/*
 * The hidden state of a language model goes from window to window of its text. All is held against an LSTM in plain loops, which reads a text in one go.
 */

beforeAll(async () => {
  await init("wasm");
  defaultDevice("wasm");
});

afterEach(() => defaultDevice("wasm"));

const engines = { jax: jaxEngine, onnx: onnxEngine } satisfies Record<string, () => Promise<Engine>>;

const centredStn: typeof stn = (options) => stn({ ...options, input: "centred" });

/** A method at whose steps nothing moves. */
const still = (method: (options: SelfTuningOptions) => Tuner, options: SelfTuningOptions = {}): Tuner =>
  method({
    ...{ learningRate: 0, hyperLearningRate: 0, scaleLearningRate: 0, warmupEpochs: 0, trainSteps: 1 },
    ...options,
  });

const train =
  "the cat sat on the mat and the dog sat on the cat while a bird saw the mat and the dog saw a bird ";
const valid = "a dog saw the cat and a bird sat on the mat while the dog saw the bird on a cat";

function taskOf(steps: number, rates: Record<string, number> = { "dropout.lstm1": 0.05 }, scale = 0.5): Task {
  const data = textData({ train, valid, test: train }, { name: "toy", steps, tokens: "word" });
  const network = lstmLanguageModel({ steps, words: data.outputs, hidden: [3, 2] });
  const hypers = Object.entries(rates).map(([name, rate]) => [
    name,
    real(rate, { low: 0, high: 0.9, scale }),
  ]);
  return supervised({ data, network, hypers: Object.fromEntries(hypers) });
}

/** All tokens of a part but those that only pad it, and the last one's class. */
function tokensOf({ data }: Task, part: "train" | "valid" | "test"): number[] {
  const { x, y } = data[part]?.fields as { x: HostArray; y: HostArray };
  const known = [...x.data].filter((_, i) => (y.data[i] as number) >= 0);
  return [...known, y.data[known.length - 1] as number];
}

/** What the model makes of tokens in one go: the loss of each next token, and the hidden states behind each of them. */
function readInOneGo(params: HostTree, tokens: readonly number[]) {
  const at = (path: string) => {
    const [layer, name] = path.split(".") as [string, string];
    return [...((params as Record<string, Record<string, HostArray>>)[layer]?.[name] as HostArray).data];
  };
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  const vectors = at("embedding.weight");
  const decoder = at("decoder.weight");
  const width = vectors.length / decoder.length;
  const cells = [new Array<number>(3).fill(0), new Array<number>(2).fill(0)];
  const hidden = [new Array<number>(3).fill(0), new Array<number>(2).fill(0)];
  const losses: number[] = [];
  const states: number[][][] = [];
  for (let t = 0; t + 1 < tokens.length; t++) {
    let x = vectors.slice((tokens[t] as number) * width, ((tokens[t] as number) + 1) * width);
    for (const l of [0, 1]) {
      const [h, c] = [hidden[l] as number[], cells[l] as number[]];
      const [w, b, u, d] = [`lstm${l + 1}-input`, `lstm${l + 1}`].flatMap((name) => [
        at(`${name}.weight`),
        at(`${name}.bias`),
      ]) as [number[], number[], number[], number[]];
      const gate = (j: number) =>
        (b[j] as number) +
        (d[j] as number) +
        x.reduce((sum, value, i) => sum + value * (w[i * 4 * h.length + j] as number), 0) +
        h.reduce((sum, value, i) => sum + value * (u[i * 4 * h.length + j] as number), 0);
      const gates = Array.from({ length: 4 * h.length }, (_, j) => gate(j));
      const of = (k: number, j: number) => gates[k * h.length + j] as number;
      cells[l] = c.map((before, j) => sigmoid(of(1, j)) * before + sigmoid(of(0, j)) * Math.tanh(of(3, j)));
      hidden[l] = cells[l].map((cell, j) => sigmoid(of(2, j)) * Math.tanh(cell));
      x = hidden[l];
    }
    const logits = decoder.map((bias, k) =>
      x.reduce((sum, value, j) => sum + value * (vectors[k * width + j] as number), bias),
    );
    const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
    losses.push(total - (logits[tokens[t + 1] as number] as number));
    states.push([hidden[0] as number[], hidden[1] as number[]]);
  }
  return { losses, states };
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

async function trained(
  task: Task,
  tuner: Tuner,
  options: Partial<RunOptions>,
  open: () => Promise<Engine> = onnxEngine,
  from?: Snapshot,
) {
  const settings: RunOptions = { epochs: 1, batchSize: 2, seed: 4, precision: "float64", ...options };
  const run = createRun(task, tuner, await open(), settings, { clock: { now: () => 0 } }, from);
  const losses: number[] = [];
  let last;
  try {
    for await (const event of run.events()) {
      if (event.kind === "step") losses.push(event.loss);
      if (event.kind === "epoch") last = event.trace;
    }
    return { losses, last, weights: await run.weights(), snapshot: await run.snapshot() };
  } finally {
    run.dispose();
  }
}

test.each([
  ["jax", 4],
  ["onnx", 1],
  ["onnx", 3],
  ["onnx", 7],
] as const)(
  "on the engine %s windows of %i tokens evaluate as the whole text does in one go",
  async (engine, steps) => {
    const task = taskOf(steps);
    const { last, weights } = await trained(
      task,
      fixed({ learningRate: 0.5 }),
      { epochs: 4 },
      engines[engine],
    );
    for (const part of ["valid", "test"] as const) {
      const expected = mean(readInOneGo(weights, tokensOf(task, part)).losses);
      expect(last?.[part]?.loss).toBeCloseTo(expected, 5);
      expect(last?.[part]?.metric?.value).toBeCloseTo(Math.exp(expected), 4);
    }
  },
);

test("a response is looked at with the state handed on, too", async () => {
  const task = taskOf(3);
  const tuner = deltaStn({ learningRate: 0.1 });
  const { last, snapshot } = await trained(task, tuner, {});
  const at = [...(snapshot.state.hypers as HostArray).data];
  const engine = await onnxEngine();
  for await (const point of responseCurve(task, tuner, engine, snapshot.state, [at], {
    precision: "float64",
  }))
    expect(point.valid.loss).toBeCloseTo(last?.valid.loss as number, 8);
});

test.each([
  ["fixed", fixed({ learningRate: 0 }), 0.5],
  ["delta-stn", still(deltaStn), 1e-12],
  ["delta-stn whose response learns seldom", still(deltaStn, { responseEvery: 2 }), 1e-12],
  ["stn", still(centredStn), 1e-12],
] as const)("training reads each stream in one go, in every epoch anew, in %s", async (_, tuner, scale) => {
  const task = taskOf(3, { "dropout.lstm1": 1e-9 }, scale);
  const options = { epochs: 2, validBatchSize: 1 };
  const { losses, weights, snapshot } = await trained(task, tuner, options);
  const text = tokensOf(task, "train");
  const { x } = task.data.train.fields as { x: HostArray };
  const rows = x.shape[0] as number;
  const starts = [0, Math.floor(rows / 2)]; // of two streams
  const streams = starts.map((row) => readInOneGo(weights, text.slice(3 * row)));
  const length = Math.ceil(rows / 2);
  const perStep = Array.from({ length }, (_, t) =>
    mean(streams.flatMap((stream) => stream.losses.slice(3 * t, 3 * t + 3))),
  );
  [...perStep, ...perStep].forEach((loss, step) => expect(losses[step]).toBeCloseTo(loss, 6));

  const hiddenIn = (part: string) =>
    (snapshot.state[part] as Record<string, Record<string, HostArray>>).lstm2?.hidden?.data as Float64Array;
  const behind = streams.flatMap(({ states }) => states[3 * length - 1]?.[1] ?? []);
  [...hiddenIn("trainRows")].forEach((h, i) => expect(h).toBeCloseTo(behind[i] as number, 6));
  if (!snapshot.state.validRows) return;
  const seen = (2 * length) % 7; // of the seven rows of the validation part
  const validStates = readInOneGo(weights, tokensOf(task, "valid")).states;
  [...hiddenIn("validRows")].forEach((h, i) =>
    expect(h).toBeCloseTo(validStates[3 * seen - 1]?.[1]?.[i] as number, 6),
  );
});

test.each([
  ["onnx", "paired", deltaStn, 3],
  ["onnx", "paired", centredStn, 3],
  ["jax", "paired", deltaStn, 1],
] as const)(
  "on the engine %s a run with %s perturbations goes on to the bit",
  async (engine, perturbations, method, epochs) => {
    const task = taskOf(3, { "dropout.embedding": 0.2, "activation-slowness": 0.2 });
    const tuner = method({ perturbations, warmupEpochs: 0, trainSteps: 2 });
    const open = engines[engine];
    const whole = await trained(task, tuner, { epochs }, open);
    const first = await trained(task, tuner, { epochs: epochs / 2 }, open);
    const rest = await trained(task, tuner, { epochs }, open, first.snapshot);
    demandSame(rest.snapshot.state, whole.snapshot.state, "the state", 0);
  },
);

test("a model with tied weights is refused where its decoder would not be the exported one's", () => {
  expect(() => stn().prepare(taskOf(3), 0, endlessRun)).toThrow(
    'stn with the input "absolute" must have a network whose layers have weights of their own, but "decoder"',
  );
});
