import { HypertrainError, inputError } from "../../util/error.ts";
import type { Network } from "../network.ts";
import { sequential } from "../sequential.ts";
import type { StepConfig } from "../kinds.ts";
import { ownOptions } from "../../util/given.ts";
import { count, listOf, needed, positive, type Rules } from "../../util/rule.ts";

/** What a network by name is made for. */
export interface NamedNetworkOptions {
  /** `[channels, height, width]` of an image. */
  readonly input: readonly number[];
  /** Classes, or numbers to predict. */
  readonly outputs: number;
  /** Factor on the channels and units of all layers but the last, which are rounded; default 1. */
  readonly width?: number;
}

/** What options of a network by name must be. */
export const namedRules = {
  ...{ input: needed(listOf(count, 1)), outputs: needed(count), width: positive },
} satisfies Rules<NamedNetworkOptions>;

/**
 * A network by name of steps, given with a function that makes a number of channels or units as wide as was asked for, and the shape of an example.
 *
 * @throws {HypertrainError} for images that are too small, with the least that it takes, and for options that it does not have.
 */
export function namedNetwork(
  name: string,
  options: NamedNetworkOptions,
  layers: (wide: (count: number) => number, input: readonly number[]) => readonly StepConfig[],
): Network {
  const { input, outputs, width = 1 } = ownOptions(name, options, namedRules);
  const wide = widthBy(width);
  const fitted = (input: readonly number[]) =>
    sequential({ name, input, outputs, layers: layers(wide, input) });
  try {
    return fitted(input);
  } catch (cause) {
    if (!(cause instanceof HypertrainError) || input.length !== 3) throw cause;
    const [channels, height, sideways] = input as readonly [number, number, number];
    const least = sides.find((side) => fits(() => fitted([channels, side, side])));
    if (least === undefined || Math.min(height, sideways) >= least) throw cause;
    throw inputError(
      `${name} must have images of at least ${least} x ${least}, but got ${height} x ${sideways}; take larger ones, or a network with fewer layers such as mlp`,
      { cause },
    );
  }
}

/** Makes a number of channels or units as wide as was asked for. */
export const widthBy =
  (width: number) =>
  (count: number): number =>
    Math.max(1, Math.round(count * width));

/** Sides of images, of which networks by name ask for one at the most. */
const sides = Array.from({ length: 64 }, (_, i) => i + 1);

function fits(make: () => Network): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (error instanceof HypertrainError) return false;
    throw error;
  }
}
