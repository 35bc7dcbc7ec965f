import { expect, test } from "vitest";

import { adam } from "../nn/optim/adam.ts";
import { constant } from "../nn/optim/schedule.ts";
import { trainingMethods } from "./index.ts";
import type { TrainingMethod } from "./method.ts";
import type { MethodOption } from "./option.ts";
import type { MethodTraining } from "./training.ts";

/** Options that the run takes, not the tuner. */
const ofRun = ["validBatchSize", "guard", "restart"];

/** Says what was asked of it in the place of parts. */
const telling = (...asked: unknown[]) => asked.join(" ") as never;

const training: MethodTraining = {
  ...{ optimizer: adam(), optimizerName: "adam", learningRate: 0.1, momentum: 0.5, clipNorm: 1 },
  ...{ batchSize: 8, stepsPerEpoch: 10, epochs: 100, memoryLimit: 1e9, hypersAt: undefined },
  ...{ schedule: () => constant(), optimizerNamed: telling, responseRate: () => 0.01 },
  ...{ inverseTime: telling, responseNamed: telling, hypernetNamed: telling },
};

const another = ({ type, default: usual }: MethodOption): string | number | undefined =>
  type.kind === "name"
    ? type.names.find((name) => name !== usual)
    : type.kind === "integer"
      ? Number(usual ?? type.least) + 1
      : usual === 0.5
        ? 0.25
        : 0.5;

const cases = (trainingMethods as readonly TrainingMethod[]).flatMap((method) =>
  Object.keys(method.options)
    .filter((option) => !ofRun.includes(option))
    .map((option): [string, string, TrainingMethod] => [option, method.name, method]),
);

test.each(cases)("%s changes what the tuner of %s is made with", (option, _, { options, settings }) => {
  const base = Object.fromEntries(Object.entries(options).map(([name, { default: usual }]) => [name, usual]));
  const fineTuned = { ...base, ...(option === "fineTuneLr" && { fineTuneSteps: 1 }) }; // which gives it a meaning
  const madeWith = (values: object) => JSON.stringify(settings(values as never, training));
  const other = another(options[option] as MethodOption);
  expect(madeWith({ ...fineTuned, [option]: other })).not.toBe(madeWith(fineTuned));
});
