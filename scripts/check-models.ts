/**
 * Trains on each table, then asks the model for the rows that it never saw: by `hypertrain predict`, `model.onnx` in onnxruntime, and `loadModel`
 * on the native engine and on `jax`. Prints how far loss, metric and measures lie from those of the run's own test part, in units of their
 * sixth digit: the most of them. Exits with 1 where that is more than half a unit, so that six digits are not the same, but for `jax`, whose
 * logarithm is coarse (docs/jax-js-faults.md).
 *
 *     node scripts/check-models.ts TABLE.csv:TARGET [...]
 *     node scripts/check-models.ts                          the sets that come with the package
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

import * as ort from "onnxruntime-node";

import type { Score } from "../src/api/trace.ts";
import type { TuneResult } from "../src/api/result.ts";
import { loadModel } from "../src/artifacts/load-model.ts";
import type { ModelDocument } from "../src/artifacts/model-document.ts";
import { parseCsv } from "../src/data/csv.ts";
import { textOf } from "../src/data/column-values.ts";
import { encodeTarget } from "../src/data/encode-target.ts";
import { columnTypesOf, type TableEncoding } from "../src/data/table-encoding.ts";
import { takeTableRows } from "../src/data/table-rows.ts";
import type { Column, Table } from "../src/data/table.ts";
import { jaxEngine } from "../src/engine/jax.ts";
import type { Engine } from "../src/engine/engine.ts";
import { onnxEngine } from "../src/engine/onnx/index.ts";
import { measuresOf } from "../src/problem/metrics.ts";

const cli = (...argv: readonly string[]) =>
  execFileSync(process.execPath, ["bin/hypertrain.js", ...argv, "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

/** The first line and the last `rows` lines of a file, as they stand there. */
function linesOf(path: string, rows: number): string {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return [lines[0], ...lines.slice(-rows)].join("\n");
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** Loss, metric and measures from answers in the target's own terms. */
function scoresOf(
  { target }: TableEncoding,
  held: Table,
  values: readonly number[],
  probabilities: readonly (readonly number[])[],
): Scores {
  const y = Array.from(encodeTarget({ target }, held).data);
  if (target.kind === "classes") {
    const confusion = target.classes.map(() => target.classes.map(() => 0));
    y.forEach((k, i) => {
      const row = probabilities[i] as readonly number[];
      const counts = confusion[k] as number[];
      const first = row.indexOf(Math.max(...row));
      counts[first] = (counts[first] as number) + 1;
    });
    const found = confusion.reduce((sum, row, k) => sum + (row[k] as number), 0);
    const loss = mean(y.map((k, i) => -Math.log(probabilities[i]?.[k] as number)));
    return { loss, accuracy: found / y.length, ...measuresOf(confusion) };
  }
  const truth = y.map((t) => t * target.sd + target.mean);
  const errors = truth.map((t, i) => (values[i] as number) - t);
  const middle = mean(truth);
  const square = mean(errors.map((e) => e * e));
  return {
    loss: square / target.sd ** 2,
    R2: 1 - square / mean(truth.map((t) => (t - middle) ** 2)),
    MAE: mean(errors.map(Math.abs)),
    RMSE: Math.sqrt(square),
  };
}

type Scores = Readonly<Record<string, number>>;

const flat = ({ loss, metric, measures }: Score): Scores => ({
  loss,
  ...(metric && { [metric.name]: metric.value }),
  ...measures,
});

/** The largest difference of a score from the run's, in units of the sixth digit of that. */
const worstOf = (expected: Scores, found: Scores): number =>
  Math.max(
    ...Object.entries(expected).map(([name, value]) => {
      const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 5);
      return value === found[name] ? 0 : Math.abs((found[name] as number) - value) / unit;
    }),
  );

/** The bundled sets as tables with names of columns, `FILE:TARGET` each. */
function bundledTables(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "bundled-"));
  const linesOf = (text: string) => text.trimEnd().split(/\r?\n/);
  const unpacked = (file: string) => linesOf(gunzipSync(readFileSync(`data/${file}`)).toString());
  const progression = unpacked("diabetes_target.csv.gz");
  const tables = {
    digits: [
      [...Array.from({ length: 64 }, (_, i) => `pixel${i}`), "label"].join(","),
      ...unpacked("digits.csv.gz"),
    ],
    wine: [
      [...Array.from({ length: 13 }, (_, i) => `x${i}`), "label"].join(","),
      ...linesOf(readFileSync("data/wine_data.csv", "utf8")).slice(1),
    ],
    diabetes: [
      [...Array.from({ length: 10 }, (_, i) => `x${i}`), "label"].join(","),
      ...unpacked("diabetes_data_raw.csv.gz").map((line, i) =>
        [...line.trim().split(/\s+/), Number(progression[i])].join(","),
      ),
    ],
  };
  return Object.entries(tables).map(([name, lines]) => {
    const path = join(folder, `${name}.csv`);
    // Files that are sorted by class would leave one of them to the test part.
    const [header = "", ...rows] = lines;
    const mixed = rows.map((_, i) => rows[(i * 97) % rows.length] as string); // 97 divides none of the three
    writeFileSync(path, [header, ...mixed].join("\n"));
    return `${path}:label`;
  });
}

/** The rows as a model of images asks for them: their pixels in one. */
function pixelsOf({ columns }: TableEncoding, held: Table): ort.Tensor {
  const found = columns.map(({ name }) => held.columns.find((column) => column.name === name) as Column);
  const data = Float32Array.from({ length: held.rows * found.length }, (_, i) =>
    Number(found[i % found.length]?.values[Math.floor(i / found.length)]),
  );
  return new ort.Tensor("float32", data, [held.rows, found.length]);
}

let wrong = false;
const given = process.argv.length > 2 ? process.argv.slice(2) : bundledTables();
for (const table of given) wrong = (await isOff(table)) || wrong;
process.exitCode = wrong ? 1 : 0;

/** Whether a way to ask the model of a table answers otherwise than the run did. */
async function isOff(given: string): Promise<boolean> {
  const [path, target] = given.split(":") as [string, string];
  const folder = mkdtempSync(join(tmpdir(), "check-models-"));
  const table = parseCsv(readFileSync(path), { name: path });
  const test = Math.round(table.rows / 5);
  const run = join(folder, "run");
  const flags = [
    "--target",
    target,
    "--split-by",
    "tail",
    "--test",
    String(test),
    "--epochs",
    "10",
    "--hidden",
    "32",
    "--no-baseline",
    "--threads",
    "1",
  ];
  const { best } = JSON.parse(cli("tune", "--data", path, ...flags, "--out", run)) as TuneResult;
  const document = JSON.parse(readFileSync(join(run, "model.json"), "utf8")) as ModelDocument;
  const encoding = document.encoding as TableEncoding;
  const whole = parseCsv(readFileSync(path), { name: path, types: columnTypesOf(encoding) });
  const held = takeTableRows(
    whole,
    Uint32Array.from({ length: test }, (_, i) => table.rows - test + i),
  );
  const file = join(folder, "held.csv");
  writeFileSync(file, linesOf(path, test));
  const answers = JSON.parse(cli("predict", run, file)) as {
    score: Score;
    values: number[];
    probabilities?: number[][];
  };

  const session = await ort.InferenceSession.create(readFileSync(join(run, "model.onnx")));
  const feeds = (document.onnx?.inputs ?? []).map(({ name, type }) => {
    if (document.pixels) return [name, pixelsOf(encoding, held)];
    const column = held.columns.find((found) => found.name === name) as Column;
    const data =
      type === "string"
        ? textOf(column).map((text) => text ?? "")
        : Array.from(column.values as Float64Array);
    return [name, new ort.Tensor(type as "string", data as string[], [held.rows, 1])];
  });
  const { prediction, probabilities } = await session.run(
    Object.fromEntries(feeds) as Record<string, ort.Tensor>,
  );
  const width = document.classes?.length ?? 0;
  const rows = Array.from({ length: width && held.rows }, (_, i) =>
    Array.from((probabilities?.data as Float64Array).subarray(i * width, (i + 1) * width)),
  );
  const byLibrary = async (engine: Engine): Promise<Scores> => {
    const model = await loadModel(run, engine, "table");
    const score = await model.score(held);
    model.dispose();
    return flat(score);
  };
  const expected = flat(best.test as Score);
  const ways = {
    predict: flat(answers.score),
    "model.onnx": scoresOf(encoding, held, Array.from(prediction?.data as Float64Array, Number), rows),
    loadModel: await byLibrary(await onnxEngine()),
    jax: await byLibrary(await jaxEngine()),
  };
  const off = Object.entries(ways).map(([way, scores]) => [way, worstOf(expected, scores)] as const);
  const told = Object.entries(expected).map(([name, value]) => `${name} ${value.toPrecision(7)}`);
  console.log(
    `${basename(path)}: ${table.rows} rows, ${told.join(", ")}; off by ${off.map(([way, units]) => `${way} ${units.toFixed(2)}`).join(", ")}`,
  );
  return off.some(([way, units]) => way !== "jax" && !(units <= 0.5));
}
