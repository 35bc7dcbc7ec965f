/**
 * Changes of the pixels of one image, [channels, plane] from 0 to 1, in place: torchvision's `adjust_brightness` and so on, on floating-point
 * images.
 */

import type { Pixels } from "./images.ts";

/** v -> factor v. */
export function adjustBrightness(pixels: Pixels, factor: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = unit(factor * (pixels[i] as number));
}

/** v -> factor v + (1 - factor) m, where m is the mean of the grey image. */
export function adjustContrast(pixels: Pixels, channels: number, factor: number): void {
  const plane = pixels.length / channels;
  let mean = 0;
  for (let i = 0; i < plane; i++) mean += greyOf(pixels, channels, plane, i) / plane;
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = unit(factor * (pixels[i] as number) + (1 - factor) * mean);
}

/** v -> factor v + (1 - factor) g, where g is the pixel's grey. Images of one channel stay as they are. */
export function adjustSaturation(pixels: Pixels, channels: number, factor: number): void {
  if (channels !== 3) return;
  const plane = pixels.length / channels;
  for (let i = 0; i < plane; i++) {
    const grey = (1 - factor) * greyOf(pixels, channels, plane, i);
    for (let at = i; at < pixels.length; at += plane)
      pixels[at] = unit(factor * (pixels[at] as number) + grey);
  }
}

/** Turns the hue by a part of the colour circle. Images of one channel stay as they are. */
export function adjustHue(pixels: Pixels, channels: number, turn: number): void {
  if (channels !== 3) return;
  const plane = pixels.length / channels;
  for (let i = 0; i < plane; i++) {
    const [r, g, b] = [pixels[i], pixels[i + plane], pixels[i + 2 * plane]] as [number, number, number];
    const value = Math.max(r, g, b);
    const chroma = value - Math.min(r, g, b);
    if (chroma === 0) continue; // grey has no hue
    const sixths = value === r ? (g - b) / chroma : value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
    const hue = (((sixths / 6 + turn) % 1) + 1) % 1;
    pixels[i] = ofHue(hue, 0, value, chroma);
    pixels[i + plane] = ofHue(hue, 2 / 3, value, chroma);
    pixels[i + 2 * plane] = ofHue(hue, 1 / 3, value, chroma);
  }
}

/** One channel of a colour, by how far along the circle red stands from it. */
function ofHue(hue: number, offset: number, value: number, chroma: number): number {
  const k = ((hue + offset) % 1) * 6; // from red
  const away = Math.min(k, 6 - k); // 0 to 3 sixths
  return value - chroma * unit(away - 1);
}

/** ITU-R 601's grey of a pixel; of one channel the pixel itself. */
const greyOf = (pixels: Pixels, channels: number, plane: number, i: number): number =>
  channels === 3
    ? 0.2989 * (pixels[i] as number) +
      0.587 * (pixels[i + plane] as number) +
      0.114 * (pixels[i + 2 * plane] as number)
    : (pixels[i] as number);

const unit = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x);
