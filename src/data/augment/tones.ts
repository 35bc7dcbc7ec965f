/**
 * Changes of the tones of one image, [channels, plane] from 0 to 1, in place: torchvision's functions of the same names, those on bits and
 * histograms on the nearest of 256 tones.
 */
import type { Images, Pixels } from "./images.ts";

/** Keeps the highest bits of each tone. */
export function posterize(pixels: Pixels, bits: number): void {
  const mask = 256 - 2 ** (8 - bits);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (toneOf(pixels[i] as number) & mask) / 255;
}

/** Inverts what is at least the threshold. */
export function solarize(pixels: Pixels, threshold: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const v = pixels[i] as number;
    if (v >= threshold) pixels[i] = 1 - v;
  }
}

/** Stretches each channel to all tones from black to white; one of a single tone stays. */
export function autoContrast(pixels: Pixels, channels: number): void {
  for (const plane of planesOf(pixels, channels)) {
    let [low, high] = [Infinity, -Infinity];
    for (const v of plane) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    if (high === low) continue;
    for (let i = 0; i < plane.length; i++) plane[i] = ((plane[i] as number) - low) / (high - low);
  }
}

/** Spreads the tones of each channel so that all are about as frequent. */
export function equalize(pixels: Pixels, channels: number): void {
  for (const plane of planesOf(pixels, channels)) {
    const counts = new Int32Array(256);
    for (const v of plane) counts[toneOf(v)] = (counts[toneOf(v)] as number) + 1;
    const last = counts.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((plane.length - last) / 255);
    if (step === 0) continue;
    const table = new Float64Array(256);
    let below = 0;
    for (let tone = 0; tone < 256; tone++) {
      table[tone] = Math.min(255, Math.floor((below + Math.floor(step / 2)) / step));
      below += counts[tone] as number;
    }
    table[0] = 0;
    for (let i = 0; i < plane.length; i++) plane[i] = (table[toneOf(plane[i] as number)] as number) / 255;
  }
}

/** v -> factor v + (1 - factor) b, where b is the image blurred by [1 1 1; 1 5 1; 1 1 1] / 13, its border as it is. */
export function sharpen(pixels: Pixels, { channels, width, height }: Images, factor: number): void {
  const before = pixels.slice();
  const plane = width * height;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const at = channel * plane + y * width + x;
        let sum = 4 * (before[at] as number);
        for (let dy = -width; dy <= width; dy += width) {
          for (let dx = -1; dx <= 1; dx++) sum += before[at + dy + dx] as number;
        }
        const v = factor * (before[at] as number) + ((1 - factor) * sum) / 13;
        pixels[at] = v < 0 ? 0 : v > 1 ? 1 : v;
      }
    }
  }
}

const planesOf = (pixels: Pixels, channels: number): Pixels[] => {
  const plane = pixels.length / channels;
  return Array.from({ length: channels }, (_, c) => pixels.subarray(c * plane, (c + 1) * plane));
};

const toneOf = (v: number): number => Math.min(255, Math.max(0, Math.round(v * 255)));
