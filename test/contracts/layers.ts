import { linear } from "../../src/nn/kinds/linear.ts";
import type { LayerExample } from "../../src/testing/response-contract.ts";

/** Layers of every kind. */
export const layerExamples: readonly [LayerExample, ...LayerExample[]] = [
  { layer: linear({ name: "linear", inputs: 4, outputs: 3 }), input: [4] },
  { layer: linear({ name: "without-bias", inputs: 3, outputs: 1, bias: false }), input: [3] },
];
