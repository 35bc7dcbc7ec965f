import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

import { expect, test } from "vitest";

import type { HyperPoint } from "../../src/api/trace.ts";
import type { TuneResult } from "../../src/api/result.ts";
import type { RunDocument } from "../../src/api/run-document.ts";
import { hyperPath, ratePath } from "../../src/artifacts/hyper-path.ts";
import { lockRunFolder } from "../../src/artifacts/lock.ts";
import { runFolder } from "../../src/artifacts/run-folder.ts";
import { readTrace } from "../../src/artifacts/trace-file.ts";
import { runSource } from "../../src/cli/dashboard/run-source.ts";
import { joinedParts, tailSplit } from "../../src/data/split.ts";
import { csvData } from "../../src/data/table-data.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import { createSpace, toUnconstrained } from "../../src/space/space.ts";
import { adam } from "../../src/nn/optim/adam.ts";
import { keptPoint } from "../../src/tuners/best.ts";
import { fixed } from "../../src/tuners/fixed.ts";
import { createRun } from "../../src/tuners/run.ts";
import { leavesOf } from "../../src/util/host-array.ts";
import { decodeTensors } from "../../src/util/safetensors.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const rows = Array.from({ length: 120 }, (_, i) => {
  const [a, b] = [Math.sin(7 * i), Math.cos(3 * i * i)];
  return `${a.toFixed(4)},${i % 9 === 4 ? "" : b.toFixed(4)},${i % 4 === 0 ? "low" : "high"},${(3 * a + b * b + (i % 4)).toFixed(4)}`;
});
const flags = [
  ...["--data", "./all.csv", "--target", "y", "--split-by", "tail", "--valid", "0.25", "--test", "0.25"],
  ...[
    "--epochs",
    "4",
    "--batch-size",
    "16",
    "--model",
    "mlp",
    "--hidden",
    "6",
    "--hyper",
    "l2=0.001",
    "--engine",
    "jax",
  ],
  ...["--optimizer", "adam", "--lr", "0.01", "--seed", "3", "--no-baseline", "--json", "--quiet"],
];

async function tuned(...more: string[]): Promise<TuneResult> {
  return tunedOn(rows, ...more);
}

async function tunedOn(lines: readonly string[], ...more: string[]): Promise<TuneResult> {
  writeFileSync("all.csv", ["a,b,c,y", ...lines].join("\n"));
  const { code, stdout, stderr } = await call("tune", ...flags, ...more, "--out", "run");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as TuneResult;
}

async function refitted(...more: string[]): Promise<TuneResult> {
  const { code, stdout, stderr } = await call("refit", "run", "--out", "again", "--json", "--quiet", ...more);
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout) as TuneResult;
  const { before, after } = result.refit ?? {};
  const isWorse = (after?.measures?.["RMSE"] as number) > (before?.measures?.["RMSE"] as number);
  expect(result.remarks.filter((remark) => remark.startsWith("The test RMSE is higher"))).toHaveLength(
    isWorse ? 1 : 0,
  );
  return result;
}

test("a run that goes on is not refitted, nor a folder whose owner may live", async () => {
  await tuned("--method", "fixed");
  const folder = runFolder("run");
  {
    await using _lock = await lockRunFolder(folder);
    const { code, stderr } = await call("refit", "run", "--out", "again");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: run must be worked on by one process at a time, but process \d+ on .* wait for its end/,
    );
    expect(existsSync("again")).toBe(false);
  }
  await refitted();
  const { code, stderr } = await call("refit", "run", "--out", "again");
  expect(code).toBe(2);
  expect(stderr).toBe(
    "error: --out must be a new or empty folder, but again holds a run; choose another\n", // a refit is not gone on with
  );
});

test("refit --hold is plain training on the joined rows with the best point's values", async () => {
  const { best } = await tuned("--method", "delta-stn", "--warmup-epochs", "1", "--hyper-lr", "0.3");
  const l2 = best.hyperparameters.l2?.value as number;
  expect(l2).not.toBe(0.001);
  const { refit, final } = await refitted("--hold");
  expect(refit?.before).toEqual(best.test);

  const split = (count: number) => joinedParts(tailSplit(count, { valid: 0.25, test: 0.25 }));
  const data = csvData(readFileSync("all.csv"), { name: "all.csv", target: "y", split });
  expect([data.splits.train.rows, data.splits.valid.rows]).toEqual([90, 30]);
  const network = mlp({ inputs: data.inputShape[0] as number, hidden: [6], outputs: 1 });
  const task = supervised({ data, network, hypers: { l2: real(l2, { log: true }) } });
  const tuner = fixed({ optimizer: adam(), learningRate: 0.01 });
  const options = { epochs: best.epoch, batchSize: 16, seed: 3 };
  const run = createRun(task, tuner, await jaxEngine(), options, { clock: performance });
  for await (const event of run.events())
    if (event.kind === "end") expect(event.final.test?.loss).toBeCloseTo(refit?.after?.loss as number, 6);
  const weights = leavesOf(await run.weights());
  run.dispose();
  expect(final.epoch).toBe(best.epoch);
  const kept = new Map(leavesOf(decodeTensors(readFileSync("again/model.safetensors"), "model").tensors));
  for (const [name, { data }] of weights)
    data.forEach((w, i) => expect(kept.get(name)?.data[i]).toBeCloseTo(w, 5));
});

test("a refit sees each row as often as its run had, where an epoch of more rows has more steps for its rows", async () => {
  const { best } = await tuned("--method", "fixed", "--batch-size", "64", "--schedule", "cosine");
  const { refit, remarks: _, steps } = await refitted();
  const before = { steps: best.epoch, rows: 60 }; // a step an epoch; of 90 rows two
  const expected = Math.round((best.epoch * 90) / 64);
  expect(expected).not.toBe(2 * best.epoch);
  expect(refit?.trained).toEqual({ steps: expected, rows: 90, before });
  expect(steps).toBe(expected);
  expect((await readTrace("again/metrics.jsonl")).at(-1)?.step).toBe(expected);
  expect(readFileSync("again/report.html", "utf8").replace(/\s+/g, " ")).toContain(
    `It trained for ${expected} steps, in which each of its 90 rows is seen as often as the run&#39;s 60 in ${best.epoch}.`,
  );
});

test("a refit is named after its run, or after the run of its baseline", async () => {
  await tuned();
  const folderOf = async (run: string) => {
    const { stdout } = await call("refit", run, "--json", "--quiet");
    return (JSON.parse(stdout) as TuneResult).run;
  };
  expect(await folderOf("run")).toBe("runs/run-refit");
  expect(await folderOf("./run/")).toBe("runs/run-refit-2");
  const { code, stderr } = await call("tune", ...flags, "--baseline", "--out", "beside");
  expect(code, stderr).toBe(0);
  expect(await folderOf("beside/baseline")).toBe("runs/beside-baseline-refit");
});

test.each([
  [[], "trained along the schedule"],
  [["--hold"], "values of the best epoch held"],
])(
  "tables of a refit with %j say how it was trained, and that it trained on the validation rows",
  async (flags, name) => {
    await tuned("--method", "fixed");
    const { code, stdout } = await call("refit", "run", "--out", "again", ...flags);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ *last epoch +validation loss \(trained on\) /m);
    expect(stdout).toMatch(/^ *at the last epoch +validation \(trained on\) +test$/m);
    expect(stdout).toMatch(/^ *hyperparameter +start +last$/m);
    expect(stdout).toMatch(new RegExp(`^ *${name} +\\d+ `, "m"));
    expect(stdout).not.toMatch(/start held fixed/);
    const report = readFileSync("again/report.html", "utf8").replace(/\s+/g, " ");
    expect(report).toContain(`<th scope="row">${name.replace(/^./, (first) => first.toUpperCase())}</th>`);
    expect(report).toContain('<th scope="col">Validation loss (trained on)</th>');
    expect(report).toContain('<th scope="col">Last epoch</th>');
    expect(report.slice(0, report.indexOf("<script"))).not.toMatch(/[Bb]est epoch<|lowest validation loss/);
    expect(report).toContain("only the test part is new to it");
  },
);

test("a refit is itself neither refitted nor repeated by its configuration, but by the command in its result", async () => {
  await tuned("--method", "fixed");
  await refitted("--hold");
  const again = await call("refit", "again");
  expect([again.code, again.stderr]).toEqual([
    2,
    "error: again must be a run of tune to be refitted, but is a refit of run, which has ended; use its model as it is, or name that run\n",
  ]);
  expect(existsSync("runs")).toBe(false);
  for (const command of ["tune", "compare"]) {
    const { code, stderr } = await call(command, "again/config.json");
    expect([code, stderr]).toEqual([
      2,
      "error: again/config.json must be the configuration of a run of tune, but is of a refit of run; repeat it with `hypertrain refit run --hold`\n",
    ]);
  }
  const commandOf = (run: string) =>
    (JSON.parse(readFileSync(`${run}/result.json`, "utf8")) as RunDocument).command;
  expect(commandOf("again")).toBe("hypertrain refit run --hold");
  expect(readFileSync("again/report.html", "utf8")).toContain(
    "<pre><code>hypertrain refit run --hold</code></pre>",
  );
  const { code, stderr } = await call("refit", "run", "--out", "along", "--quiet");
  expect(code, stderr).toBe(0);
  expect(commandOf("along")).toBe("hypertrain refit run");
});

test("a page of a refit, also of one that says nothing of itself, tells of its last epoch", async () => {
  await tuned("--method", "fixed");
  await refitted();
  const trace = await readTrace("again/metrics.jsonl");
  expect(keptPoint(trace, true)).toEqual(trace.at(-1));
  expect(readFileSync("again/report.html", "utf8")).toMatch(/"refitted":"run"/);
  rmSync("again/result.json");
  expect(await runSource(".").run("again")).toMatchObject({ refitted: "run", missing: expect.any(String) });
  expect((await runSource(".").run("run")).refitted).toBeUndefined();
});

test("refit goes along the schedule, and its folder answers for new rows as it says", async () => {
  const { best } = await tuned("--method", "delta-stn", "--warmup-epochs", "1", "--hyper-lr", "0.3");
  const { refit, final } = await refitted();
  expect(readFileSync("again/report.html", "utf8")).toMatch(
    /<li>Test RMSE before: [\d.]+ \(R² [\d.-]+\); after training on both parts with the schedule found: [\d.]+ /,
  );
  const [found, followed] = await Promise.all(
    ["run", "again"].map((run) => readTrace(`${run}/metrics.jsonl`)),
  );
  const valueOf = (point?: { hyperparameters: Readonly<Record<string, HyperPoint>> }) =>
    point?.hyperparameters.l2?.value as number;
  expect(final.epoch).toBe(best.epoch);
  // After an epoch the last step was made before its end, so the value lies between that of two recorded points.
  (followed ?? []).slice(1).forEach((point, i) => {
    const [from, to] = [valueOf(found?.[i]), valueOf(found?.[i + 1])].sort((a, b) => a - b) as [
      number,
      number,
    ];
    expect(valueOf(point)).toBeGreaterThanOrEqual(from * (1 - 1e-6));
    expect(valueOf(point)).toBeLessThanOrEqual(to * (1 + 1e-6));
  });
  writeFileSync("held.csv", ["a,b,c,y", ...rows.slice(-30)].join("\n"));
  const asked = await call("predict", "again", "held.csv", "--json");
  expect((JSON.parse(asked.stdout) as { score: { loss: number } }).score.loss).toBeCloseTo(
    refit?.after?.loss as number,
    6,
  );
  const resumed = await call("resume", "again", "--epochs", "20");
  expect([resumed.code, resumed.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: again must be a run of tune to go on, but is a refit of run, which has/),
  ]);
});

test("the way between two trace points is straight in unconstrained space, from where training began anew", () => {
  const space = createSpace({ l2: real(1e-2, { log: true }) });
  const point = (epoch: number, value: number) => ({
    ...{ step: 10 * epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: 0, valid: { loss: 1 } },
    hyperparameters: { l2: { value } },
  });
  const way = hyperPath(
    space,
    [0, 1, 2, 3].map((e) => point(e, 10 ** -e)),
    { ...point(4, 1e-6), restartedAt: 20 },
  );
  expect(way.epochs).toBe(2);
  const natural = [0, 0.5, 1, 1.5, 2, 9].map((epoch) => way.at(epoch)[0] as number);
  const expected = [1e-2, 10 ** -2.5, 1e-3, 10 ** -4.5, 1e-6, 1e-6];
  natural.forEach((u, i) =>
    expect(u).toBeCloseTo(toUnconstrained(space, { l2: expected[i] as number })[0] as number, 9),
  );
});

test("learning rates fall on the way where the run's fell, from where training began anew", () => {
  const point = (epoch: number, rateFactor?: number) => ({
    ...{ step: 10 * epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: 0, valid: { loss: 1 } },
    ...{ hyperparameters: {}, ...(rateFactor !== undefined && { rateFactor }) },
  });
  const trace = [1, 0.5, 0.25, 1, 0.5, 0.5].map((factor, epoch) => point(epoch, factor)); // anew at 2
  const at = ratePath(trace, { ...point(5, 0.5), restartedAt: 20 });
  expect([0, 0.9, 1, 1.9, 2, 2.9].map(at)).toEqual([1, 1, 1, 1, 0.5, 0.5]);
  expect(ratePath([point(0), point(1)], point(2))(1.5)).toBe(1);
});

test("a run whose best point is its start is refused in a sentence", async () => {
  await tuned("--method", "fixed", "--lr", "3");
  const { code, stderr } = await call("refit", "run");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: run must have become better in training/);
});

test("that the test error became higher is said, where validation rows are of another kind", async () => {
  const odd = rows.map((row, i) => {
    const [a, b, c, y] = row.split(",");
    return i < 60 || i >= 90 ? row : [a, b, c, (c === "low" ? 4 : 0) + Number(y)].join(","); // the validation rows
  });
  await tunedOn(odd, "--method", "fixed", "--epochs", "40");
  const { refit, remarks } = await refitted();
  expect(refit?.after?.measures?.["RMSE"]).toBeGreaterThan(refit?.before?.measures?.["RMSE"] as number);
  expect(remarks.at(-1)).toMatch(/^The test RMSE is higher than before/);
});

test("the refit of a text counts the rows that trained the run, of which the end of the text is none", async () => {
  const words = Array.from(
    { length: 402 },
    (_, i) => ["the", "cat", "sat", "on", "a", "mat"][(i * i) % 6],
  ).join(" ");
  writeFileSync("words.txt", words);
  const text = [
    "--data",
    "text",
    "--data-dir",
    "words.txt",
    "--tokens",
    "word",
    "--valid",
    "100",
    "--test",
    "50",
  ];
  const small = ["--model", "lstm", "--hidden", "4", "--bptt", "7", "--batch-size", "4", "--epochs", "2"];
  const argv = [...text, ...small, "--method", "fixed", "--lr", "0.03", "--out", "run", "--quiet"];
  const { code, stderr } = await call("tune", ...argv);
  expect(code, stderr).toBe(0);
  const { stdout } = await call("refit", "run", "--out", "again", "--json", "--quiet");
  const { refit } = JSON.parse(stdout) as TuneResult;
  const rows = (tokens: number) => Math.floor((tokens - 1) / 7);
  expect(refit?.trained).toMatchObject({ rows: rows(353), before: { rows: rows(253) } }); // 402 words and an end of line
  expect(rows(353) - rows(253)).not.toBe(Math.ceil(99 / 7)); // which are those that validated
});

/** How often a file is read while something is done. */
async function readsOf(file: string, work: () => Promise<unknown>): Promise<number> {
  const { readFile } = fs;
  let reads = 0;
  fs.readFile = ((...given: Parameters<typeof readFile>) => {
    if (String(given[0]).endsWith(file)) reads++;
    return readFile(...given);
  }) as typeof readFile;
  syncBuiltinESMExports();
  await work().finally(() => {
    fs.readFile = readFile;
    syncBuiltinESMExports();
  });
  return reads;
}

test("a refit reads its data once", async () => {
  await tuned();
  const refitted = () => call("refit", "run", "--out", "once", "--quiet");
  expect(await readsOf("all.csv", refitted)).toBe(1);
  expect(existsSync("once/result.json")).toBe(true);
  writeFileSync("own.txt", "the cat sat on the mat. ".repeat(60));
  const text = [
    "--data",
    "text",
    "--data-dir",
    "own.txt",
    "--model",
    "lstm",
    "--hidden",
    "4",
    "--epochs",
    "2",
  ];
  await call("tune", ...text, "--no-baseline", "--quiet", "--out", "text");
  expect(await readsOf("own.txt", () => call("refit", "text", "--out", "again", "--quiet"))).toBe(1);
  expect(existsSync("again/result.json")).toBe(true);
});
