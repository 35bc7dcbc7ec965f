import { expect, test } from "vitest";

import { imageStrengths } from "../data/augment/image-view.ts";
import { gather } from "../data/batches.ts";
import { csvData } from "../data/table-data.ts";
import type { HostArray } from "../util/host-array.ts";
import { randomKey, randomUniform } from "../util/random.ts";
import { imageAugmentation } from "./augmentation.ts";

const [ROWS, SIDE] = [20, 6] as const;
const tones = Array.from(randomUniform(randomKey(3, "tones"), 0, ROWS * SIDE ** 2), (u) =>
  Math.floor(17 * u),
);

/** The same images as a table, on a scale from 0 to so much. */
function tableOf(white: number) {
  const names = Array.from({ length: SIDE ** 2 }, (_, i) => `pixel${i}`);
  const rows = Array.from({ length: ROWS }, (_, row) =>
    [row % 2, ...names.map((_, i) => ((tones[row * SIDE ** 2 + i] as number) * white) / 16)].join(","),
  );
  const name = `from-0-to-${white}.csv`;
  return csvData([["label", ...names].join(","), ...rows].join("\n"), { name, target: "label" });
}

/** Pixels from 0 to 1 of all training images, changed. */
function viewed(white: number, held: Readonly<Record<string, number>>): number[] {
  const data = tableOf(white);
  const { train } = data.splits;
  const batch = gather(
    train,
    Uint32Array.from({ length: train.rows }, (_, row) => row),
  ) as Record<string, HostArray>;
  const draws = (name: string, count: number) => randomUniform(randomKey(8, name), 0, count);
  const view = imageAugmentation(data, [], held)?.view(batch, {}, draws);
  const { mean, sd } = data.images?.scale as { mean: number; sd: number };
  return Array.from((view?.x as HostArray).data, (x) => (x * sd + mean) / white);
}

const strongest: Readonly<Record<string, number>> = {
  ...{ flip: 1, crop: 3, rotate: 90, translate: 0.4, scale: 0.5, shear: 30, brightness: 0.9, contrast: 0.9 },
  ...{ "rand-augment": 20, "trivial-augment": 1, "cutout.length": 3, "cutout.holes": 2, "input-scale": 0.5 },
  mixup: 2,
};

test.each(Object.keys(strongest))("images are changed alike whatever white is: %s", (name) => {
  const held = { [name]: strongest[name] as number };
  const [bytes, still] = [viewed(255, held), viewed(255, { [name]: 0 })];
  expect(bytes.some((pixel, i) => Math.abs(pixel - (still[i] as number)) > 0.01)).toBe(true);
  for (const white of [1, 16]) {
    viewed(white, held).forEach((pixel, i) => expect(pixel).toBeCloseTo(bytes[i] as number, 4));
  }
});

test("every strength is tried that does something to grey images", () => {
  const grey = Object.keys(imageStrengths).filter((name) => !imageStrengths[name]?.ofColours);
  expect(Object.keys(strongest).toSorted()).toEqual(grey.toSorted());
});
