import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import sharp from "sharp";
import { expect, test } from "vitest";

import type { ExamplesReport, TrainingReport } from "../../src/api/examples-report.ts";
import { randomKey, randomUniform } from "../../src/util/random.ts";
import { call, useFolder } from "./command.ts";

const folder = useFolder();

const noise = randomUniform(randomKey(4, "inspected images"), 0, 4096);

/** An image unlike all others, in grey or in colour. */
async function put(path: string, i: number, [height, width, channels]: readonly [number, number, 1 | 3]) {
  const pixels = Uint8Array.from({ length: channels * height * width }, (_, j) =>
    Math.floor(256 * (noise[(97 * i + 31 * j) % 4096] as number)),
  );
  const image = sharp(pixels, { raw: { width, height, channels } });
  writeFileSync(path, await (channels === 1 ? image.toColourspace("b-w") : image).png().toBuffer());
}

/** Folders `cat` of 12 images and `dog` of 10. */
async function photos(shape: readonly [number, number, 1 | 3] = [8, 8, 3]): Promise<void> {
  for (const [label, [name, images]] of Object.entries({ cat: 12, dog: 10 }).entries()) {
    mkdirSync(`photos/${name}`, { recursive: true });
    for (let i = 0; i < images; i++) await put(`photos/${name}/${i}.png`, 20 * label + i, shape);
  }
}

type Inspected = ExamplesReport & { readonly training?: TrainingReport };

async function inspected(...argv: string[]): Promise<{ lines: string[]; json: Inspected }> {
  const { code, stdout, stderr } = await call("inspect", ...argv);
  expect([code, stderr]).toEqual([0, ""]);
  const { stdout: json } = await call("inspect", ...argv, "--json");
  return { lines: stdout.trimEnd().split("\n"), json: JSON.parse(json) as Inspected };
}

test("a folder of images: classes, parts, files, and the network that would be trained", async () => {
  await photos();
  await put("photos/dog/0.png", 99, [8, 8, 1]);
  const { lines, json } = await inspected("photos", "--model", "simple-cnn", "--batch-size", "4");
  expect(lines).toEqual([
    "photos: 22 images",
    "target: 2 classes (cat 12, dog 10)",
    "parts: 14 images train, 4 validate, 4 test",
    "files: 8 x 8 (22), height x width; 21 in colour, 1 grey, 0 unreadable",
    "inputs: 3 x 8 x 8 (channels x height x width)",
    expect.stringMatching(/^network: simple-cnn, \d+ weights$/),
    "hyperparameters (delta-stn): dropout.input to dropout.fc1 (4) 0.05 (0 to 0.95)",
    expect.stringMatching(/^training: 4 examples a step, 4 steps an epoch, \d+ epochs$/),
  ]);
  expect(json).toMatchObject({
    ...{ kind: "images", shape: [3, 8, 8], parts: { train: 14, valid: 4, test: 4 } },
    classes: [
      { name: "cat", train: 8, valid: 2, test: 2 },
      { name: "dog", train: 6, valid: 2, test: 2 },
    ],
    files: { sizes: [{ height: 8, width: 8, images: 22 }], unreadable: [], copies: [] },
    training: { method: "delta-stn", network: "simple-cnn", batchSize: 4, stepsPerEpoch: 4 },
  });
  expect(json).not.toHaveProperty("refused");
  expect(Object.keys(json.training?.hyperparameters ?? {})).toContain("dropout.conv1");
});

test("what tune refuses of a folder, and copies, are told beside the rest", async () => {
  await photos();
  copyFileSync("photos/cat/0.png", "photos/cat/again.png");
  copyFileSync("photos/cat/1.png", "photos/dog/a-cat.png");
  writeFileSync("photos/dog/text.jpg", "no image");
  const cut = readFileSync("photos/dog/9.png");
  writeFileSync("photos/dog/9.png", cut.subarray(0, cut.length / 2));
  writeFileSync("photos/dog/notes.txt", "of dogs");
  const { lines, json } = await inspected("photos");
  const files = json.files as NonNullable<ExamplesReport["files"]>;
  const within = (paths: readonly string[]) =>
    paths.map((path) => path.slice(`${folder.path}/photos/`.length));
  expect(within(files.unreadable)).toEqual(["dog/9.png", "dog/text.jpg"]);
  expect(files.copies.map(within)).toEqual([
    ["cat/0.png", "cat/again.png"],
    ["cat/1.png", "dog/a-cat.png"],
  ]);
  expect(json.training).toBeUndefined();
  const tuned = await call("tune", "--data", "photos", "--quiet");
  expect(tuned).toMatchObject({ code: 2, stderr: `error: ${json.refused}\n` });
  expect(json.refused).toMatch(/^all images in .*photos must be readable, but 2 of 25 are not: /);
  expect(lines).toContain(`- cannot be trained on: ${json.refused}`);
  expect(lines).toContain(`  ${files.unreadable[0]}`);
  expect(json.warnings[0]).toMatch(
    /^2 files of photos are copies of others, byte for byte \(such as cat\/0\.png and cat\/again\.png\): 1 image is in several classes/,
  );
  expect(json.warnings[1]).toMatch(/^1 file in the folders of photos is passed over, /);
});

test("sizes that differ are counted, with the one that all get, and why", async () => {
  await photos();
  await put("photos/cat/3.png", 90, [4, 9, 3]);
  const { json, lines } = await inspected("photos");
  expect(json.files?.sizes).toEqual([
    { height: 8, width: 8, images: 21 },
    { height: 4, width: 9, images: 1 },
  ]);
  expect([json.refused, json.shape]).toEqual([undefined, [3, 8, 8]]);
  expect(lines).toContain(`  ${json.files?.chosen}`);
  expect(json.files?.chosen).toMatch(
    /^All images become 8 x 8 .* from 4 x 9 to 8 x 8; 1 of \d+ is smaller and is enlarged\.$/,
  );
  const { json: own } = await inspected("photos", "--image-size", "own");
  expect(own.refused).toMatch(
    /3\.png is 4 x 9 \(height x width\); give all one with --image-size, for example 32$/,
  );
  const sized = await inspected("photos", "--image-size", "6");
  expect([sized.json.refused, sized.json.shape]).toEqual([undefined, [3, 6, 6]]);
});

test("a set by name: how many of each class each part has", async () => {
  const { lines, json } = await inspected("digits", "--model", "simple-cnn");
  expect(lines.slice(0, 4)).toEqual([
    "digits: 1797 images",
    expect.stringMatching(/^target: 10 classes \(3 183, /),
    "parts: 1079 images train, 359 validate, 359 test",
    "inputs: 1 x 8 x 8 (channels x height x width)",
  ]);
  for (const part of ["train", "valid", "test"] as const) {
    expect(json.classes?.reduce((sum, one) => sum + one[part], 0)).toBe(json.parts[part]);
  }
  expect((await inspected("diabetes")).lines[0]).toBe("diabetes: 442 rows, 11 columns (11 of numbers)");
});

test("folds: all rows that are no test rows train and validate, in several networks", async () => {
  await photos();
  const { lines, json } = await inspected(
    "--data",
    "photos",
    "--folds",
    "3",
    "--hidden",
    "4",
    "--model",
    "mlp",
  );
  const one = (await inspected("photos", "--hidden", "4", "--model", "mlp")).json.training?.weights as number;
  expect(lines.slice(0, 3)).toEqual([
    "photos: 22 images",
    "target: 2 classes (cat 12, dog 10)",
    "parts: 18 images train, 18 validate, 4 test",
  ]);
  expect(lines).toContainEqual(`network: 3 of mlp, one for each fold, ${3 * one} weights`);
  expect(json.classes).toEqual([
    { name: "cat", train: 10, valid: 10, test: 2 },
    { name: "dog", train: 8, valid: 8, test: 2 },
  ]);
  expect(json.training).toMatchObject({ folds: 3, weights: 3 * one });
  const table = (await inspected("diabetes", "--folds", "5")).json;
  expect(table.parts).toEqual({ train: 354, valid: 354, test: 88 });
  const digits = (await inspected("digits", "--folds", "2", "--hidden", "4")).json;
  expect(digits.parts).toEqual({ train: 1438, valid: 1438, test: 359 });
});

test("what a run says before it begins is told as well", async () => {
  const hyper = await inspected("wine", "--hyper", "l2.fc1=1e-3");
  const off = /--hyper names all that is tuned, and these of the default are off: dropout\.\*, l2\.fc2, /;
  expect(hyper.json.training?.warnings).toEqual([expect.stringMatching(off)]);
  expect(hyper.lines.slice(-2)).toEqual(["About the options:", expect.stringMatching(off)]);

  const { lines, json } = await inspected("digits", "--method", "unrolled", "--epochs", "1", "--hidden", "4");
  const remark =
    /unrolled will not tune in this run: its first hyperparameter step follows training step 20, but the run has 9;/;
  expect(json.training?.warnings).toEqual([expect.stringMatching(remark)]);
  expect(lines.at(-1)).toMatch(remark);
  expect(lines).toContainEqual(
    expect.stringMatching(/^training: 128 examples a step, 9 steps an epoch, 1 epoch$/),
  );
});

test("a text: tokens, vocabulary, what is unknown of each part, streams and steps", async () => {
  mkdirSync("texts");
  const line = "one two three four";
  const write = (part: string, lines: string[]) =>
    writeFileSync(join("texts", `${part}.txt`), `${lines.join("\n")}\n`);
  write("train", [...Array<string>(20).fill(line), "five"]);
  write("valid", [line, "six two six four", line]);
  write("test", [line, line]);
  const argv = ["--data-dir", "texts", "--tokens", "word", "--bptt", "5", "--model", "lstm", "--hidden", "4"];
  const { lines, json } = await inspected("text", ...argv, "--vocabulary", "6", "--batch-size", "3");
  // Twenty lines of four words and <eos>, then "five" and <eos>; of the six known tokens one is <unk>, which "five" and "six" count as.
  expect(json.text).toEqual({
    ...{ tokens: "word", vocabulary: 6, steps: 5 },
    parts: {
      train: { tokens: 102, unknown: 1 / 102 },
      valid: { tokens: 15, unknown: 2 / 15 },
      test: { tokens: 10, unknown: 0 },
    },
  });
  expect(json.parts).toEqual({ train: 20, valid: 3, test: 2 });
  expect(json.training).toMatchObject({ network: "lstm", streams: 3, stepsPerEpoch: 7 });
  expect(json.classes).toBeUndefined();
  expect(lines.slice(0, 4)).toEqual([
    "texts: a text of 127 words, 6 in the vocabulary",
    "parts: 102 train, 0.98 % of them <unk>; 15 validate, 13 % of them <unk>; 10 test",
    "rows of 5 words: 20 rows train, 3 validate, 2 test",
    expect.stringMatching(/^network: lstm, \d+ weights$/),
  ]);
  expect(lines).toContain(
    "- 13 % of the words of the validation part are not in the vocabulary: they count as <unk>",
  );
});

test.each([
  [
    ["photos", "--target", "kind"],
    /^error: --target must go with a table of your own, but the data is \S*photos;/,
  ],
  [
    ["empty"],
    /^error: the directory \S*empty must hold a folder of images for each of at least two classes, /,
  ],
  [["nowhere"], /^error: the data must be one of digits, .* but got "nowhere"; name one\n$/],
  [[], /^error: inspect must get one file, folder or data set to look at, but none is named; /],
  [
    ["digits", "--data", "wine"],
    /^error: inspect must get one .*, but got digits and --data wine; give one, /,
  ],
  [["wine", "--folds", "3", "--valid", "0.3"], /^error: --valid must be left out with --folds, /],
  [["photos", "--folds", "3", "--valid", "3"], /^error: --valid must be left out with --folds, /],
  [
    ["wine", "--folds", "3", "--test", "177"],
    /, but test asks for 177 of 178 rows; ask for fewer \(--test\) or add rows$/m,
  ],
  [["photos", "--image-size", "0"], /^error: --image-size must be /],
  [["photos", "--image-size", "large"], /^error: --image-size must be a number or own, but got "large"/],
  [["photos", "--model", "lstm"], /^error: --model lstm must have a text to predict, but photos is none;/],
  [["text", "--data-dir", "nowhere.txt"], /^error: --data-dir must name a text file, .* but there is no /],
  [["photos", "--test", "30"], /^error: /],
])("%j is an error in a sentence", async (argv, sentence) => {
  await photos();
  mkdirSync("empty");
  const { code, stdout, stderr } = await call("inspect", ...argv);
  expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(sentence)]);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});
