import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { loadTask } from "../../src/cli/registry/tasks.ts";
import { openConfiguredRun } from "../../src/cli/run/run-config.ts";
import { decodeTensors } from "../../src/util/safetensors.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { takeRows } from "../../src/data/dataset-parts.ts";
import { leavesOf, type HostArray } from "../../src/util/host-array.ts";
import { idxImages, idxLabels } from "../data/idx.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
const short = ["--epochs", "3", "--warmup-epochs", "0", "--no-baseline"];

async function tuned(...argv: readonly string[]): Promise<{ result: TuneResult; notes: string }> {
  const { code, stdout, stderr } = await call("tune", ...short, ...argv, "--out", "run", "--json");
  expect(code, stderr).toBe(0);
  return { result: JSON.parse(stdout) as TuneResult, notes: stderr };
}

/** The part of a run's data that training never sees, as the run reads it. */
async function testPart(): Promise<Dataset> {
  const { config } = await openConfiguredRun("run");
  const part = (await loadTask(config)).task.data.test as Dataset;
  return takeRows(
    part,
    Uint32Array.from({ length: part.rows }, (_, row) => row),
  ); // decodes pixels
}

/** 40 training and 12 test images of 3 x 2 pixels in MNIST's format. */
function writeImages(folder: string): void {
  const labels = (rows: number) => idxLabels(Array.from({ length: rows }, (_, i) => (7 * i) % 10));
  mkdirSync(folder);
  writeFileSync(`${folder}/train-images-idx3-ubyte`, idxImages(40, 3, 2));
  writeFileSync(`${folder}/train-labels-idx1-ubyte`, labels(40));
  writeFileSync(`${folder}/t10k-images-idx3-ubyte`, idxImages(12, 3, 2));
  writeFileSync(`${folder}/t10k-labels-idx1-ubyte`, labels(12));
}

const open = (path = "run/model-core.onnx") => ort.InferenceSession.create(path, { logSeverityLevel: 3 });

/** Name, type and shape of inputs or outputs. */
const signature = (metadata: ort.InferenceSession["inputMetadata"]) =>
  metadata.map((value) => (value.isTensor ? [value.name, value.type, value.shape] : [value.name]));

/** What the model says of some data, all rows at once. */
async function predict(fields: Dataset["fields"]): Promise<Record<string, readonly number[]>> {
  const session = await open();
  const feeds = session.inputMetadata.map((input) => {
    const { data, shape } = fields[input.name] as HostArray;
    const type = input.isTensor ? input.type : "float32";
    const numbers = { float32: Float32Array, float64: Float64Array, int32: Int32Array }[type as "float32"];
    return [input.name, new ort.Tensor(type as "float32", numbers.from(data), shape)];
  });
  const outputs = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

const rowsOf = (numbers: ArrayLike<number>, rows: number): number[][] => {
  const width = numbers.length / rows;
  return Array.from({ length: rows }, (_, i) => Array.from(numbers).slice(i * width, (i + 1) * width));
};

const crossEntropy = (logits: readonly number[], [label]: readonly number[]) => {
  const top = Math.max(...logits);
  const total = logits.reduce((sum, z) => sum + Math.exp(z - top), 0);
  return top + Math.log(total) - (logits[label as number] as number);
};
const squaredError = (y: readonly number[], target: readonly number[]) =>
  mean(y.map((value, i) => (value - (target[i] as number)) ** 2));

describe("model-core.onnx has the run's own test loss, for as many rows as the test part has", () => {
  test.each<[string, string[], typeof crossEntropy]>([
    ["a network on the digits", ["--hidden", "12,9"], crossEntropy],
    ["a network with as many units as features", ["--data", "wine", "--hidden", "13,13"], crossEntropy],
    ["a linear regression", ["--data", "diabetes", "--model", "linear"], squaredError],
    [
      "float64 on the engine jax",
      ["--data", "wine", "--precision", "float64", "--engine", "jax"],
      crossEntropy,
    ],
    ["a network on images", ["--data", "mnist", "--data-dir", "images", "--hidden", "7"], crossEntropy],
    ["simple-cnn on the digits", ["--model", "simple-cnn", "--valid", "0.5", "--test", "0.4"], crossEntropy],
    ["examples/my-problem.ts", [example("my-problem"), "--lr", "0.01"], squaredError],
    ["examples/layers-problem.ts", [example("layers-problem")], crossEntropy],
    ["examples/cnn.ts", [example("cnn")], crossEntropy],
  ])("%s", async (_, argv, lossOf) => {
    if (argv.includes("images")) writeImages("images");
    const { result, notes } = await tuned(...argv);
    expect(notes).not.toContain("model.onnx");
    const { rows, fields } = await testPart();
    const { x, y: targets } = fields as Record<"x" | "y", HostArray>;
    const type = argv.includes("float64") ? "float64" : "float32";
    expect(signature((await open()).inputMetadata)).toEqual([["x", type, ["rows", ...x.shape.slice(1)]]]);
    const { y, ...others } = await predict(fields);
    expect(others).toEqual({});
    const target = rowsOf(targets.data, rows);
    const loss = mean(rowsOf(y as number[], rows).map((row, i) => lossOf(row, target[i] as number[])));
    const expected = result.best.test?.loss as number;
    expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-5);
  });
});

test.each(["model.onnx", "model-core.onnx"])(
  "%s holds the weights of model.safetensors under their names",
  async (name) => {
    await tuned("--data", "wine", "--hidden", "4");
    const { tensors } = decodeTensors(readFileSync("run/model.safetensors"), "model");
    const file = readFileSync(`run/${name}`);
    for (const [name, { data }] of leavesOf(tensors)) {
      expect(file.includes(name), name).toBe(true);
      expect(file.includes(Buffer.from(data.buffer, data.byteOffset, data.byteLength)), name).toBe(true);
    }
  },
);

test("a resumed run and its baseline have theirs", async () => {
  const argv = ["tune", "--data", "wine", "--hidden", "4", "--epochs", "2", "--out", "run", "--quiet"];
  await call(...argv);
  const before = readFileSync("run/model.onnx");
  expect(existsSync("run/baseline/model.onnx")).toBe(true);
  expect((await call("resume", "run", "--epochs", "4", "--quiet")).code).toBe(0);
  expect(readFileSync("run/model.onnx")).not.toEqual(before);
  expect(await open("run/baseline/model.onnx")).toBeDefined();
});

describe("a problem of the user's own", () => {
  /** Several inputs and outputs, a hyperparameter in the prediction, a column that is as long as there are rows. */
  const odd = `
    import { numpy as np } from "@jax-js/jax";
    import { createSpace, HostArray, real } from "hypertrain";
    const part = (rows) => ({ rows, fields: {
      a: new HostArray(Float32Array.from({ length: rows }, (_, i) => Math.sin(i)), [rows, 1]),
      b: new HostArray(Int32Array.from({ length: rows }, (_, i) => i % 3), [rows]),
      y: new HostArray(Float32Array.from({ length: rows }, (_, i) => (i % 3) * Math.sin(i) + 1), [rows, 1]),
    } });
    const problem = {
      name: "odd",
      space: createSpace({ gain: real(0.5, { low: 0, high: 2, perturb: "minibatch" }) }),
      noise: {},
      init: () => ({
        slope: new HostArray(Float32Array.of(0.5, 0.1), [2, 1]),
        spread: new HostArray(Float32Array.of(0.7), []),
      }),
      predict(layers, { a, b }, { gain }) {
        const { slope, spread } = layers.params();
        const rows = a.shape[0];
        const product = a.mul(b.astype(np.float32).reshape([rows, 1]));
        const x = np.concatenate([product, np.ones([rows, 1])], 1);
        return { centre: np.matmul(x, slope).mul(gain.reshape([1, 1])), more: { spread } };
      },
      loss: ({ centre, more }, { y }) => np.square(centre.sub(y)).sum(1).mul(np.square(more.spread)),
    };
    export default { problem, data: { train: part(60), valid: part(30), test: part(37) } };`;

  test("has inputs by field and outputs by path, and hyperparameters as they are at the best point", async () => {
    writeFileSync("odd.mjs", odd);
    const { result, notes } = await tuned("odd.mjs", "--batch-size", "20");
    expect(notes).not.toContain("model.onnx");
    const session = await open();
    expect(signature(session.inputMetadata)).toEqual([
      ["a", "float32", ["rows", 1]],
      ["b", "int32", ["rows"]],
    ]);
    expect(signature(session.outputMetadata)).toEqual([
      ["centre", "float32", ["rows", 1]],
      ["more.spread", "float32", []],
    ]);
    const { fields } = await testPart();
    const outputs = await predict(fields);
    const [spread] = outputs["more.spread"] as number[];
    const errors = (outputs.centre as number[]).map((c, i) => (c - (fields.y?.data[i] as number)) ** 2);
    const expected = result.best.test?.loss as number;
    expect(Math.abs((mean(errors) * (spread as number) ** 2) / expected - 1)).toBeLessThan(1e-5);
  });

  /** examples/my-problem.ts with another prediction in evaluation. */
  function changed(prediction: string, inputs = "x"): void {
    const source = readFileSync(example("my-problem"), "utf8")
      .replace("import { numpy as np }", "import { lax, numpy as np }")
      .replace(": x; // [rows, 1]", `: ${inputs}; // [rows, 1]`)
      .replace("return np.matmul(np.tanh", "const y = np.matmul(np.tanh")
      .replace("output); // [rows, 1]", `output);\n    return mode === "eval" ? ${prediction} : y;`);
    writeFileSync("changed.ts", source);
  }

  test("whose prediction depends on the whole batch takes one row, which a note says", async () => {
    changed("y.add(np.mean(x))", "x.ref");
    const { notes } = await tuned("changed.ts", "--lr", "0.01");
    expect(notes).toMatch(/^run\/model\.onnx takes one row at a time: [^\n]+$/m);
    const session = await open();
    expect(signature(session.inputMetadata)).toEqual([["x", "float32", [1, 1]]]);
    const { y } = await session.run({ x: new ort.Tensor("float32", [0.3], [1, 1]) });
    const weights = Object.fromEntries(
      leavesOf(decodeTensors(readFileSync("run/model.safetensors"), "model").tensors),
    );
    const { hidden, offset, output } = weights as Record<"hidden" | "offset" | "output", HostArray>;
    const units = Array.from(hidden.data, (h, i) => Math.tanh(0.3 * h + (offset.data[i] as number)));
    const sum = units.reduce((total, unit, i) => total + unit * (output.data[i] as number), 0);
    expect(y?.data[0]).toBeCloseTo(sum + 0.3, 5);
  });

  test("whose prediction has no ONNX operator goes without model.onnx, which one note says", async () => {
    changed("y.mul(lax.linalg.cholesky(np.ones([1, 1])))");
    const { notes } = await tuned("changed.ts", "--lr", "0.01", "--engine", "jax");
    expect(notes.match(/^run\/model\.onnx is left out: .*"cholesky".*$/gm)).toHaveLength(1);
    expect(existsSync("run/model.onnx")).toBe(false);
    expect(existsSync("run/report.html")).toBe(true);
  });
});
