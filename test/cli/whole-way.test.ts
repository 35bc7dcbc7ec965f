import { readFileSync, writeFileSync } from "node:fs";

import * as node from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import type { ModelDocument } from "../../src/artifacts/model-document.ts";
import { randomKey, randomNormal, randomUniform } from "../../src/util/random.ts";
import { call, useFolder } from "./command.ts";

useFolder();
web.env.wasm.numThreads = 1; // more need a server of their own

type Row = Readonly<Record<string, string | number | null>>;

const ROWS = 160;
const TEST = 40;
const z = randomNormal(randomKey(7, "whole way"), 0, 4 * ROWS);
const u = randomUniform(randomKey(7, "whole way"), 1, 4 * ROWS);

/** Skewed numbers, numbers that float32 cannot hold, dates, text with commas, blanks and unusual letters, and gaps. */
const rowOf = (i: number) => {
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => z[4 * i + k] as number) as [number, number, number, number];
  const [p, q, r, s] = [0, 1, 2, 3].map((k) => u[4 * i + k] as number) as [number, number, number, number];
  const known =
    i >= ROWS - TEST
      ? ["Ulm", "Graz, Steiermark", "Zürich", "Nowhere"]
      : ["Ulm", "Graz, Steiermark", "Zürich"];
  const town = known[Math.floor(known.length * p)] as string;
  return {
    signal: a + (town === "Ulm" ? 1 : -0.5) + 0.5 * c + d / 4,
    inputs: {
      age: q < 0.15 ? null : Number((40 + 10 * a).toFixed(2)),
      "fc1.weight": Number(Math.exp(6 + 2 * b).toPrecision(6)),
      stamp: 1_700_000_000_123 + Math.round(1000 * c),
      town: r < 0.15 ? null : town,
      load: `${(10 + 3 * d).toFixed(1)} kg`,
      level: s < 0.5 ? "low" : "high",
      paid: p < 0.5 ? "True" : "False",
      open: `${6 + (i % 9)}:${String(i % 60).padStart(2, "0")}`,
      day: new Date(1.6e12 + Math.round(90 * d) * 86400e3).toISOString().slice(0, 10),
    },
  };
};

const tables: Readonly<
  Record<string, { flags: string[]; target: (signal: number, i: number) => string | number }>
> = {
  "classes by name": {
    flags: ["--task", "classification"],
    target: (s) => (s > 0.8 ? "yes, sure" : s > -0.5 ? "maybe" : "no"),
  },
  "classes that are whole numbers, by squared error": {
    flags: ["--task", "classification", "--loss", "squared-error"],
    target: (s) => (s > 0 ? 10 : -3),
  },
  "a skewed quantity by its logarithm": {
    flags: ["--target-transform", "log", "--dates", "parts"],
    target: (s) => Number(Math.exp(7 + s).toPrecision(7)),
  },
};

const quoted = (cell: string | number | null) =>
  cell === null ? "" : /[,"]/.test(String(cell)) ? `"${cell}"` : String(cell);
const csvOf = (rows: readonly Row[]) =>
  [Object.keys(rows[0] as Row), ...rows.map((row) => Object.values(row))]
    .map((cells) => `${cells.map(quoted).join(",")}\n`)
    .join("");

/** The rows as the tensors that a model asks for; what the columns hold is put into words in `model.json`. */
function feeds(runtime: typeof node | typeof web, { onnx }: ModelDocument, rows: readonly Row[]) {
  const date = (row: Row) => new Date(`${row.day as string}T00:00:00Z`);
  const first = Number(/less (-?[\d.]+),/.exec(JSON.stringify(onnx))?.[1]);
  const computed: Readonly<Record<string, (row: Row) => number | string>> = {
    load: (row) => Number.parseFloat(row.load as string),
    paid: (row) => (row.paid as string).toLowerCase(), // as another program writes it
    open: (row) =>
      (row.open as string).split(":").reduce((hours, part, k) => hours + Number(part) / 60 ** k, 0),
    "day.year": (row) => date(row).getUTCFullYear(),
    "day.month": (row) => date(row).getUTCMonth() + 1,
    "day.weekday": (row) => (date(row).getUTCDay() + 6) % 7,
    "day.elapsed": (row) => date(row).getTime() / 86400e3 - first,
  };
  const tensorOf = (name: string, type: string) => {
    const values = rows.map((row) => computed[name]?.(row) ?? row[name] ?? (type === "string" ? "" : NaN));
    return new runtime.Tensor(type as "string", values as string[], [rows.length, 1]);
  };
  return Object.fromEntries((onnx?.inputs ?? []).map(({ name, type }) => [name, tensorOf(name, type)]));
}

test.each(Object.entries(tables))(
  "%s: model.onnx repeats the run's answers on rows that it never saw, in Node and on the Web's runtime",
  async (_, { flags, target }) => {
    const rows = Array.from({ length: ROWS }, (_, i): Row => {
      const { signal, inputs } = rowOf(i);
      return { ...inputs, y: target(signal, i) };
    });
    const held = rows.slice(-TEST);
    writeFileSync("all.csv", csvOf(rows));
    writeFileSync("held.csv", csvOf(held));
    const tuned = await call(
      "tune",
      "--data",
      "./all.csv",
      "--target",
      "y",
      "--split-by",
      "tail",
      "--test",
      String(TEST),
      "--epochs",
      "8",
      "--batch-size",
      "32",
      "--hidden",
      "8",
      "--no-baseline",
      "--json",
      "--quiet",
      "--keep",
      "stamp",
      "--out",
      "run",
      ...flags,
    );
    expect(tuned.code, tuned.stderr).toBe(0);
    const { best } = JSON.parse(tuned.stdout) as TuneResult;
    const asked = await call("predict", "run", "held.csv", "--json");
    expect(asked.code, asked.stderr).toBe(0);
    const answers = JSON.parse(asked.stdout) as {
      score: { loss: number };
      values: (string | number)[];
      probabilities?: number[][];
    };
    expect(answers.score.loss / (best.test?.loss as number)).toBeCloseTo(1, 6);

    const document = JSON.parse(readFileSync("run/model.json", "utf8")) as ModelDocument;
    const bytes = readFileSync("run/model.onnx");
    for (const runtime of [node, web] as const) {
      const session = await (runtime as typeof node).InferenceSession.create(bytes);
      expect(session.inputNames).toEqual(document.onnx?.inputs.map(({ name }) => name));
      const { prediction, probabilities } = await session.run(feeds(runtime, document, held));
      const values = Array.from(prediction?.data as Iterable<string | number | bigint>);
      if (typeof answers.values[0] === "number") {
        values.forEach((value, i) =>
          expect((value as number) / (answers.values[i] as number)).toBeCloseTo(1, 5),
        );
        continue;
      }
      expect(prediction?.type).toBe(answers.values.includes("10") ? "int64" : "string");
      expect(values.map(String)).toEqual(answers.values);
      const expected = answers.probabilities?.flat() as number[];
      Array.from(probabilities?.data as Float64Array).forEach((p, i) =>
        expect(p).toBeCloseTo(expected[i] as number, 6),
      );
    }
    for (const name of ["classes", "units", "split", "versions", "onnx"] as const)
      if (document[name]) expect(bytes.includes(JSON.stringify(document[name])), name).toBe(true);
  },
);
