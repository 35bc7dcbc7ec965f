import type { Dataset } from "../../data/dataset.ts";
import type { SupervisedData } from "../../data/supervised-data.ts";
import { lstmLanguageModel } from "../../nn/networks/lstm.ts";
import { HostArray } from "../../util/host-array.ts";
import { randomBits, randomKey } from "../../util/random.ts";
import { stepOperations, type Operations } from "./operations.ts";
import type { BenchWork } from "./bench-work.ts";
import type { BenchMethod } from "./bench-methods.ts";
import { benchTask, benchTuner, responseShare, type BenchTuning } from "./bench-tuning.ts";

/** What a language model is measured on. */
export interface LanguageSize {
  /** Units of each LSTM, and numbers of a word's vector. */
  readonly units: number;
  readonly layers: number;
  readonly words: number;
  /** Words of a sequence, through which training goes back. */
  readonly steps: number;
  /** Sequences of a minibatch. */
  readonly batch: number;
}

/** Two layers of 200 units over 10,000 words, as for Penn Treebank: 40 sequences of 35 words. */
export const treebankSize: LanguageSize = { units: 200, layers: 2, words: 10_000, steps: 35, batch: 40 };

/** The steps of a method on a language model, on words that mean nothing. */
export function languageWork(tuning: BenchTuning, size: LanguageSize): BenchWork {
  const { method } = tuning;
  const { units, layers, words, steps, batch } = size;
  const hidden = Array<number>(layers).fill(units);
  const network = lstmLanguageModel({ steps, words, hidden });
  const data: SupervisedData = {
    name: "random words",
    splits: { train: randomText("train", BATCHES * batch, size), valid: randomText("valid", batch, size) },
    task: "classification",
    inputShape: [steps],
    outputs: words,
    perStep: true,
    warnings: [],
  };
  return {
    ...{ method, network: "lstm", sizes: [], batch },
    operations: languageOperations(method, size, responseShare(tuning)),
    task: benchTask(tuning, { data, network }),
    tuner: (warmupEpochs) => benchTuner(tuning, warmupEpochs),
    peer: {
      script: "language_model.py",
      args: [
        method === "plain" ? "plain" : "delta",
        ...Object.entries(size).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ],
      threadFlags: ["--threads"],
    },
  };
}

/** Minibatches of the training part. */
const BATCHES = 8;

/**
 * Operations as in {@link stepOperations}, F for the products of all words with a matrix: with the weights of an LSTM's gates, from below and from the
 * step before, and with the words' vectors once more, which do not respond. Every product's gradient by its inputs is needed, for the words' vectors.
 *
 * | step | the last product |
 * |---|---|
 * | plain, STN | forward, by weights and by inputs: 3F |
 * | Delta-STN | 3F; for Θ forward, the derivative and its gradient: 3F |
 * | tune | forward and by inputs: 2F |
 */
export function languageOperations(
  method: BenchMethod,
  { units, layers, words, steps, batch }: LanguageSize,
  share = 1,
): Operations {
  const gates = 2 * batch * steps * units * 4 * units;
  const last = 2 * batch * steps * units * words;
  const { train, tune } = stepOperations(method, [0, ...Array<number>(2 * layers).fill(gates)], share);
  const times = { plain: 3, stn: 3 * share, "delta-stn": 3 + 3 * share }[method];
  return {
    train: train + times * last,
    ...(tune !== undefined && { tune: tune + 2 * last }),
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
