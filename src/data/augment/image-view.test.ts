import { describe, expect, test } from "vitest";

import { HostArray } from "../../util/host-array.ts";
import { randomKey, randomUniform } from "../../util/random.ts";
import { affineSource, type AffineMap } from "./affine.ts";
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from "./colours.ts";
import { imageStrengths, imageView } from "./image-view.ts";
import type { Draws, Images } from "./images.ts";
import { randomShareOf } from "./share.ts";
import { autoContrast, equalize, posterize, sharpen, solarize } from "./tones.ts";

const seeded: Draws = (name, count) => randomUniform(randomKey(1, name), 0, count);
const always =
  (value: number): Draws =>
  (_, count) =>
    new Float32Array(count).fill(value);

/** A view of images [rows, channels, height, width] with values from 0 to 1. */
function viewOf(
  pixels: readonly number[],
  shape: readonly [number, number, number],
  strengths: Readonly<Record<string, number>>,
  draws: Draws = seeded,
): { x: number[]; fields: Record<string, HostArray> } {
  const rows = pixels.length / (shape[0] * shape[1] * shape[2]);
  const batch = {
    x: new HostArray(Float64Array.from(pixels), [rows, ...shape]),
    y: new HostArray(
      Int32Array.from({ length: rows }, (_, i) => i),
      [rows],
    ),
  };
  const each = Object.entries(strengths).map(([name, value]) => [name, new Float64Array(rows).fill(value)]);
  const fields = imageView(batch, { shape, mean: 0, sd: 1 }, Object.fromEntries(each), draws);
  return { x: Array.from((fields.x as HostArray).data), fields };
}

/** An image moved by an affine map, with 0 outside. */
function moved(pixels: readonly number[], width: number, map: Partial<AffineMap>): number[] {
  const source = new Int32Array(pixels.length);
  const height = pixels.length / width;
  const changes = affineSource(
    { width, height },
    { angle: 0, shift: [0, 0], factor: 1, shear: [0, 0], ...map },
    source,
  );
  return changes ? Array.from(source, (from) => pixels[from] ?? 0) : [...pixels];
}

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("an affine map of an image, worked out by hand", () => {
  test.each<[string, Partial<AffineMap>, number[]]>([
    ["stays", {}, nine],
    ["is turned clockwise by 90 degrees", { angle: 90 }, [7, 4, 1, 8, 5, 2, 9, 6, 3]],
    ["is turned by -90 degrees", { angle: -90 }, [3, 6, 9, 2, 5, 8, 1, 4, 7]],
    ["is turned by 180 degrees", { angle: 180 }, [9, 8, 7, 6, 5, 4, 3, 2, 1]],
    ["is shifted to the right and up", { shift: [1, -1] }, [0, 4, 5, 0, 7, 8, 0, 0, 0]],
    ["is sheared by 45 degrees", { shear: [45, 0] }, [0, 1, 2, 4, 5, 6, 8, 9, 0]],
    ["is three times as large", { factor: 3 }, [5, 5, 5, 5, 5, 5, 5, 5, 5]],
    ["is a third as large", { factor: 1 / 3 }, [0, 0, 0, 0, 5, 0, 0, 0, 0]],
  ])("it %s", (_, map, expected) => {
    expect(moved(nine, 3, map)).toEqual(expected);
  });

  test("an even side turns about its middle, between the pixels", () => {
    expect(moved([1, 2, 3, 4], 2, { angle: 90 })).toEqual([3, 1, 4, 2]);
  });

  test("first turned, then shifted", () => {
    expect(moved(nine, 3, { angle: 90, shift: [1, 0] })).toEqual([0, 7, 4, 0, 8, 5, 0, 9, 6]);
  });
});

describe("colours of torchvision's definitions, worked out by hand", () => {
  const changed = (pixels: number[], change: (pixels: Float64Array) => void) => {
    const image = Float64Array.from(pixels);
    change(image);
    return Array.from(image);
  };
  const close = (got: number[], expected: number[]) => {
    expect(got).toHaveLength(expected.length);
    got.forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 12));
  };
  const [r, g, b] = [0.2989, 0.587, 0.114];

  test("brightness is a factor, cut at white", () => {
    close(
      changed([0.2, 0.9], (image) => adjustBrightness(image, 1.5)),
      [0.3, 1],
    );
  });

  test("contrast goes to the mean of the grey image", () => {
    close(
      changed([0.2, 0.6], (image) => adjustContrast(image, 1, 0.5)),
      [0.3, 0.5],
    );
    const grey = (r * 0.5 + g * 0.1 + b * 0.9 + r * 0.3) / 2;
    close(
      changed([0.5, 0.3, 0.1, 0, 0.9, 0], (image) => adjustContrast(image, 3, 0)),
      new Array<number>(6).fill(grey),
    );
  });

  test("saturation 0 is grey", () => {
    close(
      changed([1, 0, 0], (image) => adjustSaturation(image, 3, 0)),
      [r, r, r],
    );
    close(
      changed([0, 0.5, 0], (image) => adjustSaturation(image, 3, 0.5)),
      [g / 4, 0.25 + g / 4, g / 4],
    );
  });

  test("a third of the circle makes red green, a sixth yellow; grey and other channels stay", () => {
    close(
      changed([1, 0, 0], (image) => adjustHue(image, 3, 1 / 3)),
      [0, 1, 0],
    );
    close(
      changed([1, 0, 0], (image) => adjustHue(image, 3, 1 / 6)),
      [1, 1, 0],
    );
    close(
      changed([1, 0, 0], (image) => adjustHue(image, 3, -1 / 3)),
      [0, 0, 1],
    );
    close(
      changed([0.8, 0.4, 0.2], (image) => adjustHue(image, 3, 1 / 2)),
      [0.2, 0.6, 0.8],
    );
    close(
      changed([0.4, 0.4, 0.4], (image) => adjustHue(image, 3, 1 / 3)),
      [0.4, 0.4, 0.4],
    );
    close(
      changed([0.3], (image) => adjustHue(image, 1, 1 / 3)),
      [0.3],
    );
  });
});

describe("tones of torchvision's definitions, worked out by hand", () => {
  const changed = (pixels: number[], change: (pixels: Float64Array) => void) => {
    const image = Float64Array.from(pixels, (tone) => tone / 255);
    change(image);
    return Array.from(image, (v) => Math.round(v * 255 * 1e9) / 1e9);
  };

  test("posterize keeps the highest bits", () => {
    expect(changed([255, 200, 17, 3], (image) => posterize(image, 4))).toEqual([240, 192, 16, 0]);
    expect(changed([255, 200, 17, 3], (image) => posterize(image, 8))).toEqual([255, 200, 17, 3]);
  });

  test("solarize inverts from the threshold on", () => {
    expect(changed([255, 102, 50], (image) => solarize(image, 0.4))).toEqual([0, 153, 50]);
  });

  test("autoContrast stretches each channel", () => {
    expect(changed([50, 100, 150, 7, 7, 7], (image) => autoContrast(image, 2))).toEqual([
      0, 127.5, 255, 7, 7, 7,
    ]);
  });

  test("equalize spreads tones, and leaves images of too few pixels", () => {
    const two = [...new Array<number>(256).fill(10), ...new Array<number>(255).fill(20)];
    const spread = changed(two, (image) => equalize(image, 1));
    expect([spread[0], spread.at(-1)]).toEqual([0, 255]); // one count a step, and 256 of them below
    expect(changed([1, 2, 3], (image) => equalize(image, 1))).toEqual([1, 2, 3]);
  });

  test("sharpen with 0 is the blurred image within its border", () => {
    const one = [0, 0, 0, 0, 130, 0, 0, 0, 0];
    const format = { channels: 1, width: 3, height: 3 } as Images;
    expect(changed(one, (image) => sharpen(image, format, 0))).toEqual([0, 0, 0, 0, 50, 0, 0, 0, 0]);
    expect(changed(one, (image) => sharpen(image, format, 2))[4]).toBe(210);
  });
});

describe("a view of images", () => {
  const ones = new Array<number>(25).fill(1);
  const zerosOf = (x: number[]) => x.flatMap((v, i) => (v === 0 ? [i] : []));

  test("at strength 0 is the images, bit for bit, and never the same memory", () => {
    const pixels = Array.from(seeded("pixels", 2 * 3 * 16));
    for (const name of Object.keys(imageStrengths)) {
      expect(viewOf(pixels, [3, 4, 4], { [name]: 0 }).x, name).toEqual(pixels);
    }
    const all = Object.fromEntries(Object.keys(imageStrengths).map((name) => [name, 0]));
    expect(viewOf(pixels, [3, 4, 4], all).x).toEqual(pixels);
  });

  test("at another strength is another, and the same again from the same draws", () => {
    const pixels = Array.from(seeded("pixels", 8 * 3 * 64));
    for (const [name, { range }] of Object.entries(imageStrengths)) {
      const view = () => viewOf(pixels, [3, 8, 8], { [name]: range.high }).x;
      expect(view(), name).not.toEqual(pixels);
      expect(view(), name).toEqual(view());
    }
  });

  test("has holes of the floored length about their centre, cut at the border", () => {
    const hole = { "cutout.holes": 1.9, "cutout.length": 3.9 };
    expect(zerosOf(viewOf(ones, [1, 5, 5], hole, always(0.5)).x)).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12]);
    expect(zerosOf(viewOf(ones, [1, 5, 5], hole, always(0)).x)).toEqual([0]);
    const two = { "cutout.holes": 1, "cutout.length": 2 };
    expect(zerosOf(viewOf(ones, [1, 5, 5], two, always(0.5)).x)).toEqual([6, 7, 11, 12]);
    expect(zerosOf(viewOf(ones, [1, 5, 5], { ...two, "cutout.holes": 0.99 }).x)).toEqual([]);
  });

  test("keeps its first holes where there are more", () => {
    const holes = (count: number) =>
      zerosOf(viewOf(ones, [1, 5, 5], { "cutout.holes": count, "cutout.length": 2 }).x);
    const three = holes(3);
    expect(holes(1).every((i) => three.includes(i))).toBe(true);
    expect(three.length).toBeGreaterThan(holes(1).length);
  });

  test("is mirrored where the draw is below the probability", () => {
    expect(viewOf([1, 2, 3, 4], [1, 2, 2], { flip: 0.5 }, always(0.49)).x).toEqual([2, 1, 4, 3]);
    expect(viewOf([1, 2, 3, 4], [1, 2, 2], { flip: 0.5 }, always(0.5)).x).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ["nothing", 0, nine],
    ["a shift to the right", 3, [0, 1, 2, 0, 4, 5, 0, 7, 8]],
    ["a shift down", 4, [0, 0, 0, 1, 2, 3, 4, 5, 6]],
  ])("has operations of RandAugment: %s", (_, operation, expected) => {
    const first: Draws = (_, count) =>
      Float32Array.from({ length: count }, (_, i) => (i === 0 ? (operation + 0.5) / 14 : i === 1 ? 0.9 : 0));
    expect(viewOf(nine, [1, 3, 3], { "rand-augment": 25 }, first).x).toEqual(expected); // by trunc(150/331 · 3 · 25/30) = 1
  });

  test("is cut out of a black frame", () => {
    expect(viewOf(nine, [1, 3, 3], { crop: 1.5 }, always(0)).x).toEqual([0, 0, 0, 0, 1, 2, 0, 4, 5]);
    expect(viewOf(nine, [1, 3, 3], { crop: 1.5 }, always(0.5)).x).toEqual(nine);
    expect(viewOf(nine, [1, 3, 3], { crop: 1.5 }, always(0.99)).x).toEqual([5, 6, 0, 8, 9, 0, 0, 0, 0]);
  });

  test("is scaled between 1/(1 + s) and 1 + s", () => {
    expect(viewOf([2], [1, 1, 1], { "input-scale": 1 }, always(0)).x).toEqual([1]);
    expect(viewOf([2], [1, 1, 1], { "input-scale": 1 }, always(0.5)).x).toEqual([2.5]);
  });

  test("has black outside where the images are standardised", () => {
    const batch = { x: new HostArray(Float64Array.from([0, 1, 2, 3]), [1, 1, 2, 2]) };
    const view = imageView(
      batch,
      { shape: [1, 2, 2], mean: 0.5, sd: 0.25 },
      { translate: Float64Array.of(1) },
      always(0.999),
    );
    expect(Array.from((view.x as HostArray).data)).toEqual([-2, -2, -2, -2]);
  });

  test("is mixed with the image before it, whose label it names", () => {
    const { x, fields } = viewOf([1, 2, 4], [1, 1, 1], { mixup: 1 }, always(0.5));
    [0.75 * 1 + 0.25 * 4, 0.75 * 2 + 0.25 * 1, 0.75 * 4 + 0.25 * 2].forEach((v, i) =>
      expect(x[i]).toBeCloseTo(v, 9),
    );
    expect(Array.from((fields.partner as HostArray).data)).toEqual([2, 0, 1]);
    expect(Array.from((fields.share as HostArray).data)).toEqual([0.75, 0.75, 0.75]);
  });
});

describe("the share of a mixture has the quantiles of the larger of b and 1 - b, b from Beta(α, α)", () => {
  const below = {
    0.5: (s: number) => (2 / Math.PI) * Math.asin(Math.sqrt(s)),
    1: (s: number) => s,
    2: (s: number) => 3 * s ** 2 - 2 * s ** 3,
  };
  test.each(Object.entries(below))("α = %s", (alpha, distribution) => {
    for (const u of [0.01, 0.3, 0.5, 0.9, 0.999]) {
      const rest = 1 - randomShareOf(Number(alpha), u);
      expect(2 * distribution(rest)).toBeCloseTo(u, 9);
    }
  });

  test("is 1 at α = 0, 1/2 for large α", () => {
    expect(randomShareOf(0, 0.7)).toBe(1);
    expect(randomShareOf(1e-4, 0.7)).toBeCloseTo(1, 9);
    expect(randomShareOf(1e6, 0.7)).toBeCloseTo(0.5, 3);
  });
});
