import type { Engine } from "../../src/engine/engine.ts";
import { jaxEngine } from "../../src/engine/jax.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";

/** Every engine, by the name of its factory, in every form that runs outside a browser. */
export const engines: Readonly<Record<string, Readonly<Record<string, () => Promise<Engine>>>>> = {
  jaxEngine: { wasm: () => jaxEngine("wasm"), cpu: () => jaxEngine("cpu") },
  onnxEngine: { onnx: () => onnxEngine() },
};
