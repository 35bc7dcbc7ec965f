import type { Layer } from "../nn/layer.ts";
import { inputError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";

/**
 * Demands that parameters are those of layers, for a response of layers.
 *
 * @throws {HypertrainError} naming a parameter that is in none.
 */
export function demandLayers(response: string, layers: readonly Layer[], params: HostTree): void {
  const other = Object.keys(params).find((name) => !layers.some((layer) => layer.name === name));
  if (other === undefined) return;
  throw inputError(
    `the ${response} response must find every parameter in one of the problem's layers, but "${other}" is in none; list its layer, or use the dense or the low-rank response`,
  );
}
