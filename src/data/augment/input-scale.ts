import { between, imageSize, type ImageOperation } from "./images.ts";

/** Multiplies the standardised image by a factor from U(1 / (1 + s), 1 + s) (MacKay et al. 2019). */
export const inputScale: ImageOperation = {
  strengths: {
    "input-scale": {
      about: "s of the factor from 1/(1 + s) to 1 + s on a standardised image",
      natural: { low: 0, high: Infinity },
      range: { low: 0, high: 0.3 },
    },
  },
  apply(images, { "input-scale": strength }, draws) {
    if (!strength) return;
    const { data, rows } = images;
    const size = imageSize(images);
    const uniform = draws("input-scale", rows);
    for (let row = 0; row < rows; row++) {
      const most = 1 + (strength[row] as number);
      const factor = between(1 / most, most, uniform[row] as number);
      if (factor === 1) continue;
      for (let i = row * size; i < (row + 1) * size; i++) data[i] = (data[i] as number) * factor;
    }
  },
};
