/**
 * The self-tuning networks once more, in plain numbers and loops, written from their equations alone: three training steps and a
 * hyperparameter step of a network of 2, 3 and 2 units with dropout before both layers and a weight decay.
 *
 * Nothing here is shared with `src/`. Derivatives are central differences of fourth order with step 1e-3, good to about 1e-11.
 * `node test/golden/self-tuning.ts` writes `self-tuning.json`; `prettier --write` gives it its lines.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | λ, s   | hyperparameters (two dropout rates, decay), perturbation scales before softplus | [3] |
 * | z, ε   | standard normal draws; perturbation ε = softplus(s) z | [rows, 3] |
 * | w, Θ   | weights W1 [2, 3], b1, W2 [3, 2], b2; response G, V of W and b for each layer | flat |
 * | h      | the response's input, λ + ε minus the method's origin | [3] |
 */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

export type Method = "stn" | "centered-stn" | "delta-stn";
export const methods: readonly Method[] = ["stn", "centered-stn", "delta-stn"];

/** A state by name: flat numbers, row-major. */
export type Flat = Record<string, number[]>;

export interface Step {
  readonly x: number[][]; // [rows][2]
  readonly y: number[]; // [rows]
  readonly z: number[][]; // [rows][3]
  readonly dropInput: number[][]; // uniforms [rows][2]
  readonly dropHidden: number[][]; // uniforms [rows][3]
}

export interface Golden {
  readonly start: Flat;
  readonly train: readonly Step[];
  readonly valid: Step;
  readonly ends: Record<Method, { state: Flat; losses: number[]; penalties: number[] }>;
}

/** What the hyperparameters' ranges, the step sizes and the optimizers' constants are here. */
export const settings = {
  inputHigh: 0.9,
  hiddenHigh: 0.8,
  decayLow: 1e-4,
  decayHigh: 1,
  learningRate: 0.1,
  momentum: 0.9,
  hyperLearningRate: 0.02,
  scaleLearningRate: 0.03,
  entropyWeight: 0.01,
};

const ROWS = 4;
const SIZE = 3;
const layers = [
  { name: "fc1", inputs: 2, outputs: 3 },
  { name: "fc2", inputs: 3, outputs: 2 },
] as const;
type Layer = (typeof layers)[number];

export function golden(): Golden {
  const random = generator(20);
  const some = (count: number, scale: number) =>
    Array.from({ length: count }, () => scale * (2 * random() - 1));
  const rows = (columns: number, draw: () => number) =>
    Array.from({ length: ROWS }, () => Array.from({ length: columns }, draw));
  const start: Flat = { hypers: [-1.2, -0.4, -0.3], scales: [0.2, -0.5, 0.5] };
  for (const { name, inputs, outputs } of layers) {
    start[`params.${name}.weight`] = some(inputs * outputs, 1);
    start[`params.${name}.bias`] = some(outputs, 0.5);
    start[`response.${name}.weightGain`] = some(SIZE * outputs, 0.3);
    start[`response.${name}.weightDirection`] = some(inputs * outputs, 1);
    start[`response.${name}.biasGain`] = some(SIZE * outputs, 0.3);
    start[`response.${name}.biasDirection`] = some(outputs, 1);
  }
  const step = (): Step => ({
    x: rows(2, () => 3 * random() - 1.5),
    y: Array.from({ length: ROWS }, () => (random() < 0.5 ? 0 : 1)),
    z: rows(3, () => 3 * random() - 1.5),
    dropInput: rows(2, random),
    dropHidden: rows(3, random),
  });
  const train = [step(), step(), step()];
  const valid = step();
  const ends = Object.fromEntries(methods.map((method) => [method, ended(method, start, train, valid)]));
  return { start, train, valid, ends: ends as Golden["ends"] };
}

function ended(method: Method, start: Flat, train: readonly Step[], valid: Step): Golden["ends"][Method] {
  let state = start;
  let momentum: Flat = {};
  const losses: number[] = [];
  const penalties: number[] = [];
  for (const step of train) {
    const { grads, loss, penalty } = trainingGradients(method, state, step);
    losses.push(loss);
    penalties.push(penalty);
    momentum = mapped(grads, (g, name, i) => settings.momentum * (momentum[name]?.[i] ?? 0) + g);
    const moved = mapped(momentum, (m, name, i) => at(state, name, i) - settings.learningRate * m);
    state = { ...state, ...moved };
  }
  return { state: { ...state, ...tuned(method, state, valid) }, losses, penalties };
}

/** The gradients of w and Θ, and the losses that the method reports: those whose gradient moves w. */
function trainingGradients(method: Method, state: Flat, step: Step) {
  const [weights, response] = [part(state, "params."), part(state, "response.")];
  const origin = method === "stn" ? [0, 0, 0] : (state.hypers as number[]);
  const sum = ({ loss, penalty }: Losses) => loss + penalty;
  const perturbed = (changed: Flat) =>
    trainingLosses({ ...state, ...changed }, step, origin, true, method === "delta-stn");
  if (method === "stn") {
    const grads = gradient({ ...weights, ...response }, (at) => sum(perturbed(at)));
    return { grads, ...perturbed({}) };
  }
  const plain = (changed: Flat) => trainingLosses({ ...state, ...changed }, step, origin, false, false);
  const grads = {
    ...gradient(weights, (at) => sum(plain(at))),
    ...gradient(response, (at) => sum(perturbed(at))),
  };
  return { grads, ...plain({}) };
}

interface Losses {
  readonly loss: number;
  readonly penalty: number;
}

function trainingLosses(
  state: Flat,
  { x, y, z, dropInput, dropHidden }: Step,
  origin: readonly number[],
  perturbed: boolean,
  linearized: boolean,
): Losses {
  let [loss, penalty] = [0, 0];
  for (let row = 0; row < ROWS; row++) {
    const lambda = SIZES.map((j) => at(state, "hypers", j) + (perturbed ? epsilon(state, z, row, j) : 0));
    const h = lambda.map((l, j) => l - (origin[j] as number));
    const [inputRate, hiddenRate, decay] = natural(lambda);
    const keepInput = (dropInput[row] as number[]).map((u) => (u >= inputRate ? 1 / (1 - inputRate) : 0));
    const keepHidden = (dropHidden[row] as number[]).map((u) => (u >= hiddenRate ? 1 / (1 - hiddenRate) : 0));
    const logits = output(state, h, x[row] as number[], keepInput, keepHidden, linearized);
    loss += crossEntropy(logits, y[row] as number) / ROWS;
    for (const layer of layers) {
      const squares = weightsOf(state, layer, h).weight.reduce((total, w) => total + w * w, 0);
      penalty += (0.5 * decay * squares) / ROWS;
    }
  }
  return { loss, penalty };
}

/** λ and s after one step of RMSprop on the validation loss, and on it minus the entropy's share. */
function tuned(method: Method, state: Flat, { x, y, z }: Step): Flat {
  const origin = method === "stn" ? [0, 0, 0] : [...(state.hypers as number[])];
  const loss = (changed: Flat): number => {
    const there = { ...state, ...changed };
    let total = 0;
    for (let row = 0; row < ROWS; row++) {
      const h = SIZES.map((j) => at(there, "hypers", j) + epsilon(there, z, row, j) - (origin[j] as number));
      total +=
        crossEntropy(output(there, h, x[row] as number[], [1, 1], [1, 1, 1], false), y[row] as number) / ROWS;
    }
    const entropy = (there.scales as number[]).reduce(
      (sum, s) => sum + Math.log(softplus(s) * Math.sqrt(2 * Math.PI * Math.E)),
      0,
    );
    return total - settings.entropyWeight * entropy;
  };
  const { hypers, scales } = state as { hypers: number[]; scales: number[] };
  const grads = gradient({ hypers, scales }, loss);
  const first = (g: number) => g / (Math.sqrt(0.01 * g * g) + 1e-8); // RMSprop from a state of 0
  return mapped(grads, (g, name, i) => {
    const rate = name === "hypers" ? settings.hyperLearningRate : settings.scaleLearningRate;
    return at(state, name, i) - rate * first(g);
  });
}

/** The logits of one example; linearised: at h = 0 plus the derivative there in the direction of h. */
function output(
  state: Flat,
  h: readonly number[],
  x: readonly number[],
  keepInput: readonly number[],
  keepHidden: readonly number[],
  linearized: boolean,
): number[] {
  const [first, second] = layers;
  const input = x.map((v, i) => v * (keepInput[i] as number));
  const none = h.map(() => 0);
  const [one, two] = [first, second].map((layer) => weightsOf(state, layer, linearized ? none : h)) as [
    Weights,
    Weights,
  ];
  const before = affine(one, input);
  const hidden = before.map((v, i) => Math.max(v, 0) * (keepHidden[i] as number));
  const logits = affine(two, hidden);
  if (!linearized) return logits;
  const [slopeOne, slopeTwo] = [first, second].map((layer) => shiftOf(state, layer, h)) as [Weights, Weights];
  const slopeHidden = affine(slopeOne, input).map(
    (v, i) => ((before[i] as number) > 0 ? v : 0) * (keepHidden[i] as number),
  );
  const through = affine({ weight: two.weight, bias: [0, 0] }, slopeHidden);
  const along = affine(slopeTwo, hidden);
  return logits.map((v, o) => v + (through[o] as number) + (along[o] as number));
}

interface Weights {
  readonly weight: readonly number[];
  readonly bias: readonly number[];
}

/** What the response adds to the weights at h: V diag(h G) and v * (h g). */
function shiftOf(state: Flat, { name, inputs, outputs }: Layer, h: readonly number[]): Weights {
  const gain = (kind: string, o: number) =>
    h.reduce((sum, v, j) => sum + v * at(state, `response.${name}.${kind}Gain`, j * outputs + o), 0);
  const weight = Array.from(
    { length: inputs * outputs },
    (_, k) => gain("weight", k % outputs) * at(state, `response.${name}.weightDirection`, k),
  );
  const bias = Array.from(
    { length: outputs },
    (_, o) => gain("bias", o) * at(state, `response.${name}.biasDirection`, o),
  );
  return { weight, bias };
}

function weightsOf(state: Flat, layer: Layer, h: readonly number[]): Weights {
  const shift = shiftOf(state, layer, h);
  return {
    weight: shift.weight.map((v, k) => at(state, `params.${layer.name}.weight`, k) + v),
    bias: shift.bias.map((v, o) => at(state, `params.${layer.name}.bias`, o) + v),
  };
}

const affine = ({ weight, bias }: Weights, x: readonly number[]): number[] =>
  bias.map((b, o) => x.reduce((sum, v, i) => sum + v * (weight[i * bias.length + o] as number), b));

function crossEntropy(logits: readonly number[], label: number): number {
  const top = Math.max(...logits);
  const total = logits.reduce((sum, v) => sum + Math.exp(v - top), 0);
  return top + Math.log(total) - (logits[label] as number);
}

/** Dropout rates and decay in natural units. */
function natural([input, hidden, decay]: readonly number[]): [number, number, number] {
  const within = (u: number, low: number, high: number) => low + (high - low) / (1 + Math.exp(-u));
  const { inputHigh, hiddenHigh, decayLow, decayHigh } = settings;
  return [
    within(input as number, 0, inputHigh),
    within(hidden as number, 0, hiddenHigh),
    Math.exp(within(decay as number, Math.log(decayLow), Math.log(decayHigh))),
  ];
}

const SIZES = [0, 1, 2];
const softplus = (s: number): number => Math.log1p(Math.exp(s));
const epsilon = (state: Flat, z: number[][], row: number, j: number): number =>
  softplus(at(state, "scales", j)) * ((z[row] as number[])[j] as number);
const at = (state: Flat, name: string, i: number): number => (state[name] as number[])[i] as number;

const part = (state: Flat, prefix: string): Flat =>
  Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith(prefix)));

const mapped = (state: Flat, f: (value: number, name: string, i: number) => number): Flat =>
  Object.fromEntries(
    Object.entries(state).map(([name, values]) => [name, values.map((v, i) => f(v, name, i))]),
  );

function gradient(point: Flat, f: (at: Flat) => number): Flat {
  const d = 1e-3;
  return mapped(point, (value, name, i) => {
    const moved = (by: number) =>
      f({ ...point, [name]: (point[name] as number[]).map((v, k) => (k === i ? value + by : v)) });
    return (8 * (moved(d) - moved(-d)) - (moved(2 * d) - moved(-2 * d))) / (12 * d);
  });
}

/** Uniform numbers on [0, 1), by a linear congruential generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("self-tuning.json", import.meta.url), `${JSON.stringify(golden(), null, 1)}\n`);
}
