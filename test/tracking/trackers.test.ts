import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test, vi } from "vitest";

import { mlflow } from "../../src/cli/tracking/mlflow.ts";
import { tensorboard } from "../../src/cli/tracking/tensorboard.ts";
import type { Tracker } from "../../src/cli/tracking/tracker.ts";
import { crc32c } from "../../src/util/crc32c.ts";
import { fakeMlflow } from "./fake-mlflow.ts";
import { checksum, readTraining, recordsOf } from "./read-events.ts";

const clock = { now: () => 1_700_000_000_000 };
const place = mkdtempSync(join(tmpdir(), "hypertrain-events-"));
afterAll(() => rmSync(place, { recursive: true }));
const newFolder = () => mkdtempSync(join(place, "events-"));

/** A search with two trials, one of which fails. */
async function tellSearch(tracker: Tracker): Promise<readonly string[]> {
  const search = tracker.begin({ name: "search", params: { method: "random", seed: 0 } });
  const trial = tracker.begin({
    name: "search/trial-0",
    parent: "search",
    params: { "l2.fc1": 1e-3, act: "relu", bias: true },
  });
  const other = tracker.begin({ name: "search/trial-1", parent: "search", params: { "l2.fc1": 1e-5 } });
  for (let step = 0; step < 400; step++)
    trial.see(step, { "valid/loss": 1 / (1 + step), "train/loss": 0.5, hyper: step });
  other.see(2 ** 40, { "valid/loss": Infinity });
  search.see(7, { "best/valid/loss": 0.25 });
  other.end("failed");
  trial.end("finished");
  search.end("stopped");
  return tracker.close();
}

test("CRC-32C is that of the iSCSI examples (RFC 3720, B.4)", () => {
  expect(crc32c(Buffer.from("123456789")).toString(16)).toBe("e3069283");
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe("8a9136aa");
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)).toString(16)).toBe("46dd794e");
  const bytes = Buffer.from("any bytes \u00e9");
  expect(crc32c(bytes)).toBe(checksum(bytes));
});

test("event files say what was told", async () => {
  const folder = newFolder();
  expect(await tellSearch(await tensorboard(folder, clock))).toEqual([]);
  const trial = readTraining(join(folder, "search/trial-0"));
  expect(trial.params).toEqual({ "l2.fc1": 1e-3, act: "relu", bias: true });
  expect(trial.status).toBe(1); // success
  expect(trial.scalars["valid/loss"]).toHaveLength(400);
  expect(trial.scalars["valid/loss"]?.[3]).toEqual([3, 0.25]);
  const other = readTraining(join(folder, "search/trial-1"));
  expect(other).toMatchObject({ status: 2, scalars: { "valid/loss": [[2 ** 40, Infinity]] } });
  expect(readTraining(join(folder, "search"))).toMatchObject({
    status: 0,
    params: { method: "random", seed: 0 },
  });
});

test("damage anywhere in an event file is seen by its checksums", async () => {
  const folder = newFolder();
  await tellSearch(await tensorboard(folder, clock));
  const place = join(folder, "search");
  const file = join(place, readdirSync(place).find((name) => name.startsWith("events")) as string);
  const whole = readFileSync(file);
  expect(recordsOf(file).length).toBe(4);
  for (const at of [3, 9, 20, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 1;
    writeFileSync(file, damaged);
    expect(() => recordsOf(file), `byte ${at}`).toThrow();
  }
});

test("names with slashes, dots and oddities stay inside of the folder", async () => {
  const folder = newFolder();
  const tracker = await tensorboard(join(folder, "in"), clock);
  for (const name of ["../out", "a/../../b", "été/x:y"]) tracker.begin({ name, params: {} });
  expect(await tracker.close()).toEqual([]);
  expect(readdirSync(folder)).toEqual(["in"]);
});

test("a folder that cannot be written to costs a sentence", async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "file"), "");
  const refused: unknown = await tensorboard(join(folder, "file"), clock).catch((error: unknown) => error);
  expect(String(refused)).toBe(
    `HypertrainError: --tensorboard ${join(folder, "file")} must be a folder, but a file is there; choose another`,
  );
  if (existsSync("/proc"))
    await expect(tensorboard("/proc/none", clock)).rejects.toThrow(/takes none; choose another$/); // where mkdir's own recursion never ends
  const tracker = await tensorboard(folder, clock);
  const sentences = await tellSearch({
    ...tracker,
    begin: (training) => tracker.begin({ ...training, name: "file/x" }),
  });
  expect(sentences).toEqual([expect.stringMatching(/^warning: \d+ events could not be written to /)]);
});

test("MLflow has a run for each training, those of trials under the search's", async () => {
  using server = await fakeMlflow();
  const env = { MLFLOW_TRACKING_TOKEN: "secret" };
  expect(await tellSearch(mlflow({ url: server.url, experiment: "wine", clock, env }))).toEqual([]);
  expect(server.experiments).toEqual(["wine"]);
  const { run0, run1, run2 } = server.runs;
  expect(run0).toMatchObject({ name: "search", params: { method: "random", seed: "0" }, status: "KILLED" });
  expect(run1).toMatchObject({
    name: "search/trial-0",
    status: "FINISHED",
    params: { "l2.fc1": "0.001", act: "relu", bias: "true" },
  });
  expect(run1?.tags["mlflow.parentRunId"]).toBe("run0");
  expect(run1?.metrics).toHaveLength(1200);
  expect(run1?.metrics[3 * 3]).toMatchObject({ key: "valid/loss", value: 0.25, step: 3 });
  expect(run2).toMatchObject({ status: "FAILED", metrics: [{ value: "Infinity", step: 2 ** 40 }] });
  expect(server.headers.every(({ authorization }) => authorization === "Bearer secret")).toBe(true);
});

test("a server that fails now and then has all of it once in the end", async () => {
  let calls = 0;
  using server = await fakeMlflow(() => (calls++ % 3 === 1 ? 503 : undefined));
  const tracker = mlflow({ url: server.url, experiment: "wine", clock, env: {} });
  const told = tracker.begin({ name: "run", params: { a: 1 } });
  for (let step = 0; step < 5; step++) told.see(step, { loss: step });
  told.end("finished");
  await vi.waitFor(() => expect(server.runs["run0"]?.status).toBe("FINISHED"), { timeout: 15_000 });
  expect(await tracker.close()).toEqual([]);
  expect(Object.values(server.runs)).toHaveLength(1);
  expect(server.runs["run0"]?.metrics.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4]);
});

test("a server that is away, hangs or refuses costs a sentence", async () => {
  using hanging = await fakeMlflow();
  const silent = createServer().listen(0, "127.0.0.1"); // takes connections and never answers
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const urls = ["http://127.0.0.1:9", `http://127.0.0.1:${port}`, `${hanging.url}/elsewhere`];
  for (const url of urls) {
    const tracker = mlflow({ url, experiment: "wine", clock, env: {}, patience: 300 });
    expect(await tellSearch(tracker)).toEqual([
      expect.stringMatching(/^warning: MLflow at http:\S+ was not told all .* \d+ of its messages/),
    ]);
  }
  silent.close();
});

test("an address that is none, or that holds a password, is refused without it", () => {
  for (const url of ["localhost", "ftp://x", "http://me:hidden@host:5000"]) {
    const open = () => mlflow({ url, experiment: "e", clock, env: {} });
    expect(open).toThrow(/--mlflow must be (the http|an address without a user)/);
    expect(open).not.toThrow(/hidden/);
  }
});
