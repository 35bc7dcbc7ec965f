import { sizeOf } from "../../../util/host-array.ts";
import { blockDomain, type Emitter } from "../emitter.ts";
import type { FilterGradient } from "../parameters.ts";
import type { Value } from "../value.ts";
import { padded, permuted, reshaped, type Tensor } from "./tensor.ts";

/**
 * The gradient of a convolution by its filters as one of onnxruntime's own convolutions, with examples and channels exchanged: the images
 * [C, N, sizes...], with the gradient [O, N, places...] for filters, are [C, O, window...].
 *
 * Nothing is copied as often as the window has elements. But every row of the result reads the whole gradient again, so that it is the faster way
 * only where that is small and channels are few; `suitsBlocks` says where.
 *
 * @param x images [N, C, sizes...]
 * @param g gradient [N, O, places...]
 * @returns [O, C, window...]
 */
export function blockedFilterGradient(
  x: Tensor,
  g: Value,
  window: readonly number[],
  { strides, padding, dilation }: FilterGradient,
  block: number,
  to: Emitter,
): Tensor {
  const [examples, channels] = x.shape as [number, number];
  const [, outputs, ...places] = g.shape as [number, number, ...number[]];
  const [n, o] = [examples / block, outputs / block];
  const even = padded(permuted(x, [1, 0, 2, 3], to), [[0, 0], [0, 0], ...padding], to); // rows of zeros inside the operator cost more
  const images = to.node(`${blockDomain}.ReorderInput`, [even.name]);
  const byOutputs = { ...g, name: to.blocked(g) }; // [N, O/B, places, B]
  const apart = reshaped(byOutputs, [n, block, o, sizeOf(places), block], to);
  const filters = reshaped(permuted(apart, [2, 0, 3, 1, 4], to), [outputs, examples, ...places], to);
  const attributes = {
    ...{ strides: dilation, dilations: strides },
    ...{ pads: [0, 0, 0, 0], group: 1, kernel_shape: places },
  };
  const maps = to.node(`${blockDomain}.Conv`, [images, filters.name], attributes);
  const name = to.node(`${blockDomain}.ReorderOutput`, [maps], { channels: outputs });
  return permuted({ name, shape: [channels, outputs, ...window] }, [1, 0, 2, 3], to);
}

/** Whether {@link blockedFilterGradient} can do it, in whole blocks, and is faster than products of matrices. */
export function suitsBlocks(x: Value, g: Value, block: number): boolean {
  const [examples, channels] = x.shape as [number, number];
  const [, outputs] = g.shape as [number, number];
  const whole = x.shape.length === 4 && examples % block === 0 && outputs % block === 0;
  return whole && channels <= MANY && outputs <= MANY && 4 * sizeOf(g.shape) <= CACHED;
}

/** Channels above which the products are larger and so faster. */
const MANY = 64;

/** The bytes of a gradient that is read again from the processor's cache. */
const CACHED = 2 ** 23;
