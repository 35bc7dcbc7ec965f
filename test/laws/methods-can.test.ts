import { expect, test } from "vitest";

import { deltaStn } from "hypertrain";
import { parseConfig } from "../../src/cli/config/config.ts";
import { tunerOf } from "../../src/cli/registry/tuners.ts";
import type { Engine, Session } from "../../src/engine/engine.ts";
import { trainingMethods } from "../../src/methods/index.ts";
import type { TrainingName } from "../../src/methods/lookup.ts";
import type { TrainingMethod } from "../../src/methods/method.ts";
import type { Task } from "../../src/problem/problem.ts";
import { withOptimizerHypers } from "../../src/hypergrad/optimizer-hypers.ts";
import { integer } from "../../src/space/integer.ts";
import { real } from "../../src/space/real.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import type { Need } from "../../src/tuners/need.ts";
import { createRun, type RunOptions } from "../../src/tuners/run.ts";
import { endlessRun } from "../../src/tuners/tuner.ts";
import { HypertrainError } from "../../src/util/error.ts";
import { imageTask } from "./images.ts";

/* What methods say that they can, and what they refuse. */

const l2 = real(0.01, { log: true });
const architecture = { hidden: [4, 4], hypers: { l2, width: integer(4, { low: 1, high: 6 }) } };
const normed = [{ layer: "flatten" }, { layer: "batch-norm" }, { layer: "linear" }] as const;
const { carried = [] } = imageTask([2, 2, 2], normed, { l2 }).problem;

const asking = (more: Partial<Task["problem"]>, task: Task): Task => ({
  ...task,
  problem: { ...task.problem, ...more },
});

/** Tasks and options that ask for it; of the network that a method searches, where it searches one. */
const askingFor: Readonly<
  Record<Exclude<Need, "respond">, (searched: boolean) => readonly [Task, Partial<RunOptions>?]>
> = {
  carry: (searched) =>
    searched ? [asking({ carried }, smallTask(architecture))] : [imageTask([2, 2, 2], normed, { l2 })],
  augment(searched) {
    const augmentation = { hypers: [] } as unknown as NonNullable<Task["problem"]["augmentation"]>; // nothing is augmented before a step
    return [asking({ augmentation }, smallTask(searched ? architecture : {}))];
  },
  plateau: (searched) => [smallTask(searched ? architecture : {}), { plateau: {} }],
  restart: (searched) => [smallTask(searched ? architecture : {}), { restart: true }],
  optimizer: () => [
    withOptimizerHypers(smallTask({ hypers: { l2 } }), { learningRate: real(0.1, { low: 0, high: 1 }) }),
  ],
  architecture: () => [smallTask(architecture)],
  hold: () => [smallTask({ hypers: {} })],
};

const engine = { name: "none", open: () => ({}) as Session } as unknown as Engine; // nothing is run

const tunerNamed = (method: TrainingName) =>
  tunerOf({ ...parseConfig({ method }, String), batchSize: 128, warmupEpochs: 1 }, 1);

async function needUnmet(
  method: TrainingMethod<TrainingName>,
  need: keyof typeof askingFor,
): Promise<string | undefined> {
  const tuner = await tunerNamed(method.name);
  const [task, options] = askingFor[need](method.family === "architecture");
  try {
    createRun(task, tuner, engine, { epochs: 10_000, ...options }, { clock: performance });
    return undefined;
  } catch (error) {
    if (error instanceof HypertrainError) return error.need;
    throw error;
  }
}

test.each(Object.keys(askingFor) as (keyof typeof askingFor)[])(
  "methods refuse to %s unless they say that they can",
  async (need) => {
    const methods = trainingMethods as readonly TrainingMethod<TrainingName>[];
    const refusing = await Promise.all(
      methods.map(async (method) => (await needUnmet(method, need)) === need),
    );
    const unable = methods.filter((method) => !method.can?.includes(need) && !isSettled(method, need));
    expect(methods.filter((_, i) => refusing[i]).map(({ name }) => name)).toEqual(
      unable.map(({ name }) => name),
    );
  },
);

/** What is no matter of a method: one that tunes nothing refuses no hyperparameter, and networks among which one is chosen carry nothing. */
const isSettled = ({ family }: TrainingMethod, need: keyof typeof askingFor): boolean =>
  (family === "baseline" && ["optimizer", "architecture"].includes(need)) ||
  (family === "architecture" && ["carry", "optimizer", "hold"].includes(need));

test("a tuner of the library names the methods that can do what it cannot", () => {
  const prepare = () => deltaStn().prepare(smallTask(architecture), 0, endlessRun);
  expect(prepare).toThrow("hold it fixed, or take a method that chooses it: smash or a search");
});

test("methods have a program that predicts weights where they say that they can", async () => {
  const methods = trainingMethods as readonly TrainingMethod<TrainingName>[];
  for (const method of methods) {
    const tuner = await tunerNamed(method.name);
    const { programs } = tuner.prepare(
      smallTask(method.family === "architecture" ? architecture : {}),
      0,
      endlessRun,
    );
    expect(["respond" in programs, method.name]).toEqual([
      method.can?.includes("respond") ?? false,
      method.name,
    ]);
  }
});
