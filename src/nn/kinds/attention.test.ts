import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { randomKey, randomNormal } from "../../util/random.ts";
import { plainLayers } from "../layer.ts";
import { stepOf } from "../sequential.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const [STEPS, FEATURES, HEADS] = [4, 6, 2];
const WIDTH = FEATURES / HEADS;
const drawn = (name: string, length: number) => Array.from(randomNormal(randomKey(4, name), 0, length));
const matrix = (name: string) => drawn(name, FEATURES * FEATURES);
const weights: Readonly<Record<string, number[]>> = Object.fromEntries(
  ["query", "key", "value", "output"].map((part) => [part, matrix(part)]),
);
const x = drawn("x", STEPS * FEATURES);

/** y[step][o] = Σ_i x[step][i] W[i][o]. */
const product = (rows: number[][], w: number[]) =>
  rows.map((row) =>
    Array.from({ length: FEATURES }, (_, o) =>
      row.reduce((sum, value, i) => sum + value * (w[i * FEATURES + o] as number), 0),
    ),
  );

/** Attention from its definition, one step after the other; a step sees those for which `sees` holds. */
function attended(sees: (step: number, other: number) => boolean): number[] {
  const rows = Array.from({ length: STEPS }, (_, t) => x.slice(t * FEATURES, (t + 1) * FEATURES));
  const [q, k, v] = ["query", "key", "value"].map((part) => product(rows, weights[part] as number[])) as [
    number[][],
    number[][],
    number[][],
  ];
  const heard = rows.map((_, t) =>
    Array.from({ length: FEATURES }, (_, o) => {
      const head = Math.floor(o / WIDTH) * WIDTH;
      const scores = rows.map((_, s) => {
        const own = (array: number[][], step: number) => (array[step] as number[]).slice(head, head + WIDTH);
        const inner = own(q, t).reduce((sum, value, i) => sum + value * (own(k, s)[i] as number), 0);
        return sees(t, s) ? Math.exp(inner / Math.sqrt(WIDTH)) : 0;
      });
      const total = scores.reduce((a, b) => a + b);
      return scores.reduce((sum, share, s) => sum + (share / total) * ((v[s] as number[])[o] as number), 0);
    }),
  );
  return product(heard, weights.output as number[]).flat();
}

test.each([
  ["all steps", false, () => true],
  ["the steps before it, if it is causal", true, (step: number, other: number) => other <= step],
] as const)("a step attends to %s, by its definition", (_, causal, sees) => {
  const f64 = (values: number[], shape: number[]) =>
    np.array(Float64Array.from(values), { shape, dtype: np.float64 });
  const step = stepOf({ layer: "attention", heads: HEADS, causal }, [STEPS, FEATURES]);
  const params = Object.fromEntries(
    Object.entries(weights).map(([part, w]) => [
      `attention1-${part}`,
      { weight: f64(w, [FEATURES, FEATURES]), bias: f64(Array(FEATURES).fill(0), [FEATURES]) },
    ]),
  );
  const y = step.apply(f64(x, [1, STEPS, FEATURES]), plainLayers(params), (_, z) => z).dataSync();
  attended(sees).forEach((expected, i) => expect(y[i]).toBeCloseTo(expected, 10));
});
