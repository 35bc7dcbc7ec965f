import { imageSize, type Images } from "./images.ts";

/**
 * Fills each image from its own pixels.
 *
 * @param fill what is put where there is no source
 * @param sourceOf says for an image which pixel of a channel each of its pixels comes from, -1 for none: [height * width]; returns
 *   whether the image changes at all
 */
export function resample(
  images: Images,
  fill: number,
  sourceOf: (row: number, source: Int32Array) => boolean,
): void {
  const { data, rows, channels, height, width } = images;
  const plane = height * width;
  const size = imageSize(images);
  const source = new Int32Array(plane);
  const before = data.slice(0, plane);
  for (let row = 0; row < rows; row++) {
    if (!sourceOf(row, source)) continue;
    for (let channel = 0; channel < channels; channel++) {
      const at = row * size + channel * plane;
      before.set(data.subarray(at, at + plane));
      for (let i = 0; i < plane; i++) {
        const from = source[i] as number;
        data[at + i] = from < 0 ? fill : (before[from] as number);
      }
    }
  }
}
