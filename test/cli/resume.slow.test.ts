import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { readConfig } from "../../src/cli/config/read-config.ts";
import { loadJob } from "../../src/cli/run/job.ts";
import { readCheckpoint } from "../../src/artifacts/checkpoint.ts";
import { thisProcess, type ProcessName } from "../../src/artifacts/machine.ts";
import { sealJson } from "../../src/artifacts/sealed-json.ts";
import { createRunFolder } from "../../src/artifacts/run-folder.ts";
import { decodeTensors } from "../../src/util/safetensors.ts";
import { keepOrigin } from "../../src/cli/run/origin.ts";
import { keptConfig } from "../../src/cli/run/run-config.ts";
import { completeRun, openRun } from "../../src/cli/run/complete-run.ts";
import { leavesOf } from "../../src/util/host-array.ts";
import { call, start, traceOf, untilLines, useFolder, withoutClock } from "./command.ts";

useFolder();

const EPOCHS = 30;
const config = {
  data: "wine",
  hidden: [6],
  epochs: EPOCHS,
  batchSize: 20,
  seed: 4,
  engine: "onnx",
} as const;
const settings = [
  ...["--data", "wine", "--hidden", "6", "--epochs", "30", "--batch-size", "20", "--seed", "4"],
  ...["--engine", "onnx"],
];

/** Everything that must be the same, whether a run was stopped or not. */
interface Numbers {
  readonly result: unknown;
  readonly trace: readonly unknown[];
  readonly baseline: readonly unknown[];
  readonly model: readonly unknown[];
  readonly network: Buffer;
  readonly state: readonly unknown[];
}

let expected: Numbers;

async function reference(): Promise<Numbers> {
  const { stdout } = await call("tune", ...settings, "--out", "whole", "--json", "--quiet");
  return numbersOf("whole", stdout);
}

function numbersOf(run: string, stdout: string): Numbers {
  const tensors = (file: string) =>
    leavesOf(decodeTensors(readFileSync(join(run, file)), file).tensors).map(([name, { data, shape }]) => ({
      name,
      shape,
      data: Array.from(data),
    }));
  return {
    result: withoutClock(JSON.parse(stdout)),
    trace: traceOf(run),
    baseline: existsSync(join(run, "baseline/metrics.jsonl")) ? traceOf(join(run, "baseline")) : [],
    model: tensors("model.safetensors"),
    network: readFileSync(join(run, "model.onnx")),
    state: tensors("checkpoint/last.safetensors"),
  };
}

describe("a run killed with SIGKILL and resumed ends with the same numbers", () => {
  test.each<[string, (run: string) => Promise<unknown>]>([
    ["before its first checkpoint", (run) => untilLines(join(run, "config.json"), 1)],
    ["after its first checkpoint", (run) => untilLines(join(run, "checkpoint/last.safetensors"), 0)],
    ["in the midst of tuning", (run) => untilLines(join(run, "metrics.jsonl"), 12)],
    ["at the end of tuning", (run) => untilLines(join(run, "metrics.jsonl"), EPOCHS + 1)],
    ["in the midst of the baseline", (run) => untilLines(join(run, "baseline/metrics.jsonl"), 9)],
    ["while the report is made", (run) => untilLines(join(run, "baseline/hyperparameters.json"), 1)],
  ])("%s", async (_, moment) => {
    expected ??= await reference();
    const { child, finished } = start("tune", ...settings, "--out", "run", "--quiet");
    await moment("run");
    child.kill("SIGKILL");
    expect((await finished).code).toBeNull();
    expect(existsSync("run/report.html")).toBe(false);
    const { code, stdout } = await call("resume", "run", "--json", "--quiet");
    expect(code).toBe(0);
    expect(numbersOf("run", stdout)).toEqual(expected);
  });
});

test("a search killed in the midst of a training and resumed ends with the same numbers", async () => {
  const search = ["--data", "wine", "--hidden", "6", "--batch-size", "20", "--seed", "4", "--engine", "onnx"];
  const flags = [...search, "--method", "hyperband", "--trial-epochs", "9", "--epochs", "60"];
  const { stdout: whole } = await call("tune", ...flags, "--out", "whole-search", "--json", "--quiet");
  const expected = numbersOf("whole-search", whole);
  expect(JSON.parse(whole)).toMatchObject({ method: "hyperband", trainings: 16 });

  const { child, finished } = start("tune", ...flags, "--out", "run", "--quiet");
  await untilLines("run/metrics.jsonl", 20);
  child.kill("SIGINT");
  expect((await finished).code).toBe(130);
  const { code, stdout } = await call("resume", "run", "--json", "--quiet");
  expect(code).toBe(0);
  expect(numbersOf("run", stdout)).toEqual(expected);
});

describe("a run that stopped between two checkpoints", () => {
  /** Trains with a checkpoint at every epoch, and stops dead after some of them. */
  async function crashAfter(epoch: number, run: string): Promise<void> {
    const job = await loadJob(await readConfig(undefined, config), {});
    let now = 0;
    const options = {
      signal: new AbortController().signal,
      clock: { now: () => now },
      note: () => {},
      progress: () => ({
        close() {},
        see(event: { kind: string; trace?: { epoch: number } }) {
          if (event.kind === "step") now += 3000;
          if (event.kind === "epoch" && event.trace?.epoch === epoch) throw new Error("crash");
        },
      }),
    };
    const folder = await createRunFolder(keptConfig(job.config), { out: run });
    await keepOrigin(folder, job);
    await expect(completeRun(job, await openRun(job, options), folder, options)).rejects.toThrow("crash");
  }

  let crashes: string;
  beforeAll(async () => {
    crashes = mkdtempSync(join(tmpdir(), "hypertrain-crashes-"));
    await crashAfter(6, join(crashes, "run"));
    await crashAfter(10, join(crashes, "later"));
  });
  afterAll(() => rmSync(crashes, { recursive: true }));

  const file = (name: string) => `run/checkpoint/${name}`;

  test.each<[string, () => void]>([
    ["nothing more happened", () => {}],
    ["killed before its first checkpoint", () => rmSync("run/checkpoint", { recursive: true })],
    ["killed while a trace point was written", () => appendFileSync("run/metrics.jsonl", '{"step":63,"epo')],
    [
      "killed before the checkpoint of a trace point",
      () => cpSync("later/metrics.jsonl", "run/metrics.jsonl"),
    ],
    ["killed while the state was written", () => writeFileSync(file("last.safetensors.part"), "half")],
    ["killed while the last checkpoint became the one before", () => rmSync(file("last.safetensors"))],
    ["and whose last checkpoint the disk has damaged", () => flip(file("last.safetensors"))],
    ["and whose last checkpoint is empty", () => truncateSync(file("last.safetensors"), 0)],
    ["whose owner left its lock", () => writeFileSync("run/lock", lockOf({ boot: "before this one" }))],
  ])("%s", async (_, damage) => {
    expected ??= await reference();
    cpSync(crashes, ".", { recursive: true });
    damage();
    const { code, stdout } = await call("resume", "run", "--json", "--quiet");
    expect(code).toBe(0);
    expect(numbersOf("run", stdout)).toEqual(expected);
  });

  test("says which checkpoint is damaged, and from where it goes on", async () => {
    cpSync(crashes, ".", { recursive: true });
    flip(file("last.safetensors"));
    const { stderr } = await call("resume", "run");
    expect(stderr).toMatch(
      /^warning: run\/checkpoint\/last\.safetensors must be .* damaged: its checksum differs; the run goes on from the checkpoint before, after step \d+$/m,
    );
  });
});

describe("interrupting", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s writes a checkpoint, ends with 130 and says how to go on",
    async (signal) => {
      expected ??= await reference();
      const { child, finished } = start("tune", ...settings, "--out", "run");
      await untilLines("run/metrics.jsonl", 4);
      child.kill(signal);
      const { code, stdout, stderr } = await finished;
      expect([code, stdout]).toEqual([130, ""]);
      expect(stderr).toMatch(/resume with: hypertrain resume run\n$/);
      expect(await readCheckpoint("run/checkpoint")).toBeDefined();
      const resumed = await call("resume", "run", "--json", "--quiet");
      expect(numbersOf("run", resumed.stdout)).toEqual(expected);
    },
  );

  test("--quiet leaves the sentence on how to go on, and no other", async () => {
    const { child, finished } = start("tune", ...settings, "--out", "run", "--quiet");
    await untilLines("run/metrics.jsonl", 4);
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/^stopped; [^\n]* hypertrain resume run\n$/)]);
  });

  test("a second signal in the midst of a step ends the process at once, without its lock and without a crash", async () => {
    const long = ["--hidden", "1500,1500", "--epochs", "50", "--engine", "onnx", "--threads", "1"]; // a step takes a quarter of a second
    const { child, finished } = start("tune", "--data", "digits", ...long, "--out", "run", "--quiet");
    await untilLines("run/metrics.jsonl", 1);
    await sleep(1500);
    child.kill("SIGTERM");
    await sleep(20);
    child.kill("SIGTERM");
    expect(await finished).toEqual({
      ...{ code: 130, stdout: "" },
      stderr: expect.stringMatching(/^(stopped; .* hypertrain resume run\n)?$/), // no word of a crash
    });
    expect(existsSync("run/lock")).toBe(false);
  });

  test("a second signal ends at once what the first has not ended", async () => {
    const module = new URL("../../src/cli/terminal/interrupt.ts", import.meta.url).href;
    const script = `
      import { listenForInterrupt } from ${JSON.stringify(module)};
      listenForInterrupt(console.log);
      setInterval(() => {}, 1000);
      console.log("ready");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/ready/);
    child.kill("SIGINT");
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/once more to stop at once/);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
  });
});

describe("resuming a finished run", () => {
  const short = ["--data", "wine", "--hidden", "4", "--epochs", "2", "--out", "run", "--quiet"];

  test("says so, writes the report anew and changes no number", async () => {
    const before = await call("tune", ...short, "--json");
    rmSync("run/report.html");
    const { code, stdout, stderr } = await call("resume", "run", "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^run was finished after 2 epochs; the report is written anew, and --epochs N or --time TIME goes on/m,
    );
    expect(stderr).not.toMatch(/^(training|baseline|linear model): epoch/m);
    expect(numbersOf("run", stdout)).toEqual(numbersOf("run", before.stdout));
    expect(existsSync("run/report.html")).toBe(true);
    writeFileSync("run/result.json", "{}");
    const anew = await call("resume", "run", "--json");
    expect(numbersOf("run", anew.stdout)).toEqual(numbersOf("run", before.stdout));
  });

  test("goes on with more epochs, as if it had had them from the start", async () => {
    await call("tune", ...short);
    const { stdout } = await call("resume", "run", "--epochs", "4", "--json", "--quiet");
    const whole = await call(
      "tune",
      "--data",
      "wine",
      "--hidden",
      "4",
      "--epochs",
      "4",
      "--out",
      "whole",
      "--json",
      "--quiet",
    );
    expect(numbersOf("run", stdout)).toEqual(numbersOf("whole", whole.stdout));
  });

  test("goes on with more time, which is then its only limit", async () => {
    await call("tune", ...short);
    const { code } = await call("resume", "run", "--time", "3s", "--quiet");
    const trace = readFileSync("run/metrics.jsonl", "utf8").trim().split("\n");
    const { epoch, seconds } = JSON.parse(trace.at(-1) as string) as { epoch: number; seconds: number };
    expect(code).toBe(0);
    expect(epoch).toBeGreaterThan(2);
    expect(seconds).toBeGreaterThan(2); // it stops before a step that would take longer
  });

  test.each([
    [["--time", "1s"], /^error: --time must be more than the [3-9]\.\d s that are done, but got 1s\n$/],
    [["--time", "soon"], /^error: --time must be .+ but got "soon"/],
    [["--time", "5s", "--epochs", "9"], /^error: --epochs or --time must say how long .+ but got both/],
  ])("refuses %j", async (flags, sentence) => {
    await call("tune", "--data", "wine", "--hidden", "4", "--time", "3s", "--out", "run", "--quiet");
    const { code, stderr } = await call("resume", "run", ...flags);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
  });

  test("refuses fewer epochs than are done", async () => {
    await call("tune", ...short);
    const { code, stderr } = await call("resume", "run", "--epochs", "2");
    expect([code, stderr]).toEqual([
      2,
      "error: --epochs must be more than the 2 epochs that are done, but got 2\n",
    ]);
  });

  test("keeps a run that time ended, whose baseline made as many steps", async () => {
    const { stdout } = await call(
      "tune",
      "--data",
      "wine",
      "--hidden",
      "4",
      "--time",
      "1s",
      "--out",
      "run",
      "--json",
      "--quiet",
    );
    const first = JSON.parse(stdout) as TuneResult;
    const resumed = await call("resume", "run", "--json", "--quiet");
    const again = JSON.parse(resumed.stdout) as TuneResult;
    expect(again).toEqual(first);
    expect(first.ended).toBe("time");
    expect((traceOf("run/baseline").at(-1) as { step: number }).step).toBe(first.steps);
  });
});

/** Both of a run's checkpoints. */
function checkpoints(damage: (path: string) => void): void {
  damage("run/checkpoint/last.safetensors");
  damage("run/checkpoint/previous.safetensors");
}

test.each<[string, () => void, RegExp]>([
  [
    "checkpoints cut short",
    () => checkpoints((path) => truncateSync(path, 3000)),
    /last\.safetensors must be a whole safetensors file/,
  ],
  ["empty checkpoints", () => checkpoints((path) => truncateSync(path, 0)), /it has only 0 bytes/],
  ["changed bytes", () => checkpoints(flip), /its checksum differs/],
  ["missing trace points", () => truncateSync("run/metrics.jsonl", 0), /metrics\.jsonl must reach step/],
  [
    "a damaged trace point",
    () => writeFileSync("run/metrics.jsonl", "{\n"),
    /line 1 of run\/metrics\.jsonl must be as hypertrain wrote it/,
  ],
  [
    "a damaged configuration",
    () => writeFileSync("run/config.json", "{"),
    /config\.json must be as hypertrain wrote it, but has no checksum/,
  ],
  [
    "a wrong configuration",
    () => writeFileSync("run/config.json", sealJson({ lr: 0 })),
    /"lr" in run\/config\.json must be greater than 0/,
  ],
])("%s ends with 2 and one sentence", async (_, damage, sentence) => {
  await call(
    "tune",
    "--data",
    "wine",
    "--hidden",
    "4",
    "--epochs",
    "1",
    ...["--batch-size", "10", "--warmup-epochs", "0"],
    "--no-baseline",
    "--out",
    "run",
    "--quiet",
  );
  damage();
  const { code, stdout, stderr } = await call("resume", "run");
  expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
});

const lockOf = (owner: Partial<ProcessName>): string => JSON.stringify({ ...thisProcess(), ...owner });

function flip(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length - 5;
  bytes.writeUInt8((bytes[at] as number) ^ 1, at);
  writeFileSync(path, bytes);
}
