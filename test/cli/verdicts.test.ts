/** What a run says of what it gained, and of why it is what it is. */
import { readFileSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, useFolder } from "./command.ts";

useFolder();

/** 60 rows of a line with noise. */
function writeTable(): void {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i % 7},${(i * 3) % 5},${(i % 7) - ((i * i) % 11) / 5}`,
  );
  writeFileSync("line.csv", `a,b,y\n${rows.join("\n")}\n`);
}

const tune = (...argv: readonly string[]) =>
  call("tune", "--data", "line.csv", "--target", "y", "--hidden", "4", "--threads", "1", "--json", ...argv);

/** Sixty gradients a step soon pay for a check. */
const manyGradients = ["--method", "hyper-training", "--samples", "60"];

test("a short run on an own table says why it gained nothing, and how long it must be for a check of its response", async () => {
  writeTable();
  const { stdout, stderr } = await tune(
    ...[...manyGradients, "--epochs", "5", "--evaluate-every", "50", "--hyper-lr", ".27", "--out", "run"],
  );
  const { remarks, trust } = JSON.parse(stdout) as TuneResult;
  expect(remarks[0]).toMatch(/^Tuning gained (nothing|next to nothing|no more than chance)/);
  expect(stderr).toContain(remarks[0]);
  expect(readFileSync("run/report.html", "utf8")).toContain(remarks[0]);

  const [, epochs] =
    /; --epochs (\d+) --warmup-epochs 1 would be enough\.$/.exec(trust?.sentence ?? "") ?? [];
  const longer = await call("resume", "run", "--epochs", String(epochs), "--json");
  expect((JSON.parse(longer.stdout) as TuneResult).trust?.checks).toBe(1);
  const length = ["--epochs", String(epochs), "--warmup-epochs", "1"];
  const anew = await tune(
    ...manyGradients,
    "--evaluate-every",
    "50",
    "--no-baseline",
    ...length,
    "--out",
    "anew",
  );
  expect((JSON.parse(anew.stdout) as TuneResult).trust?.checks).toBe(1);
});

test("a run that is too short to tune says how long it must be", async () => {
  writeTable();
  const { stdout, stderr } = await tune(
    "--epochs",
    "2",
    "--warmup-epochs",
    "3",
    "--no-baseline",
    "--out",
    "run",
  );
  const [, epochs] =
    /[Gg]ive it (\d+) epochs \(--epochs \1 --warmup-epochs 3\)/.exec(
      (JSON.parse(stdout) as TuneResult).remarks.join(),
    ) ?? [];
  expect(stderr).toContain(`give it ${epochs} epochs with a warm-up of 3`);
  expect(stderr).toMatch(/^ *delta-stn, untuned /m); // the table at the end
  const longer = await call("resume", "run", "--epochs", String(epochs), "--json");
  expect((JSON.parse(longer.stdout) as TuneResult).remarks.join()).not.toMatch(/never moved/);
  expect(longer.stderr).toMatch(/^ *tuned by delta-stn /m);
});

test("the reason of --method auto stands in document and report, after a resume as well", async () => {
  writeTable();
  const reason = /^--method auto is delta-stn: \d+ hyperparameters /;
  const { stdout } = await tune("--method", "auto", "--epochs", "2", "--no-baseline", "--out", "run");
  expect((JSON.parse(stdout) as TuneResult).auto).toMatch(reason);
  const resumed = await call("resume", "run", "--json");
  const { auto } = JSON.parse(resumed.stdout) as TuneResult;
  expect(auto).toMatch(reason);
  expect(readFileSync("run/report.html", "utf8")).toContain(auto);
});

test("a store is refused for the method that the user named", async () => {
  writeTable();
  const { code, stderr } = await tune("--method", "auto", "--store", "trials.db");
  expect(code).toBe(2);
  expect(stderr).toMatch(/--store must be left out for auto, here delta-stn, .* but got "trials.db"/);
});
