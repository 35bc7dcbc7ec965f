import { describe, test } from "vitest";

import { samplerContract } from "../../src/testing/sampler-contract.ts";
import { samplers } from "./samplers.ts";

describe.each(Object.entries(samplers))("the sampler %s", (_, make) => {
  for (const { name, run } of samplerContract(make)) test(name, run);
});
