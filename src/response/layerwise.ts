import { tree, type numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { paramsOf, plainLayers, type Layer, type LayerParams, type Layers } from "../nn/layer.ts";
import type { HostTree } from "../util/host-array.ts";
import { partKey, type RandomKey } from "../util/random.ts";
import { demandLayers } from "./demand-layers.ts";
import type { Response } from "./response.ts";
import { sharedInput } from "./shared-input.ts";

/** What a response of layers is for one of them; `theta` is its part of Θ. Arrays are borrowed, but for x. */
export interface LayerResponse<Theta> {
  /** Θ = 0. */
  init(key: RandomKey, layer: Layer, size: number): HostTree;
  /** The outputs with one response for each row of h. */
  apply(layer: Layer, params: LayerParams, theta: Theta, h: np.Array, x: np.Array): np.Array;
  /** |W(h)|²: [rows]. */
  squaredNorm(params: LayerParams, theta: Theta, h: np.Array): np.Array;
  /** The parameters at one h: [1, size]. */
  moved(params: LayerParams, theta: Theta, h: np.Array): LayerParams;
}

/** The response of a network from that of one layer. Layers that do not respond stay as they are. */
export const layerwise = <Theta>(
  name: string,
  own: LayerResponse<Theta>,
): Pick<Response, "name" | "init" | "layers"> => ({
  name,
  init(layers, params, size, key) {
    demandLayers(name, layers, params);
    return Object.fromEntries(
      layers
        .filter(({ responds = true }) => responds)
        .map((layer) => [layer.name, own.init(partKey(key, layer.name), layer, size)]),
    );
  },
  layers(params, response, h): Layers {
    const plain = plainLayers(params);
    const thetaOf = ({ name }: Pick<Layer, "name">) =>
      (response as Readonly<Record<string, ArrayTree>>)[name] as Theta | undefined;
    return {
      apply(layer, x) {
        const theta = thetaOf(layer);
        return theta ? own.apply(layer, paramsOf(params, layer), theta, h, x) : plain.apply(layer, x);
      },
      base: plain.base,
      squaredNorm(layer) {
        const theta = thetaOf(layer);
        return theta ? own.squaredNorm(paramsOf(params, layer), theta, h) : plain.squaredNorm(layer);
      },
      params() {
        sharedInput(h);
        return Object.fromEntries(
          Object.keys(params).map((name) => {
            const [theta, layerParams] = [thetaOf({ name }), paramsOf(params, { name })];
            return [name, theta ? own.moved(layerParams, theta, h) : tree.ref(layerParams)];
          }),
        );
      },
    };
  },
});
