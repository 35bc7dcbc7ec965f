import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { call, traceOf, useFolder } from "./command.ts";
import { flowers } from "./flowers.ts";

const folder = useFolder();

const small = [
  "--hidden",
  "4",
  "--batch-size",
  "10",
  "--warmup-epochs",
  "0",
  "--no-baseline",
  "--quiet",
  "--engine",
  "onnx",
];
async function done(...argv: readonly string[]): Promise<void> {
  const { code, stderr } = await call(...argv);
  expect(code, stderr).toBe(0);
}

async function refused(argv: readonly string[], sentence: RegExp): Promise<void> {
  const { code, stdout, stderr } = await call(...argv);
  expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
  expect(stderr.trim().split("\n")).toHaveLength(1);
}

const configOf = (run: string) =>
  JSON.parse(readFileSync(join(run, "config.json"), "utf8")) as Readonly<Record<string, unknown>>;

describe("a run on a table that was moved together with its data", () => {
  const response = ["--hyper", "l2", "--from", "1e-4", "--to", "1e-2", "--points", "2"];
  const tune = () =>
    done(
      "tune",
      "--data",
      "./flowers.csv",
      "--target",
      "species",
      ...small,
      "--epochs",
      "2",
      "--hyper",
      "l2=0.001",
      "--out",
      "run",
    );

  test("goes on where a user says that these lie, and knows it from then on", async () => {
    writeFileSync("flowers.csv", flowers(1));
    await tune();
    cpSync("run", "whole", { recursive: true });
    await done("resume", "whole", "--epochs", "4", "--quiet");
    mkdirSync("other");
    renameSync("run", "other/run");
    renameSync("flowers.csv", "other/renamed.csv");
    for (const [command = "", ...more] of [["resume"], ["finish"], ["refit"], ["response", ...response]]) {
      await refused(
        [command, "other/run", ...more],
        /^error: other\/run must find its data, but there is no \S+\/flowers\.csv; say where they lie by now with --data FILE\|DIR\n$/,
      );
    }
    await refused(
      ["resume", "other/run", "--data", "flowers.csv"],
      /^error: --data must be a file or a folder that exists, but there is no \S+\/flowers\.csv; check the path\n$/,
    );
    const place = ["--data", "other/renamed.csv"];
    await done("response", "other/run", ...response, ...place);
    await done("refit", "other/run", ...place, "--out", "again", "--quiet");
    expect(configOf("again").data).toBe(join(folder.path, "other/renamed.csv"));
    expect(configOf("other/run").data).toBe(join(folder.path, "flowers.csv"));
    await done("resume", "other/run", ...place, "--epochs", "4", "--quiet");
    expect(traceOf("other/run")).toEqual(traceOf("whole"));
    expect(configOf("other/run").data).toBe(join(folder.path, "other/renamed.csv"));
    await done("resume", "other/run", "--quiet");
  });

  test("is finished by it", async () => {
    writeFileSync("flowers.csv", flowers(1));
    await tune();
    rmSync("run/hyperparameters.json"); // as of a run that was stopped
    renameSync("flowers.csv", "renamed.csv");
    await done("finish", "run", "--data", "renamed.csv", "--quiet");
    expect(configOf("run").data).toBe(join(folder.path, "renamed.csv"));
  });

  test("takes no other data for them", async () => {
    writeFileSync("flowers.csv", flowers(1));
    await tune();
    writeFileSync("others.csv", flowers(2));
    const place = ["--data", "others.csv"];
    await refused(
      ["resume", "run", ...place, "--quiet"],
      /^error: run must go on with what it was begun with, but the data \(.* not the same; /,
    );
    for (const [command = "", ...more] of [
      ["refit", "--quiet"],
      ["response", ...response],
    ]) {
      await refused(
        [command, "run", ...more, ...place],
        /^error: others\.csv must hold the data that run was trained on, but the data \(.* is not the same; restore that, or say where those lie with --data\n$/,
      );
    }
    expect(configOf("run").data).toBe(join(folder.path, "flowers.csv"));

    const [header = "", ...rows] = flowers(1).split("\n");
    const inCentimetres = rows.map((row) => row.replace(/^[^,]+/, (metres) => `${100 * Number(metres)}`));
    const sameStandardised = [
      ["width,length,species", ...rows],
      [header, ...rows.map((row) => row.replace(/[abc]$/, (name) => name.toUpperCase()))],
      [header, ...inCentimetres],
    ];
    for (const lines of sameStandardised) {
      writeFileSync("others.csv", lines.join("\n"));
      await refused(
        ["resume", "run", ...place, "--quiet"],
        /^error: run must go on with what it was begun with, but the data \(.* not the same; /,
      );
    }

    writeFileSync("flowers.csv", flowers(2)); // where they lay
    for (const [command = "", ...more] of [
      ["refit", "--quiet"],
      ["response", ...response],
    ]) {
      await refused(
        [command, "run", ...more],
        /^error: \S+flowers\.csv must hold the data that run was trained on, but the data \(.* is not the same; restore that, or say where those lie with --data\n$/,
      );
    }
  });
});

test("a text that was moved is named by --data-dir", async () => {
  writeFileSync("book.txt", "to be or not to be, that is the question. ".repeat(60));
  const text = ["--data", "text", "--data-dir", "book.txt", "--model", "lstm", "--bptt", "8"];
  await done("tune", ...text, ...small, "--epochs", "1", "--out", "run");
  renameSync("book.txt", "play.txt");
  await refused(
    ["resume", "run", "--quiet"],
    /^error: run must find its data, .*book\.txt; say where they lie by now with --data-dir DIR\n$/,
  );
  await refused(
    ["resume", "run", "--data", "play.txt"],
    /^error: --data must be left out for run, whose data are of text, but got play\.txt; say where they lie with --data-dir\n$/,
  );
  await done("resume", "run", "--data-dir", "play.txt", "--quiet");
  expect(configOf("run").dataDir).toBe(join(folder.path, "play.txt"));
});

test("data of a set that comes with the package lie nowhere else, and threads are those of the engine onnx", async () => {
  const own = ["tune", "--data", "wine", "--method", "fixed", "--hidden", "4", "--epochs", "1", "--quiet"];
  await done(...own, "--engine", "jax", "--out", "run");
  for (const flag of ["--data", "--data-dir"]) {
    await refused(
      ["resume", "run", flag, "wine.csv"],
      RegExp(
        `^error: ${flag} must be left out for run, whose data are of wine, but got wine\\.csv; leave it out\n$`,
      ),
    );
  }
  await refused(
    ["resume", "run", "--threads", "1"],
    /^error: --threads must come with --engine auto or onnx, /,
  );
  await done(...own, "--out", "native");
  await done("resume", "native", "--epochs", "2", "--threads", "1", "--quiet");
  expect(configOf("native").threads).toBe(1);
  await refused(["resume", "native", "--threads", "0"], /^error: --threads must be /);
});
