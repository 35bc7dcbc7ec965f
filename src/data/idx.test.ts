import { expect, test } from "vitest";

import { idxImages, idxLabels } from "../../test/data/idx.ts";
import { parseIdxImages, parseIdxLabels, requireSameCount } from "./idx.ts";

const images = (bytes: Uint8Array) => parseIdxImages({ name: "img", bytes });
const labels = (bytes: Uint8Array, classes?: number) =>
  parseIdxLabels({ name: "lab", bytes }, classes === undefined ? {} : { classes });

test("images keep their sizes and bytes", () => {
  const { rows, height, width, pixels } = images(idxImages(3, 2, 5));
  expect([rows, height, width]).toEqual([3, 2, 5]);
  expect(pixels).toEqual(Uint8Array.from({ length: 30 }, (_, i) => i));
});

test("a file may be a view into larger memory", () => {
  const memory = new Uint8Array(100);
  memory.set(idxLabels([1, 2, 3]), 7);
  expect([...labels(memory.subarray(7, 7 + 11)).classes]).toEqual([1, 2, 3]);
});

test.each([
  [
    "no bytes",
    () => images(new Uint8Array()),
    "img must start with an idx header of 16 bytes, but the file has 0",
  ],
  [
    "a cut header",
    () => labels(idxLabels([1]).subarray(0, 7)),
    "lab must start with an idx header of 8 bytes, but the file has 7",
  ],
  [
    "labels for images",
    () => images(idxLabels(Array.from({ length: 9 }, () => 0))),
    "img must be an idx file of images, which starts with 0x00000803, but starts with 0x00000801",
  ],
  [
    "images for labels",
    () => labels(idxImages(1, 2, 2)),
    "lab must be an idx file of labels, which starts with 0x00000801, but starts with 0x00000803",
  ],
  [
    "truncated images",
    () => images(idxImages(2, 2, 2).subarray(0, 23)),
    "img must hold 8 bytes after its header, but is cut short at 7; get the file again",
  ],
  [
    "trailing bytes",
    () => labels(Uint8Array.of(...idxLabels([1, 2]), 0)),
    "lab must hold 2 bytes after its header, but goes on to 3",
  ],
  [
    "a label above 9",
    () => labels(idxLabels([1, 10])),
    "every label in lab must be from 0 to 9, but label 2 is 10",
  ],
  [
    "a label beyond its classes",
    () => labels(idxLabels([3]), 3),
    "every label in lab must be from 0 to 2, but label 1 is 3",
  ],
  ["no images", () => images(idxImages(0, 2, 2)), "img must hold at least one image"],
  [
    "different counts",
    () => requireSameCount(images(idxImages(2, 1, 1)), labels(idxLabels([1]))),
    "img and lab must hold equally many images and labels, but got 2 and 1",
  ],
])("%s: one sentence with the file's name", (_, parse, message) => {
  expect(parse).toThrow(message);
});
