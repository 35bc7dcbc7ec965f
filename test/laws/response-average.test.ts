import { beforeAll, expect, test } from "vitest";

import { dense } from "../../src/response/dense.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import type { SelfTuningOptions } from "../../src/tuners/self-tuning-options.ts";
import type { HostTree } from "../../src/util/host-array.ts";
import { inSession, leaf, ready } from "../oracles/settle.ts";

beforeAll(ready);

const SHARE = 0.7;
const STEPS = 4;
const task = smallTask();
const options: SelfTuningOptions = { response: dense, warmupEpochs: 0, trainSteps: STEPS };
const weightsOf = (response: HostTree) => leaf(response, "fc1.weight");

test("hyperparameter steps follow the running average of the response", async () => {
  const tuner = deltaStn({ ...options, responseAveraging: SHARE });
  const averaged = await inSession(task, tuner, {}, async ({ prepared, session, host }) => {
    let expected = weightsOf(prepared.state.response as HostTree).map(() => 0);
    let before: Readonly<Record<string, HostTree>> = {};
    const watched = {
      ...host,
      async run(program: string, inputs: Parameters<typeof host.run>[1]) {
        if (program === "tune") before = await session.read();
        const outputs = await host.run(program, inputs);
        if (program === "train") {
          const now = weightsOf((await session.read(["response"])).response as HostTree);
          expected = expected.map((average, i) => SHARE * average + (1 - SHARE) * (now[i] as number));
        }
        return outputs;
      },
    };
    for (let step = 0; step < STEPS; step++) await prepared.advance(watched, step);
    weightsOf(before.responseAverage as HostTree).forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i] as number, 9),
    );
    return { before, hypers: leaf(await session.read(["hypers"]), "hypers") };
  });

  const plain = await inSession(task, deltaStn(options), {}, async ({ prepared, session, host }) => {
    const { responseAverage, ...others } = averaged.before;
    const first = {
      ...host,
      run: (name: string, inputs: Parameters<typeof host.run>[1]) => {
        if (name === "tune") session.write({ ...others, response: responseAverage as HostTree });
        return host.run(name, inputs);
      },
    };
    for (let step = 0; step < STEPS; step++) await prepared.advance(first, step);
    return leaf(await session.read(["hypers"]), "hypers");
  });
  expect(averaged.hypers).toEqual(plain);
  expect(averaged.hypers).not.toEqual(leaf(averaged.before, "hypers"));
});
