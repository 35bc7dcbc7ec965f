import { HostArray } from "../../util/host-array.ts";
import { randomShareOf } from "./share.ts";
import { imageSize, type Draws, type Images, type Strength } from "./images.ts";

/** The strength of {@link mixup}. */
export const mixupStrength: Strength = {
  about: "α of the Beta(α, α) from which an image's share in a mixture of two is drawn",
  natural: { low: 0, high: Infinity },
  range: { low: 0, high: 2 },
};

/** What a mixed minibatch has beside its images: [rows] each. */
export interface Mixture {
  /** The part of an image that is its own, from 1/2 to 1. */
  readonly share: HostArray;
  /** The labels of the images that make up the rest. */
  readonly partner: HostArray;
}

/**
 * Mixes each image with the one before it in the minibatch, and names that one's label (Zhang et al. 2018; partners as in torchvision's `MixUp`).
 *
 * The share m is the larger of two that add up to 1, of which one is from Beta(α, α): which of the two images comes first means nothing, and m tends to 1
 * with α to 0.
 */
export function mixup(images: Images, labels: HostArray, alpha: Float64Array, draws: Draws): Mixture {
  const { data, rows } = images;
  const size = imageSize(images);
  const uniform = draws("mixup", rows);
  const before = data.slice();
  const share = new Float32Array(rows);
  const partner = labels.data.slice();
  for (let row = 0; row < rows; row++) {
    const other = (row + rows - 1) % rows;
    partner[row] = labels.data[other] as number;
    const m = randomShareOf(alpha[row] as number, uniform[row] as number);
    share[row] = m;
    if (m === 1) continue;
    for (let i = 0; i < size; i++) {
      data[row * size + i] =
        m * (before[row * size + i] as number) + (1 - m) * (before[other * size + i] as number);
    }
  }
  return { share: new HostArray(share, [rows]), partner: new HostArray(partner, [rows]) };
}
