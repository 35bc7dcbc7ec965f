import { describe, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { tunerContract } from "../../src/testing/tuner-contract.ts";
import { taskFor, tuners, variants } from "./tuners.ts";

const engines = { onnx: () => onnxEngine(), jax: () => jaxEngine() };

describe.each(Object.entries({ ...tuners, ...variants }))("the tuner %s", (_, tuner) => {
  describe.each(Object.entries(engines))("on the engine %s", (_, makeEngine) => {
    for (const { name, run } of tunerContract(tuner, () => taskFor(tuner), makeEngine)) test(name, run);
  });
});
