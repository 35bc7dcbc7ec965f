import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Dataset } from "../data/dataset.ts";
import type { ImageShape } from "../data/image-data.ts";
import type { ImageFacts } from "../data/supervised-data.ts";
import type { HostArray } from "../util/host-array.ts";
import type { AskedNetwork } from "./asked-network.ts";
import { imageModel, takesImages } from "./image-model.ts";
import { imageInputOf, type DataFacts } from "./model-document.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "hypertrain-image-model-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const MEAN = 100;
const SD = 50;

/** A model whose logits are 0 and the mean of an image's standardised pixels, and what its network was fed. */
function averaging(shape: ImageShape, facts: { white?: number; resized?: boolean; seen?: () => void } = {}) {
  const { white = 255, resized = false, seen = () => {} } = facts;
  const batches: { rows: number; size: number }[] = [];
  const network: AskedNetwork = {
    inputShape: shape,
    outputs({ rows, fields }: Dataset, size) {
      batches.push({ rows, size });
      seen();
      const { data } = fields.x as HostArray;
      const one = data.length / rows;
      const mean = (row: number) =>
        (data as Float32Array).subarray(row * one, (row + 1) * one).reduce((a, b) => a + b, 0) / one;
      return Promise.resolve(Array.from({ length: rows }, (_, row) => [0, mean(row)]));
    },
    score: (outputs, y) =>
      Promise.resolve({ loss: outputs.length + (y.data as Int32Array).reduce((a, b) => a + b, 0) }),
    dispose() {},
  };
  const model = imageModel(
    {
      ...{ format: "hypertrain model 3", data: "photos", task: "classification", loss: "cross-entropy" },
      ...{ method: "fixed", weights: "", units: { loss: "nats" }, best: { epoch: 1, valid: { loss: 1 } } },
      network: { inputs: 1, hidden: [], outputs: 2, activation: [], skip: [] },
      ...{ classes: ["dark", "light"], pixels: { mean: MEAN, sd: SD }, images: { shape, white, resized } },
    },
    network,
  );
  return { model, batches };
}

async function grey(name: string, tone: number, side = 2): Promise<string> {
  const path = join(folder, name);
  const raw = { width: side, height: side, channels: 1 } as const;
  writeFileSync(
    path,
    await sharp(new Uint8Array(side * side).fill(tone), { raw })
      .toColourspace("b-w")
      .png()
      .toBuffer(),
  );
  return path;
}

/** The probability of the second class where its logit is the standardised tone. */
const light = (tone: number): number => 1 / (1 + Math.exp(-(tone - MEAN) / SD));

test("files and their pixels get the same answers, standardised as in training", async () => {
  const { model } = averaging([1, 2, 2]);
  const tones = [0, 100, 250];
  const files = await Promise.all(tones.map((tone) => grey(`${tone}.png`, tone)));
  const byFiles = await model.predict(files);
  expect(byFiles.values).toEqual(["dark", "dark", "light"]); // of two alike the first
  byFiles.probabilities.forEach(([, second], i) => expect(second).toBeCloseTo(light(tones[i] as number), 6));
  const pixels = Uint8Array.from(tones.flatMap((tone) => [tone, tone, tone, tone]));
  expect(await model.predict({ rows: 3, pixels })).toEqual(byFiles);
  expect(await model.predict([])).toMatchObject({ values: [], probabilities: [] });
});

test("a model answers for images only where its data are some, and say what is white", () => {
  const told: DataFacts = {
    ...{ name: "photos", task: "classification", inputShape: [1, 2, 2] },
    images: { shape: [1, 2, 2], scale: { mean: MEAN, sd: SD }, white: 255 },
  };
  const { images, ...others } = told;
  const { white: _white, ...unmeasured } = images as ImageFacts;
  const alike = { ...others, images: unmeasured };
  expect([told, alike, others].map(imageInputOf)).toEqual([
    { shape: [1, 2, 2], white: 255, resized: false },
    ...[undefined, undefined],
  ]);
  const { document } = averaging([1, 2, 2]).model;
  const { pixels: _pixels, ...older } = document;
  expect([document, older].map(takesImages)).toEqual([true, false]);
});

test("a white pixel of a file is what is white for the model, and pixels in memory are as the model has them", async () => {
  const { model } = averaging([1, 2, 2], { white: 16 });
  const byPixels = await model.predict({ rows: 1, pixels: [16, 16, 16, 16] });
  expect(byPixels.probabilities[0]?.[1]).toBeCloseTo(light(16), 6);
  const [[, second] = []] = (await model.predict([await grey("white.png", 255)])).probabilities;
  expect(second).toBeCloseTo(light(16), 6);
});

test("files are read a batch at a time, when the one before has been answered", async () => {
  const side = 1024; // of which one is as many pixels as go through the network at once
  const files = await Promise.all([0, 0, 0].map((tone, i) => grey(`${i}.png`, tone, side)));
  const white = await sharp(new Uint8Array(side * side).fill(255), {
    raw: { width: side, height: side, channels: 1 },
  })
    .png()
    .toBuffer();
  let asked = 0;
  const { model, batches } = averaging([1, side, side], {
    seen: () => {
      if (asked++ === 0) files.forEach((path) => writeFileSync(path, white));
    },
  });
  const { values } = await model.predict(files);
  expect(batches).toEqual([1, 1, 1].map((rows) => ({ rows, size: 1 })));
  expect(values).toEqual(["dark", "light", "light"]);
});

test("batches are of a power of 2, at most 512 images", async () => {
  const { model, batches } = averaging([1, 1, 1]);
  await model.predict({ rows: 1100, pixels: new Uint8Array(1100) });
  await model.predict({ rows: 5, pixels: new Uint8Array(5) });
  expect(batches).toEqual([...[512, 512, 76].map((rows) => ({ rows, size: 512 })), { rows: 5, size: 8 }]);
});

test("images whose classes are known are scored, the others answered alone", async () => {
  const { model } = averaging([1, 1, 1]);
  const images = { rows: 3, pixels: [0, 9, 250] };
  const { score, values } = await model.predict(images, { classes: ["light", undefined, "light"] });
  expect(score).toEqual({ loss: 2 + 1 + 1 }); // of two rows, both of class 1
  expect(values).toEqual(["dark", "dark", "light"]);
  expect((await model.predict(images, { classes: [undefined, undefined, undefined] })).score).toBeUndefined();
  await expect(model.predict(images, { classes: ["light", "Dark", "dark"] })).rejects.toThrow(
    /^the classes must be among those of the model, "dark", "light", but got "Dark"; did you mean "dark"\?$/,
  );
  await expect(model.predict(images, { classes: ["light"] })).rejects.toThrow(
    /a class for each image, .* got 1 for 3 images;/,
  );
});

test("files that cannot be read are all named and counted, and pixels that are none refused", async () => {
  const { model, batches } = averaging([1, 2, 2]);
  const whole = await grey("whole.png", 9);
  const broken = ["a.png", "b.png"].map((name) => join(folder, name));
  for (const path of broken) writeFileSync(path, "no image");
  const refusal =
    /^all images must be readable, but 2 of 3 are not: .*a\.png, .*b\.png; remove or replace them$/;
  await expect(model.predict([broken[0] as string, whole, broken[1] as string])).rejects.toThrow(refusal);
  expect(await model.remarksOn([broken[0] as string, whole])).toEqual([]); // for all to be told in one sentence
  expect(batches).toEqual([]);
  await expect(model.predict({ rows: 2, pixels: new Uint8Array(7) })).rejects.toThrow(
    /^the pixels must be 1 x 2 x 2 \(channels x height x width\) for each image, but got 7 for 2 images; give 4 for each$/,
  );
  await expect(model.predict({ rows: 2, pixels: [0, 0, 0, 0, 0, NaN, 0, 0] })).rejects.toThrow(
    /^the pixels must be numbers from 0 for black to 255 for white, but image 2 has NaN;/,
  );
  await expect(model.predict("whole.png" as never)).rejects.toThrow(
    /^`images` of predict must be a list of paths, or pixels as \{ rows, pixels \}, but got "whole\.png";/,
  );
});

test("pixels in memory that end at a usual scale's white below the model's are told, others are not", async () => {
  const told = (pixels: readonly number[], white = 255) =>
    averaging([1, 1, 2], { white }).model.remarksOn({ rows: 1, pixels });
  expect(await told([16, 3])).toEqual([
    "no pixel is above 16, where those of the training part go from 0 for black to 255 for white; if 16 is white in them, multiply them by 15.9375",
  ]);
  for (const [pixels, white] of [
    [[17, 3], 255],
    [[0, 0], 255],
    [[16, 3], 16],
  ] as const)
    expect(await told(pixels, white)).toEqual([]);
  await expect(told([3000, 0])).rejects.toThrow(/^the pixels must be numbers from 0/);
});

test("pixels on another scale are refused, a black image is not", async () => {
  const predict = (pixels: readonly unknown[], white = 255) =>
    averaging([1, 1, 2], { white }).model.predict({ rows: 1, pixels: pixels as number[] });
  for (const [odd, has] of [
    [3000, "3000"],
    [-1, "-1"],
    ["3", '"3"'],
  ] as const) {
    await expect(predict([0, odd])).rejects.toThrow(`to 255 for white, but image 1 has ${has}; bring all`);
  }
  await expect(predict([0.5, 0.25])).rejects.toThrow(/but none is above 0\.5, as where white is 1;/);
  for (const [pixels, white] of [
    [[0, 0], 255],
    [[0.5, 0.25], 1],
  ] as const) {
    expect((await predict(pixels, white)).values).toHaveLength(1);
  }
});

test.each([
  [
    {},
    "`classes` of predict must be a list with the class of each image, or undefined where it is not known, but is missing; give it",
  ],
  [["circle"], "predict must be given its options as an object, such as { classes: … }, but got"],
  [null, "predict must be given its options as an object"],
  [
    { clases: ["dark"] },
    'predict must be given options of its own, but got "clases"; did you mean "classes"?',
  ],
  [{ classes: [null] }, "`classes` of predict must be a list"],
  [{ classes: [1] }, "`classes` of predict must be a list"],
  [{ classes: "c" }, "`classes` of predict must be a list"],
])("wrong classes are refused: %j", async (known, refusal) => {
  const { model } = averaging([1, 1, 1]);
  await expect(model.predict({ rows: 1, pixels: [9] }, known as never)).rejects.toThrow(refusal);
});

test.each([[undefined], ["x"], [[1]]])(
  "remarks on what is no list of paths are refused: %j",
  async (files) => {
    const refused = averaging([1, 1, 1]).model.remarksOn(files as never);
    await expect(refused).rejects.toThrow("`images` of remarksOn must be a list");
  },
);

test("another size and colours are told, and not where training read such", async () => {
  const wide = join(folder, "wide.png");
  const create = { width: 4, height: 2, channels: 3, background: "#fa0" } as const;
  writeFileSync(wide, await sharp({ create }).png().toBuffer());
  const files = [await grey("fits.png", 7), wide];
  const remarks = await averaging([1, 2, 2]).model.remarksOn(files);
  expect(remarks).toEqual([
    expect.stringMatching(
      /^1 image of 2 is not of 2 x 2 \(height x width\), .*wide\.png is 2 x 4; /,
    ) as string,
    expect.stringMatching(
      /^1 image of 2 is stored in colour, where all were grey in training: of .*wide\.png/,
    ) as string,
  ]);
  expect(await averaging([3, 2, 2], { resized: true }).model.remarksOn(files)).toEqual([]);
});
