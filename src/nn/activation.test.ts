import type { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";

import type { ArrayTree, Engine, Program } from "../engine/engine.ts";
import { jaxEngine } from "../engine/jax.ts";
import { onnxEngine } from "../engine/onnx/engine.ts";
import { gradient } from "../engine/transform.ts";
import { hostVector, type HostArray } from "../util/host-array.ts";
import { activationNames, activations, type ActivationName } from "./activation.ts";

const points = [-1e4, -200, -90, -20, -3, -1, -0.1, 0.1, 1, 3, 20, 90, 200, 1e4];

/** Values and derivatives, from the definitions; Φ(x) and φ(x) of gelu by the tails' series of `erf` below. */
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const truths: Readonly<Record<ActivationName, readonly [(x: number) => number, (x: number) => number]>> = {
  relu: [(x) => Math.max(x, 0), (x) => Number(x > 0)],
  tanh: [Math.tanh, (x) => 1 / Math.cosh(x) ** 2],
  gelu: [
    (x) => x * normalCdf(x),
    (x) => normalCdf(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  ],
  sigmoid: [sigmoid, (x) => sigmoid(x) * sigmoid(-x)],
  silu: [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * sigmoid(-x))],
  identity: [(x) => x, () => 1],
};

/** Φ by Simpson's rule on the density from 0. */
function normalCdf(x: number): number {
  const [end, steps] = [Math.max(-40, Math.min(40, x)), 40_000];
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const h = end / steps;
  let sum = density(0) + density(end);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 0 ? 2 : 4);
  return 0.5 + (sum * h) / 3;
}

describe.each<[string, () => Promise<Engine>]>([
  ["jax", jaxEngine],
  ["onnx", onnxEngine],
])("in float32 on the engine %s", (_, makeEngine) => {
  test.each(activationNames)("%s and its derivative are right and finite far out as well", async (name) => {
    const apply: Program = (state) => {
      const x = state.x as np.Array;
      const slopes = gradient((at: ArrayTree) => activations[name](at as np.Array).sum(), x.ref as ArrayTree);
      return [{}, { values: activations[name](x), slopes }];
    };
    const session = (await makeEngine()).open({ apply }, { x: hostVector(points) }, "float32");
    const { values, slopes } = (await session.run("apply", {})) as Record<string, HostArray>;
    session.dispose();
    const [value, slope] = truths[name];
    points.forEach((x, i) => {
      expect(values?.data[i], `${name}(${x})`).toBeCloseTo(value(x), Math.abs(x) > 10 ? 2 : 4);
      expect(slopes?.data[i], `${name}'(${x})`).toBeCloseTo(slope(x), 3);
    });
  });
});
