import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { tree, type numpy as np } from "@jax-js/jax";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { describe, expect, test } from "vitest";

import type { Score } from "../../src/api/trace.ts";
import type { TuneResult } from "../../src/api/result.ts";
import { loadModel } from "../../src/artifacts/load-model.ts";
import type { ScoredClasses } from "../../src/artifacts/image-model.ts";
import { openConfiguredRun } from "../../src/cli/run/run-config.ts";
import { loadTask } from "../../src/cli/registry/tasks.ts";
import { gather } from "../../src/data/batches.ts";
import { stratifiedSplit } from "../../src/data/split.ts";
import type { Scale, SupervisedData } from "../../src/data/supervised-data.ts";
import type { ArrayTree, Program } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import type { HostArray } from "../../src/util/host-array.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";
import { decodeTensors } from "../../src/util/safetensors.ts";
import { idxImages, idxLabels } from "../data/idx.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const SIDE = 16;
const EACH = 20;
const CLASSES = ["cat", "dog", "eel"] as const;
const noise = randomUniform(randomKey(6, "predicted images"), 0, 4096);

/** A photograph of a class: noise, of which one colour is brighter. */
const photo = (label: number, i: number, [height, width]: readonly [number, number]) =>
  sharp(
    Uint8Array.from({ length: 3 * height * width }, (_, j) =>
      Math.floor(170 * (noise[(97 * i + 31 * j + (j >> 12)) % 4096] as number) + (j % 3 === label ? 80 : 0)),
    ),
    { raw: { width, height, channels: 3 } },
  );

/** As files come: of several formats and sizes, transparent, of 16 bits, turned by a tag. */
async function writePhotos(several: boolean): Promise<void> {
  for (const [label, name] of CLASSES.entries()) {
    mkdirSync(`photos/${name}`, { recursive: true });
    for (let i = 0; i < EACH; i++) {
      const number = String(i).padStart(2, "0"); // so that they stand in this order
      const at = `photos/${name}/${number}`;
      const image = photo(label, 3 * i + label, several ? [SIDE + (i % 5), SIDE + (i % 7)] : [SIDE, SIDE]);
      const kind = several ? i % 5 : 0;
      if (kind === 1) await image.jpeg().withMetadata({ orientation: 6 }).toFile(`${at}.jpg`);
      else if (kind === 2) await image.ensureAlpha(0.3).png().toFile(`${at}.png`);
      else if (kind === 3) await image.toColourspace("rgb16").png().toFile(`${at}.png`);
      else if (kind === 4) await image.greyscale().toColourspace("b-w").webp().toFile(`${at}.webp`);
      else await image.png().toFile(`${at}.png`);
    }
  }
}

/** A network with running statistics as a list of its layers. */
function writeLayers(): void {
  const layers = [
    { layer: "conv2d", channels: 4, kernel: 3, stride: 2 },
    { layer: "batch-norm" },
    { layer: "relu" },
    { layer: "dropout" },
    { layer: "global-average-pool" },
    { layer: "linear" },
  ];
  writeFileSync("layers.json", JSON.stringify(layers));
}

async function tuned(...flags: string[]): Promise<Score> {
  const fast = ["--epochs", "2", "--batch-size", "12", "--no-baseline", "--threads", "1"];
  const { code, stdout, stderr } = await call("tune", ...fast, "--json", "--quiet", "--out", "run", ...flags);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as TuneResult).best.test as Score;
}

async function predicted(...argv: string[]): Promise<ScoredClasses & { readonly files: readonly string[] }> {
  const { code, stdout, stderr } = await call("predict", "run", ...argv, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as ScoredClasses & { readonly files: readonly string[] };
}

/** The data of the run, as its own configuration reads it, and what its program answers for the test part: probabilities by row. */
async function ownAnswers(): Promise<{ data: SupervisedData; x: HostArray; probabilities: number[][] }> {
  const { config } = await openConfiguredRun("run");
  const { supervised, task } = await loadTask(config);
  const data = supervised?.data as SupervisedData;
  const part = task.data.test as NonNullable<typeof task.data.test>;
  const batch = gather(
    part,
    Uint32Array.from({ length: part.rows }, (_, i) => i),
  );
  const params = decodeTensors(readFileSync("run/model.safetensors"), "the weights").tensors;
  const answer: Program<{ params: ArrayTree }, { batch: Record<string, np.Array> }, { y: np.Array }> = (
    { params },
    { batch },
  ) => [{}, { y: task.problem.predict(plainLayers(params), tree.ref(batch), {}, {}, "eval") as np.Array }];
  const session = (await jaxEngine()).open({ answer }, { params }, "float32");
  const { y } = await session.run("answer", { batch: { x: batch.x as HostArray } });
  session.dispose();
  return { data, x: batch.x as HostArray, probabilities: byRow(Array.from(y.data), part.rows).map(softmax) };
}

const byRow = (numbers: readonly number[], rows: number): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    numbers.slice((i * numbers.length) / rows, ((i + 1) * numbers.length) / rows),
  );

function softmax(logits: readonly number[]): number[] {
  const exps = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  return exps.map((e) => e / exps.reduce((a, b) => a + b));
}

/** What `model.onnx` answers for pixels as they are in the file. */
async function onnxAnswers({ images }: SupervisedData, x: HostArray): Promise<number[][]> {
  const { mean, sd } = images?.scale as Scale;
  const pixels = Float32Array.from(x.data, (v) => Math.round(v * sd + mean));
  const session = await ort.InferenceSession.create("run/model.onnx");
  const { probabilities } = await session.run({ x: new ort.Tensor("float32", pixels, x.shape) });
  await session.release();
  return byRow(Array.from((probabilities as ort.TypedTensor<"float64">).data), x.shape[0] as number);
}

function expectAlike(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((row, i) => row.forEach((p, k) => expect(p).toBeCloseTo(expected[i]?.[k] as number, 5)));
}

/** That new images which are those of the test part, in its order, are answered as the run does. */
async function expectOwn({ score, probabilities }: ScoredClasses, test: Score): Promise<void> {
  expect(score?.loss).toBeCloseTo(test.loss, 5);
  expect(score?.metric).toEqual(test.metric);
  expect(score?.confusion).toEqual(test.confusion);
  const own = await ownAnswers();
  expectAlike(probabilities, own.probabilities);
  expectAlike(await onnxAnswers(own.data, own.x), probabilities);
}

const networks: Readonly<Record<string, readonly string[]>> = {
  "simple-cnn": ["--model", "simple-cnn", "--width", "0.125"],
  resnet18: ["--model", "resnet18", "--width", "0.0625", "--method", "fixed"],
  "a list of layers with batch normalisation": ["--model", "layers.json"],
};

describe.each(Object.entries(networks))("%s on a folder of images", (name, flags) => {
  test("answers for its test images as the run, its program and model.onnx do", async () => {
    const several = name !== "resnet18";
    await writePhotos(several);
    writeLayers();
    const scored = await tuned("--data", "./photos", ...flags, ...(several ? ["--image-size", "16"] : []));
    const labels = CLASSES.flatMap((_, label) => Array.from({ length: EACH }, () => label));
    const { files } = await predicted("photos");
    const rows = Array.from(stratifiedSplit(labels, { seed: 0, noun: "image" }).test ?? []);
    expect(rows.length).toBe(12);
    const paths = rows.map((row) => files[row] as string);
    rows.forEach((row, i) => {
      const folder = join("held-out", CLASSES[labels[row] as number] as string);
      mkdirSync(folder, { recursive: true });
      copyFileSync(paths[i] as string, join(folder, basename(paths[i] as string)));
    });
    const { files: _files, score, ...inFolders } = await predicted("held-out");
    const inOrder = await predicted(...paths);
    await expectOwn({ ...inOrder, ...(score && { score }) }, scored);
    const model = await loadModel("run", await jaxEngine(), "images");
    expectAlike((await model.predict(paths)).probabilities, inOrder.probabilities);
    const one = await model.predict(paths.slice(3, 4));
    expectAlike(one.probabilities, inOrder.probabilities.slice(3, 4));
    model.dispose();
    expect([...inFolders.values].sort()).toEqual([...inOrder.values].sort());
  });
});

test("images of a set by name, as files, are answered as the run does", async () => {
  mkdirSync("idx");
  for (const [part, rows] of [
    ["train", 60],
    ["t10k", 20],
  ] as const) {
    const labels = Array.from({ length: rows }, (_, i) => (7 * i) % 10);
    writeFileSync(`idx/${part}-images-idx3-ubyte`, idxImages(rows, SIDE, SIDE));
    writeFileSync(`idx/${part}-labels-idx1-ubyte`, idxLabels(labels));
  }
  const scored = await tuned(
    "--data",
    "mnist",
    "--data-dir",
    "idx",
    "--model",
    "simple-cnn",
    "--width",
    "0.125",
  );
  const bytes = readFileSync("idx/t10k-images-idx3-ubyte").subarray(16);
  const size = SIDE * SIDE;
  const paths: string[] = [];
  for (let i = 0; i < 20; i++) {
    const folder = `images/${(7 * i) % 10}`;
    mkdirSync(folder, { recursive: true });
    paths.push(`${folder}/${i}.png`);
    const raw = { width: SIDE, height: SIDE, channels: 1 } as const;
    const image = sharp(bytes.subarray(i * size, (i + 1) * size), { raw }).toColourspace("b-w");
    await image.png().toFile(paths[i] as string);
  }
  const { score } = await predicted("images");
  await expectOwn({ ...(await predicted(...paths)), ...(score && { score }) }, scored);
});
