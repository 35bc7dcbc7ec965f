import type { Dataset } from "../../data/dataset.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import type { Network } from "../../nn/network.ts";
import { languageTransformer } from "../../nn/networks/language-transformer.ts";
import { lstmLanguageModel } from "../../nn/networks/lstm.ts";
import { TRANSFORMER_FEATURES } from "../../nn/networks/transformer.ts";
import { HostArray } from "../../util/host-array.ts";
import { randomBits, randomKey } from "../../util/random.ts";
import { stepOperations, type Operations } from "./operations.ts";
import type { BenchWork } from "./bench-work.ts";
import type { BenchMethod } from "./bench-methods.ts";
import { benchTask, benchTuner, responseShare, type BenchTuning } from "./bench-tuning.ts";

/** What a language model is measured on. */
export interface LanguageSize {
  readonly network: keyof typeof models;
  /** Units of each LSTM, or features of a transformer, and numbers of a word's vector. */
  readonly units: number;
  /** LSTMs, or blocks of attention, of which a transformer has two. */
  readonly layers: number;
  readonly words: number;
  /** Words of a sequence, through which training goes back. */
  readonly steps: number;
  /** Sequences of a minibatch. */
  readonly batch: number;
}

/** What a language model consists of besides its words' vectors. */
interface LanguageModel {
  network(size: LanguageSize): Network;
  /** The inputs and outputs of every matrix that all words of a minibatch are multiplied with. */
  matrices(size: LanguageSize): (readonly [inputs: number, outputs: number])[];
  /** How many words each word is multiplied with in every layer; 0 but for attention. */
  heard(size: LanguageSize): number;
}

const models = {
  lstm: {
    network: ({ units, layers, words, steps }) =>
      lstmLanguageModel({ steps, words, hidden: Array<number>(layers).fill(units) }),
    matrices: ({ units, layers }) => Array.from({ length: 2 * layers }, () => [units, 4 * units] as const),
    heard: () => 0,
  },
  transformer: {
    network: ({ units, words, steps }) =>
      languageTransformer({ steps, words, width: units / TRANSFORMER_FEATURES }),
    matrices: ({ units, layers }) =>
      Array.from({ length: layers }, () => [
        [units, 3 * units] as const, // queries, keys and values
        [units, units] as const,
        [units, 2 * units] as const,
        [2 * units, units] as const,
      ]).flat(),
    heard: ({ steps }) => steps,
  },
} satisfies Readonly<Record<string, LanguageModel>>;

const treebank = { words: 10_000, steps: 35, batch: 40 };

/** Two LSTMs of 200 units, or a transformer as `--model transformer` makes it, over 10,000 words as of Penn Treebank: 40 sequences of 35. */
export const languageSizes = {
  lstm: { network: "lstm", units: 200, layers: 2, ...treebank },
  transformer: { network: "transformer", units: TRANSFORMER_FEATURES, layers: 2, ...treebank },
} satisfies Readonly<Record<keyof typeof models, LanguageSize>>;

/** The names of these language models. */
export const languageModels = Object.keys(models) as (keyof typeof models)[]; // the keys of the literal above

/** Whether a network's name is that of a language model. */
export const isLanguageModel = (name: string): name is keyof typeof models => Object.hasOwn(models, name);

/** The steps of a method on a language model, on words that mean nothing. */
export function languageWork(tuning: BenchTuning, size: LanguageSize): BenchWork {
  const { method } = tuning;
  const { network: name, words, steps, batch } = size;
  const data: SupervisedData = {
    name: "random words",
    splits: { train: randomText("train", BATCHES * batch, size), valid: randomText("valid", batch, size) },
    task: "classification",
    inputShape: [steps],
    outputs: words,
    perStep: true,
    warnings: [],
  };
  const { network: _, ...numbers } = size;
  return {
    ...{ method, network: name, sizes: [], batch },
    operations: languageOperations(method, size, responseShare(tuning)),
    task: benchTask(tuning, { data, network: models[name].network(size) }),
    tuner: (warmupEpochs) => benchTuner(tuning, warmupEpochs),
    peer: {
      script: "language_model.py",
      args: [
        ...[name, method === "plain" ? "plain" : "delta"],
        ...Object.entries(numbers).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
      ],
      threadFlags: ["--threads"],
    },
  };
}

/** Minibatches of the training part. */
const BATCHES = 8;

/**
 * Operations as in {@link stepOperations}, F for the products of all words with a matrix: with the weights of an LSTM's gates, from below and from the
 * step before, or of a block's attention and hidden layer, and with the words' vectors once more, which do not respond. Every product's gradient by its
 * inputs is needed, for the words' vectors. Of attention, A is its two products of words with words, which have no weights.
 *
 * | step | the last product | attention |
 * |---|---|---|
 * | plain, STN | forward, by weights and by inputs: 3F | forward, by either factor: 3A |
 * | Delta-STN | 3F; for Θ forward, the derivative and its gradient: 3F | 3A; for Θ forward, the derivative by either factor and its gradient: 5A |
 * | tune | forward and by inputs: 2F | 3A |
 */
export function languageOperations(method: BenchMethod, size: LanguageSize, share = 1): Operations {
  const { network, units, layers, words, steps, batch } = size;
  const model: LanguageModel = models[network];
  const tokens = batch * steps;
  const products = model.matrices(size).map(([inputs, outputs]) => 2 * tokens * inputs * outputs);
  const last = 2 * tokens * units * words;
  const attention = 2 * layers * 2 * tokens * model.heard(size) * units;
  const { train, tune } = stepOperations(method, [0, ...products], share);
  const [ofLast, ofAttention] = {
    plain: [3, 3],
    stn: [3 * share, 3 * share],
    "delta-stn": [3 + 3 * share, 3 + 5 * share],
  }[method] as [number, number];
  return {
    train: train + ofLast * last + ofAttention * attention,
    ...(tune !== undefined && { tune: tune + 2 * last + 3 * attention }),
  };
}

/** Parallel streams of words drawn alike, each of which is followed by the next. */
function randomText(part: string, rows: number, { words, steps }: LanguageSize): Dataset {
  const drawn = Int32Array.from(
    randomBits(randomKey(0, `${part} words`), 0, rows * steps + 1),
    (bits) => bits % words,
  );
  const fields = {
    x: new HostArray(drawn.slice(0, -1), [rows, steps]),
    y: new HostArray(drawn.slice(1), [rows, steps]),
  };
  return { rows, fields, order: "streams" };
}
