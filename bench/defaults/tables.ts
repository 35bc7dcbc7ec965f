/**
 * The tables and small image sets of the bench, fixed before any was looked at: one half to choose defaults on, the other to report.
 */
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { parseIdxImages, parseIdxLabels } from "../../src/data/idx.ts";
import {
  churn,
  interactions,
  linearTruth,
  machineFailure,
  manyClasses,
  skewedTarget,
  weakSignal,
  wide,
  type MadeTable,
} from "./made.ts";

/** A table of the bench. */
export interface BenchTable {
  /** Defaults are chosen on one half and judged on the other. */
  readonly half: "choose" | "report";
  /** What is hard about it. */
  readonly trait: string;
  readonly task: "classification" | "regression";
  /** Fields of a configuration: the bundled set, or how many rows validate and test. */
  readonly fields: { readonly data: string } | { readonly valid?: number; readonly test?: number };
  /** Its rows as separated text with the target `y`; nothing where the folder lacks the files. Absent for bundled sets. */
  readonly csv?: (dataDir: string) => Promise<string | undefined>;
}

/** Rows that test a made-up table or an image set: many, so that the loss on them is nearly the true one. */
const TEST_ROWS = 2000;

/** The tables by name, in the order in which they are measured. */
export const benchTables: Readonly<Record<string, BenchTable>> = {
  digits: { half: "choose", trait: "images", task: "classification", fields: { data: "digits" } },
  churn: made("choose", "noisy labels", "classification", churn, [1200, 400]),
  concrete: uci("report", "clean, real", "concrete"),
  "machine-failure": made(
    "report",
    "noisy labels, rare class",
    "classification",
    machineFailure,
    [1600, 400],
  ),
  diabetes: { half: "choose", trait: "noisy, real", task: "regression", fields: { data: "diabetes" } },
  interactions: made("report", "interactions only", "classification", interactions, [1200, 400]),
  "skewed-target": made("choose", "skewed target", "regression", skewedTarget, [1200, 400]),
  "wine-quality": uci("report", "noisy, real", "wine-quality-red"),
  energy: uci("choose", "clean, real", "energy"),
  "many-classes": made("report", "many classes", "classification", manyClasses, [1600, 400]),
  "weak-signal": made("choose", "few rows", "regression", weakSignal, [60, 200]),
  wine: { half: "report", trait: "few rows", task: "classification", fields: { data: "wine" } },
  wide: made("choose", "wide", "regression", wide, [240, 80]),
  "linear-truth": made("report", "linear truth", "regression", linearTruth, [600, 200]),
  "mnist-small": images("choose", "mnist"),
  "fashion-small": images("report", "fashion-mnist"),
  yacht: uci("report", "few rows, clean, real", "yacht"),
};

function made(
  half: BenchTable["half"],
  trait: string,
  task: BenchTable["task"],
  make: (rows: number) => MadeTable,
  [train, valid]: readonly [number, number],
): BenchTable {
  const csv = async () => textOf(make(train + valid + TEST_ROWS));
  return { half, trait, task, fields: { valid, test: TEST_ROWS }, csv };
}

function uci(half: BenchTable["half"], trait: string, folder: string): BenchTable {
  return {
    ...{ half, trait, task: "regression", fields: {} },
    async csv(dataDir) {
      const path = (file: string) => join(dataDir, "uci", folder, file);
      if (!existsSync(path("data.txt"))) return undefined;
      const read = async (file: string) => (await readFile(path(file), "utf8")).trim();
      const cells = (await read("data.txt")).split("\n").map((line) => line.trim().split(/\s+/));
      const features = (await read("index_features.txt")).split(/\s+/).map(Number);
      const target = Number(await read("index_target.txt"));
      const rows = cells.map((row) => [...features.map((j) => row[j]), row[target]].join(","));
      return [[...features.map((j) => `x${j}`), "y"].join(","), ...rows].join("\n");
    },
  };
}

/** The first images of a set of 28 x 28 pixels, each square of four averaged: 14 x 14. */
function images(half: BenchTable["half"], folder: string): BenchTable {
  const [train, valid] = [2400, 600];
  return {
    ...{ half, trait: "images", task: "classification", fields: { valid, test: TEST_ROWS } },
    async csv(dataDir) {
      const path = (file: string) => join(dataDir, folder, `${file}.gz`);
      const files = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"] as const;
      if (!files.every((file) => existsSync(path(file)))) return undefined;
      const [{ pixels }, { classes }] = [
        parseIdxImages({ name: files[0], bytes: gunzipSync(await readFile(path(files[0]))) }),
        parseIdxLabels({ name: files[1], bytes: gunzipSync(await readFile(path(files[1]))) }),
      ];
      const rows = Array.from({ length: train + valid + TEST_ROWS }, (_, i) =>
        [...halved(pixels.subarray(784 * i, 784 * (i + 1))), `c${classes[i]}`].join(","),
      );
      return [[...Array.from({ length: 196 }, (_, j) => `p${j}`), "y"].join(","), ...rows].join("\n");
    },
  };
}

const halved = (image: Uint8Array): number[] =>
  Array.from({ length: 196 }, (_, at) => {
    const corner = 56 * Math.floor(at / 14) + 2 * (at % 14);
    const four = [corner, corner + 1, corner + 28, corner + 29].map((i) => image[i] as number);
    return Math.round(four.reduce((sum, tone) => sum + tone, 0) / 4);
  });

function textOf(table: MadeTable): string {
  const columns = Object.values(table);
  const rows = (columns[0] ?? []).map((_, i) => columns.map((values) => values[i]).join(","));
  return [Object.keys(table).join(","), ...rows].join("\n");
}
