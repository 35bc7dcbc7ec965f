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
