import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, onTestFinished, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { readCheckpoint, writeCheckpoint } from "../../src/artifacts/checkpoint.ts";
import { thisProcess, type ProcessName } from "../../src/artifacts/machine.ts";
import { sealJson, unsealJson } from "../../src/artifacts/sealed-json.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { call, start, traceOf, untilLines, useFolder } from "./command.ts";
import { flowers } from "./flowers.ts";

useFolder();

const small = [
  "--batch-size",
  "10",
  "--warmup-epochs",
  "0",
  "--hidden",
  "4",
  "--no-baseline",
  "--engine",
  "onnx",
];
const wine = ["--data", "wine", ...small];

const lines = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

describe("a disk that is full", () => {
  const told = " could not be written, because the disk is full; make room and try again";
  test.for<[string, string, RegExp]>([
    ["before anything is trained leaves nothing behind", "256", /^error: [^\n]+last\.safetensors$/],
    [
      "later leaves a run that goes on",
      "32",
      /^stopped; [^\n]+ resume with: hypertrain resume disk\/run\nerror: [^\n]+$/,
    ],
  ])("%s", async ([, units, before], { skip }) => {
    mkdirSync("disk");
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=200k", "tmpfs", "disk"]);
    if (mounted.status !== 0) skip("a small disk takes root");
    try {
      const argv = [...wine, "--epochs", "20", "--hidden", units, "--out", "disk/run", "--quiet"];
      const { code, stderr } = await call("tune", ...argv);
      const [said, more] = stderr.split(told);
      expect([code, said, more]).toEqual([1, expect.stringMatching(before), "\n"]);
      expect(existsSync("disk/run")).toBe(units === "32");
    } finally {
      spawnSync("umount", ["-l", "disk"]);
    }
  });
});

describe("one process at a time", () => {
  test("a live run's folder is refused by the name of its process, and keeps its trace", async () => {
    const { child, finished } = start("tune", ...wine, "--epochs", "100000", "--out", "run", "--quiet");
    await untilLines("run/metrics.jsonl", 3);
    for (const command of ["resume", "finish"]) {
      const { code, stderr } = await call(command, "run");
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(`process ${child.pid} on .+ works on it; wait for its end`),
      ]);
    }
    child.kill("SIGTERM");
    expect((await finished).code).toBe(130);
    expect(existsSync("run/lock")).toBe(false);
    const steps = traceOf("run").map((point) => (point as { step: number }).step);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  });

  test("the lock of a killed process is taken over", async () => {
    const { child, finished } = start("tune", ...wine, "--epochs", "100000", "--out", "run", "--quiet");
    await untilLines("run/metrics.jsonl", 3);
    child.kill("SIGKILL");
    await finished;
    expect(existsSync("run/lock")).toBe(true);
    expect((await call("finish", "run", "--quiet")).code).toBe(0);
    expect(existsSync("run/lock")).toBe(false);
  });

  test.each<[string, Partial<ProcessName>, number]>([
    ["a number that another process has got", { started: "1" }, 0],
    ["an earlier start of the machine", { boot: "earlier" }, 0],
    ["another machine", { machine: "other", host: "far" }, 2],
    ["the same process", {}, 2],
  ])("of an owner with %s", async (_, owner, expected) => {
    await call("tune", ...wine, "--epochs", "1", "--out", "run", "--quiet");
    writeFileSync("run/lock", JSON.stringify({ ...thisProcess(), ...owner }));
    expect((await call("resume", "run", "--quiet")).code).toBe(expected);
  });

  test("a trace in which two processes wrote is refused", async () => {
    await call("tune", ...wine, "--epochs", "3", "--out", "run", "--quiet");
    const points = lines("run/metrics.jsonl");
    writeFileSync("run/metrics.jsonl", `${points.flatMap((line) => [line, line]).join("\n")}\n`);
    const { code, stderr } = await call("resume", "run");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/line 2 is of step 0 after step 0: two processes/),
    ]);
  });

  test("a folder that is deleted under its run is no success", async () => {
    const { finished } = start(
      "tune",
      ...wine,
      "--epochs",
      "100000",
      "--time",
      "20",
      "--out",
      "run",
      "--quiet",
    );
    await untilLines("run/metrics.jsonl", 3);
    renameSync("run", "elsewhere");
    rmSync("elsewhere", { recursive: true });
    const { code, stderr } = await finished;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^error: .*(was deleted|must exist)/);
    expect(existsSync("run")).toBe(false);
  });
});

describe("a run that diverges", () => {
  const wild = [
    ...wine,
    "--seed",
    "1",
    "--hyper",
    "l2=.01:1e-9..1e30,log",
    "--hyper-lr",
    "1e15",
    "--warmup-epochs",
    "5",
    "--epochs",
    "60",
  ];

  test("late leaves model and report of its best epoch, says so and ends with 1", async () => {
    const { code, stdout, stderr } = await call("tune", ...wild, "--out", "run", "--json");
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^error: .* must stay finite.*; model and report in run are of the best epoch, \d+\n$/m,
      ),
    ]);
    const { ended, best, remarks } = JSON.parse(stdout) as TuneResult;
    expect(ended).toBe("diverged");
    expect(remarks).toEqual([
      expect.stringMatching(
        /^Training diverged: .* \(--lr 0\.003\) and of the hyperparameters \(--hyper-lr\)/,
      ),
    ]);
    expect(best.epoch).toBeGreaterThan(0);
    for (const file of ["model.safetensors", "model.onnx", "report.html", "hyperparameters.json"])
      expect(existsSync(join("run", file))).toBe(true);
    const checkpoint = await readCheckpoint("run/checkpoint");
    expect(Array.from((checkpoint?.snapshot.state.hypers as HostArray).data).every(Number.isFinite)).toBe(
      true,
    );
  });

  test("before it was any better than its start leaves no folder", async () => {
    const { code, stderr } = await call("tune", ...wine, "--lr", "1e30", "--epochs", "3", "--out", "run");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/must stay finite/)]);
    expect(existsSync("run")).toBe(false);
  });
});

test("finish of a run that was stopped in its baseline says how it ended, and that resume completes the comparison", async () => {
  const flags = [...wine, "--baseline", "--epochs", "30", "--out", "run", "--quiet"];
  const { child, finished } = start("tune", ...flags);
  await untilLines("run/baseline/metrics.jsonl", 3);
  child.kill("SIGINT");
  expect((await finished).code).toBe(130);
  const { code, stdout } = await call("finish", "run", "--json", "--quiet");
  const { ended, final, baseline, remarks } = JSON.parse(stdout) as TuneResult;
  expect([code, ended, final.epoch, baseline]).toEqual([0, "epochs", 30, undefined]);
  expect(remarks[0]).toBe(
    "There is no comparison with the start held fixed, since the run was finished before its baseline had ended: `hypertrain resume run` completes that.",
  );
  expect(readFileSync("run/report.html", "utf8")).toMatch(/ended after all its epochs/);
  const resumed = await call("resume", "run", "--json", "--quiet");
  const whole = JSON.parse(resumed.stdout) as TuneResult;
  expect([resumed.code, whole.ended, whole.baseline?.run]).toEqual([0, "epochs", "run/baseline"]);
  expect(whole.remarks.join(" ")).not.toMatch(/There is no comparison/);
});

test("finish writes the model and the report of a stopped run, and trains no more", async () => {
  const flags = [...wine, "--baseline", "--epochs", "100000", "--out", "run", "--quiet"];
  const { child, finished } = start("tune", ...flags);
  await untilLines("run/metrics.jsonl", 20);
  child.kill("SIGINT");
  await finished;
  const points = lines("run/metrics.jsonl").length;
  const { code, stdout } = await call("finish", "run", "--json", "--quiet");
  const { ended, best, steps, remarks } = JSON.parse(stdout) as TuneResult;
  expect([code, ended]).toEqual([0, "stopped"]);
  expect(remarks[0]).toMatch(/finished before its end: `hypertrain resume run` completes both\.$/);
  const trace = traceOf("run") as { step: number; valid: { loss: number } }[];
  expect(trace).toHaveLength(points);
  expect(best.valid.loss).toBe(Math.min(...trace.map(({ valid }) => valid.loss)));
  expect(steps).toBe(trace.at(-1)?.step);
  expect(existsSync("run/report.html") && existsSync("run/model.onnx")).toBe(true);
  const result = readFileSync("run/result.json", "utf8");
  const again = await call("finish", "run", "--quiet");
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringMatching(
      /^error: run must be a run that was stopped, but has ended; use its model as it is/,
    ),
  ]);
  expect(readFileSync("run/result.json", "utf8")).toBe(result);
});

describe("what a run was begun with", () => {
  test("data that changed is refused, and taken with --force", async () => {
    writeFileSync("flowers.csv", flowers(1));
    await call(
      "tune",
      "--data",
      "flowers.csv",
      "--target",
      "species",
      ...["--class-weights", "balanced"], // of which the command tells
      ...small,
      "--epochs",
      "2",
      "--out",
      "run",
      "--quiet",
    );
    expect((await call("resume", "run", "--quiet")).code).toBe(0);
    writeFileSync("flowers.csv", flowers(2));
    const { code, stderr } = await call("resume", "run");
    expect([code, stderr]).toEqual([
      2,
      "error: run must go on with what it was begun with, but the data (36 + 12 + 12 rows of 2 inputs as then, but other values or names) is not the same; restore that, or go on all the same with --force\n",
    ]);
    expect((await call("resume", "run", "--force", "--quiet")).code).toBe(0);
    expect((await call("resume", "run", "--quiet")).code).toBe(0);
  });

  test("a module that changed, or came from another machine, runs with --trust alone", async () => {
    const module = readFileSync(
      fileURLToPath(new URL("../../examples/my-problem.ts", import.meta.url)),
      "utf8",
    );
    writeFileSync("mine.ts", module);
    await call(
      "tune",
      "mine.ts",
      "--no-baseline",
      "--epochs",
      "3",
      "--warmup-epochs",
      "0",
      "--out",
      "run",
      "--quiet",
    );
    const { stderr: told, code: same } = await call("resume", "run");
    expect([same, told]).toEqual([0, expect.stringMatching(/^running the module .*mine\.ts$/m)]);

    writeFileSync(
      "mine.ts",
      `import { writeFileSync } from "node:fs";\nwriteFileSync("ran", "");\n${module}`,
    );
    const { code, stderr } = await call("resume", "run", "--force");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /runs the code of .*mine\.ts, but it was made when that module was another; look at that module, then add --trust/,
      ),
    ]);
    for (const command of [
      ["response", "run", "--hyper", "l2"],
      ["refit", "run"],
    ])
      // each of which runs the module
      expect((await call(...command)).stderr).toMatch(/must be trusted, .* then add --trust\n$/);
    expect(existsSync("ran")).toBe(false);

    writeFileSync("mine.ts", module);
    const origin = unsealJson(readFileSync("run/origin.json", "utf8"), "");
    writeFileSync("run/origin.json", sealJson({ ...origin, machine: "other" }));
    expect((await call("resume", "run")).stderr).toMatch(/was not made on this machine/);
    expect((await call("resume", "run", "--trust", "--quiet")).code).toBe(0);

    mkdirSync("moved");
    for (const name of ["run", "mine.ts"]) renameSync(name, `moved/${name}`);
    for (const command of [["resume"], ["finish"], ["response", "--hyper", "l2"], ["refit"]]) {
      const [name = "", ...flags] = command;
      expect((await call(name, "moved/run", ...flags)).stderr).toMatch(
        /run must find the module that makes its problem, but there is no .*mine\.ts; say where it lies by now with --module FILE\n$/,
      );
      expect((await call(name, "moved/run", ...flags, "--module", "mine.ts")).stderr).toMatch(
        /--module must be a file that exists, but there is no .*mine\.ts; check the path\n$/,
      );
    }
    const there = await call("resume", "moved/run", "--module", "moved/mine.ts", "--quiet");
    expect([there.code, there.stderr]).toEqual([0, ""]);
    expect((await call("resume", "moved/run", "--quiet")).code).toBe(0); // which knows it by now
  });

  test("--module is refused where a run has none", async () => {
    await call("tune", ...wine, "--epochs", "1", "--out", "run", "--quiet");
    const { code, stderr } = await call("resume", "run", "--module", "mine.ts");
    expect([code, stderr]).toEqual([
      2,
      "error: --module must come with a run whose problem or network a module makes, but run has none; leave it out\n",
    ]);
    const answered = await call("predict", "run", "rows.csv", "--module", "mine.ts");
    expect([answered.code, answered.stderr]).toEqual([
      2,
      "error: --module must come with a run whose network a module makes, but the model.json of run describes its own; leave it out\n",
    ]);
  });
});

test("a flipped bit anywhere is told of, or healed", async () => {
  await call("tune", ...wine, "--epochs", "3", "--out", "whole", "--quiet");
  const flipped = async (file: string, at: number): Promise<string> => {
    cpSync("whole", "run", { recursive: true });
    const bytes = readFileSync(join("run", file));
    const byte = Math.floor(at * bytes.length);
    bytes.writeUInt8((bytes[byte] as number) ^ (1 << (byte % 8)), byte);
    writeFileSync(join("run", file), bytes);
    const { code, stderr } = await call("resume", "run");
    rmSync("run", { recursive: true });
    return code === 2 || /^warning: /.test(stderr) ? "told" : `${file} at ${byte}: ${code} ${stderr}`;
  };
  for (const file of ["metrics.jsonl", "config.json", "origin.json", "checkpoint/last.safetensors"]) {
    for (const at of [0, 0.03, 0.2, 0.5, 0.77, 0.999]) expect(await flipped(file, at)).toBe("told");
  }
});

test("a state that is not finite never becomes a checkpoint's, and names from files reach nothing but themselves", async () => {
  await call("tune", ...wine, "--epochs", "1", "--out", "run", "--quiet");
  const found = await readCheckpoint("run/checkpoint");
  const { snapshot } = found as NonNullable<typeof found>;
  const evil = Object.fromEntries([
    ["__proto__", { polluted: new HostArray(Float32Array.of(1), [1]) }],
    ["constructor", { prototype: { polluted: new HostArray(Float32Array.of(1), [1]) } }],
  ]);
  await writeCheckpoint("run/checkpoint", {
    ...snapshot,
    state: { ...snapshot.state, ...Object.fromEntries(Object.entries(evil)) },
  });
  const { code, stderr } = await call("resume", "run");
  expect("polluted" in {}).toBe(false);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/must be of a run with the same problem/)]);
});

describe("where nobody takes what a command says", () => {
  const shell = (line: string) =>
    new Promise<number | null>((resolve) => {
      const bin = fileURLToPath(new URL("../../bin/hypertrain.js", import.meta.url));
      const child = spawn("sh", ["-c", line.replace("hypertrain", `'${process.execPath}' '${bin}'`)], {
        stdio: "ignore",
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      child.on("close", resolve);
    });
  const tune = `hypertrain tune ${wine.join(" ")} --epochs 3 --out run`;

  test.runIf(existsSync("/dev/full")).each([
    ["a full standard error", `${tune} 2>/dev/full`, 0],
    ["a full standard output", `${tune} >/dev/full`, 1],
    ["a closed pipe", `{ ${tune}; echo $? >code; } 2>&1 | head -1; exit $(cat code)`, 0],
  ])("%s costs no run", async (_, line, code) => {
    expect(await shell(line)).toBe(code);
    expect(existsSync("run/report.html")).toBe(true);
  });

  test.runIf(existsSync("/proc/self"))("a folder on a pseudo file system is refused", async () => {
    const { code, stderr } = await call("tune", ...wine, "--epochs", "1", "--out", "/proc/hypertrain/run");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/must be on a disk that folders can be made on/),
    ]);
  });

  test("neither escape sequences nor long values of a file reach the terminal", async () => {
    writeFileSync("c.json", JSON.stringify({ method: `\u001b[2J${"x".repeat(500)}` }));
    const { code, stderr } = await call("tune", "c.json");
    expect(code).toBe(2);
    expect(stderr).not.toContain("\u001b");
    expect(stderr).not.toContain("x".repeat(100));
  });

  test("a configuration nested 10,000 deep is a sentence", async () => {
    writeFileSync("c.json", `${'{"hyper":'.repeat(10_000)}1${"}".repeat(10_000)}`);
    const { code, stderr } = await call("tune", "c.json");
    expect([code, stderr]).toEqual([
      2,
      "error: c.json must not nest more than 100 levels deep, but does; flatten it\n",
    ]);
  });
});
