import { imageSize, type ImageOperation } from "./images.ts";

/** Mirrors an image left to right with the probability `flip`, both views alike. */
export const flip: ImageOperation = {
  strengths: {
    flip: {
      about: "probability of mirroring left to right, the same for both views of an image",
      natural: { low: 0, high: 1 },
      range: { low: 0, high: 1 },
    },
  },
  apply(images, { flip: probability }, draws) {
    if (!probability) return;
    const { data, rows, width } = images;
    const size = imageSize(images);
    const uniform = draws("flip", rows, true);
    for (let row = 0; row < rows; row++) {
      if ((uniform[row] as number) >= (probability[row] as number)) continue;
      for (let at = row * size; at < (row + 1) * size; at += width) data.subarray(at, at + width).reverse();
    }
  },
};
