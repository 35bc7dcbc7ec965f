/**
 * Losses, and the map to positive scales, where exponentials overflow: values and derivatives are those of closed forms in float64, on every
 * engine. For activations see src/nn/activation.test.ts.
 */
import { numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { Engine, Program } from "../../src/engine/engine.ts";
import { gradients } from "../../src/engine/transform.ts";
import { positionsKind } from "../../src/nn/kinds/sequence.ts";
import { plainLayers } from "../../src/nn/layer.ts";
import { crossEntropy, gaussianNll, squaredError } from "../../src/nn/loss.ts";
import { softplus } from "../../src/space/transform.ts";
import { hostVector, type HostArray } from "../../src/util/host-array.ts";
import { engines } from "../contracts/engines.ts";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const points = [-1e4, -1e3, -200, -100, -89, -20, -1, 1, 20, 89, 100, 200, 1e3, 1e4];

/** Logits far apart, of both signs; the first is the right class. */
const logits = [
  [1e4, -1e4, 0],
  [-1e4, 1e4, 0],
  [1e4, 1e4, 1e4],
  [-1e4, -1e4, -1e4],
  [100, -100, 50],
];

const forms = Object.values(engines).flatMap((byForm) => Object.entries(byForm));

describe.each(forms)("%s", (_, open) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await open()));

  /** The values of a function, and the derivative of their sum. */
  async function at(f: (x: np.Array) => np.Array, x: readonly number[], precision: "float32" | "float64") {
    const program: Program = (state) => {
      const point = state.x as np.Array;
      const { grads, reported } = gradients((x: np.Array): [np.Array, { values: np.Array }] => {
        const values = f(x);
        return [values.ref.sum(), { values }];
      }, point.ref);
      return [{}, { values: reported.values, slopes: grads[0] }];
    };
    const session = engine.open({ program }, { x: hostVector([...x]) }, precision);
    const { values, slopes } = await session.run("program", {});
    session.dispose();
    return [values, slopes].map((array) => Array.from((array as HostArray).data));
  }

  test("softplus from -1e4 to 1e4", async () => {
    for (const precision of ["float32", "float64"] as const) {
      const [values = [], slopes = []] = await at((x) => softplus.apply(x), points, precision);
      points.forEach((x, i) => {
        expect(values[i], `${precision} at ${x}`).toBeCloseTo(x > 30 ? x : Math.log1p(Math.exp(x)), 5);
        expect(slopes[i], `${precision} at ${x}`).toBeCloseTo(sigmoid(x), 5);
      });
    }
  });

  test("cross-entropy of logits of 1e4", async () => {
    const rows = logits.length;
    const f = (z: np.Array) => crossEntropy(z.reshape([rows, 3]), np.zeros([rows], { dtype: np.int32 }));
    const [values, slopes] = await at(f, logits.flat(), "float32");
    const soft = logits.map((row) => {
      const top = Math.max(...row);
      const powers = row.map((z) => Math.exp(z - top));
      const total = powers.reduce((a, b) => a + b);
      return { loss: top + Math.log(total) - (row[0] as number), shares: powers.map((p) => p / total) };
    });
    soft.forEach(({ loss, shares }, i) => {
      expect((values as number[])[i]).toBeCloseTo(loss, loss > 100 ? 1 : 5);
      shares.forEach((share, k) =>
        expect((slopes as number[])[3 * i + k]).toBeCloseTo(share - (k === 0 ? 1 : 0), 5),
      );
    });
  });

  test("squared error and a Gaussian's at differences of 1e4, and at none", async () => {
    const differences = [-1e4, 0, 1e4];
    const zeros = () => np.zeros([3, 1]);
    const [values, slopes] = await at(
      (f) => squaredError(f.reshape([3, 1]), zeros()),
      differences,
      "float32",
    );
    expect(values).toEqual([1e8, 0, 1e8]);
    expect(slopes).toEqual([-2e4, 0, 2e4]);
    const [narrow, steep] = await at(
      (f) => gaussianNll(f.reshape([3, 1]), zeros(), 1e-4),
      differences,
      "float32",
    );
    differences.forEach((d, i) => {
      expect((narrow as number[])[i]).toBeCloseTo(
        (d * d) / 2e-4 + 0.5 * Math.log(2 * Math.PI * 1e-4),
        d ? -6 : 5,
      );
      expect((steep as number[])[i]).toBeCloseTo(d / 1e-4, d ? -2 : 5);
    });
  });

  test("what is not finite stays at its own position where positions are added", async () => {
    const step = positionsKind.step(
      [2, 2],
      {},
      {
        ...{ name: "at", title: "positions", outputs: 1, perStep: false },
        ...{ inside: () => [], layers: [] },
      },
    );
    const apply = (x: np.Array) => {
      const at = { weight: np.array([1, 2, 3, 4], { dtype: x.dtype }) };
      return step.apply(x.reshape([1, 2, 2]), plainLayers({ at }), (_, value) => value);
    };
    for (const odd of [NaN, Infinity]) {
      const [values, slopes] = await at(apply, [odd, 1, 1, 1], "float32");
      expect(values).toEqual([odd, 3, 4, 5]);
      expect(slopes).toEqual([1, 1, 1, 1]);
    }
  });
});
