import { inputError } from "../util/error.ts";
import { HostArray } from "../util/host-array.ts";
import type { LinearParams } from "../nn/linear.ts";
import { partKey } from "../util/random.ts";
import {
  initLinearResponse,
  respondedParams,
  respondingLinear,
  respondingSquaredWeights,
  type LinearResponse,
} from "./layers/linear.ts";
import type { Response } from "./response.ts";
import { sharedInput } from "./shared-input.ts";

/**
 * The factored response of a layered network: each layer's own rank-one-per-output form (`response/layers/`), cheap enough
 * for one response per example: about twice the plain network's work.
 *
 * Use it for networks; where one direction per output is too poor, use `dense` or `lowRank`.
 *
 * @see MacKay, Vicol, Lorraine, Duvenaud, Grosse, "Self-tuning networks", 2019, https://arxiv.org/abs/1903.03088
 */
export const factored: Response = {
  name: "factored",
  init: (params, size, key) =>
    Object.fromEntries(
      Object.entries(params).map(([name, layer]) => {
        const [inputs, outputs] = linearShape(name, layer);
        return [name, initLinearResponse(partKey(key, name), size, inputs, outputs)];
      }),
    ),
  layers(params, response, h) {
    const base = params as Record<string, LinearParams>;
    const responses = response as Record<string, LinearResponse>;
    const of = (name: string) => [base[name] as LinearParams, responses[name] as LinearResponse] as const;
    return {
      linear: (name, x) => respondingLinear(...of(name), h, x),
      squaredNorm: (name) => respondingSquaredWeights(...of(name), h),
      params: () => {
        sharedInput(h);
        return Object.fromEntries(Object.keys(base).map((name) => [name, respondedParams(...of(name), h)]));
      },
    };
  },
};

function linearShape(name: string, layer: unknown): readonly [inputs: number, outputs: number] {
  const weight = (layer as { weight?: unknown }).weight;
  if (!(weight instanceof HostArray) || weight.shape.length !== 2) {
    throw inputError(
      `the factored response must find layers with a weight [inputs, outputs] and a bias, but "${name}" is not one; use the dense or the low-rank response for it`,
    );
  }
  return weight.shape as unknown as readonly [number, number];
}
