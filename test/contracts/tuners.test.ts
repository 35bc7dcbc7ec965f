import { describe, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { smallTask } from "../../src/testing/small-task.ts";
import { tunerContract } from "../../src/testing/tuner-contract.ts";
import { tuners } from "./tuners.ts";

describe.each(Object.entries(tuners))("the tuner %s", (_, tuner) => {
  for (const { name, run } of tunerContract(tuner, smallTask, jaxEngine)) test(name, run);
});
