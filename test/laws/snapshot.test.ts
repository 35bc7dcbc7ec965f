import { describe, expect, test } from "vitest";

import {
  createRun,
  deltaStn,
  fixed,
  jaxEngine,
  loadSnapshot,
  saveSnapshot,
  type Snapshot,
  type Tuner,
} from "hypertrain";
import { onnxEngine } from "hypertrain/onnx";

import { flattened, leavesOf, type HostTree } from "../../src/util/host-array.ts";
import { taskFor } from "../contracts/tuners.ts";

const engines = { jax: () => jaxEngine(), onnx: () => onnxEngine() };
const options = { epochs: 3, batchSize: 7, seed: 11 } as const;

async function openRun(
  engine: keyof typeof engines,
  from?: Snapshot,
  tuner: Tuner = deltaStn({ warmupEpochs: 0 }),
) {
  return createRun(
    taskFor(tuner),
    tuner,
    await engines[engine](),
    options,
    { clock: { now: () => 0 } },
    from,
  );
}

async function ended(engine: keyof typeof engines) {
  const run = await openRun(engine);
  const seen: { loss: number; weights: HostTree }[] = [];
  for await (const event of run.events()) {
    if (event.kind === "start" || event.kind === "epoch")
      seen.push({ loss: event.trace.valid.loss, weights: await run.weights() });
  }
  return { run, seen, snapshot: await run.snapshot() };
}

describe.each(["jax", "onnx"] as const)("on %s", (engine) => {
  test("what JSON, structuredClone or another run made of a snapshot is refused before the first step", async () => {
    const { run, snapshot } = await ended(engine);
    const { params: _, ...lacking } = snapshot.state;
    const others: [unknown, RegExp][] = [
      [
        JSON.parse(JSON.stringify(snapshot)),
        /HostArray at every leaf, but state\..+ is none; JSON and structuredClone/,
      ],
      [structuredClone(snapshot), /JSON and structuredClone lose arrays/],
      [{ state: snapshot.state }, /must say in its progress where the run stands/],
      [{ ...snapshot, state: {} as object, progress: { step: 3 } }, /must say in its progress/],
      [null, /must say in its progress|HostArray/],
      [
        { ...snapshot, state: { ...lacking, params: snapshot.state.hypers } },
        /same problem, method and options/,
      ],
      [
        { ...snapshot, state: { ...snapshot.state, more: snapshot.state.hypers } },
        /array more has .* no array/,
      ],
    ];
    for (const [from, sentence] of others)
      await expect(openRun(engine, from as Snapshot)).rejects.toThrow(sentence);
    for (const lost of Object.keys(snapshot.state)) {
      const { [lost]: _part, ...state } = snapshot.state;
      await expect(openRun(engine, { ...snapshot, state }), lost).rejects.toThrow(
        `but it has no "${lost}", from which`,
      );
    }
    await expect(openRun(engine, snapshot, fixed())).rejects.toThrow(/same problem, method and options/);
    run.dispose();
  });

  test("a saved snapshot is the same after loading", async () => {
    const { run, snapshot } = await ended(engine);
    const loaded = loadSnapshot(saveSnapshot(snapshot));
    expect(loaded).toEqual(snapshot);
    const again = await openRun(engine, loaded);
    expect(flattened(await again.weights("best"))).toEqual(flattened(await run.weights("best")));
    again.dispose();
    run.dispose();
  });

  test('weights("best") are those of the lowest validation loss', async () => {
    const { run, seen } = await ended(engine);
    const [best] = seen.toSorted((a, b) => a.loss - b.loss);
    const kept = flattened((best as { weights: HostTree }).weights);
    expect(flattened(await run.weights("best"))).toEqual(kept);
    run.dispose();
    expect(flattened(await run.weights("best"))).toEqual(kept);
    await expect(run.weights("last")).rejects.toThrow(/create it again/);
  });
});

test("every changed byte of a saved snapshot is told of", async () => {
  const { run, snapshot } = await ended("onnx");
  run.dispose();
  const bytes = saveSnapshot(snapshot);
  const silent = Array.from({ length: 300 }, (_, i) => Math.floor((i * bytes.length) / 300)).filter((at) => {
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    try {
      return loadSnapshot(changed) !== undefined;
    } catch (error) {
      return (error as Error).name !== "HypertrainError";
    }
  });
  expect(silent).toEqual([]);
});

test("names in a file of tensors reach no prototype", async () => {
  const { run, snapshot } = await ended("onnx");
  run.dispose();
  const [, leaf] = leavesOf(snapshot.state)[0] as [string, HostTree];
  const evil = Object.fromEntries([
    ["__proto__", { polluted: leaf }],
    ["constructor", { prototype: { polluted: leaf } }],
  ]);
  const loaded = loadSnapshot(saveSnapshot({ ...snapshot, state: evil }));
  expect("polluted" in {}).toBe(false);
  expect(Object.keys(loaded.state)).toEqual(["__proto__", "constructor"]);
  expect(Object.getPrototypeOf(loaded.state)).toBe(Object.prototype);
});
