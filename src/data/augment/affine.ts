import { between, blackOf, type Draws, type ImageOperation, type Images, type Strengths } from "./images.ts";
import { resample } from "./resample.ts";

/** An affine map of an image about its centre. */
export interface AffineMap {
  /** Degrees, clockwise as seen. */
  readonly angle: number;
  /** Pixels to the right and down. */
  readonly shift: readonly [number, number];
  /** Factor of size. */
  readonly factor: number;
  /** Degrees of shear along the rows and along the columns. */
  readonly shear: readonly [number, number];
  /** What stays in place, in pixels from the left and the top; default the middle. */
  readonly centre?: readonly [number, number];
}

/**
 * Rotation, translation, scale and shear in one resampling, as torchvision's `RandomAffine` does it: an angle from
 * U(-rotate, rotate), a shift along each axis of round(U(-translate, translate) * side) pixels, a factor from U(1 - scale, 1 + scale) and a shear along
 * the rows from U(-shear, shear); nearest neighbour, black outside.
 */
export const affine: ImageOperation = {
  strengths: {
    rotate: {
      about: "degrees by which an image is turned at most, to either side",
      natural: { low: 0, high: 180 },
      range: { low: 0, high: 45 },
    },
    translate: {
      about: "part of its side by which an image is shifted at most along each axis",
      natural: { low: 0, high: 1 },
      range: { low: 0, high: 0.5 },
    },
    scale: {
      about: "by how much the factor of an image's size differs from 1 at most",
      natural: { low: 0, high: 1 },
      range: { low: 0, high: 0.5 },
    },
    shear: {
      about: "degrees by which the columns of an image are tilted at most, to either side",
      natural: { low: 0, high: 89 },
      range: { low: 0, high: 45 },
    },
  },
  apply(images, strengths, draws) {
    if (!["rotate", "translate", "scale", "shear"].some((name) => strengths[name])) return;
    const maps = affineMaps(images, strengths, draws);
    resample(images, blackOf(images), (row, source) => affineSource(images, maps(row), source));
  },
};

function affineMaps(
  { rows, width, height }: Images,
  { rotate, translate, scale, shear }: Strengths,
  draws: Draws,
): (row: number) => AffineMap {
  const uniform = draws("affine", 5 * rows);
  return (row) => {
    const drawn = (i: number, reach: number) => between(-reach, reach, uniform[5 * row + i] as number);
    const shift = translate?.[row] ?? 0;
    return {
      angle: drawn(0, rotate?.[row] ?? 0),
      shift: [Math.round(drawn(1, shift * width)), Math.round(drawn(2, shift * height))],
      factor: 1 + drawn(3, scale?.[row] ?? 0),
      shear: [drawn(4, shear?.[row] ?? 0), 0],
    };
  };
}

/**
 * Which pixel each pixel of an affine image comes from; whether any comes from another.
 *
 * | symbol | meaning |
 * |---|---|
 * | p, q | a pixel of the new and of the old image, from the centre |
 * | t    | the shift |
 * | A    | factor * rotation * shear |
 *
 *     p = A q + t,   q = A⁻¹ (p - t),   det A = factor².
 */
export function affineSource(
  { width, height }: Pick<Images, "width" | "height">,
  { angle, shift, factor, shear, centre = [(width - 1) / 2, (height - 1) / 2] }: AffineMap,
  source: Int32Array,
): boolean {
  if (angle === 0 && factor === 1 && [...shift, ...shear].every((x) => x === 0)) return false;
  const [turn, sx, sy] = [angle, ...shear].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const a = Math.cos(turn - sy) / Math.cos(sy);
  const b = -a * Math.tan(sx) - Math.sin(turn);
  const c = Math.sin(turn - sy) / Math.cos(sy);
  const d = -c * Math.tan(sx) + Math.cos(turn);
  const [cx, cy] = centre;
  const [tx, ty] = shift;
  for (let y = 0; y < height; y++) {
    const py = y - cy - ty;
    for (let x = 0; x < width; x++) {
      const px = x - cx - tx;
      const qx = Math.floor((d * px - b * py) / factor + cx + 0.5); // to the nearest
      const qy = Math.floor((a * py - c * px) / factor + cy + 0.5);
      source[y * width + x] = qx >= 0 && qx < width && qy >= 0 && qy < height ? qy * width + qx : -1;
    }
  }
  return true;
}
