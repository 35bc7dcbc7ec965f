import { beforeAll, expect, test } from "vitest";

import { conditioning } from "../../reproductions/delta-stn-2020/conditioning.ts";
import { gateOracle } from "../../reproductions/delta-stn-2020/gate-oracle.ts";
import type { Setting } from "../../reproductions/reproduction.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";

let setting: Setting;
beforeAll(async () => {
  const engine = await onnxEngine({ threads: 1 });
  const signal = new AbortController().signal;
  setting = { scale: "quick", dataDir: "", engine, seed: 5, note: () => {}, signal };
});

test("descent on the response ends as fast as the curvature's condition number says, with centring and without", async () => {
  const { claims, numbers } = await conditioning(setting);
  expect(claims.filter(({ holds }) => !holds)).toEqual([]);
  const measured = numbers.measured as { method: string; lambda: number; condition: number }[];
  const of = (method: string, at: number) =>
    measured.find((point) => point.method === method && point.lambda === at)?.condition;
  // [[1, -3], [-3, 10]] has the eigenvalues (11 ± sqrt 117) / 2
  expect(of("stn", 3)).toBeCloseTo((11 + Math.sqrt(117)) / (11 - Math.sqrt(117)), 1);
  expect(of("delta-stn", 3)).toBeCloseTo(1, 6);
});

test(
  "the gate response learns the gates' derivatives, and λ is tuned to its best",
  { timeout: 120_000 },
  async () => {
    const { claims } = await gateOracle(setting);
    expect(claims.filter(({ holds }) => !holds)).toEqual([]);
    expect(claims).toHaveLength(3);
  },
);
