import { expect, test } from "vitest";

import { batchSizeOf } from "./batch-size.ts";
import { parseConfig } from "./config.ts";
import { loadJob } from "../run/job.ts";
import { reproduction } from "./reproduction.ts";

const configOf = (fields: object) => parseConfig(fields, String);

test("an epoch of few images has eight steps, or a network of images takes 32 a step", () => {
  const sizeOf = (rows: number, fields: object = {}) =>
    batchSizeOf(configOf({ model: "simple-cnn", ...fields }), rows);
  expect([36, 511, 512, 1023, 1024, 50_000].map((rows) => sizeOf(rows))).toEqual([32, 32, 64, 64, 128, 128]);
  expect(sizeOf(36, { model: "resnet18" })).toBe(32);
  expect([sizeOf(36, { model: "mlp" }), sizeOf(36, { data: "wine", model: "wide-and-deep" })]).toEqual([
    128, 128,
  ]);
  expect([sizeOf(36, { batchSize: 128 }), sizeOf(36, { batchSize: 5 })]).toEqual([128, 5]);
});

test("a job settles the size of a minibatch before its length and its warm-up, and its command names it", async () => {
  const given = { model: "simple-cnn", width: 0.03, valid: 0.4, test: 0.4, engine: "jax" }; // 359 of the digits train
  const { config } = await loadJob(configOf(given), {});
  expect(config).toMatchObject({ batchSize: 32, epochs: 188, warmupEpochs: 37 }); // 12 steps an epoch
  expect(reproduction(config)).toContain(" --batch-size 32 ");
  const whole = await loadJob(configOf({ ...given, batchSize: 128 }), {});
  expect(whole.config).toMatchObject({ batchSize: 128, epochs: 750 });
  expect(reproduction(whole.config)).toContain(" --batch-size 128 ");
});

test("perceptrons and networks of tables take 128 rows a step, which their command leaves out", async () => {
  const { config } = await loadJob(configOf({ data: "wine", engine: "jax" }), {});
  expect(config).toMatchObject({ batchSize: 128, epochs: 2250 });
  expect(reproduction(config)).not.toContain("--batch-size");
});
