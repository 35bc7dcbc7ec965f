/**
 * The main job over ten seeds: is the tuned run better than the start held fixed, does its end depend on the start, and what do
 * twenty trainings of random search reach? Runs the command `hypertrain tune` itself; prints markdown, writes JSON.
 *
 *     node reproductions/digits/main-job.ts [--seeds N] [--out FILE.json]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type { TuneResult } from "../../src/api/result.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";

const SEEDS = 10; // 0 to 9: each draws the split, the weights and the noise anew
const BY_HAND = [0.1, 0.3, 0.3]; // dropout rates of a fixed training, in the order of PLACES
const STARTS = [0.05, 0.3, 0.6]; // every dropout rate at first
const START_SEEDS = 3; // seeds for each of these starts
const TRIALS = 20; // trainings of random search, of the same length, all on seed 0
const PLACES = ["input", "fc1", "fc2"]; // random search: dropout uniform on [0, 0.7]
const LAYERS = ["fc1", "fc2", "fc3"]; // random search: weight decay log-uniform on [1e-6, 1e-1]

const { values } = parseArgs({ options: { seeds: { type: "string" }, out: { type: "string" } } });
const seeds = Array.from({ length: Number(values.seeds ?? SEEDS) }, (_, seed) => seed);
const launcher = join(import.meta.dirname, "../../bin/hypertrain.js");

function tune(seed: number, ...flags: string[]): TuneResult {
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-"));
  const args = [launcher, "tune", "--json", "--quiet", "--seed", `${seed}`, "--out", join(folder, "run")];
  const printed = execFileSync(process.execPath, [...args, ...flags], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return JSON.parse(printed) as TuneResult;
}

const lossOf = (part: { loss: number } | undefined): number => part?.loss ?? NaN;
const mean = (numbers: number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const shown = (...numbers: number[]): string => numbers.map((x) => x.toFixed(3)).join(" | ");
const listed = (numbers: number[]): string =>
  `${numbers.map((x) => x.toFixed(3)).join(", ")}; mean ${mean(numbers).toFixed(3)}`;

// 1. The tuned run beside the start held fixed.
say("| seed | tuned, validation | fixed, validation | tuned, test | fixed, test |\n|---|---|---|---|---|");
const pairs = seeds.map((seed) => {
  const { best, baseline, seconds } = tune(seed);
  const pair = {
    seed,
    seconds,
    tuned: { valid: lossOf(best.valid), test: lossOf(best.test) },
    fixed: { valid: lossOf(baseline?.valid), test: lossOf(baseline?.test) },
  };
  say(`| ${seed} | ${shown(pair.tuned.valid, pair.fixed.valid, pair.tuned.test, pair.fixed.test)} |`);
  return pair;
});
const columns = [
  pairs.map(({ tuned }) => tuned.valid),
  pairs.map(({ fixed }) => fixed.valid),
  pairs.map(({ tuned }) => tuned.test),
  pairs.map(({ fixed }) => fixed.test),
];
say(`| mean | ${shown(...columns.map(mean))} |`);
const wins = pairs.filter(({ tuned, fixed }) => tuned.valid < fixed.valid).length;
say(
  `\ntuned below fixed in validation: ${wins} of ${pairs.length}; one tuned run takes ${mean(pairs.map((p) => p.seconds)).toFixed(0)} s\n`,
);

// 2. Rates that a person might set.
const byHand = seeds.map((seed) => {
  const rates = BY_HAND.flatMap((rate, i) => ["--hyper", `dropout.${PLACES[i]}=${rate}`]);
  const { best } = tune(seed, "--method", "fixed", ...rates, "--hyper", "l2.*=1e-4");
  return { valid: lossOf(best.valid), test: lossOf(best.test) };
});
say(
  `by hand, dropout ${BY_HAND.join(", ")}: mean validation ${mean(byHand.map((b) => b.valid)).toFixed(3)}, test ${mean(byHand.map((b) => b.test)).toFixed(3)}\n`,
);

// 3. Other starts.
say("| start of the dropout rates | best validation loss | its test loss |\n|---|---|---|");
const starts = STARTS.map((start) => {
  const runs = seeds
    .slice(0, START_SEEDS)
    .map((seed) => tune(seed, "--no-baseline", "--hyper", `dropout.*=${start}`, "--hyper", "l2.*=1e-4"));
  const valid = runs.map(({ best }) => lossOf(best.valid));
  const test = runs.map(({ best }) => lossOf(best.test));
  say(`| ${start} | ${listed(valid)} | ${listed(test)} |`);
  return { start, valid, test };
});

// 4. Random search with trainings of the same length, its total time beside that of one tuned run.
const trials = Array.from({ length: TRIALS }, (_, trial) => {
  const draws = randomUniform(randomKey(trial, "random search"), 0, PLACES.length + LAYERS.length);
  const rates = PLACES.map((place, i) => [
    "--hyper",
    `dropout.${place}=${Math.max(1e-4, 0.7 * (draws[i] as number))}`,
  ]);
  const decays = LAYERS.map((layer, i) => [
    "--hyper",
    `l2.${layer}=${10 ** (-6 + 5 * (draws[PLACES.length + i] as number))}`,
  ]);
  const { best, seconds } = tune(0, "--method", "fixed", ...rates.flat(), ...decays.flat());
  return { valid: lossOf(best.valid), test: lossOf(best.test), seconds };
});
const found = trials.reduce((a, b) => (b.valid < a.valid ? b : a));
const total = trials.reduce((sum, { seconds }) => sum + seconds, 0);
const first = pairs[0] as (typeof pairs)[number];
say(
  `\nrandom search, seed 0: best of ${TRIALS} validation ${shown(found.valid)}, test ${shown(found.test)}, in ${total.toFixed(0)} s`,
);
say(
  `one tuned run, seed 0: validation ${shown(first.tuned.valid)}, test ${shown(first.tuned.test)}, in ${first.seconds.toFixed(0)} s`,
);

if (values.out)
  writeFileSync(values.out, `${JSON.stringify({ pairs, wins, byHand, starts, trials }, null, 2)}\n`);
