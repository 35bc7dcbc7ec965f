import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test, vi } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "../cli/command.ts";
import { runExample } from "./example.ts";

useFolder();

test("ask and tell: what is in use is tried first, and something better is found where it is", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue(undefined);
  await import("../../examples/ask-and-tell.ts");
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines[0]).toBe("today 0.500"); // 1 - 0.2 - 0.2 - 0.1
  const [, best, values] = /^best ([\d.]+) at (\{.*\})$/.exec(lines[1] as string) as unknown as string[];
  expect(Number(best)).toBeGreaterThan(0.95);
  expect(JSON.parse(values as string)).toMatchObject({ kind: "tanh", layers: 2 });
});

test("csv: a table is trained on in the library, and the command line answers from the folder alike", async () => {
  const rows = Array.from(
    { length: 80 },
    (_, i) => `${20 + (i % 50)},${i % 3 ? "Ulm" : ""},${1000.5 + 20 * (i % 50)}`,
  );
  writeFileSync("people.csv", ["age,town,income", ...rows].join("\n"));
  writeFileSync("new.csv", "town,age\nUlm,31\nGraz,58\n,\n");
  const values = JSON.parse(runExample("csv.ts", ".")) as number[];
  expect(values).toHaveLength(3);
  const { stdout } = await call("predict", "my-model", "new.csv", "--json");
  const asked = (JSON.parse(stdout) as { values: number[] }).values;
  values.forEach((value, i) => expect(value / (asked[i] as number)).toBeCloseTo(1, 5));
});

test("resume: a run that was stopped ends where one that was not ends", () => {
  const print = (...argv: string[]) => JSON.parse(runExample("resume.ts", ...(argv as [string]))) as object;
  mkdirSync("stopped");
  mkdirSync("whole");
  expect(print("stopped")).toMatchObject({ reason: "interrupted", epoch: 4 });
  const whole = print("whole", "11");
  expect(whole).toMatchObject({ reason: "epochs", epoch: 10 });
  expect(print("stopped")).toEqual(whole);
});

test("lstm: an LSTM of one's own learns its sentences", async () => {
  const file = fileURLToPath(new URL("../../examples/lstm.ts", import.meta.url));
  const training = ["--epochs", "3", "--batch-size", "16", "--optimizer", "adam", "--lr", "0.01"];
  const { code, stdout, stderr } = await call(
    "tune",
    file,
    ...training,
    "--no-baseline",
    "--out",
    "run",
    "--json",
  );
  expect(code, stderr).toBe(0);
  const { best } = JSON.parse(stdout) as TuneResult;
  expect(Object.keys(best.hyperparameters)).toEqual(["dropout.lstm", "l2"]);
  expect(best.valid.loss).toBeLessThan(1); // of 2.3 with ten words
  expect(best.valid.metric?.name).toBe("perplexity");
});
