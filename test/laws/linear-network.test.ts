import { describe, expect, test } from "vitest";

import type { Task } from "../../src/problem/problem.ts";
import { real } from "../../src/space/real.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { leavesOf, type HostTree } from "../../src/util/host-array.ts";
import { responses } from "../contracts/responses.ts";
import { tuneFully } from "../oracles/settle.ts";

const taskWith = (hidden: readonly number[], perExample: boolean): Task => {
  const perturb = perExample ? ("example" as const) : ("minibatch" as const);
  return smallTask({
    hidden,
    hypers: {
      "dropout.input": real(0.2, { low: 0, high: 0.9, perturb }),
      l2: real(0.01, { low: 1e-4, high: 1, log: true, perturb }),
    },
  });
};

const soon = { warmupEpochs: 0, trainSteps: 2 };

describe("Delta-STN is centred STN where the network is linear in its weights", () => {
  test.each(Object.entries(responses))("response %s", async (_, { response, perExample }) => {
    const task = taskWith([], perExample);
    const [delta, centered] = [
      await tuneFully(task, deltaStn({ ...soon, response }), { steps: 12 }),
      await tuneFully(task, centeredStn({ ...soon, response }), { steps: 12 }),
    ];
    demandSame(delta, centered, "Delta-STN's state", 1e-11);
  });

  test("and is not where it has a hidden layer", async () => {
    const task = taskWith([4], true);
    const [delta, centered] = [
      await tuneFully(task, deltaStn(soon), { steps: 12 }),
      await tuneFully(task, centeredStn(soon), { steps: 12 }),
    ];
    expect(difference(delta, centered)).toBeGreaterThan(1e-6);
  });
});

function difference(a: HostTree, b: HostTree): number {
  const others = new Map(leavesOf(b));
  const gaps = leavesOf(a).flatMap(([path, { data }]) =>
    Array.from(data, (v, i) => Math.abs(v - (others.get(path)?.data[i] as number))),
  );
  return Math.max(...gaps);
}
