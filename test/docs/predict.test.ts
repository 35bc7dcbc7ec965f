import { mkdirSync, writeFileSync } from "node:fs";

import sharp from "sharp";
import { expect, test } from "vitest";

import type { ScoredClasses } from "../../src/artifacts/image-model.ts";
import { call, useFolder } from "../cli/command.ts";
import { runExample } from "./example.ts";

useFolder();

test("examples/predict.ts answers as hypertrain predict does", async () => {
  const rows = Array.from(
    { length: 80 },
    (_, i) => `${20 + (i % 50)},${i % 3 ? "Ulm" : "Graz"},${1000 + 20 * (i % 50)}`,
  );
  writeFileSync("people.csv", ["age,town,income", ...rows].join("\n"));
  const flags = ["--task", "regression", "--epochs", "2", "--hidden", "4", "--no-baseline", "--quiet"];
  expect(
    (await call("tune", "--data", "./people.csv", "--target", "income", ...flags, "--out", "my-run")).code,
  ).toBe(0);
  const printed = runExample("predict.ts", ".", "my-run");
  const { values } = JSON.parse(printed) as { values: number[] };
  writeFileSync("new.csv", "town,age\nUlm,31\nGraz,58\nNowhere,\n");
  const asked = await call("predict", "my-run", "new.csv", "--json");
  const expected = (JSON.parse(asked.stdout) as { values: number[] }).values;
  values.forEach((value, i) => expect(value / (expected[i] as number)).toBeCloseTo(1, 5));
  expect(values).toHaveLength(3);
});

test("examples/predict-images.ts answers as hypertrain predict does", async () => {
  for (const [label, name] of ["dark", "light"].entries()) {
    mkdirSync(`photos/${name}`, { recursive: true });
    for (let i = 0; i < 12; i++) {
      const background = { r: 90 * label + 5 * i, g: 90 * label + 7 * i, b: 3 * i };
      const create = { width: 4, height: 4, channels: 3, background } as const;
      await sharp({ create }).png().toFile(`photos/${name}/${i}.png`);
    }
  }
  const flags = ["--epochs", "2", "--hidden", "4", "--no-baseline", "--quiet"];
  expect((await call("tune", "--data", "./photos", ...flags, "--out", "my-run")).code).toBe(0);
  const printed = JSON.parse(runExample("predict-images.ts", ".", "my-run", "photos")) as ScoredClasses;
  const { stdout } = await call("predict", "my-run", "photos", "--json");
  const asked = JSON.parse(stdout) as ScoredClasses;
  expect(printed.values).toEqual(asked.values);
  expect(printed.score?.loss).toBeCloseTo(asked.score?.loss as number, 5);
});
