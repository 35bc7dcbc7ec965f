import { numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { sgd } from "../../src/nn/optim/sgd.ts";
import type { Task } from "../../src/problem/problem.ts";
import { real } from "../../src/space/real.ts";
import type { Hyper } from "../../src/space/space.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { forwardUnrolled } from "../../src/tuners/forward-unrolled.ts";
import { implicitCg, t1T2 } from "../../src/tuners/implicit.ts";
import { decaysWithEnd, largestDecay } from "../../src/tuners/largest-decay.ts";
import { stn } from "../../src/tuners/stn.ts";
import { unrolled } from "../../src/tuners/unrolled.ts";
import { HostArray } from "../../src/util/host-array.ts";
import { ready } from "../oracles/settle.ts";
import { trained } from "./trained.ts";

beforeAll(ready);

const RATE = 0.2;

/** Validation rows of each class call it by the name of the next, so that whatever is learned is worse than nothing. */
function misled(): Task {
  const { problem, data } = smallTask({ hidden: [], hypers: { l2: real(0.5, { log: true }) } });
  const { rows, fields } = data.valid;
  const next = Int32Array.from(fields.y?.data ?? [], (k) => (k + 1) % 3);
  return {
    problem,
    data: { ...data, valid: { rows, fields: { ...fields, y: new HostArray(next, [rows]) } } },
  };
}

test("the decays that are held are those without an upper end that start below it", () => {
  const log = { log: true } as const;
  const names = (l2: Hyper) =>
    decaysWithEnd(smallTask({ hidden: [], hypers: { l2, l1: real(1, log) } }), RATE);
  expect(names(real(4.9, log))).toEqual(["l2"]);
  expect(names(real(5, log))).toEqual([]);
  expect(names(real(0.1, { ...log, low: 1e-3 }))).toEqual(["l2"]);
  expect(names(real(0.1, { ...log, low: 1e-3, high: 100 }))).toEqual([]);
});

const options = {
  ...{ optimizer: sgd({ momentum: 0 }), learningRate: RATE, hyperLearningRate: 0.1 },
  ...{ warmupEpochs: 0, trainSteps: 1 },
};

const learning = { ...options, warmupEpochs: 20, perturbations: "full" } as const;

test.each([
  ["stn", stn(options)],
  ["centered-stn", centeredStn(learning)],
  ["delta-stn", deltaStn(learning)],
  ["delta-stn at another pace", deltaStn({ ...learning, linearPace: 0.5 })],
  ["t1-t2", t1T2(options)],
  ["implicit-cg", implicitCg(options)],
  ["unrolled", unrolled({ ...options, horizon: 1 })],
  ["forward-unrolled", forwardUnrolled(options)],
])(
  "%s holds a weight decay at 1 / learning rate, since it diverges behind 2 / learning rate",
  async (_, tuner) => {
    const { trace } = await trained(misled(), tuner, { epochs: 150, batchSize: 24 });
    const decays = trace.map(({ hyperparameters }) => Number(hyperparameters.l2?.value));
    expect(Math.max(...decays)).toBeCloseTo(1 / RATE, 5);
    expect(trace.at(-1)?.valid.loss).toBeLessThan(1.1 * Math.log(3)); // little more than weights of 0 have
  },
);

const held = (hypers: Readonly<Record<string, Hyper>>, u: readonly number[], learningRate = 0.1) => [
  ...(largestDecay(smallTask({ hypers }), learningRate)(np.array([...u])).js() as number[]),
];

test("only weight decays are held, without an upper end, that start below; NaN stays NaN", () => {
  const open = real(1e-4, { log: true });
  expect(held({ l2: open }, [Math.log(9.9)])[0]).toBeCloseTo(Math.log(9.9), 6);
  expect(held({ l2: open }, [7])[0]).toBeCloseTo(Math.log(10), 6);
  expect(held({ l2: open }, [NaN])).toEqual([NaN]);
  expect(held({ l2: open }, [7], 0.01)[0]).toBeCloseTo(Math.log(100), 6);
  expect(held({ l2: real(1e-4, { log: true, low: 1e-6, high: 1000 }) }, [7])).toEqual([7]);
  expect(held({ l2: real(50, { log: true }) }, [7])).toEqual([7]);
  expect(held({ l1: open, "l2.fc1": open, "l2.fc2": real(0.5, { low: 0 }) }, [7, 7, 70])).toEqual([
    7,
    expect.closeTo(Math.log(10), 6),
    expect.closeTo(10, 3),
  ]);
});
