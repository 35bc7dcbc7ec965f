import { describe, expect, test } from "vitest";

import type { TracePoint } from "../../src/api/trace.ts";
import { parseConfig } from "../../src/cli/config/config.ts";
import { methodNames, isSearch, learnsResponse } from "../../src/methods/lookup.ts";
import { tunerOf } from "../../src/cli/registry/tuners.ts";
import { demandSame } from "../../src/testing/contract.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { endlessRun, type Tuner } from "../../src/tuners/tuner.ts";
import { taskFor, tuners } from "../contracts/tuners.ts";
import { trained, type TrainedPart } from "./trained.ts";

const STEPS_PER_EPOCH = 4;

/** A run long enough for a check, by step 500, or its beginning. */
const train = (tuner: Tuner, { checkShare = 0.1, ...part }: TrainedPart & { checkShare?: number } = {}) =>
  trained(
    taskFor(tuner),
    tuner,
    { epochs: 150, batchSize: 7, evaluateEvery: 50 * STEPS_PER_EPOCH, checkShare },
    part,
  );

const withoutChecks = (trace: readonly TracePoint[]) => trace.map(({ check: _, ...point }) => point);

describe.each(["deltaStn", "hyperTraining"])("checks of the response of %s", (name) => {
  const tuner = tuners[name] as Tuner;

  test("leave the run as it is, bit for bit, and so does a stop behind one", async () => {
    const checked = await train(tuner);
    expect(checked.trace.filter(({ check }) => check)).toHaveLength(1);
    const plain = await train(tuner, { checkShare: 0 });
    expect(withoutChecks(checked.trace)).toEqual(plain.trace);
    demandSame(checked.snapshot.state, plain.snapshot.state, "the state");
    const part = await train(tuner, { stopAt: 550 });
    const resumed = await train(tuner, { from: part.snapshot });
    expect([...part.trace, ...resumed.trace]).toEqual(checked.trace);
  });
});

test("the methods that are said to learn a response are those that can be checked", async () => {
  const methods = methodNames.filter((method) => !isSearch(method) && method !== "smash");
  const able: string[] = [];
  for (const method of methods) {
    const tuner = await tunerOf(
      { ...parseConfig({ method, warmupEpochs: 1 }, String), batchSize: 128 },
      STEPS_PER_EPOCH,
    );
    if (tuner.prepare(smallTask(), 0, endlessRun).plainTraining) able.push(method);
  }
  expect(able).toEqual(methods.filter(learnsResponse));
  expect(able.length).toBeGreaterThan(3);
});
