import { imageSize, type ImageOperation } from "./images.ts";

/**
 * Square holes, filled with 0 behind the standardisation, the mean of all pixels (DeVries and Taylor 2017).
 *
 * | symbol | meaning |
 * |---|---|
 * | n, L | the floors of `cutout.holes` and `cutout.length` |
 * | c    | the centre of a hole, uniform on the pixels |
 *
 * A hole reaches from trunc(c - L/2) to before trunc(c + L/2) along each axis and may stick out; holes may overlap, all channels have the same. One
 * of the two strengths alone has a hole, or a length of half the image.
 */
export const cutout: ImageOperation = {
  strengths: {
    "cutout.length": {
      about: "side of the square holes, in pixels; floored",
      natural: { low: 0, high: Infinity },
      range: { low: 2, high: 24 },
      inPixels: true,
    },
    "cutout.holes": {
      about: "square holes of an image; floored",
      natural: { low: 0, high: 100 },
      range: { low: 0, high: 5 },
    },
  },
  apply(images, { "cutout.length": length, "cutout.holes": holes }, draws) {
    if (!length && !holes) return;
    const { data, rows, height, width } = images;
    const size = imageSize(images);
    const counts = Uint8Array.from({ length: rows }, (_, row) => holes?.[row] ?? 1); // floors
    const most = counts.reduce((a, b) => Math.max(a, b), 0);
    const uniform = draws("cutout", 2 * rows * most);
    const middle = Math.min(width, height) / 2;
    for (let hole = 0; hole < most; hole++) {
      for (let row = 0; row < rows; row++) {
        if (hole >= (counts[row] as number)) continue;
        const half = Math.floor(length?.[row] ?? middle) / 2;
        const at = 2 * (hole * rows + row); // so that further holes move none of these
        const [left, right] = reach(uniform[at] as number, half, width);
        const [top, bottom] = reach(uniform[at + 1] as number, half, height);
        if (right <= left) continue;
        for (let plane = row * size; plane < (row + 1) * size; plane += height * width) {
          for (let y = top; y < bottom; y++)
            data.fill(0, plane + y * width + left, plane + y * width + right);
        }
      }
    }
  },
};

/** Where a hole begins and ends along one axis. */
function reach(uniform: number, half: number, side: number): [number, number] {
  const centre = Math.floor(uniform * side);
  return [Math.max(0, Math.trunc(centre - half)), Math.min(side, Math.max(0, Math.trunc(centre + half)))];
}
