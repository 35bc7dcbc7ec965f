import { expect, test } from "vitest";

import { sentencesOn } from "../../report/warnings.ts";
import { parseConfig } from "../config/config.ts";
import { loadJob } from "./job.ts";

test("a restart that was asked for of a run with too few evaluations for one is told", async () => {
  const warnings = async (config: object) => {
    const plain = { data: "wine", model: "mlp", hidden: [2], engine: "jax" };
    const { named } = await loadJob(parseConfig({ ...plain, ...config }, String), {});
    return sentencesOn("options", named.warnings);
  };
  expect(await warnings({ restart: "auto", epochs: 8 })).toEqual([
    "--restart auto begins no training anew in a run of fewer than 9 evaluations, but this one has 8; give it --epochs 9 or more",
  ]);
  expect(await warnings({ restart: "auto", epochs: 26, evaluateEvery: 3 })).toEqual([
    expect.stringMatching(/ has 8; give it --epochs 27 or more$/),
  ]);
  for (const config of [
    { restart: "auto", epochs: 9 },
    { restart: "never", epochs: 8 },
    { epochs: 8 },
    { restart: "auto" },
  ])
    expect(await warnings(config), JSON.stringify(config)).toEqual([]);
});
