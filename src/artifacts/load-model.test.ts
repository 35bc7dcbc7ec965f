import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { csvData } from "../data/table-data.ts";
import { textData } from "../data/text.ts";
import type { SupervisedData } from "../data/supervised-data.ts";
import type { Engine } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { mlp } from "../nn/mlp.ts";
import type { Network } from "../nn/network.ts";
import { lstmLanguageModel } from "../nn/networks/lstm.ts";
import { foldedTask } from "../problem/folds.ts";
import { defaultLoss } from "../problem/example-losses.ts";
import { supervised } from "../problem/supervised.ts";
import { choice } from "../space/choice.ts";
import type { ChoiceHyper } from "../space/values.ts";
import { mapValues } from "../util/record.ts";
import { randomKey } from "../util/random.ts";
import { loadModel } from "./load-model.ts";
import { runFolder } from "./run-folder.ts";
import { sealJson, unsealJson } from "./sealed-json.ts";
import { writeTrainedModel } from "./trained-model.ts";

/** As a module of a user's makes it: with nothing that describes it. */
const undescribed = ({ description: _, ...network }: Network): Network => network;

/** Writes the network that a module makes, with weights as they are at first; the run folder. */
async function writtenBy(
  engine: Engine,
  {
    data,
    network,
    folds,
    chosen = {},
  }: { data: SupervisedData; network: Network; folds?: number; chosen?: Record<string, ChoiceHyper> },
): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), "hypertrain-model-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const given = { data, network, hypers: chosen };
  const task = folds === undefined ? supervised(given) : foldedTask({ ...given, folds, seed: 1 });
  const { inputShape: example, outputs } = data;
  const module = { module: "own.ts", input: example, example, outputs };
  const params = task.problem.init(randomKey(1, "init"));
  const counts = { step: 0, epoch: 0, examples: 0, gradientEvaluations: 0, seconds: 0 };
  const hyperparameters = mapValues(chosen, ({ start }) => ({ value: start }));
  const best = { ...counts, hyperparameters, valid: { loss: 1 } };
  const facts = { method: "fixed", precision: "float32" } as const;
  const told = { data, loss: defaultLoss(data), network: module };
  await writeTrainedModel(
    runFolder(path),
    { ...facts, task, engine, params, best, supervised: told },
    () => {},
  );
  return path;
}

const lines = Array.from({ length: 60 }, (_, i) => `${i % 7},${["Ulm", "Graz"][i % 2]},${i % 5}.5`);
const table = csvData(["size,town,y", ...lines].join("\n"), {
  name: "rows",
  target: "y",
  task: "regression",
});
const onTable = (activation: "relu" | "tanh") =>
  mlp({ inputs: table.inputShape[0] as number, hidden: [4], outputs: 1, activation });

const words = "the cat sat on the mat and the dog lay on the rug ".repeat(20);
const prose = textData(
  { train: words, valid: words, test: words },
  { name: "prose", tokens: "word", steps: 5 },
);
const sizes = { steps: 5, words: prose.outputs };
const onText = undescribed(lstmLanguageModel({ ...sizes, hidden: [3] }));
/** With the same layers, but what the LSTM hands to the decoder goes through one operation more. */
const otherOnText = undescribed({
  ...onText,
  apply: (weights, x, act) => onText.apply(weights, x, act).mul(1.5),
});

const differs =
  /^the network that is given as `network` must answer as the one that was trained, but where that answered -?[\d.e-]+ it answers -?[\d.e-]+; give that of own\.ts, and what it imports, as it was$/;

test.each([
  ["a table", { data: table, network: onTable("relu"), other: onTable("tanh") }],
  ["a table, an ensemble", { data: table, network: onTable("relu"), other: onTable("tanh"), folds: 3 }],
  ["a text", { data: prose, network: onText, other: otherOnText }],
])(
  "the network of a module on %s is taken where it answers as in training, on either engine, and refused where it does not",
  async (_, asked) => {
    const engines = [await jaxEngine(), await onnxEngine()];
    for (const [i, engine] of engines.entries()) {
      const run = await writtenBy(engine, asked);
      for (const other of engines) {
        const model = await loadModel(run, other, undefined, { network: asked.network });
        model.dispose();
      }
      const change = loadModel(run, engines[1 - i] as Engine, undefined, { network: asked.other });
      await expect(change).rejects.toThrow(differs);
    }
  },
);

test("a refusal calls the network by the file of its module, where that is given, and names the one that was trained", async () => {
  const engine = await jaxEngine();
  const run = await writtenBy(engine, { data: table, network: onTable("relu") });
  const given = (network: Network, module: string) => loadModel(run, engine, "table", { network, module });
  await expect(given(onTable("tanh"), "other.ts")).rejects.toThrow(
    /^the network that other\.ts makes must answer as .*; give that of own\.ts, and what it imports, as it was$/,
  );
  await expect(given(mlp({ inputs: 3, hidden: [2], outputs: 1 }), "other.ts")).rejects.toThrow(
    /^the network that other\.ts makes must have the layers .*; give that of own\.ts, /,
  );
  await expect(given(onTable("tanh"), "own.ts")).rejects.toThrow(
    /^the network that own\.ts makes must answer as .*; restore the module, and what it imports, as it was$/,
  );
});

test("of a module's network whose architecture was chosen it is said that model.onnx holds that", async () => {
  const engine = await jaxEngine();
  const chosen = { activation: choice("tanh", { options: ["tanh", "relu"] }) };
  const run = await writtenBy(engine, { data: table, network: onTable("relu"), chosen });
  await expect(loadModel(run, engine, "table", { network: onTable("relu") })).rejects.toThrow(
    /^the network that is given as `network` must answer as .*; use model\.onnx, since training chose another architecture/,
  );
  const same = await loadModel(run, engine, "table", { network: onTable("tanh") });
  same.dispose();
});

test("a model.json that does not say what the network of a module answered is refused", async () => {
  const engine = await jaxEngine();
  const run = await writtenBy(engine, { data: table, network: onTable("relu") });
  const { document } = runFolder(run);
  const { network, ...others } = unsealJson(readFileSync(document, "utf8"), document) as { network: object };
  writeFileSync(document, sealJson({ ...others, network: { ...network, answers: undefined } }));
  await expect(loadModel(run, engine, "table", { network: onTable("relu") })).rejects.toThrow(
    /must say what its network answered, .* write it anew with `hypertrain resume /,
  );
});
