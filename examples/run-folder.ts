/**
 * A run folder from the library: training is recorded, gone on with from its checkpoint, and ends with a model and a report.
 *
 *     node examples/run-folder.ts my-run
 */
import { createRun, deltaStn, jaxEngine, real, supervised, type Snapshot } from "hypertrain";
import {
  createRunFolder,
  lockRunFolder,
  pageAssets,
  readCheckpoint,
  readTrace,
  recordRun,
  scheduleOf,
  truncateTrace,
  writeTrainedModel,
  writeWhole,
} from "hypertrain/artifacts";
import { csvData } from "hypertrain/data";
import { mlp } from "hypertrain/nn";
import { renderReport, resultOf } from "hypertrain/report";

const rows = Array.from(
  { length: 120 },
  (_, i) => `${(i % 3) + (i % 7) / 10},${(i % 5) / 5},${"abc"[i % 3]}`,
);
const table = new TextEncoder().encode(["length,width,species", ...rows].join("\n"));
const data = csvData(table, { name: "flowers", target: "species" });
const network = mlp({ inputs: 2, hidden: [8], outputs: data.outputs });
const task = supervised({ data, network, hypers: { l2: real(1e-4, { low: 1e-6, high: 1, log: true }) } });

const clock = performance;
const engine = await jaxEngine();
const tuner = deltaStn({ warmupEpochs: 1 });
const open = (epochs: number, from?: Snapshot) =>
  createRun(task, tuner, engine, { epochs, batchSize: 32 }, { clock }, from);

// Writes a run folder.
const folder = await createRunFolder(
  { about: "any document of yours" },
  { out: process.argv[2] ?? "my-run" },
);
await using lock = await lockRunFolder(folder);
await recordRun(open(5), folder, { clock, lock });

// Goes on from it, as after a crash.
const from = (await readCheckpoint(folder.checkpoint))?.snapshot;
if (from) await truncateTrace(folder.metrics, from.progress.last.step);
const end = await recordRun(open(10, from), folder, { clock, lock, from });

// Ends with the network of the best epoch and a page about the run.
const [method, precision, seed] = [tuner.name, "float32", 0] as const;
await writeTrainedModel(
  folder,
  { task, method, precision, engine, params: end.weights, best: end.best, supervised: { data } },
  console.warn,
);
const trace = await readTrace(folder.metrics);
const { space } = task.problem;
const { path: run, report } = folder;
const result = resultOf({ run, report, method, engine: engine.name, seed, space, trace, end });
const page = { title: "flowers", config: {}, space, result, trace, baseline: [] };
await writeWhole(report, renderReport(page, await pageAssets()));
const schedule = scheduleOf(trace, end.best, trace.at(-1) ?? end.best);
await writeWhole(folder.hyperparameters, JSON.stringify(schedule)); // last: with it the run has ended
console.log(JSON.stringify(result));
