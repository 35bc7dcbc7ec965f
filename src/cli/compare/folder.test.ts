import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { openCurveFolder } from "./folder.ts";
import type { Plan } from "./plan.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hypertrain-compare-"));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const plan = { methods: ["random"], seeds: [0], seconds: 1, config: {} } as unknown as Plan; // as far as a folder writes it
const origin = { data: "1", size: "9 rows", problem: "2", network: "3", versions: { hypertrain: "1.0.0" } };

test("a comparison that came to nothing leaves no folder, and takes none that was there or has a curve", async () => {
  const path = join(place, "comparisons", "wine");
  await (await openCurveFolder(path, plan, origin))[Symbol.asyncDispose]();
  expect(readdirSync(place)).toEqual([]);
  mkdirSync(path, { recursive: true });
  await (await openCurveFolder(path, plan, origin))[Symbol.asyncDispose]();
  expect(readdirSync(path)).toEqual([]);
  const curve = { method: "random", seed: 0, points: [], trials: 0 };
  {
    await using folder = await openCurveFolder(path, plan, origin);
    await folder.write(curve);
  }
  {
    await using folder = await openCurveFolder(path, plan, origin);
    expect(await folder.read("random", 0)).toMatchObject(curve);
  }
  expect(existsSync(join(path, "comparison.json"))).toBe(true);
});

test("a comparison goes on without what only its first command needed, and with nothing else that changes the work", async () => {
  const path = join(place, "fetched");
  const config = { batchSize: 10, dataDir: "images", threads: 1 };
  const fetched = { ...plan, config: { ...config, download: true, watch: true, out: path } } as Plan;
  const curve = { method: "random", seed: 0, points: [], trials: 0 };
  {
    await using folder = await openCurveFolder(path, fetched, origin);
    await folder.write(curve);
  }
  const goingOn = async (change: object) => {
    const wanted = { ...plan, seeds: 2, config: { ...config, mlflow: "http://localhost", ...change } };
    await using folder = await openCurveFolder(path, wanted as Plan, origin);
    return folder.read("random", 0);
  };
  expect(await goingOn({ download: false })).toMatchObject(curve);
  for (const change of [{ batchSize: 11 }, { dataDir: "others" }, { threads: 2 }]) {
    await expect(goingOn(change)).rejects.toThrow(
      /^--out must be a new folder, or that of a comparison with/,
    );
  }
});

test.each([
  ["data", { ...origin, data: "4" }, "the data (9 rows as then, but other values or names) is"],
  ["data of another size", { ...origin, data: "4", size: "8 rows" }, "the data (9 rows then, 8 rows now) is"],
  ["problem", { ...origin, problem: "4" }, "ridge.ts is"],
  ["network", { ...origin, network: "4" }, "layers.json is"],
  [
    "data and version",
    { ...origin, data: "4", versions: { hypertrain: "1.0.1" } },
    "the data (9 rows as then, but other values or names) and hypertrain (1.0.0 then, 1.0.1 now) are",
  ],
])("a comparison refuses curves of another %s beside its own", async (_, other, changed) => {
  const path = join(place, "mixed");
  const named = { ...plan, config: { problem: "ridge.ts", model: "layers.json" } } as Plan;
  {
    await using folder = await openCurveFolder(path, named, origin);
    await folder.write({ method: "random", seed: 0, points: [], trials: 0 });
  }
  await expect(openCurveFolder(path, named, other)).rejects.toThrow(
    `${path} must go on with what it was begun with, but ${changed} not the same; restore that, or choose another folder with --out`,
  );
  await using folder = await openCurveFolder(path, named, origin);
  expect(await folder.read("random", 0)).toBeDefined();
});

test("a comparison that does not say what it was begun with is another one", async () => {
  const path = join(place, "old");
  mkdirSync(path);
  for (const text of ["{", "[]", JSON.stringify({ seconds: 1, config: {} })]) {
    writeFileSync(join(path, "comparison.json"), text);
    await expect(openCurveFolder(path, plan, origin)).rejects.toThrow(/^--out must be a new folder, or that/);
  }
});
