import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { thisProcess } from "../../src/artifacts/machine.ts";
import { sealJson } from "../../src/artifacts/sealed-json.ts";
import { mapValues } from "../../src/util/record.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const losses = [2, 1, 0.5, 0.75];

interface PutOptions {
  readonly ended?: boolean;
  readonly guards?: readonly number[];
  readonly refitted?: string;
  /** Further fields of its configuration. */
  readonly fields?: object;
  readonly metric?: string;
}

/** A run folder as `hypertrain tune` leaves it, without the parts that nothing here reads. */
function put(
  path: string,
  { ended = true, guards, refitted, fields, metric = "accuracy" }: PutOptions = {},
): void {
  mkdirSync(path, { recursive: true });
  const config = { data: "wine", method: "stn", seed: 4, epochs: 3, ...fields };
  writeFileSync(join(path, "config.json"), `${sealJson(config, 2)}\n`);
  const lines = losses.map((loss, epoch) =>
    sealJson({
      ...{ step: 9 * epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: epoch },
      hyperparameters: { "dropout.fc1": { value: 0.1 * (epoch + 1) } },
      ...{ valid: { loss, metric: { name: metric, value: 0.5 } }, test: { loss: 2 * loss } },
      ...(guards && { guard: { rows: 9, loss: guards[epoch], seen: loss } }),
    }),
  );
  writeFileSync(join(path, "metrics.jsonl"), `${lines.join("\n")}\n`);
  const final = { step: ended ? 27 : 18 };
  writeFileSync(join(path, "hyperparameters.json"), JSON.stringify({ final }));
  if (refitted !== undefined) writeFileSync(join(path, "origin.json"), `${sealJson({ refitted }, 2)}\n`);
}

describe("list", () => {
  beforeEach(() => {
    put("runs/finished");
    put("runs/stopped", { ended: false });
    put("runs/running", { ended: false });
    writeFileSync("runs/running/lock", JSON.stringify(thisProcess()));
    cpSync("runs/finished", "runs/damaged", { recursive: true });
    writeFileSync("runs/damaged/config.json", "{");
    mkdirSync("runs/else");
  });

  test("tells state, data, method, best loss and size of every run, also beside a damaged one", async () => {
    const { code, stdout, stderr } = await call("list", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const runs = JSON.parse(stdout) as { run: string; bytes: number; changed: string }[];
    const found = Object.fromEntries(runs.map((run) => [run.run, run]));
    const known = { data: "wine", method: "stn", seed: 4, epochs: 3, of: 3 };
    expect(found).toEqual(
      Object.fromEntries(
        ["finished", "stopped", "running"]
          .map((state) => [
            `runs/${state}`,
            expect.objectContaining({
              ...known,
              state,
              valid: { loss: 0.5, metric: { name: "accuracy", value: 0.5 } },
            }),
          ])
          .concat([["runs/damaged", expect.objectContaining({ state: "damaged", data: null })]]),
      ),
    );
    const size = ["config.json", "metrics.jsonl", "hyperparameters.json"]
      .map((name) => readFileSync(`runs/finished/${name}`).length)
      .reduce((sum, bytes) => sum + bytes, 0);
    expect(found["runs/finished"]?.bytes).toBe(size);
    expect(Date.now() - Date.parse(found["runs/finished"]?.changed as string)).toBeLessThan(60_000);
  });

  test("finds runs up to two folders down, and none within one", async () => {
    put("runs/else/of/deep");
    put("runs/else/near");
    put("runs/finished/baseline");
    const runsOf = async (folder: string) =>
      (JSON.parse((await call("list", folder, "--json")).stdout) as { run: string }[]).map(({ run }) => run);
    expect((await runsOf("runs")).sort()).toEqual(
      ["damaged", "else/near", "finished", "running", "stopped"].map((name) => `runs/${name}`),
    );
    expect((await runsOf(".")).sort()).toEqual(
      ["damaged", "finished", "running", "stopped"].map((name) => `runs/${name}`),
    );
    expect(await runsOf("runs/else")).toEqual(
      expect.arrayContaining(["runs/else/of/deep", "runs/else/near"]) as string[],
    );
    expect(await runsOf("runs/finished")).toEqual(["runs/finished"]);
  });

  test("fits a narrow terminal by leaving columns out", async () => {
    const { columns } = process.stdout;
    process.stdout.columns = 60;
    const { stdout } = await call("list");
    process.stdout.columns = columns;
    const table = stdout.split("\n").filter((line) => line.startsWith("  "));
    expect(table).toHaveLength(5);
    for (const line of table) expect(line.length).toBeLessThanOrEqual(60);
    expect(table[0]).toContain("best loss");
    expect(stdout).toMatch(/^warning: .*config\.json/m);
  });

  test("says what losses are in, and of which runs", async () => {
    const unitsOf = async () => (await call("list")).stdout.match(/^ {2}runs.*: (?:in )?losses .*$/gm);
    expect(await unitsOf()).toBeNull();
    put("runs/log", { metric: "R2", fields: { targetTransform: "log" } });
    expect(await unitsOf()).toEqual(["  runs/log: losses are of the standardised logarithm of the target"]);
    put("runs/plain", { metric: "R2" });
    put("runs/equal", { fields: { classWeights: "balanced" } });
    expect((await unitsOf())?.sort()).toEqual([
      "  runs/equal: in losses all classes have the same weight",
      "  runs/log: losses are of the standardised logarithm of the target",
      "  runs/plain: losses are of the standardised target",
    ]);
    const { stdout } = await call("show", "runs/equal", "--json");
    expect(stdout).toContain('"lossUnit":"in losses all classes have the same weight"');
  });

  test("says of a refit that its loss, at its end, is of rows that were trained on", async () => {
    put("runs/refit", { refitted: "runs/finished" });
    const { stdout } = await call("list");
    expect(stdout).toMatch(/runs\/refit .* 0\.7500 \(trained on\) /);
    expect(stdout).toMatch(/runs\/finished .* 0\.5000 {2,}/);
    const runs = JSON.parse((await call("list", "--json")).stdout) as { run: string; refitted: unknown }[];
    const refitted = Object.fromEntries(runs.map((run) => [run.run, run.refitted]));
    expect(refitted).toMatchObject({ "runs/refit": "runs/finished", "runs/finished": null });
  });

  test("wants a folder that exists", async () => {
    const { code, stderr } = await call("list", "none");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: none must be a folder with runs, but [^\n]+\n$/),
    ]);
    expect((await call("list", "runs/else")).stdout).toBe("no runs in runs/else\n");
  });
});

describe("show", () => {
  test("says of a refit of which run it is, and that its validation rows were trained on", async () => {
    put("run", { refitted: "first" });
    const { stdout } = await call("show", "run");
    expect(stdout).toMatch(/^ {2}refit of first$/m);
    expect(stdout).toMatch(/validation loss \(trained on\)/);
    expect(stdout).not.toMatch(/best/);
    expect(stdout).toMatch(/^ {2}last +3 +0\.7500 /m);
    const { best } = JSON.parse((await call("show", "run", "--json")).stdout) as { best: { epoch: number } };
    expect(best.epoch).toBe(3);
    put("run");
    rmSync("run/origin.json");
    expect((await call("show", "run")).stdout).toMatch(/^ {2}best +2 +0\.5000 /m);
  });

  test("tells start, best and last of a run, and its files", async () => {
    put("run");
    const { code, stdout } = await call("show", "run", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ run: "run", state: "finished", method: "stn" },
      ...{ start: { epoch: 0 }, best: { epoch: 2 }, final: { epoch: 3 }, config: { epochs: 3 } },
      files: [{ name: "config.json" }, { name: "hyperparameters.json" }, { name: "metrics.jsonl" }],
    });
    const { stdout: text } = await call("show", "run");
    expect(text).toMatch(/best +2 +0\.5000 +1\.0000/);
    expect(text).toMatch(/dropout\.fc1 +0\.1 +→ +0\.3/);
  });

  test("says of a run that has ended what it said then, and nothing of one that goes on", async () => {
    const result = { version: 1, result: { remarks: ["The first.", "The second.", "The third."] } };
    for (const ended of [true, false]) {
      put("run", { ended });
      writeFileSync("run/result.json", sealJson(result));
      const { stdout } = await call("show", "run");
      expect([stdout.includes("  The first.\n\n  The second.\n"), stdout.includes("third")]).toEqual([
        ended,
        false,
      ]);
    }
  });

  test("calls best what the run does, which chooses on the rows that are kept from the tuner", async () => {
    put("run", { guards: [2, 0.5, 1, 1] });
    const { stdout } = await call("show", "run", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ best: { epoch: 1 }, valid: { loss: 1 } });
  });

  test("calls damaged what resume calls damaged", async () => {
    const wine = ["--data", "wine", "--hidden", "4", "--epochs", "4", "--no-baseline"];
    await call("tune", ...wine, "--out", "whole", "--quiet");
    const lines = readFileSync("whole/metrics.jsonl", "utf8").split("\n");
    const damages: Readonly<Record<string, () => void>> = {
      "lines are missing": () => writeFileSync("run/metrics.jsonl", `${lines.slice(0, 3).join("\n")}\n`),
      "the trace is gone": () => rmSync("run/metrics.jsonl"),
      "no checkpoint is whole": () => {
        rmSync("run/checkpoint/previous.safetensors", { force: true });
        writeFileSync(
          "run/checkpoint/last.safetensors",
          readFileSync("run/checkpoint/last.safetensors").fill(7, 900, 950),
        );
      },
    };
    for (const [what, damage] of Object.entries(damages)) {
      cpSync("whole", "run", { recursive: true });
      damage();
      const { code, stdout, stderr } = await call("show", "run");
      expect({ code, stdout }, what).toEqual({ code: 2, stdout: "" });
      expect((await call("resume", "run", "--quiet")).stderr).toBe(stderr);
      rmSync("run", { recursive: true });
    }
  });

  test("tells the start that tune tells, of a search as well", async () => {
    const search = ["--data", "wine", "--hidden", "4", "--method", "random", "--trial-epochs", "1"];
    const { stdout } = await call("tune", ...search, "--epochs", "2", "--out", "run", "--json", "--quiet");
    const { start, best } = JSON.parse(stdout) as TuneResult;
    const told = (await call("show", "run", "--json")).stdout;
    const hyperparameters = mapValues(start.hyperparameters, (value) => ({ value }));
    expect(JSON.parse(told)).toMatchObject({ start: { hyperparameters }, best: { epoch: best.epoch } });
    const text = (await call("show", "run")).stdout;
    expect(text).toMatch(/dropout\.fc1 +0\.3 +→/);
    expect(text).not.toMatch(/^ +start /m);
    expect(text).toMatch(/^ {2}network {2}wide-and-deep, 4$/m);
    expect((await call("resume", "run", "--quiet")).stdout).toMatch(/^ {2}network {2}wide-and-deep, 4$/m);
  });

  test("wants a run folder", async () => {
    expect(await call("show", "none")).toMatchObject({ code: 2, stdout: "" });
  });
});
