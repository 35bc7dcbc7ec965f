/**
 * A snapshot of 38 MB written and read where studies can keep it, in turns: by wall clock and processor time of this process, with the size of the
 * SQLite file afterwards.
 *
 *     node bench/artifacts.ts [--rounds 7] [--megabytes 38]
 *
 * Each round writes a checkpoint in the place of the one before, and reads it.
 */
import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { openStorage } from "../src/storage/open-storage.ts";
import type { TrialRecord } from "../src/study/next-segment.ts";
import { quantilesOf } from "../src/util/statistics.ts";
import { startPostgres } from "../test/storage/postgres-server.ts";

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, megabytes: { type: "string", default: "38" } },
});
const bytes = new Uint8Array(Number(flags.megabytes) * 1e6);
const folder = mkdtempSync(join(tmpdir(), "hypertrain-bench-"));
await using postgres = await startPostgres();
const sqlite = join(folder, "within.db");
const outside = join(folder, "outside.db");
const places = [
  { name: "SQLite", store: sqlite, artifacts: "sql" },
  { name: "a file beside SQLite", store: outside, artifacts: `file:${join(folder, "artifacts")}` },
  { name: "PostgreSQL", store: await postgres.database("bench"), artifacts: "sql" },
];

const trial: TrialRecord = {
  ...{ number: 0, values: {}, state: "waiting", attempt: 0, deaths: 0, to: 9, curve: [] },
};
const opened = await Promise.all(
  places.map(async ({ name, store, artifacts }) => {
    const storage = await openStorage(store);
    await storage.create("bench", {}, artifacts);
    const claimed = await storage.claim("bench", "{}", () => ({ kind: "segment", trial, changed: [trial] }));
    if (claimed.kind !== "segment") throw new Error("a segment was expected");
    const times = { write: [] as number[], read: [] as number[], busy: [] as number[] };
    return { name, storage, claim: claimed.claim, times };
  }),
);
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const { storage, claim, times } of opened) {
    randomFillSync(bytes);
    const busy = process.cpuUsage();
    const begun = performance.now();
    await storage.checkpoint(claim, bytes);
    times.write.push(performance.now() - begun);
    const [{ checkpoint = "" } = {}] = await storage.trials("bench");
    const written = performance.now();
    await storage.artifact("bench", checkpoint);
    times.read.push(performance.now() - written);
    const { user, system } = process.cpuUsage(busy);
    times.busy.push((user + system) / 1000);
  }
}
for (const { name, storage, times } of opened) {
  const [write, read, busy] = [times.write, times.read, times.busy].map((all) =>
    quantilesOf(all).q50.toFixed(0),
  );
  process.stdout.write(
    `${name}: written in ${write} ms, read in ${read}, ${busy} ms of processor time for both\n`,
  );
  await storage[Symbol.asyncDispose]();
}
const size = (path: string) => (statSync(path).size / 1e6).toFixed(1);
process.stdout.write(`the SQLite file has ${size(sqlite)} MB with artifacts, ${size(outside)} without\n`);
rmSync(folder, { recursive: true, force: true });
