import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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

test("a comparison that came to nothing leaves no folder, and takes none that was there or has a curve", async () => {
  const path = join(place, "comparisons", "wine");
  await (await openCurveFolder(path, plan))[Symbol.asyncDispose]();
  expect(readdirSync(place)).toEqual([]);
  mkdirSync(path, { recursive: true });
  await (await openCurveFolder(path, plan))[Symbol.asyncDispose]();
  expect(readdirSync(path)).toEqual([]);
  const curve = { method: "random", seed: 0, points: [], trials: 0 };
  {
    await using folder = await openCurveFolder(path, plan);
    await folder.write(curve);
  }
  {
    await using folder = await openCurveFolder(path, plan);
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
    await using folder = await openCurveFolder(path, fetched);
    await folder.write(curve);
  }
  const goingOn = async (change: object) => {
    const wanted = { ...plan, seeds: 2, config: { ...config, mlflow: "http://localhost", ...change } };
    await using folder = await openCurveFolder(path, wanted as Plan);
    return folder.read("random", 0);
  };
  expect(await goingOn({ download: false })).toMatchObject(curve);
  for (const change of [{ batchSize: 11 }, { dataDir: "others" }, { threads: 2 }]) {
    await expect(goingOn(change)).rejects.toThrow(
      /^--out must be a new folder, or that of a comparison with/,
    );
  }
});
