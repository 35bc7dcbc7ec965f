/**
 * From a CSV file to answers for new rows, in the library: the table is read, a network tuned, its model saved and asked.
 *
 *     node examples/csv.ts people.csv income new.csv
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { createRun, deltaStn, jaxEngine, real, supervised } from "hypertrain";
import {
  createRunFolder,
  loadModel,
  lockRunFolder,
  recordRun,
  writeTrainedModel,
} from "hypertrain/artifacts";
import { csvData, parseCsv, columnTypesOf, type TableEncoding } from "hypertrain/data";
import { mlp } from "hypertrain/nn";
import { lossUnitOf } from "hypertrain/report";

const [file = "people.csv", target = "income", newRows = "new.csv", out = "my-model"] = process.argv.slice(2);

// What is odd in the table is told before anything is trained.
const data = csvData(readFileSync(file), { name: basename(file), target });
for (const warning of data.warnings) console.warn(warning);

// A number is predicted by squared error, a class by cross-entropy, unless a loss is named.
const network = mlp({ inputs: data.inputShape[0] ?? 1, hidden: [16], outputs: data.outputs });
const hypers = {
  "dropout.fc1": real(0.05, { low: 0, high: 0.9 }),
  l2: real(1e-4, { low: 1e-6, high: 1, log: true }),
};
const task = supervised({ data, network, hypers });

const engine = await jaxEngine();
const tuner = deltaStn({ warmupEpochs: 2 });
const run = createRun(task, tuner, engine, { epochs: 20, batchSize: 32 }, { clock: performance });
const folder = await createRunFolder({ about: `${target} from ${file}` }, { out });
await using lock = await lockRunFolder(folder);
const { best, weights } = await recordRun(run, folder, { clock: performance, lock });
run.dispose();
const score = best.test ?? best.valid;
console.warn(`loss ${score.loss.toFixed(3)} at epoch ${best.epoch}. ${lossUnitOf({ data }) ?? ""}`);

// model.json keeps how columns become numbers; model.onnx does the same elsewhere.
const trained = { task, method: tuner.name, precision: "float32", engine, params: weights, best } as const;
await writeTrainedModel(folder, { ...trained, supervised: { data } }, console.warn);

// New rows are read as the training rows were, columns in any order.
const model = await loadModel(folder.path, engine, "table");
const types = columnTypesOf(data.encoding as TableEncoding); // data of a table has one
const rows = parseCsv(readFileSync(newRows), { name: newRows, header: true, types });
console.log(JSON.stringify((await model.predict(rows)).values));
model.dispose();
