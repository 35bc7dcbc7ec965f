import { describe, test } from "vitest";

import { jaxEngine } from "../../src/engine/jax.ts";
import { engineContract } from "../../src/testing/engine-contract.ts";
import { engines } from "./engines.ts";

const forms = Object.entries(engines).flatMap(([factory, made]) =>
  Object.entries(made).map(([form, make]) => [`${factory} ${form}`, form, make] as const),
);

describe.each(forms)("the engine %s", (_, form, makeEngine) => {
  const reference = () => jaxEngine(form === "wasm" ? "cpu" : "wasm");
  for (const { name, run } of engineContract(makeEngine, reference)) test(name, run);
});
