import { expect, test } from "vitest";

import { idxImages, idxLabels } from "../../test/data/idx.ts";
import { takeRows } from "./dataset-parts.ts";
import type { Dataset } from "./dataset.ts";
import { emnist, fashionMnist, mnist, type ImageSetBytes } from "./mnist.ts";

const named = (name: string, bytes: Uint8Array) => ({ name, bytes });
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i % 10);

/** The images as a batch has them. */
const xOf = (part: Dataset | undefined) =>
  part &&
  takeRows(
    part,
    Uint32Array.from({ length: part.rows }, (_, i) => i),
  ).fields.x;

/** 20 training and 4 test images of 2 x 3 pixels. */
const files: ImageSetBytes = {
  trainImages: named("train-images", idxImages(20, 2, 3)),
  trainLabels: named("train-labels", idxLabels(upTo(20))),
  testImages: named("t10k-images", idxImages(4, 2, 3)),
  testLabels: named("t10k-labels", idxLabels(upTo(4))),
};

test("the last 15 % of the training images validate, in their order", () => {
  const { splits, inputShape, outputs } = mnist(files);
  expect([splits.train.rows, splits.valid.rows, splits.test?.rows]).toEqual([17, 3, 4]);
  expect([inputShape, outputs]).toEqual([[6], 10]);
  expect(splits.valid.fields.y?.data).toEqual(Int32Array.of(7, 8, 9));
  expect(xOf(splits.valid)?.shape).toEqual([3, 6]);
  expect(mnist(files, { valid: { rows: 5 } }).splits.train.rows).toBe(15);
});

test("MNIST's pixels from 0 to 1 are standardised by 0.1307 and 0.3081", () => {
  const { splits } = mnist(files);
  const pixels = Array.from({ length: 18 }, (_, i) => Math.fround(((17 * 6 + i) / 255 - 0.1307) / 0.3081));
  expect(Array.from(xOf(splits.valid)?.data ?? [])).toEqual(pixels);
});

test("Fashion-MNIST's pixels have mean 0 and deviation 1 over the training part", () => {
  const { splits, classes } = fashionMnist(files);
  const x = Array.from(xOf(splits.train)?.data ?? []);
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  expect(mean).toBeCloseTo(0, 6);
  expect(Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)).toBeCloseTo(1, 6);
  expect(classes?.[9]).toBe("Ankle boot");
});

test("images may keep their two axes behind one channel", () => {
  const { inputShape, splits } = mnist(files, { shape: "image" });
  expect(inputShape).toEqual([1, 2, 3]);
  expect(xOf(splits.test)?.shape).toEqual([4, 1, 2, 3]);
  expect(xOf(splits.test)?.data).toEqual(xOf(mnist(files).splits.test)?.data);
});

test("files that do not belong together are an error", () => {
  expect(() => mnist({ ...files, trainLabels: named("few", idxLabels([1])) })).toThrow(
    "train-images and few must hold equally many images and labels, but got 20 and 1",
  );
  expect(() => mnist({ ...files, testImages: named("large", idxImages(4, 3, 3)) })).toThrow(
    "train-images and large must hold images of one size, but got 2 x 3 and 3 x 3",
  );
});

test("EMNIST's images, whose rows are columns in the file, stand upright", () => {
  const raw = { scale: { mean: 0, sd: 1 }, shape: "image" } as const;
  const first = (data: ReturnType<typeof mnist>) => {
    const x = xOf(data.splits.test);
    return [x?.shape, Array.from(x?.data.subarray(0, 6) ?? [], (value) => Math.round(255 * value))];
  };
  expect(first(mnist(files, raw))).toEqual([
    [4, 1, 2, 3],
    [0, 1, 2, 3, 4, 5],
  ]); // 0 1 2 above 3 4 5
  expect(first(emnist("emnist-digits", files, raw))).toEqual([
    [4, 1, 3, 2],
    [0, 3, 1, 4, 2, 5],
  ]);
});

test("a class that does not train is refused, and so is one class alone", () => {
  const labelled = (train: number[], test: number[]) => () =>
    mnist({
      ...files,
      trainLabels: named("train-labels", idxLabels(train)),
      testLabels: named("t10k-labels", idxLabels(test)),
    });
  const ones = new Array<number>(20).fill(1);
  expect(labelled(ones, [1, 1, 1, 1])).toThrow(/^the training part of mnist must .*, but holds "1" alone;/);
  expect(labelled(ones, [1, 1, 7, 1])).toThrow(/^every class of mnist .*"7" occurs in the test part only;/);
});
