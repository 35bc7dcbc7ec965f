import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { csvData } from "../data/table-data.ts";
import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { mlp } from "../nn/mlp.ts";
import type { LossName } from "../problem/example-losses.ts";
import { supervised } from "../problem/supervised.ts";
import { mapTree, HostArray, type HostTree } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import type { ModelDocument } from "./model-document.ts";
import { runFolder } from "./run-folder.ts";
import { writeTrainedModel } from "./trained-model.ts";

/** An engine on which every answer is one more. */
const offByOne = (engine: Engine): Engine => ({
  ...engine,
  open(...given) {
    const session = engine.open(...given);
    const more = (tree: HostTree) =>
      mapTree(
        tree,
        ({ data, shape }) =>
          new HostArray(
            data.map((value) => value + 1),
            shape,
          ),
      );
    return {
      ...session,
      run: async (name, inputs) => more((await session.run(name, inputs)) as HostTree) as never, // the same tree
    };
  },
});

/** Writes a small network as if it had been trained on an engine; what it notes, and what `model.json` says. */
async function written(engine: Engine, loss?: LossName) {
  const path = mkdtempSync(join(tmpdir(), "hypertrain-model-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${["Ulm", "Graz"][i % 2]},${i % 5}.5`);
  const data = csvData(["size,town,y", ...rows].join("\n"), {
    name: "rows",
    target: "y",
    task: "regression",
  });
  const network = mlp({ inputs: data.inputShape[0] as number, hidden: [4], outputs: 1 });
  const task = supervised({ data, network, hypers: {}, ...(loss && { loss }) });
  const params = task.problem.init(randomKey(1, "init"));
  const best = {
    step: 0,
    epoch: 0,
    examples: 0,
    gradientEvaluations: 0,
    seconds: 0,
    hyperparameters: {},
    valid: { loss: 1 },
  };
  const folder = runFolder(path);
  const notes: string[] = [];
  const facts = {
    method: "fixed",
    precision: "float32",
    supervised: { data },
  } as const;
  await writeTrainedModel(folder, { ...facts, task, engine, params, best }, (line) => notes.push(line));
  const document = JSON.parse(readFileSync(folder.document, "utf8")) as ModelDocument;
  return { folder, notes, document };
}

test("both ONNX files are written where they answer as the network does, and model.json says what one takes", async () => {
  const { folder, notes, document } = await written(await jaxEngine());
  expect(notes).toEqual([]);
  expect([folder.onnx, folder.coreOnnx].map((path) => existsSync(path))).toEqual([true, true]);
  expect(document.onnx?.inputs.map(({ name }) => name)).toEqual(["size", "town"]);
  expect(document.loss).toBe("squared-error");
});

test("model.json names the loss that the task was made with", async () => {
  expect((await written(await jaxEngine(), "gaussian")).document.loss).toBe("gaussian");
});

test("ONNX files that answer otherwise than the run's engine are left out, each with a sentence, and model.json is silent on them", async () => {
  const { folder, notes, document } = await written(offByOne(await jaxEngine()));
  const why =
    "is left out: its answers for 12 of 12 validation rows are not the network's, which is a fault of hypertrain";
  expect(notes).toEqual([`${folder.onnx} ${why}`, `${folder.coreOnnx} ${why}`]);
  expect([folder.onnx, folder.coreOnnx, folder.model].map((path) => existsSync(path))).toEqual([
    false,
    false,
    true,
  ]);
  expect(document.onnx).toBeUndefined();
});
