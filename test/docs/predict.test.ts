import { writeFileSync } from "node:fs";

import { expect, test } from "vitest";

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
