import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { usableCores } from "./cores.ts";

/** As Linux lists processors, with what shares a core with each. */
function coresOf(siblings: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-cores-"));
  try {
    mkdirSync(join(folder, "cpufreq"));
    siblings.forEach((list, i) => {
      mkdirSync(join(folder, `cpu${i}/topology`), { recursive: true });
      writeFileSync(join(folder, `cpu${i}/topology/thread_siblings_list`), `${list}\n`);
    });
    return usableCores(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("processors that share a core count once", () => {
  expect(coresOf(["0-1", "0-1"])).toBe(1);
  expect(coresOf(["0", "1"])).toBe(Math.min(2, availableParallelism()));
  expect(coresOf(["0,2", "1,3", "0,2", "1,3"])).toBe(Math.min(2, availableParallelism()));
});

test("no more than the process may use count", () => {
  const processors = availableParallelism();
  expect(coresOf(Array.from({ length: processors + 8 }, (_, i) => `${i}`))).toBe(processors);
});

test("where the system does not say, onnxruntime counts", () => {
  expect(usableCores("/no/such/folder")).toBe(0);
});
