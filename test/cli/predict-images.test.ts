import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { InferenceSession } from "onnxruntime-node";
import sharp from "sharp";
import { beforeEach, describe, expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import type { ScoredClasses } from "../../src/artifacts/image-model.ts";
import { sealJson, unsealJson } from "../../src/artifacts/sealed-json.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const SIDE = 6;
const CLASSES = ["cat", "dog"] as const;
const noise = randomUniform(randomKey(5, "predicted images"), 0, 4096);

/** A photograph of a class: noise, of which one colour is brighter. */
async function put(path: string, label: number, i: number, side = SIDE): Promise<void> {
  const pixels = Uint8Array.from({ length: 3 * side * side }, (_, j) =>
    Math.floor(170 * (noise[(97 * i + 31 * j) % 4096] as number) + (j % 3 === label ? 80 : 0)),
  );
  const raw = { width: side, height: side, channels: 3 } as const;
  writeFileSync(path, await sharp(pixels, { raw }).png().toBuffer());
}

interface Answers extends ScoredClasses {
  readonly rows: number;
  readonly files: readonly string[];
}

async function predicted(...argv: string[]): Promise<Answers> {
  const { code, stdout, stderr } = await call("predict", "run", ...argv, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Answers;
}

const tune = async (...flags: string[]): Promise<TuneResult> => {
  const fast = ["--epochs", "2", "--batch-size", "8", "--hidden", "4", "--no-baseline", "--engine", "jax"];
  const { code, stdout, stderr } = await call("tune", ...fast, "--json", "--quiet", "--out", "run", ...flags);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as TuneResult;
};

test("folders called as numbers with zeros in front are classes by name, and the folder is found from anywhere", async () => {
  for (const [label, name] of ["007", "7"].entries()) {
    mkdirSync(`signs/${name}`, { recursive: true });
    for (let i = 0; i < 12; i++) await put(`signs/${name}/${i}.png`, label, 2 * i + label);
  }
  await tune("--data", "signs");
  const session = await InferenceSession.create("run/model.onnx");
  const types = session.outputMetadata.map((output) => [output.name, output.isTensor && output.type]);
  expect(Object.fromEntries(types)).toMatchObject({ prediction: "string" });
  const { data } = JSON.parse(readFileSync("run/config.json", "utf8")) as { data: string };
  expect(data).toBe(resolve("signs"));
});

test("images of several sizes get one, which the run's first sentence tells and its configuration keeps", async () => {
  for (const [label, name] of CLASSES.entries()) {
    mkdirSync(`photos/${name}`, { recursive: true });
    for (let i = 0; i < 12; i++) await put(`photos/${name}/${i}.png`, label, 2 * i + label, 10 + (i % 3));
  }
  const flags = [
    "--data",
    "photos",
    "--epochs",
    "1",
    "--method",
    "fixed",
    "--model",
    "linear",
    "--engine",
    "jax",
  ];
  const { code, stderr } = await call("tune", ...flags, "--out", "run");
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^All images become 8 x 8 \(height x width\), since they differ in size, from 10 x 10 to 12 x 12; a larger --image-size shows more /,
  );
  const { imageSize } = JSON.parse(readFileSync("run/config.json", "utf8")) as { imageSize: number };
  expect(imageSize).toBe(8);
  expect((await predicted("photos")).rows).toBe(24); // without a word on sizes
  const { code: onward, stderr: told } = await call("resume", "run", "--epochs", "2");
  expect(onward).toBe(0);
  expect(told).not.toMatch(/All images become/);
});

describe("a model of photographs", () => {
  beforeEach(async () => {
    for (const [label, name] of CLASSES.entries()) {
      mkdirSync(`photos/${name}`, { recursive: true });
      for (let i = 0; i < 12; i++) await put(`photos/${name}/${i}.png`, label, 2 * i + label);
    }
    await tune("--data", "./photos");
    renameSync("photos", "old"); // which predict does without
    for (const [label, name] of CLASSES.entries()) {
      mkdirSync(`new/${name}`, { recursive: true });
      for (const i of [0, 1]) await put(`new/${name}/${i}.png`, label, 100 + 2 * i + label);
    }
  });

  test("answers for a folder, scores it by its folders of classes, and writes a line for each file", async () => {
    const answers = await predicted("new", "--out", "answers.csv");
    expect(answers.files).toEqual(["new/cat/0.png", "new/cat/1.png", "new/dog/0.png", "new/dog/1.png"]);
    const truth = [0, 0, 1, 1];
    const { score, probabilities, values } = answers;
    const logs = probabilities.map((row, i) => -Math.log(row[truth[i] as number] as number));
    expect(score?.loss).toBeCloseTo(logs.reduce((a, b) => a + b) / 4, 6);
    const right = values.filter((value, i) => value === CLASSES[truth[i] as number]).length;
    expect(score?.metric).toEqual({ name: "accuracy", value: right / 4 });

    const [header, ...lines] = readFileSync("answers.csv", "utf8").trimEnd().split("\n");
    expect(header).toBe("file,prediction,probability.cat,probability.dog");
    expect(lines).toEqual(
      answers.files.map((path, i) => [path, values[i], ...(probabilities[i] ?? [])].join(",")),
    );
    const { stdout } = await call("predict", "run", "new");
    expect(stdout).toMatch(/^\n {2}file +prediction +probability\n {2}new\/cat\/0\.png +(cat|dog) /);
    expect(stdout).toMatch(/on the images in folders of classes: loss .*, accuracy /);
  });

  test("answers alike for the same images under other names, in other places and in another order", async () => {
    const before = await predicted("new");
    mkdirSync("flat");
    const places = ["flat/z.png", "flat/b.png", "flat/a.png", "single.png"];
    before.files.forEach((path, i) => renameSync(path, places[i] as string));
    const after = await predicted("single.png", "flat");
    expect(after.files).toEqual(["single.png", "flat/a.png", "flat/b.png", "flat/z.png"]);
    expect(after.score).toBeUndefined();
    for (const [i, path] of places.entries()) {
      const at = after.files.indexOf(path);
      expect(after.values[at]).toBe(before.values[i]);
      expect(after.probabilities[at]).toEqual(before.probabilities[i]);
      const alone = await predicted(path);
      expect(alone.values).toEqual([before.values[i]]);
      alone.probabilities[0]?.forEach((p, k) =>
        expect(p).toBeCloseTo(before.probabilities[i]?.[k] as number, 6),
      );
    }
  });

  test("says why it does not score where folders are nearly called as classes are, or some are none", async () => {
    renameSync("new/cat", "new/Cat");
    expect(await call("predict", "run", "new")).toMatchObject({
      code: 0,
      stderr:
        'the answers are not scored: the folders must be called as the classes are, "cat", "dog", but one is called "Cat"; rename it to "cat"\n',
    });
    renameSync("new/Cat", "new/mouse");
    expect(await call("predict", "run", "new")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/one is called "mouse"; rename it, or leave it out\n$/) as string,
    });
    renameSync("new/dog", "new/louse");
    expect((await predicted("new")).score).toBeUndefined();
  });

  test("scores by folders with _ in the place of what no folder's name can have, and advises such", async () => {
    const model = unsealJson(readFileSync("run/model.json", "utf8"), "run/model.json");
    writeFileSync("run/model.json", sealJson({ ...model, classes: ["cat/top", "dog"] }));
    renameSync("new/cat", "new/cat_top");
    const { score, values } = await predicted("new");
    const right = values.filter((value, i) => value === (i < 2 ? "cat/top" : "dog")).length;
    expect(score?.metric?.value).toBe(right / 4);
    renameSync("new/cat_top", "new/Cat top");
    expect((await call("predict", "run", "new")).stderr).toMatch(
      /"cat\/top", "dog", with "_" for what no folder can have, but one is called "Cat top"; rename it to "cat_top"\n$/,
    );
  });

  test("names and counts what cannot be read, and writes nothing", async () => {
    writeFileSync("new/cat/0.png", readFileSync("new/cat/0.png").subarray(0, 60));
    writeFileSync("new/dog/2.jpg", "no image");
    expect(await call("predict", "run", "new", "--out", "answers.csv")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(
        /^error: all images must be readable, but 2 of 5 are not: new\/cat\/0\.png, new\/dog\/2\.jpg; /,
      ) as string,
    });
    expect(existsSync("answers.csv")).toBe(false);
  });

  test("warns of another size, and refuses what is no image or would be overwritten", async () => {
    mkdirSync("big");
    await put("big/one.png", 1, 7, 2 * SIDE);
    expect(await call("predict", "run", "big")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^warning: 1 image of 1 is not of 6 x 6 .*: big\/one\.png is 12 x 12; /,
      ) as string,
    });
    writeFileSync("new.csv", "a,b\n1,2\n");
    const refused = async (...argv: string[]) => {
      const { code, stderr } = await call("predict", "run", ...argv);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused("new.csv")).toMatch(
      /^error: new\.csv must be an image or a folder .* no file of a known/,
    );
    expect(await refused("nowhere")).toMatch(/^error: nowhere must be an image .*, but there is none; check/);
    expect(await refused("new", "--separator", ";")).toMatch(
      /^error: --separator must go with a file of rows/,
    );
    renameSync("new/dog/1.png", "one.png");
    symlinkSync("../../one.png", "new/dog/1.png");
    for (const out of ["new/dog/1.png", "one.png"]) {
      expect(await refused("new", "--out", out, "--force")).toMatch(
        /^error: --out must be another file than/,
      );
    }
    expect((await sharp("one.png").metadata()).format).toBe("png");
  });

  test("of a folder by a version that did not keep what its images are like says so, until it is written anew", async () => {
    const path = "run/model.json";
    const { images, ...older } = unsealJson(readFileSync(path, "utf8"), path);
    expect(images).toEqual({ shape: [3, SIDE, SIDE], white: 255, resized: false });
    writeFileSync(path, `${sealJson(older, 2)}\n`);
    expect(await call("predict", "run", "new")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: run must say what is black and white .*; use model\.onnx, or train on pixels from 0 .* below 0, else write it anew with `hypertrain resume run`\n$/,
      ) as string,
    });
    renameSync("old", "photos");
    expect((await call("resume", "run", "--quiet")).code).toBe(0);
    expect((await predicted("new")).rows).toBe(4);
  });
});

test("the digits answer for images of 8 x 8 as for their table, and a table that is none for no images", async () => {
  await tune("--data", "digits", "--valid", "40", "--test", "1700");
  const rows = [0, 1, 2].map((row) =>
    Array.from({ length: 64 }, (_, j) => Math.floor(17 * (noise[(64 * row + j) % 4096] as number))),
  );
  writeFileSync("rows.csv", rows.map((row) => `${row.join(",")}\n`).join(""));
  mkdirSync("images");
  for (const [i, row] of rows.entries()) {
    const tones = Uint8Array.from(row, (value) => Math.round((255 * value) / 16));
    const image = sharp(tones, { raw: { width: 8, height: 8, channels: 1 } }).toColourspace("b-w");
    writeFileSync(`images/${i}.png`, await image.png().toBuffer());
  }
  const byRows = await predicted("rows.csv");
  const byImages = await predicted("images");
  expect(byImages.values).toEqual(byRows.values);
  byImages.probabilities.forEach((row, i) =>
    row.forEach((p, k) => expect(p).toBeCloseTo(byRows.probabilities[i]?.[k] as number, 1)),
  );
  writeFileSync("shares.csv", rows.map((row) => `${row.map((tone) => tone / 16).join(",")}\n`).join(""));
  expect(await call("predict", "run", "shares.csv")).toMatchObject({
    code: 0,
    stderr:
      "warning: no pixel of shares.csv is above 1, where those of the training part go from 0 for black to 16 for white; if 1 is white in them, multiply them by 16\n",
  });
  expect(await call("predict", "run", "rows.csv", "rows.csv")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: predict must be given one file of rows .* but got 2; /) as string,
  });
  const { images, ...older } = unsealJson(readFileSync("run/model.json", "utf8"), "run/model.json");
  expect(images).toEqual({ shape: [1, 8, 8], white: 16, resized: false });
  writeFileSync("run/model.json", `${sealJson(older, 2)}\n`);
  expect(await call("predict", "run", "images")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: run must say what is black and white .*; give it a file of rows, or train on pixels from 0 .* below 0, else write it anew with `hypertrain resume run`\n$/,
    ) as string,
  });
  expect((await call("resume", "run", "--quiet")).code).toBe(0);
  expect(await predicted("images")).toEqual(byImages);
  await tune("--data", "wine", "--out", "wine");
  expect(await call("predict", "wine", "images")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: wine must be a run on images for its model to take some, but wine is a table; give it a file of rows\n$/,
    ) as string,
  });
});
