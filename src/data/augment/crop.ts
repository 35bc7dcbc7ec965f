import { blackOf, type ImageOperation } from "./images.ts";
import { resample } from "./resample.ts";

/**
 * Pads an image with black on all sides and cuts out one of its size at random, both views alike: a shift by whole pixels.
 *
 * | symbol | meaning |
 * |---|---|
 * | p | the floor of `crop`: pixels of padding |
 *
 * The shift is uniform on -p..p along each axis, as that of torchvision's `RandomCrop(size, padding=p)`.
 */
export const crop: ImageOperation = {
  strengths: {
    crop: {
      about: "pixels of black padding around an image, out of which one of its size is cut; floored",
      natural: { low: 0, high: 1000 },
      range: { low: 0, high: 8 },
      inPixels: true,
    },
  },
  apply(images, { crop: padding }, draws) {
    if (!padding) return;
    const { rows, width, height } = images;
    const uniform = draws("crop", 2 * rows, true);
    resample(images, blackOf(images), (row, source) => {
      const pad = Math.floor(padding[row] as number);
      const [dx, dy] = [0, 1].map(
        (i) => Math.floor((uniform[2 * row + i] as number) * (2 * pad + 1)) - pad,
      ) as [number, number];
      if (dx === 0 && dy === 0) return false;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
          source[y * width + x] = inside ? (y + dy) * width + x + dx : -1;
        }
      }
      return true;
    });
  },
};
