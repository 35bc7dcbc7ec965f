import { defaultDevice, init, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { Engine, Program } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { channelBlock } from "../../src/engine/onnx/blocked-probe.ts";
import { compile, lower, optimize } from "../../src/engine/onnx/compile.ts";
import type { Graph } from "../../src/engine/onnx/graph.ts";
import type { Value } from "../../src/engine/onnx/value.ts";
import { onnxEngine } from "../../src/engine/onnx/index.ts";
import { overwriting, type Replacement } from "../../src/engine/onnx/overwriting.ts";
import { awaitReaders } from "../../src/engine/onnx/passes/await-readers.ts";
import { trace, type Traceable } from "../../src/engine/onnx/trace.ts";
import { HostArray, sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { gradientsOf, type Numeric } from "./derivatives.ts";
import { evaluate, runJax, runOnnx, type Sample } from "./run.ts";

const sampled = (shape: readonly number[], k: number): Sample => ({
  dtype: "float32",
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(3 * i + 5 * k + 1) / 8)),
});

/** A step of gradient descent with momentum for two layers: the gradient goes back through the second on its way to the first. */
const step: Traceable = (x, u, w, m, n, rate) => {
  const loss: Numeric = (first, second) =>
    np.square(np.matmul(np.tanh(np.matmul(x.ref, first)), second)).sum();
  const [gu, gw] = gradientsOf(loss, 0, 1)(u.ref, w.ref) as [np.Array, np.Array];
  const [mu, mw] = [m.mul(0.9).add(gu), n.mul(0.9).add(gw)];
  return [u.sub(mu.ref.mul(rate.ref)), w.sub(mw.ref.mul(rate)), mu, mw];
};
const shapes = [[4, 300], [300, 1024], [1024, 512], [300, 1024], [1024, 512], []];
const samples = [
  ...shapes.slice(0, -1).map(sampled),
  { dtype: "float32", shape: [], data: [0.001] } as const,
];

/** The weights and momenta that a graph's results replace. */
const replacedIn = ({ inputs, outputs }: Graph): Replacement[] =>
  outputs.map((result, i) => [result, inputs[i + 1] as Value]);

/** The graph of a step, and that in which weights wait for their readers. */
function graphs(): [before: Graph, after: Graph] {
  const before = optimize(trace(step, samples));
  return [before, awaitReaders(before, replacedIn(before))];
}

/** For each of the two weights and momenta whether it may be written over what it was before. */
const overwritten = (graph: Graph) => overwriting(graph, replacedIn(graph));

beforeAll(async () => {
  await init("cpu", "wasm");
});

const block = await channelBlock(evaluate);

describe("weights through which a gradient goes back", () => {
  test("are written over once it has, and only then", () => {
    const [before, after] = graphs();
    expect(overwritten(before)).toEqual([true, false, true, true]);
    expect(overwritten(after)).toEqual([true, true, true, true]);
  });

  test("are the same", async () => {
    const [, after] = graphs();
    const expected = await runJax(step, samples, "wasm");
    expectClose(await runOnnx(lower(after), samples), expected, 100, "in onnx's operators");
    expectClose(await runOnnx(lower(after, { channelBlock: block }), samples), expected, 100, "in blocks");
  });

  test.skipIf(block === undefined)(
    "take one pass and no memory besides their own, where there is an operator for it",
    () => {
      const { nodes } = compile(step, samples, { channelBlock: block }).model;
      const by = (operator: string) => nodes.filter((node) => node.operator === operator);
      expect(by("com.microsoft.nchwc.Conv").length).toBe(2);
      const results = by("Sub").flatMap(({ outputs }) => outputs.filter((name) => name.startsWith("out")));
      expect(results).toEqual([]);
    },
  );
});

test("both engines train alike where weights are written over", async () => {
  const [x, u, w, m, n] = samples.map(({ data, shape }) => new HostArray(Float32Array.from(data), shape));
  const state = { u, w, m, n } as Record<string, HostArray>;
  /** With a convolution, so that the engine has its own operators. */
  const program: Program = (at, { x, rate, images }) => {
    const [u, w, m, n] = step(...([x, at.u, at.w, at.m, at.n, rate] as np.Array[])) as np.Array[];
    const seen = lax.conv(images as np.Array, np.ones([16, 16, 1, 1]), [1, 1], "SAME").sum();
    return [{ u, w, m, n } as Record<string, np.Array>, { seen }];
  };
  const images = new HostArray(new Float32Array(16 * 4).fill(0.5), [1, 16, 2, 2]);
  const inputs = { x: x as HostArray, rate: new HostArray(Float32Array.of(0.001), []), images };
  const trained = async (engine: Engine) => {
    const session = engine.open({ step: program }, state, "float32");
    for (let i = 0; i < 3; i++) await session.run("step", inputs);
    const parts = (await session.read(["u", "w"])) as Record<string, HostArray>;
    session.dispose();
    return Object.values(parts).map(({ data, shape }): Sample => ({
      dtype: "float32",
      shape,
      data: [...data],
    }));
  };
  const own = await trained(await onnxEngine());
  defaultDevice("wasm");
  expectClose(own, await trained(await jaxEngine()), 10, "after three steps");
});
