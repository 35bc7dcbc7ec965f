import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { describe, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import type { ModelDocument } from "../../src/artifacts/model-document.ts";
import { networksByName } from "../../src/cli/networks/index.ts";
import { openConfiguredRun } from "../../src/cli/run/run-config.ts";
import { loadTask } from "../../src/cli/registry/tasks.ts";
import { gather } from "../../src/data/batches.ts";
import type { Scale, SupervisedData } from "../../src/data/supervised-data.ts";
import type { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";
import { idxImages, idxLabels } from "../data/idx.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const SIDE = 16;
const noise = randomUniform(randomKey(3, "exported models"), 0, 4096);

/** Bytes that are as good as random. */
const tones = (count: number, from = 0): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => 256 * (noise[(from + 31 * i + (i >> 12)) % 4096] as number));

/** 60 and 20 grey images of 16 x 16 in MNIST's format. */
function writeIdx(): string[] {
  const labels = (rows: number) => idxLabels(Array.from({ length: rows }, (_, i) => (7 * i) % 10));
  mkdirSync("idx");
  for (const [part, rows] of [
    ["train", 60],
    ["t10k", 20],
  ] as const) {
    writeFileSync(`idx/${part}-images-idx3-ubyte`, idxImages(rows, SIDE, SIDE));
    writeFileSync(`idx/${part}-labels-idx1-ubyte`, labels(rows));
  }
  return ["--data", "mnist", "--data-dir", "idx"];
}

/** 60 and 12 images in colour in CIFAR-10's format. */
function writeCifar(): string[] {
  const records = (rows: number, from: number) =>
    Uint8Array.from(
      Array.from({ length: rows }, (_, row) => [
        (3 * row) % 10,
        ...tones(3 * 32 * 32, 97 * row + from),
      ]).flat(),
    );
  mkdirSync("cifar/cifar10", { recursive: true });
  for (let i = 1; i <= 5; i++) writeFileSync(`cifar/cifar10/data_batch_${i}.bin`, records(12, i));
  writeFileSync("cifar/cifar10/test_batch.bin", records(12, 6));
  return ["--data", "cifar10", "--data-dir", "cifar"];
}

/** A folder of PNGs in colour for each of three classes. */
async function writeFolder(): Promise<string[]> {
  for (const [k, name] of ["cat", "dog", "eel"].entries()) {
    mkdirSync(`photos/${name}`, { recursive: true });
    for (let i = 0; i < 20; i++) {
      const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
      await sharp(tones(3 * SIDE * SIDE, 89 * i + k), { raw }).toFile(`photos/${name}/${i}.png`);
    }
  }
  return ["--data", "./photos"];
}

const TOWNS = ["Ulm", "Graz", "Basel"];
const tableRows = Array.from({ length: 90 }, (_, i) => {
  const [a, b, c, gap] = [0, 1, 2, 3].map((k) => noise[4 * i + k] as number) as [
    number,
    number,
    number,
    number,
  ];
  const town = TOWNS[Math.floor(3 * c)] as string;
  return { age: gap < 0.1 ? null : Math.round(80 * a), size: Math.round(1000 * b) / 10, town, y: a + b + c };
});

/** Rows of numbers, gaps and text, of which the last 30 are validation and test rows. */
function writeTable(kind: "classes" | "quantity"): string[] {
  const target = (y: number) => (kind === "quantity" ? 100 + 25 * y : y > 1.5 ? "much" : "little");
  const lines = tableRows.map(({ age, size, town, y }) => `${age ?? ""},${size},${town},${target(y)}`);
  writeFileSync("rows.csv", ["age,size,town,y", ...lines].join("\n"));
  return ["--data", "./rows.csv", "--target", "y", "--split-by", "tail", "--valid", "20", "--test", "10"];
}

/** Words that no rule predicts; the validation part is one row of 24 tokens, before which there is no other. */
function writeText(): string[] {
  const word = (i: number) =>
    ["cat", "dog", "sat", "saw", "the"][Math.floor(5 * (noise[i] as number))] as string;
  for (const [part, tokens] of [
    ["train", 400],
    ["valid", 24],
  ] as const)
    writeFileSync(`${part}.txt`, `${Array.from({ length: tokens }, (_, i) => word(i + tokens)).join(" ")}\n`);
  mkdirSync("text");
  for (const part of ["train", "valid", "test"])
    writeFileSync(`text/${part}.txt`, readFileSync(`${part === "test" ? "valid" : part}.txt`));
  return ["--data", "text", "--data-dir", "text", "--tokens", "word", "--bptt", "24"];
}

/** Networks that are a list of steps: what a reviewer's runs had, and normalisation by running statistics. */
const lists = {
  "a list of attention over images": [
    { layer: "image-to-sequence" },
    { layer: "linear", outputs: 4 },
    { layer: "positions" },
    { layer: "layer-norm" },
    { layer: "sequence-mean" },
    { layer: "linear" },
  ],
  "a list of convolution, then attention": [
    { layer: "conv2d", channels: 4, kernel: 4, stride: 4 },
    { layer: "image-to-sequence" },
    { layer: "attention", heads: 2 },
    { layer: "sequence-mean" },
    { layer: "linear" },
  ],
  "a list with batch normalisation": [
    { layer: "conv2d", channels: 3, kernel: 3, stride: 2 },
    { layer: "batch-norm" },
    { layer: "relu" },
    { layer: "global-average-pool" },
    { layer: "linear" },
  ],
} as const;

interface Case {
  readonly data: () => string[] | Promise<string[]>;
  /** Networks by name, or by their place among the lists. */
  readonly networks: Readonly<Record<string, readonly string[]>>;
}

const small = ["--hidden", "6"];
const listed = Object.fromEntries(Object.keys(lists).map((name) => [name, []]));

const cases: Readonly<Record<string, Case>> = {
  "a table of classes": {
    data: () => writeTable("classes"),
    networks: { mlp: small, linear: [], "wide-and-deep": small, transformer: ["--width", "0.125"] },
  },
  "a table of numbers": {
    data: () => writeTable("quantity"),
    networks: { mlp: small, linear: [], "wide-and-deep": small, transformer: ["--width", "0.125"] },
  },
  "the bundled digits": {
    data: () => ["--data", "digits", "--valid", "40", "--test", "1700"],
    networks: {
      ...{ mlp: small, linear: [], "wide-and-deep": small, "simple-cnn": ["--width", "0.25"] },
      transformer: ["--width", "0.125"],
    },
  },
  "images in idx files": {
    data: writeIdx,
    networks: {
      ...{ mlp: small, linear: [], "wide-and-deep": small, "simple-cnn": ["--width", "0.125"] },
      ...{ alexnet: ["--width", "0.02"], resnet18: ["--width", "0.0625"], transformer: ["--width", "0.125"] },
      ...listed,
    },
  },
  "images in CIFAR's files": {
    data: writeCifar,
    networks: {
      ...{ "simple-cnn": ["--width", "0.125"], alexnet: ["--width", "0.02"], vgg16: ["--width", "0.0625"] },
      ...{
        resnet18: ["--width", "0.0625", "--norm", "group"],
        transformer: ["--width", "0.125"],
        mlp: small,
      },
    },
  },
  "a folder of images": {
    data: writeFolder,
    networks: {
      ...{ mlp: small, linear: [], "simple-cnn": ["--width", "0.125"], alexnet: ["--width", "0.02"] },
      ...{ resnet18: ["--width", "0.0625"], transformer: ["--width", "0.125"], ...listed },
    },
  },
  "a text": {
    data: writeText,
    networks: { lstm: ["--hidden", "8"], transformer: ["--width", "0.0625"] },
  },
};

test("every network by name is among the cases", () => {
  const tried = new Set(Object.values(cases).flatMap(({ networks }) => Object.keys(networks)));
  expect(networksByName.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

/** What the model is fed for rows of the validation part, by the name of its input. */
type RawRows = (rows: readonly number[]) => ort.InferenceSession.FeedsType;

/** The validation rows of a run, as they stand in its files, and what is known of them. */
async function validation(): Promise<{ data: SupervisedData; rows: number; y: HostArray; raw: RawRows }> {
  const { config } = await openConfiguredRun("run");
  const data = (await loadTask(config)).supervised?.data as SupervisedData;
  const { valid } = data.splits;
  const fieldsOf = (rows: readonly number[]) => gather(valid, Uint32Array.from(rows));
  const all = Array.from({ length: valid.rows }, (_, i) => i);
  return {
    ...{ data, rows: valid.rows, y: fieldsOf(all).y as HostArray },
    raw(rows) {
      const { x } = fieldsOf(rows) as { x: HostArray };
      if (data.perStep) return { x: new ort.Tensor("int32", x.data as Int32Array, x.shape) };
      if (data.encoding && !data.images) return tableFeeds(rows.map((row) => row + 60));
      const { mean, sd } = data.images?.scale as Scale;
      const pixels = Float32Array.from(x.data, (v) => Math.round(v * sd + mean)); // whole numbers in all these files
      return { x: new ort.Tensor("float32", pixels, x.shape) };
    },
  };
}

function tableFeeds(rows: readonly number[]): ort.InferenceSession.FeedsType {
  const taken = rows.map((row) => tableRows[row] as (typeof tableRows)[number]);
  const numbers = (values: readonly (number | null)[]) =>
    new ort.Tensor(
      "float32",
      Float32Array.from(values, (value) => value ?? NaN),
      [rows.length, 1],
    );
  return {
    age: numbers(taken.map(({ age }) => age)),
    size: numbers(taken.map(({ size }) => size)),
    town: new ort.Tensor(
      "string",
      taken.map(({ town }) => town),
      [rows.length, 1],
    ),
  };
}

/** Numbers by row. */
const byRow = (numbers: ArrayLike<number>, rows: number): number[][] => {
  const width = numbers.length / rows;
  return Array.from({ length: rows }, (_, i) => Array.from(numbers).slice(i * width, (i + 1) * width));
};

/** The loss of each row from what the model answers for it: the cross-entropy, or the squared error of the standardised number. */
function lossesOf(
  { perStep, targetScale }: SupervisedData,
  y: HostArray,
  rows: readonly number[],
  answers: ort.InferenceSession.OnnxValueMapType,
): number[] {
  const answered = (name: string) => byRow((answers[name] as ort.TypedTensor<"float64">).data, rows.length);
  const targets = byRow(y.data, y.shape[0] as number);
  return rows.map((row, i) => {
    const target = targets[row] as number[];
    if (perStep) {
      const logits = byRow(answered("y")[i] as number[], target.length);
      const losses = target.flatMap((k, step) => (k < 0 ? [] : [crossEntropy(logits[step] as number[], k)]));
      return losses.reduce((a, b) => a + b) / losses.length;
    }
    const [k = 0] = target;
    if (!targetScale) return -Math.log((answered("probabilities")[i] as number[])[k] as number);
    return (((answered("prediction")[i]?.[0] as number) - targetScale.mean) / targetScale.sd - k) ** 2;
  });
}

const crossEntropy = (logits: readonly number[], label: number): number => {
  const top = Math.max(...logits);
  return top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0)) - (logits[label] as number);
};

const each = Object.entries(cases).flatMap(([title, { data, networks }]) =>
  Object.entries(networks).map(([model, flags]) => ({ title, data, model, flags })),
);

describe("model.onnx has the run's validation loss, row by row and all at once", () => {
  test.each(each)("of $title by $model", async ({ data, model, flags }) => {
    const argv = [...(await data()), ...flags];
    const layers = (lists as Readonly<Record<string, readonly object[]>>)[model];
    if (layers) writeFileSync("list.json", JSON.stringify({ layers }));
    const short = [
      "--method",
      "fixed",
      "--epochs",
      "1",
      "--batch-size",
      "12",
      "--threads",
      "1",
      "--no-baseline",
    ];
    const tuned = await call(
      ...["tune", ...argv, "--model", layers ? "list.json" : model, ...short, "--out", "run", "--json"],
    );
    expect(tuned.code, tuned.stderr).toBe(0);
    expect(tuned.stderr).not.toContain(".onnx");
    const expected = (JSON.parse(tuned.stdout) as TuneResult).best.valid.loss;

    const session = await ort.InferenceSession.create("run/model.onnx", { logSeverityLevel: 3 });
    const core = await ort.InferenceSession.create("run/model-core.onnx", { logSeverityLevel: 3 });
    expect(core.inputNames).toEqual(["x"]);
    const document = JSON.parse(readFileSync("run/model.json", "utf8")) as ModelDocument;
    if (document.onnx) expect(session.inputNames).toEqual(document.onnx.inputs.map(({ name }) => name));

    const part = await validation();
    const all = Array.from({ length: part.rows }, (_, i) => i);
    const ask = async (rows: readonly number[]) =>
      lossesOf(part.data, part.y, rows, await session.run(part.raw(rows)));
    const together = await ask(all);
    const alone: number[] = [];
    for (const row of all) alone.push(...(await ask([row])));
    for (const losses of [together, alone]) {
      const loss = losses.reduce((a, b) => a + b) / losses.length;
      expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-5);
    }
  });
});
