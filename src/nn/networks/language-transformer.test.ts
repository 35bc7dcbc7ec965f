import { numpy as np } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

import { ready } from "../../../test/oracles/settle.ts";
import { mapArrays } from "../../engine/transform.ts";
import type { ArrayTree } from "../../engine/engine.ts";
import { HostArray, type HostTree } from "../../util/host-array.ts";
import { randomKey } from "../../util/random.ts";
import { parametersOf, plainLayers } from "../layer.ts";
import { languageTransformer } from "./language-transformer.ts";

beforeAll(ready);

const [STEPS, WORDS, FEATURES] = [5, 7, 16] as const;
const network = languageTransformer({ steps: STEPS, words: WORDS, width: FEATURES / 64 });

test("a language transformer has the parameters of its sizes", () => {
  const norm = 2 * FEATURES;
  const attention = 4 * (FEATURES ** 2 + FEATURES);
  const hidden = FEATURES * 2 * FEATURES + 2 * FEATURES + 2 * FEATURES * FEATURES + FEATURES;
  const count = network.layers.reduce((sum, layer) => sum + parametersOf(layer), 0);
  const shared = WORDS * FEATURES + WORDS; // the embedding, which decodes, and the decoder's bias
  expect(count).toBe(shared + STEPS * FEATURES + 2 * (attention + hidden + 2 * norm) + norm);
});

test("a token's prediction depends on it and on those before it alone", () => {
  const params = onDevice(network.init(randomKey(1, "weights")));
  const answers = (tokens: readonly number[]) => {
    const x = np.array(Int32Array.from(tokens), { shape: [1, STEPS] });
    return network.apply(plainLayers(params), x, (_, y) => y).dataSync();
  };
  const [one, other] = [answers([3, 1, 4, 1, 5]), answers([3, 1, 6, 1, 5])];
  const changed = Array.from({ length: STEPS }, (_, step) =>
    Array.from({ length: WORDS }, (_, word) => step * WORDS + word).some(
      (i) => Math.abs((one[i] as number) - (other[i] as number)) > 1e-6,
    ),
  );
  expect(changed).toEqual([false, false, true, true, true]);
  mapArrays((array) => (array.dispose(), array), params);
});

const onDevice = (tree: HostTree): ArrayTree =>
  tree instanceof HostArray
    ? np.array(Float32Array.from(tree.data), { shape: [...tree.shape] })
    : Object.fromEntries(Object.entries(tree).map(([name, leaf]) => [name, onDevice(leaf)]));
