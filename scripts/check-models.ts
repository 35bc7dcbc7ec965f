/**
 * Trains on each table, then asks the model in three ways for the rows that it never saw: `hypertrain predict`, `model.onnx` in onnxruntime and
 * `loadModel`. Prints how far their losses lie from the run's own test loss, relative to it. Exits with 1 where that is
 * 5e-6 or more, beyond six digits: engines add in different orders.
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

import type { TuneResult } from "../src/api/result.ts";
import { loadModel } from "../src/artifacts/load-model.ts";
import type { ModelDocument } from "../src/artifacts/model-document.ts";
import { parseCsv } from "../src/data/csv.ts";
import { encodeTarget, readingOf, textOf, type TableEncoding } from "../src/data/table-encoding.ts";
import { takeTableRows } from "../src/data/table-data.ts";
import type { Column, Table } from "../src/data/table.ts";
import { jaxEngine } from "../src/engine/jax.ts";

const cli = (...argv: readonly string[]) =>
  execFileSync(process.execPath, ["bin/hypertrain.js", ...argv, "--json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

const csvOf = ({ columns, rows }: Table): string =>
  Array.from({ length: rows + 1 }, (_, i) =>
    columns
      .map(({ name, values }) =>
        JSON.stringify(
          i === 0 ? name : values[i - 1] === null || Number.isNaN(values[i - 1]) ? "" : String(values[i - 1]),
        ),
      )
      .join(","),
  ).join("\n");

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** The run's loss from answers in the target's own terms. */
function lossOf(
  { target }: TableEncoding,
  held: Table,
  values: readonly number[],
  probabilities?: readonly (readonly number[])[],
): number {
  const y = Array.from(encodeTarget({ target }, held).data);
  if (target.kind === "classes") return mean(y.map((k, i) => -Math.log(probabilities?.[i]?.[k] as number)));
  return mean(y.map((t, i) => ((values[i] as number) - target.mean) / target.sd - t).map((e) => e * e));
}

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
  const whole = parseCsv(readFileSync(path), { name: path, reading: readingOf(encoding) });
  const held = takeTableRows(
    whole,
    Uint32Array.from({ length: test }, (_, i) => table.rows - test + i),
  );
  const file = join(folder, "held.csv");
  writeFileSync(file, csvOf(held));
  const answers = JSON.parse(cli("predict", run, file)) as {
    score: { loss: number };
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
  const model = await loadModel(run, await jaxEngine());
  const { loss: library } = await model.score(held);
  model.dispose();

  const expected = best.test?.loss as number;
  const onnx = lossOf(encoding, held, Array.from(prediction?.data as Float64Array, Number), rows);
  const off = Object.entries({ predict: answers.score.loss, "model.onnx": onnx, loadModel: library }).map(
    ([way, loss]) => [way, Math.abs(loss / expected - 1)] as const,
  );
  console.log(
    `${basename(path)}: ${table.rows} rows, test loss ${expected.toPrecision(7)}; ${off.map(([way, error]) => `${way} ${error.toExponential(1)}`).join(", ")}`,
  );
  return off.some(([, error]) => !(error < 5e-6));
}
