import { expect, test } from "vitest";

import { jaxEngine } from "../engine/jax.ts";
import type { Engine } from "../engine/engine.ts";
import { readBundled } from "../data/node/bundled.ts";
import { mlp } from "../nn/mlp.ts";
import { supervised } from "../problem/supervised.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import type { HostArray } from "../util/host-array.ts";
import { networkAt } from "./network-at.ts";

/** Seconds that a run of the engine takes by the clock of the test: by its weights, and every fifth, the first that counts among them, a hundred times as long. */
async function timed(): Promise<{ engine: Engine; clock: { now(): number }; shapes: (readonly number[])[] }> {
  const inner = await jaxEngine();
  const shapes: (readonly number[])[] = [];
  let [now, runs] = [0, 0];
  const engine: Engine = {
    name: "timed",
    open(programs, state, precision) {
      const session = inner.open(programs, state, precision);
      const { weight } = (state["params"] as Record<string, Record<string, HostArray>>)["fc1"] as {
        weight: HostArray;
      };
      return {
        ...session,
        async run(program, inputs) {
          const told = await session.run(program, inputs);
          shapes.push((told as { outputs: HostArray }).outputs.shape); // as the program is
          now += weight.shape.reduce((a, b) => a * b) * (runs++ % 5 === 3 ? 100 : 1);
          return told;
        },
      };
    },
  };
  return { engine, clock: { now: () => now }, shapes };
}

test("a network's size and latency are those of its own program, whatever the largest is", async () => {
  const data = await readBundled("wine");
  const hypers = {
    "width.fc1": integer(8, { low: 2, high: 64 }),
    "l2.fc1": real(1e-3, { low: 1e-6, high: 1 }),
  };
  for (const names of [["width.fc1", "l2.fc1"], ["width.fc1"]] as const) {
    const own = Object.fromEntries(names.map((name) => [name, hypers[name]]));
    const task = supervised({ data, network: mlp({ inputs: 13, hidden: [8], outputs: 3 }), hypers: own });
    for (const width of [2, 8, 64]) {
      const values = { "width.fc1": width, ...(names.length > 1 && { "l2.fc1": 1e-3 }) };
      const { engine, clock, shapes } = await timed();
      const options = { engine, clock, batchSize: 16, precision: "float32" } as const;
      const { parameters, latency } = await networkAt(task, values, options);
      expect(parameters).toBe(14 * width + 3 * (width + 1));
      expect(latency).toBeCloseTo((13 * width) / 1000, 9); // the clock counts milliseconds
      expect(new Set(shapes.map(String))).toEqual(new Set(["16,3"]));
      expect(await networkAt(task, values)).toEqual({ parameters });
    }
  }
  const still = supervised({ data, network: mlp({ inputs: 13, hidden: [8], outputs: 3 }), hypers: {} });
  expect(await networkAt(still, {})).toEqual({});
});
