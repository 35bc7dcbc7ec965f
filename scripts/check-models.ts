/**
 * Trains on each table, then asks the model in three ways for the rows that it never saw: `hypertrain predict`, `model.onnx` in onnxruntime and
 * `loadModel`. Prints how far their losses lie from the run's own test loss, relative to it. Exits with 1 where that is
 * 5e-6 or more, beyond six digits: engines add in different orders.
 *
 *     node scripts/check-models.ts TABLE.csv:TARGET [...]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

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

let wrong = false;
for (const given of process.argv.slice(2)) {
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
  wrong ||= off.some(([, error]) => !(error < 5e-6));
  console.log(
    `${basename(path)}: ${table.rows} rows, test loss ${expected.toPrecision(7)}; ${off.map(([way, error]) => `${way} ${error.toExponential(1)}`).join(", ")}`,
  );
}
process.exitCode = wrong ? 1 : 0;
