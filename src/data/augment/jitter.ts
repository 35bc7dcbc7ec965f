import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from "./colours.ts";
import { between, imageSize, type ImageOperation, type Pixels, type Strength } from "./images.ts";

const factorOf = (what: string): Strength => ({
  about: `by how much the factor of ${what} differs from 1 at most`,
  natural: { low: 0, high: Infinity },
  range: { low: 0, high: 1 },
  ofTones: true,
});

/**
 * Brightness, contrast, saturation and hue in random order, as torchvision's `ColorJitter`: factors from U(max(0, 1 - s), 1 + s), a turn of
 * the hue from U(-hue, hue) of the circle.
 */
export const jitter: ImageOperation = {
  strengths: {
    brightness: factorOf("brightness"),
    contrast: factorOf("contrast"),
    saturation: { ...factorOf("saturation"), ofColours: true },
    hue: {
      about: "part of the colour circle by which the hue is turned at most, to either side",
      natural: { low: 0, high: 0.5 },
      range: { low: 0, high: 0.5 },
      ofColours: true,
      ofTones: true,
    },
  },
  apply(images, strengths, draws) {
    const kinds = changes.filter(({ name }) => strengths[name]);
    if (kinds.length === 0) return;
    const { data, rows, channels, mean, sd } = images;
    const size = imageSize(images);
    const pixels = new Float32Array(size);
    const uniform = draws("jitter", 2 * changes.length * rows);
    for (let row = 0; row < rows; row++) {
      const order = (kind: (typeof changes)[number]) =>
        uniform[2 * (row * changes.length + changes.indexOf(kind))] as number;
      const due = kinds
        .filter(({ name }) => (strengths[name]?.[row] as number) > 0)
        .sort((one, other) => order(one) - order(other));
      if (due.length === 0) continue;
      const image = data.subarray(row * size, (row + 1) * size);
      for (let i = 0; i < size; i++) pixels[i] = (image[i] as number) * sd + mean;
      for (const kind of due) {
        const draw = uniform[2 * (row * changes.length + changes.indexOf(kind)) + 1] as number;
        kind.change(pixels, channels, strengths[kind.name]?.[row] as number, draw);
      }
      for (let i = 0; i < size; i++) image[i] = ((pixels[i] as number) - mean) / sd;
    }
  },
};

/** A factor around 1. */
const factor = (strength: number, draw: number): number =>
  between(Math.max(0, 1 - strength), 1 + strength, draw);

interface Change {
  readonly name: string;
  change(pixels: Pixels, channels: number, strength: number, draw: number): void;
}

const changes: readonly Change[] = [
  { name: "brightness", change: (pixels, _, s, u) => adjustBrightness(pixels, factor(s, u)) },
  { name: "contrast", change: (pixels, channels, s, u) => adjustContrast(pixels, channels, factor(s, u)) },
  {
    name: "saturation",
    change: (pixels, channels, s, u) => adjustSaturation(pixels, channels, factor(s, u)),
  },
  { name: "hue", change: (pixels, channels, s, u) => adjustHue(pixels, channels, between(-s, s, u)) },
];
