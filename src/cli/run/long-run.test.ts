import { expect, test } from "vitest";

import type { RunEvent } from "../../tuners/run.ts";
import { tellIfLong, type LongRun } from "./long-run.ts";

/** What is said of a run of so many steps, which take so long each, after a first one of two seconds. */
function saidOf(steps: number, secondsEach: number, others: Partial<LongRun> = {}): [number, string][] {
  const said: [number, string][] = [];
  let step = 0;
  const phase = { name: "tuning", timeLimit: Infinity } as const;
  const see = tellIfLong({ phase, path: "runs/a b", note: (line) => said.push([step, line]), ...others });
  const trace = { step: 0, epoch: 0, examples: 0, gradientEvaluations: 0, seconds: 0 };
  const start: RunEvent = {
    ...{ kind: "start", steps, stepsPerEpoch: 9 },
    trace: { ...trace, hyperparameters: {}, valid: { loss: 1 } },
  };
  see(start);
  for (step = 1; step <= Math.min(steps, 1000); step++)
    see({ kind: "step", step, seconds: 2 + (step - 1) * secondsEach, loss: 1 });
  return said;
}

test("a run that takes more than ten minutes is told of once, with the ways out", () => {
  const [way, rest] = ["tuning takes some 37 min 31 s at this pace", "`--time 10m` ends after ten minutes"];
  const stop =
    "; or stop at any time by Ctrl-C, after which `hypertrain finish 'runs/a b'` writes the model of the best epoch so far and `hypertrain resume 'runs/a b'` goes on";
  expect(saidOf(2250, 1)).toEqual([[11, `${way}: ${rest}${stop}`]]);
  expect(saidOf(2250, 1, { warmup: 452 })).toEqual([
    [
      11,
      `${way}, of which 7 min 33 s before the first hyperparameter step: ${rest}, with a shorter warm-up${stop}`,
    ],
  ]);
  expect(saidOf(2250, 20).map(([step]) => step)).toEqual([3]);
});

test("nothing is said of a shorter one, nor where time limits it", () => {
  expect(saidOf(590, 1)).toEqual([]);
  expect(saidOf(Infinity, 1, { phase: { name: "tuning", timeLimit: 3600 } })).toEqual([]);
});
