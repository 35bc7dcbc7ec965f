import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { jaxEngine } from "../engine/jax.ts";
import { smallTask } from "../testing/small-task.ts";
import { HostArray } from "../util/host-array.ts";
import { deltaStn } from "./delta-stn.ts";
import { guarded, usualGuard } from "./guard.ts";
import { createRun } from "./run.ts";

const rows = (count: number) => ({
  rows: count,
  fields: {
    y: new HostArray(
      Int32Array.from({ length: count }, (_, i) => i),
      [count],
    ),
  },
});

test("every row is on one side, the guard's share of them, by the seed alone", () => {
  const { seen, guard } = guarded(rows(50), 0.3, 4);
  const [a, b] = [seen, guard].map((part) => Array.from(part?.fields.y?.data ?? []));
  expect([a?.length, b?.length]).toEqual([35, 15]);
  expect([...(a ?? []), ...(b ?? [])].sort((x, y) => x - y)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(guarded(rows(50), 0.3, 4)).toEqual({ seen, guard });
  expect(guarded(rows(50), 0, 4)).toEqual({ seen: rows(50) });
});

test("a guard without rows is refused", () => {
  for (const share of [0.01, 0.99, 1, -1, NaN]) {
    expect(() => guarded(rows(10), share, 0)).toThrow(/^a guard must leave a validation row on either side/);
  }
});

test("rows are kept from the tuner where hyperparameters are more than half of them, but not of fewer than ten", () => {
  const { problem, data } = smallTask();
  const guardOf = (hypers: number, validRows: number) =>
    usualGuard({
      problem: { ...problem, space: { ...problem.space, size: hypers } },
      data: { ...data, valid: rows(validRows) },
    });
  expect([guardOf(20, 40), guardOf(21, 40), guardOf(21, 41)]).toEqual([0, 0.3, 0.3]);
  expect([guardOf(99, 31), guardOf(99, 32)]).toEqual([0, 0.3]); // of nine rows, and of ten
});

/** A run whose guard's rows are as they are, or all set to 0, without which a tuner that never sees them goes on as before. */
async function traceOf(blank: boolean): Promise<TracePoint[]> {
  const task = smallTask();
  const { valid } = task.data;
  const { guard } = guarded(valid, 0.3, 3);
  const kept = new Set(Array.from(guard?.fields.x?.data ?? []));
  const x = valid.fields.x as HostArray;
  const width = x.data.length / valid.rows;
  const changed = x.data.map((value, i) =>
    blank && kept.has(x.data[i - (i % width)] as number) ? 0 : value,
  ) as typeof x.data;
  const data = {
    ...task.data,
    valid: { ...valid, fields: { ...valid.fields, x: new HostArray(changed, x.shape) } },
  };
  const options = { epochs: 6, batchSize: 8, seed: 3, guard: 0.3 };
  const tuner = deltaStn({ warmupEpochs: 0, trainSteps: 1, hyperLearningRate: 0.1 });
  const run = createRun({ ...task, data }, tuner, await jaxEngine(), options, { clock: { now: () => 0 } });
  const trace: TracePoint[] = [];
  for await (const event of run.events()) {
    if (event.kind === "epoch" || event.kind === "start") trace.push(event.trace);
    if (event.kind === "end") {
      const least = Math.min(...trace.map((point) => point.guard?.loss ?? NaN));
      expect(event.best.guard?.loss).toBe(least);
    }
  }
  run.dispose();
  return trace;
}

test("hyperparameter steps never see the guard, the best point is its, and both parts make up the whole", async () => {
  const [plain, blank] = [await traceOf(false), await traceOf(true)];
  const moved = (trace: readonly TracePoint[]) => trace.map(({ hyperparameters }) => hyperparameters);
  expect(moved(blank)).toEqual(moved(plain));
  expect(plain.at(-1)?.hyperparameters).not.toEqual(plain[0]?.hyperparameters);
  expect(blank.at(-1)?.guard?.loss).not.toBe(plain.at(-1)?.guard?.loss);
  expect(blank.at(-1)?.guard?.seen).toBeCloseTo(plain.at(-1)?.guard?.seen as number, 5);
});
