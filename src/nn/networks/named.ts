import { inputError } from "../../util/error.ts";
import type { Network } from "../network.ts";
import { sequential } from "../sequential.ts";
import type { StepConfig } from "../kinds.ts";

/** What a network by name is made for. */
export interface NamedNetworkOptions {
  /** `[channels, height, width]` of an image. */
  readonly input: readonly number[];
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  /** Factor on the channels and units of all layers but the last, which are rounded; default 1. */
  readonly width?: number;
}

/** A network by name of steps, given with a function that makes a number of channels or units as wide as was asked for. */
export function namedNetwork(
  name: string,
  { input, outputs, width = 1 }: NamedNetworkOptions,
  layers: (wide: (count: number) => number) => readonly StepConfig[],
): Network {
  if (!(width > 0 && Number.isFinite(width))) {
    throw inputError(`the width of ${name} must be a factor above 0, but got ${width}; 1 is the paper's`);
  }
  const wide = (count: number) => Math.max(1, Math.round(count * width));
  return sequential({ name, input, outputs, layers: layers(wide) });
}
