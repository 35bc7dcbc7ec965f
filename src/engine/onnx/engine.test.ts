import type { Worker } from "node:worker_threads";

import type { numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";

import { hostScalar, hostVector } from "../../util/host-array.ts";
import type { NoArrays, Program } from "../engine.ts";
import { compileStages, type Compilation } from "./compilation.ts";
import { onnxEngine } from "./engine.ts";

const double: Program<{ x: np.Array }, NoArrays, { y: np.Array }> = ({ x }) => [{}, { y: x.mul(2) }];

test("a worker that has died is replaced for the next session, of an old engine as well", async () => {
  const started: Worker[] = [];
  const watch = (worker: Worker) => void started.push(worker);
  process.on("worker", watch);
  const engine = await onnxEngine();
  const opened = () => engine.open({ double }, { x: hostScalar(21) }, "float32");
  const answer = async (session: ReturnType<typeof opened>) => (await session.run("double", {})).y.data[0];
  const first = opened();
  expect(await answer(first)).toBe(42);
  await started[0]?.terminate();
  await expect(answer(first)).rejects.toThrow("worker thread of onnxruntime ended");
  expect(await answer(opened())).toBe(42);
  await started[1]?.terminate();
  await onnxEngine();
  expect(await answer(opened())).toBe(42);
  process.off("worker", watch);
  expect(started.length).toBe(3);
});

/** Time goes on whenever it is looked at. */
class Counter {
  #looks = 0;
  now(): number {
    return this.#looks++;
  }
}

test("compilations are timed by a clock with a state of its own", async () => {
  const told: Compilation[] = [];
  const tell = (compilation: Compilation) => void told.push(compilation);
  const engine = await onnxEngine({ watch: { clock: new Counter(), tell } });
  const session = engine.open({ double }, { x: hostScalar(21) }, "float32");
  expect((await session.run("double", {})).y.data[0]).toBe(42);
  session.dispose();
  expect(told.map(({ program }) => program)).toEqual(["double"]);
  expect(told.flatMap(({ stages }) => compileStages.map((stage) => stages[stage] > 0))).toEqual(
    compileStages.map(() => true),
  );
});

test("a part of the state that is replaced in its place is read before that through its views as well", async () => {
  const advance: Program<{ x: np.Array }, NoArrays, { difference: np.Array }> = ({ x }) => {
    const row = x.ref.reshape([1, 3]);
    const next = x.sub(row.ref.sum());
    const difference = next.ref.reshape([1, 3]).sub(row);
    return [{ x: next }, { difference }];
  };
  const x = hostVector(Float64Array.of(1, 2, 3));
  const session = (await onnxEngine()).open({ advance }, { x }, "float64");
  const { difference } = await session.run("advance", {});
  expect([...difference.data]).toEqual([-6, -6, -6]);
  session.dispose();
});

test("results belong to whoever asked: later runs leave them alone", async () => {
  const advance: Program<{ x: np.Array }, NoArrays, { before: np.Array; after: np.Array }> = ({ x }) => {
    const next = x.ref.mul(3);
    return [{ x: next.ref }, { before: x, after: next }];
  };
  const session = (await onnxEngine()).open({ advance }, { x: hostVector([1, 2]) }, "float32");
  const runs = [await session.run("advance", {}), await session.run("advance", {})];
  const { x } = await session.read();
  expect(runs.map(({ before, after }) => [[...before.data], [...after.data]])).toEqual([
    [
      [1, 2],
      [3, 6],
    ],
    [
      [3, 6],
      [9, 18],
    ],
  ]);
  expect([...(x as (typeof runs)[0]["after"]).data]).toEqual([9, 18]);
  session.dispose();
});
