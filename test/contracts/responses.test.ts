import { defaultDevice, init } from "@jax-js/jax";
import { beforeAll, describe, test } from "vitest";

import { responseContract } from "../../src/testing/response-contract.ts";
import { layerExamples } from "./layers.ts";
import { responses } from "./responses.ts";

beforeAll(async () => {
  await init("wasm");
  defaultDevice("wasm");
});

describe.each(Object.entries(responses))("the response %s", (_, { response, perExample }) => {
  for (const { name, run } of responseContract(response, layerExamples, { perExample })) test(name, run);
});
