import { expect, test } from "vitest";

import { readConfig } from "../../src/cli/config/read-config.ts";
import { comparedStudyConfig, storedCurve, workOnComparison } from "../../src/cli/compare/compared-study.ts";
import { curveOf, tuningOf } from "../../src/cli/compare/curve.ts";
import { demandFeasible, pairsOf, planOf } from "../../src/cli/compare/plan.ts";
import type { MethodName } from "../../src/methods/lookup.ts";
import { createSpace } from "../../src/space/space.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";
import { withoutClock } from "../cli/command.ts";

const flags = {
  ...{ data: "wine", hidden: [4], trialEpochs: 3, batchSize: 20 },
  ...{ engine: "onnx", threads: 1 },
};

test("pairs that are handed from worker to worker have the curves of a comparison without a store", async () => {
  const methods = ["random", "hyperband", "delta-stn"] as const;
  const config = await readConfig(undefined, flags, { methods });
  const plan = planOf({ methods: methods.join(","), seeds: "1", budgetSteps: "60" }, config);
  const { named } = await demandFeasible(plan);
  await using storage = await openStorage(":memory:");
  const stored = await comparedStudyConfig(plan, pairsOf(plan), named);
  await storage.create("all", stored);

  let hands = 0;
  let time = 0;
  const clock = { now: () => (time += 1000) }; // a second goes by at each look, so that no evaluation is kept back
  const work = async () => {
    const stop = new AbortController();
    let reports = 0;
    const impatient: Storage = {
      ...storage,
      reportAll(claim, evaluations) {
        if (++reports === 2) stop.abort();
        return storage.reportAll(claim, evaluations);
      },
    };
    hands++;
    const options = { storage: impatient, signal: stop.signal, clock, note() {}, load: {} };
    return workOnComparison("all", JSON.parse(JSON.stringify(stored)) as typeof stored, options);
  };
  while ((await work()) !== "done");
  expect(hands).toBeGreaterThan(4);

  const trials = await storage.trials("all");
  const { space } = named.task.problem;
  const tuning = (method: MethodName) => tuningOf({ ...plan, config: { ...plan.config, method } }, named);
  const curves = await Promise.all(
    trials.map((trial) => storedCurve(storage, "all", trial, { space, tuning })),
  );
  const signal = new AbortController().signal;
  const alone = pairsOf(plan).map(({ method, seed }) =>
    curveOf({ ...plan, config: { ...plan.config, method, seed }, signal, clock: performance, watch() {} }),
  );
  expect(withoutClock(curves)).toEqual(withoutClock(await Promise.all(alone)));
  expect(curves.at(-1)?.untuned).toMatch(
    /its first hyperparameter step follows step \d+\. .* give it some \d+ gradients/,
  );
  expect(curves.map(({ trials }) => trials)).toEqual([expect.any(Number), expect.any(Number), 1]);
  expect(trials.map(({ values }) => values.method)).toEqual(methods);
});

test("a trial whose values are no method and seed is refused in a sentence", async () => {
  await using storage = await openStorage(":memory:");
  const nothing = { space: createSpace({}), tuning: () => Promise.resolve(undefined) };
  for (const values of [{ method: "delta-stm", seed: 0 }, { method: "fixed" }, { seed: 0 }]) {
    const trial: TrialRecord = {
      ...{ number: 0, values, state: "complete", attempt: 1, deaths: 0, to: 1, curve: [] },
    };
    await expect(storedCurve(storage, "all", trial, nothing)).rejects.toThrow(
      /^the trials of a comparison must be of a method and a seed, but one is of \{/,
    );
  }
});
