import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";

import { gather } from "../batches.ts";
import type { HostArray } from "../../util/host-array.ts";
import { readCifar } from "./cifar.ts";

const PIXELS = 3 * 32 * 32;

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "hypertrain-cifar-"))));
afterEach(() => rm(folder, { recursive: true }));

/** Records of a class and pixels of the tone `tone(plane)`. */
const records = (labels: readonly (readonly number[])[], tone: (plane: number) => number): Buffer =>
  Buffer.concat(
    labels.map((label) =>
      Buffer.from([...label, ...Array.from({ length: PIXELS }, (_, i) => tone(Math.floor(i / 1024)))]),
    ),
  );

const batches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);

async function writeCifar10(at: string): Promise<void> {
  for (const [i, name] of batches.entries())
    await writeFile(
      join(at, name),
      records([[i], [i]], () => i),
    );
  await writeFile(
    join(at, "test_batch.bin"),
    records([[3], [2]], (plane) => 100 * plane),
  );
}

test("the files are read in order, class first, then the planes of the colours", async () => {
  await writeCifar10(folder);
  const { splits, images, classes } = await readCifar("cifar10", folder, { valid: { rows: 1 } });
  expect(images?.shape).toEqual([3, 32, 32]);
  expect(classes?.[9]).toBe("truck");
  expect(Array.from(splits.train.fields.y?.data as Int32Array)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4]);
  expect(Array.from(splits.valid.fields.y?.data as Int32Array)).toEqual([4]);
  const { x, y } = gather(splits.test as typeof splits.train, Uint32Array.of(1));
  expect(Array.from((y as HostArray).data)).toEqual([2]);
  const tones = [0, 0, 1, 1, 2, 2, 3, 3, 4].flatMap((tone) => new Array<number>(PIXELS).fill(tone / 255));
  const mean = tones.reduce((sum, v) => sum + v, 0) / tones.length;
  const sd = Math.sqrt(tones.reduce((sum, v) => sum + (v - mean) ** 2, 0) / tones.length);
  [0, 1, 2].forEach((plane) =>
    expect((x as HostArray).data[plane * 1024]).toBeCloseTo(((100 * plane) / 255 - mean) / sd, 2),
  );
});

test("the published archive serves as well, as tar writes it", async () => {
  const inside = join(folder, "cifar-10-batches-bin");
  await mkdir(inside);
  await writeCifar10(inside);
  await mkdir(join(folder, "data"));
  const tar = join(folder, "data", "cifar-10-binary.tar");
  execFileSync("tar", ["-C", folder, "-cf", tar, "cifar-10-batches-bin"]);
  await writeFile(`${tar}.gz`, gzipSync(await readFile(tar)));
  await rm(tar);
  const sizes = { valid: { rows: 1 } };
  const packed = await readCifar("cifar10", join(folder, "data"), sizes);
  const plain = await readCifar("cifar10", folder, sizes);
  expect(packed.splits.test?.coded?.x?.codes).toEqual(plain.splits.test?.coded?.x?.codes);
  await writeFile(`${tar}.gz`, gzipSync(Buffer.alloc(2000, 7)));
  await expect(readCifar("cifar10", join(folder, "data"))).rejects.toThrow("must be a whole tar archive");
});

test("of CIFAR-100's two labels the second is the class", async () => {
  await writeFile(
    join(folder, "train.bin"),
    records(
      [
        [19, 99],
        [1, 7],
        [0, 99],
      ],
      () => 1,
    ),
  );
  await writeFile(
    join(folder, "test.bin"),
    records([[1, 7]], () => 2),
  );
  const { splits, classes } = await readCifar("cifar100", folder, { valid: { rows: 1 } });
  expect(classes).toHaveLength(100);
  expect(Array.from(splits.train.fields.y?.data as Int32Array)).toEqual([99, 7]);
});

test("bad files are refused by a sentence", async () => {
  await expect(readCifar("cifar10", folder)).rejects.toThrow(
    /but lacks data_batch_1\.bin, .*test_batch\.bin;/,
  );
  await writeCifar10(folder);
  await writeFile(join(folder, "data_batch_3.bin"), Buffer.alloc(3072));
  await expect(readCifar("cifar10", folder)).rejects.toThrow(
    /data_batch_3\.bin must hold records of 3073 bytes, but has 3072/,
  );
  await writeFile(
    join(folder, "data_batch_3.bin"),
    records([[10]], () => 1),
  );
  await expect(readCifar("cifar10", folder)).rejects.toThrow(/from 0 to 9, but image 1 has 10/);
});
