import { describe, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { tunerContract } from "../../src/testing/tuner-contract.ts";
import { tuners } from "./tuners.ts";

const engines = { onnx: () => onnxEngine(), jax: () => jaxEngine() };

describe.each(Object.entries(tuners))("the tuner %s", (_, tuner) => {
  describe.each(Object.entries(engines))("on the engine %s", (_, makeEngine) => {
    for (const { name, run } of tunerContract(tuner, smallTask, makeEngine)) test(name, run);
  });
});
