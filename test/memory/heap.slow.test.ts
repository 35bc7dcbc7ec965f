import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** Trains runs one after the other and prints the heap's growth in bytes a run. */
const program = (engine: string) => `
  const { createRun, deltaStn } = await import(${JSON.stringify(at("index.ts"))});
  const { smallTask } = await import(${JSON.stringify(at("testing/small-task.ts"))});
  const engine = await (await import(${JSON.stringify(at(engine === "jaxEngine" ? "engine/jax.ts" : "engine/onnx/engine.ts"))})).${engine}();
  const train = async (runs) => {
    for (let i = 0; i < runs; i++) {
      const run = createRun(smallTask(), deltaStn(), engine, { epochs: 1, batchSize: 8 }, { clock: { now: () => 0 } });
      for await (const _ of run.events());
      run.dispose();
    }
    await new Promise((resume) => setTimeout(resume, 50));
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  const first = await train(5);
  console.log((await train(10) - first) / 10);
  process.exit(0);`;

test.each(["jaxEngine", "onnxEngine"])(
  "a run that is disposed of leaves next to nothing on the heap: %s",
  (engine) => {
    const args = ["--expose-gc", "--input-type=module", "--eval", program(engine)];
    expect(Number(execFileSync(process.execPath, args, { encoding: "utf8" }))).toBeLessThan(250e3);
  },
);
