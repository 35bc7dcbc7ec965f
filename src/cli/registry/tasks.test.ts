import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import sharp from "sharp";
import { expect, onTestFinished, test } from "vitest";

import { gather } from "../../data/batches.ts";
import { sentencesOn } from "../../report/warnings.ts";
import type { HostArray } from "../../util/host-array.ts";
import { parseConfig } from "../config/config.ts";
import { loadTask, type NamedTask } from "./tasks.ts";

const load = (config: object) => loadTask(parseConfig(config, String));

test("a run is called by the file that it reads without its extension, and by the whole name of a folder", async () => {
  const place = await useFiles();
  const nameOf = async (config: object) => (await load(config)).name;
  expect(await nameOf({ data: join(place, "photos.v2") })).toBe("photos.v2");
  expect(await nameOf({ data: `${join(place, "photos.v2")}/` })).toBe("photos.v2");
  expect(await nameOf({ data: join(place, "table.v2.csv"), target: "y" })).toBe("table.v2");
  expect(await nameOf({ data: "wine" })).toBe("wine");
});

test("with folds copies of an image are told to be in several where they are", async () => {
  const png = (tone: number) =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: { r: tone, g: tone, b: tone } } })
      .png()
      .toBuffer();
  const folder = mkdtempSync(join(tmpdir(), "hypertrain-copies-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["a", "b"]) {
    mkdirSync(join(folder, name));
    for (let i = 0; i < 8; i++)
      writeFileSync(join(folder, name, `${i}.png`), await png((name === "a" ? 10 : 100) + i));
  }
  for (const copy of ["x", "y"]) writeFileSync(join(folder, "a", `${copy}.png`), await png(255));
  const seen = new Set<boolean>();
  for (let seed = 0; seed < 6; seed++) {
    const { task, warnings } = await load({ data: folder, model: "mlp", folds: 2, seed });
    const { train } = task.data;
    const all = gather(
      train,
      Uint32Array.from({ length: train.rows }, (_, i) => i),
    );
    const { x, fold } = all as { x: HostArray; fold: HostArray };
    const size = x.data.length / train.rows;
    const brightness = Array.from({ length: train.rows }, (_, row) => x.data[row * size] as number);
    const most = Math.max(...brightness);
    const copies = brightness.flatMap((one, row) => (one === most ? [fold.data[row]] : []));
    const inTest = 2 - copies.length; // one that is not in the test part is in a fold
    const torn = inTest === 1 || (inTest === 0 && copies[0] !== copies[1]);
    const sentences = warnings.map(({ sentence }) => sentence).join(" ");
    expect(sentences).toContain("1 file of");
    expect(sentences.includes("1 image is in several folds or parts, so that"), `seed ${seed}`).toBe(torn);
    seen.add(torn);
  }
  expect([...seen].sort()).toEqual([false, true]);
});

test("with folds copies among the rows of a table are told where they are in several", async () => {
  const place = mkdtempSync(join(tmpdir(), "hypertrain-copies-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const rows = Array.from({ length: 40 }, (_, i) => [i * 1.37, (i * 17) % 41, i % 2].join());
  const file = join(place, "table.csv");
  writeFileSync(file, ["a,b,y", ...rows, ...rows.slice(0, 2)].join("\n"));
  const seen = new Set<number>();
  for (let seed = 0; seed < 6; seed++) {
    const { task, warnings } = await load({ data: file, target: "y", model: "mlp", folds: 2, seed });
    const placed = [task.data.train, task.data.test].flatMap((part) => {
      const { x, fold } = part?.fields as { x: HostArray; fold: HostArray }; // there is a test part
      return Array.from(fold.data, (place, row) => ({
        row: x.data.slice(2 * row, 2 * row + 2).join(),
        place,
      }));
    });
    const places = [...Map.groupBy(placed, ({ row }) => row).values()];
    const torn = places.filter((alike) => new Set(alike.map(({ place }) => place)).size > 1).length;
    const told = /(\d) rows? (is|are) in several folds or parts/.exec(
      warnings.map(({ sentence }) => sentence).join(),
    );
    expect(Number(told?.[1] ?? 0), `seed ${seed}`).toBe(torn);
    seen.add(torn);
  }
  expect(seen.size).toBeGreaterThan(1);
});

test("with folds every row that is no test row trains and validates, however many test", async () => {
  const place = await useFiles();
  for (const [config, rows, tested] of [
    [{ data: join(place, "photos.v2") }, 10, 6],
    [{ data: join(place, "table.v2.csv"), target: "y" }, 40, 38],
    [{ data: "wine" }, 178, 150],
  ] as const) {
    const { task, report } = await load({ ...config, model: "mlp", folds: 2, test: tested });
    const { train, valid, test } = task.data;
    const parts = { train: rows - tested, valid: rows - tested, test: tested };
    expect({ train: train.rows, valid: valid.rows, test: test?.rows }, config.data).toEqual(parts);
    if (report) expect(report.parts).toEqual(parts);
  }
});

test("what is off of the default hyperparameters where a user names others is told, as it would be named", async () => {
  const off = async (hyper: object) => told(await load({ data: "wine", model: "mlp", hidden: [4], hyper }));
  expect(await off({ l2: 1e-3 })).toMatch(/ of the default are off: dropout\.\*; name those/);
  expect(await off({ "l2.each": 1e-3, "dropout.fc1": 0.1 })).toMatch(/ off: dropout\.input; name/);
  expect(await off({ "l1.*": 1e-3 })).toMatch(/ off: dropout\.\*, l2\.\*; name/);
  expect(await off({ dropout: 0.1, "l2.*": 1e-3 })).toBeUndefined();
  const wide = await load({ data: "wine", hyper: { "l2.fc1": 1e-3 } }); // has dropout.* and a start of its own for dropout.input
  expect(told(wide)).toMatch(/ off: dropout\.\*, l2\.fc2, l2\.fc3, l2\.wide; name/);
  expect(told(await load({ data: "wine", model: "mlp" }))).toBeUndefined();
});

/** What is told of the options. */
const told = ({ warnings }: NamedTask): string | undefined => sentencesOn("options", warnings)[0];

test("a size of images is refused where there is no folder of them", async () => {
  const data = join(await useFiles(), "table.v2.csv");
  for (const config of [{ data, target: "y" }, { data: "digits" }])
    await expect(load({ ...config, imageSize: 8 })).rejects.toThrow(
      /^--image-size must go with a folder of images, but the data is/,
    );
});

/** A folder of images and a table, while a test lasts. */
async function useFiles(): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), "hypertrain-tasks-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  for (const [i, name] of ["a", "b"].entries()) {
    mkdirSync(join(place, "photos.v2", name), { recursive: true });
    const background = { r: 100 * i, g: 0, b: 50 };
    const image = await sharp({ create: { width: 3, height: 3, channels: 3, background } })
      .png()
      .toBuffer();
    for (let j = 0; j < 5; j++) writeFileSync(join(place, "photos.v2", name, `${j}.png`), image);
  }
  const lines = Array.from({ length: 40 }, (_, i) => `${i},${i % 7}.5`);
  writeFileSync(join(place, "table.v2.csv"), `x,y\n${lines.join("\n")}\n`);
  return place;
}
