import { defaultDevice, init } from "@jax-js/jax";
import { beforeAll, describe, test } from "vitest";

import { layerContract } from "../../src/testing/layer-contract.ts";
import { stepExamples } from "./layers.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

describe.each(Object.entries(stepExamples).filter(([, examples]) => examples.length > 0))(
  "the step %s",
  (_, examples) => {
    describe.each(examples)("$config on $input", ({ config, input }) => {
      for (const { name, run } of layerContract(config, input)) test(name, run);
    });
  },
);
