import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";

import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";

import { gather } from "../batches.ts";
import type { Dataset } from "../dataset.ts";
import type { Scale } from "../supervised-data.ts";
import type { HostArray } from "../../util/host-array.ts";
import { chosenSize } from "./chosen-size.ts";
import { readImageFolder } from "./image-folder.ts";
import { readOnce } from "./keep.ts";

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "hypertrain-images-"))));
afterEach(() => rm(folder, { recursive: true }));

/** A PNG of one colour. */
const png = (colour: readonly [number, number, number], width = 4, height = 3): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: colour[0], g: colour[1], b: colour[2] } } })
    .png()
    .toBuffer();

async function writeClass(name: string, colour: readonly [number, number, number], count = 5): Promise<void> {
  await mkdir(join(folder, name));
  const image = await png(colour);
  for (let i = 0; i < count; i++)
    await writeFile(join(folder, name, `${i}.png`), Buffer.concat([image, Buffer.from(name + i)])); // no copies of each other
}

test("a folder is a class, an image an example in planes of its colours", async () => {
  await writeClass("red", [200, 100, 0]);
  await writeClass("blue", [0, 50, 250]);
  await writeFile(join(folder, "red", "notes.txt"), "no image");
  const data = await readImageFolder(folder);
  expect(data.classes).toEqual(["blue", "red"]);
  expect(data.images?.shape).toEqual([3, 3, 4]);
  const parts = [data.splits.train, data.splits.valid, data.splits.test as Dataset];
  expect(parts.map(({ rows }) => rows)).toEqual([6, 2, 2]);
  for (const part of parts) {
    const { x, y } = gather(
      part,
      Uint32Array.from({ length: part.rows }, (_, i) => i),
    );
    const { mean, sd } = data.images?.scale as Scale;
    for (let row = 0; row < part.rows; row++) {
      const colour = (y as HostArray).data[row] === 1 ? [200, 100, 0] : [0, 50, 250];
      const planes = [0, 12, 24].map((at) => ((x as HostArray).data[row * 36 + at] as number) * sd + mean);
      planes.forEach((v, c) => expect(v).toBeCloseTo(colour[c] as number, 2));
    }
  }
});

test("data is called by the folder's base name, however its path is written", async () => {
  await writeClass("a", [1, 2, 3]);
  await writeClass("b", [3, 2, 1]);
  const paths = [
    folder,
    `${folder}/`,
    relative(".", folder),
    join(folder, "a", "..") + "/.",
    `${folder}/a/../`,
  ];
  for (const path of paths) expect((await readImageFolder(path)).name, path).toBe(basename(folder));
});

test("a link to a folder or an image is what it leads to", async () => {
  await writeClass("blue", [3, 2, 1]);
  await writeClass(".red", [1, 2, 3]); // hidden, so that it counts by its link alone
  await symlink(join(folder, ".red"), join(folder, "red"));
  await writeFile(join(folder, ".one.png"), await png([9, 9, 9]));
  await symlink(join(folder, ".one.png"), join(folder, "blue", "one.png"));
  const { classes, splits, warnings } = await readImageFolder(folder);
  expect(classes).toEqual(["blue", "red"]);
  expect(splits.train.rows + splits.valid.rows + (splits.test?.rows ?? 0)).toBe(11);
  expect(warnings.join()).not.toMatch(/no class|passed over/);
  await symlink(join(folder, ".none.png"), join(folder, "blue", "gone.png"));
  await expect(readImageFolder(folder)).rejects.toThrow(/1 of 12 is not: .*gone\.png/);
});

test("folders without an image are named, since they are no classes", async () => {
  for (const name of ["a", "b"]) await writeClass(name, [1, 2, 3]);
  await mkdir(join(folder, "purple"));
  await mkdir(join(folder, "blue"));
  await writeFile(join(folder, "blue", "1.bmp"), "BM");
  const { classes, warnings } = await readImageFolder(folder);
  expect(classes).toEqual(["a", "b"]);
  expect(warnings[0]).toMatch(
    /^2 folders in .* without an image are no class: "blue", "purple"; if one should be, put its images into it$/,
  );
});

test("a transparent image has the same colours at its own size and resized", async () => {
  const clear = (side: number) =>
    sharp({
      create: { width: side, height: side, channels: 4, background: { r: 250, g: 120, b: 10, alpha: 0 } },
    })
      .png()
      .toBuffer();
  for (const name of ["a", "b"]) await writeClass(name, [250, 120, 10]);
  for (const side of [6, 12]) await writeFile(join(folder, "b", `clear-${side}.png`), await clear(side));
  const { splits, images } = await readImageFolder(folder, { side: 6, valid: 0.2, test: 0 });
  const { mean, sd } = images?.scale as Scale;
  for (const part of [splits.train, splits.valid]) {
    const { x } = gather(
      part,
      Uint32Array.from({ length: part.rows }, (_, i) => i),
    );
    const values = Array.from((x as HostArray).data, (v) => Math.round(v * sd + mean));
    expect(new Set(values)).toEqual(new Set([250, 120, 10]));
  }
});

test("images of several sizes get the largest of 8, 16 and 32 that half of them fill", async () => {
  for (const [name, count] of [
    ["a", 5],
    ["b", 4],
  ] as const) {
    await mkdir(join(folder, name));
    for (let i = 0; i < count; i++)
      await writeFile(join(folder, name, `${i}.png`), await png([1, 2, 3], 40, 20));
  }
  await writeFile(join(folder, "b", "large.png"), await png([3, 2, 1], 50, 90));
  const { images } = await readImageFolder(folder);
  expect(images?.shape).toEqual([3, 16, 16]);
  expect(images?.resized).toBe(true);
  expect(images?.chosen).toMatch(
    /^All images become 16 x 16 \(height x width\), since they differ in size, from 20 x 40 to 90 x 50; a larger `imageSize` shows more and takes longer\.$/,
  );
  await expect(readImageFolder(folder, { side: "own" })).rejects.toThrow(
    /the first is 20 x 40 and .*large\.png is 90 x 50 \(height x width\); give all one with `imageSize`/,
  );
  const given = (await readImageFolder(folder, { side: 6 })).images;
  expect([given?.shape, given?.chosen]).toEqual([[3, 6, 6], undefined]);
});

test.each<[number, readonly [height: number, width: number][], RegExp]>([
  [
    32,
    [
      [31, 31],
      [31, 31],
      [33, 33],
    ],
    /from 31 x 31 to 33 x 33; 2 of 3 are smaller and are enlarged; a larger `imageSize` shows more/,
  ],
  [
    32,
    [
      [30, 99],
      [29, 29],
    ],
    /; all are smaller and are enlarged\.$/,
  ],
  [
    16,
    [
      [29, 29],
      [29, 40],
    ],
    /from 29 x 29 to 29 x 40; a larger `imageSize` shows more and takes longer\.$/,
  ],
  [
    8,
    [
      [5, 5],
      [6, 7],
    ],
    /since they differ in size, from 5 x 5 to 6 x 7; all are smaller and are enlarged\.$/,
  ],
  [
    8,
    [
      [14, 14],
      [8, 9],
    ],
    /from 8 x 9 to 14 x 14; a larger `imageSize` shows more and takes longer\.$/,
  ],
  [
    16,
    [
      [15, 15],
      [16, 16],
    ],
    /from 15 x 15 to 16 x 16; 1 of 2 is smaller and is enlarged\.$/,
  ],
])(
  "images become squares of %i where half of them do so if enlarged by at most a tenth, and nobody hears of a gain that is none",
  (side, sizes, why) => {
    const chosen = chosenSize(sizes.map(([height, width]) => ({ height, width })));
    expect(chosen?.side).toBe(side);
    expect(chosen?.why).toMatch(why);
  },
);

test("images of one size stay as they are if that is small, or if they are told to", async () => {
  const fill = async (height: number) => {
    for (const name of ["a", "b"]) {
      await mkdir(join(folder, name), { recursive: true });
      for (let i = 0; i < 5; i++)
        await writeFile(join(folder, name, `${i}.png`), await png([1, 2, 3], 128, height));
    }
  };
  await fill(32);
  expect((await readImageFolder(folder)).images).toMatchObject({ shape: [3, 32, 128], resized: false });
  await fill(33);
  const { images } = await readImageFolder(folder);
  expect(images).toMatchObject({
    ...{ shape: [3, 32, 32], resized: true },
    chosen: expect.stringMatching(/, since all are 33 x 128, on which a CPU trains for long; /) as string,
  });
  const own = (await readImageFolder(folder, { side: "own" })).images;
  expect([own?.shape, own?.resized, own?.chosen]).toEqual([[3, 33, 128], false, undefined]);
});

test("what cannot be read is named and counted, also where its head is whole", async () => {
  await writeClass("a", [1, 2, 3]);
  await writeClass("b", [3, 2, 1]);
  await writeFile(join(folder, "a", "text.jpg"), "no image");
  const noise = await sharp(Buffer.from(Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919) % 251)), {
    raw: { width: 64, height: 64, channels: 3 },
  })
    .png()
    .toBuffer();
  await writeFile(join(folder, "b", "cut.png"), noise.subarray(0, noise.length / 2));
  const refusal =
    /must be readable, but 2 of 12 are not: .*text\.jpg.*, .*cut\.png.*; remove or replace them/;
  await expect(readImageFolder(folder, { side: 4 })).rejects.toThrow(refusal);
  for (const name of ["a", "b"]) {
    for (let i = 0; i < 5; i++) await writeFile(join(folder, name, `${i}.png`), noise);
  }
  await expect(readImageFolder(folder)).rejects.toThrow(refusal); // all that can be read are of one size
});

test("one class is none", async () => {
  await writeClass("a", [1, 2, 3]);
  await mkdir(join(folder, "empty"));
  await expect(readImageFolder(folder)).rejects.toThrow(/at least two classes, but has 1 such folder;/);
});

test("classes that are called as parts of data are told", async () => {
  for (const name of ["train", "Validation", "test"]) await writeClass(name, [1, 2, 3]);
  const told = /^the classes of \S+ are called as parts of data are: "Validation", "test", "train"; if they/;
  expect((await readImageFolder(folder)).warnings).toContainEqual(expect.stringMatching(told));
  await writeClass("cat", [1, 2, 3]);
  expect((await readImageFolder(folder)).warnings).not.toContainEqual(expect.stringMatching(/called as/));
});

test("of classes one level deeper the training part is named, else the folder with the most images", async () => {
  for (const [part, images] of [
    ["test", 5],
    ["train", 5],
    ["valid", 2],
  ] as const) {
    await mkdir(join(folder, part));
    for (const name of ["a", "b"]) await writeClass(join(part, name), [1, 2, 3], images);
  }
  const train = join(folder, "train");
  await expect(readImageFolder(folder)).rejects.toThrow(
    `but has 0 such folders; classes lie one level deeper: name one folder of them with \`data: ${JSON.stringify(train)}\`, and its images are split into parts (\`valid\`, \`test\`)`,
  );
  expect((await readImageFolder(train)).classes).toEqual(["a", "b"]);
  await rm(join(train, "b"), { recursive: true });
  await expect(readImageFolder(folder)).rejects.toThrow(JSON.stringify(join(folder, "test")));
  for (const part of ["test", "valid"]) await rm(join(folder, part, "b"), { recursive: true });
  await expect(readImageFolder(folder)).rejects.toThrow(/has 0 such folders; name another with `data`$/);
});

test("a class that does not train is refused, and one of few images is named", async () => {
  await writeClass("a", [1, 2, 3], 12);
  await writeClass("b", [3, 2, 1], 4);
  expect((await readImageFolder(folder)).warnings).toEqual([
    expect.stringMatching(
      /^1 class of .* has fewer than 10 images \("b"\), .*; add images of it, or join classes$/,
    ),
  ]);
  for (const name of ["c", "d", "e"]) await writeClass(name, [9, 9, 9], 1);
  await expect(readImageFolder(folder, { valid: { rows: 13 } })).rejects.toThrow(
    /^every class of .* must occur in the training part, but "[c-e]" occurs in the validation part only; add images/,
  );
  await expect(readImageFolder(folder, { valid: { rows: 50 } })).rejects.toThrow("50 and 4 of 19 images");
});

test("copies in several parts are told", async () => {
  for (const name of ["a", "b"]) await writeClass(name, [1, 2, 3], 10);
  await writeFile(join(folder, "a", "a.png"), await png([9, 9, 9]));
  await writeFile(join(folder, "b", "a.png"), await png([9, 9, 9]));
  expect((await readImageFolder(folder)).warnings).toEqual([
    expect.stringMatching(
      /^1 file of .* is a copy of others, byte for byte .* 1 image is in several classes/,
    ),
  ]);
});

test("what is passed over is counted, but for what is hidden or a system's own", async () => {
  await writeClass("a", [1, 2, 3], 10);
  await writeClass("b", [3, 2, 1], 10);
  for (const name of [".hidden.bmp", "Thumbs.db", ".DS_Store"]) await writeFile(join(folder, "a", name), "");
  expect((await readImageFolder(folder)).warnings).toEqual([]);
  for (const name of ["1.BMP", "2.bmp", "notes"]) await writeFile(join(folder, "a", name), "");
  await mkdir(join(folder, "b", "more.png"));
  await writeFile(join(folder, "beside.png"), "");
  await writeFile(join(folder, "labels.csv"), "");
  expect((await readImageFolder(folder)).warnings).toEqual([
    expect.stringMatching(
      /^3 files in the folders of .* are passed over, .*: 2 \.bmp, 1 without an extension; /,
    ),
    expect.stringMatching(/^1 folder inside those of the classes of .* is passed over; /),
    expect.stringMatching(/^1 image beside the folders of the classes of .* is passed over; /),
  ]);
  await mkdir(join(folder, "c"));
  for (const name of ["a", "b"]) await rm(join(folder, name), { recursive: true });
  await writeFile(join(folder, "c", "1.bmp"), "");
  await expect(readImageFolder(folder)).rejects.toThrow(/has 0 such folders \(beside files .*: 1 \.bmp\);/);
});

test("images that were read once make the same data as those read anew, their parts joined or not", async () => {
  await writeClass("a", [1, 2, 3], 10);
  await writeClass("b", [3, 2, 1], 10);
  const [apart, joined] = await Promise.all(
    [false, true].map((joined) => readImageFolder(folder, { joined })),
  );
  const kept = readOnce();
  expect(await readImageFolder(folder, { joined: false }, kept)).toEqual(apart);
  for (const name of ["a", "b"]) await rm(join(folder, name), { recursive: true });
  expect(await readImageFolder(folder, { joined: true }, kept)).toEqual(joined);
  expect(joined?.splits.train.rows).toBeGreaterThan(apart?.splits.train.rows ?? Infinity);
});
