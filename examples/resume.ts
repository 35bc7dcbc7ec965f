/**
 * A run that stops and goes on: its snapshot is some bytes, from which another process ends bit for bit where the run would have.
 *
 *     node examples/resume.ts      stops after 4 epochs
 *     node examples/resume.ts      goes on to 10
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { createRun, deltaStn, jaxEngine, loadSnapshot, real, saveSnapshot, supervised } from "hypertrain";
import { csvData } from "hypertrain/data";
import { mlp } from "hypertrain/nn";

const rows = Array.from(
  { length: 120 },
  (_, i) => `${(i % 3) + (i % 7) / 10},${(i % 5) / 5},${"abc"[i % 3]}`,
);
const data = csvData(["length,width,species", ...rows].join("\n"), { name: "flowers", target: "species" });
const network = mlp({ inputs: 2, hidden: [8], outputs: data.outputs });
const task = supervised({ data, network, hypers: { l2: real(1e-4, { low: 1e-6, high: 1, log: true }) } });

const stopAfter = Number(process.argv[2] ?? 4);
const file = "run.safetensors";
const from = existsSync(file) ? loadSnapshot(readFileSync(file)) : undefined;
const stop = new AbortController();
const run = createRun(
  task,
  deltaStn({ warmupEpochs: 1 }),
  await jaxEngine(),
  { epochs: 10, batchSize: 32 },
  { clock: performance, signal: stop.signal },
  from,
);
for await (const event of run.events()) {
  if (event.kind === "epoch" && event.trace.epoch === stopAfter && !from) stop.abort(); // as Ctrl-C would
  if (event.kind === "end") {
    writeFileSync(file, saveSnapshot(await run.snapshot()));
    const { epoch, valid, hyperparameters } = event.final;
    console.log(
      JSON.stringify({ reason: event.reason, epoch, loss: valid.loss, l2: hyperparameters.l2?.value }),
    );
  }
}
run.dispose();
