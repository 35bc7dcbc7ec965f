import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { call, useFolder } from "./command.ts";

useFolder();

const rotation = fileURLToPath(new URL("../../examples/rotation.ts", import.meta.url));

interface Result {
  readonly best: {
    readonly valid: { readonly loss: number };
    readonly hyperparameters: Record<string, { value: number }>;
  };
  readonly baseline: { readonly valid: { readonly loss: number } };
}

test("examples/rotation.ts: images that validate are turned, so training images come to be", async () => {
  const { stdout } = await call(
    ...["tune", rotation, "--epochs", "25", "--batch-size", "25", "--hyper-lr", "0.05", "--json"],
    ...["--threads", "1"],
  );
  const { best, baseline } = JSON.parse(stdout) as Result;
  expect(best.hyperparameters.rotate?.value).toBeGreaterThan(15);
  expect(best.valid.loss).toBeLessThan(baseline.valid.loss / 3);
});

test.each<[string[], RegExp]>([
  [
    ["--data", "wine", "--hyper", "rotate=5"],
    /"rotate" must come with images, but wine has examples of shape \[13\]/,
  ],
  [
    ["--hyper", "saturation=0.1"],
    /"saturation" must come with images in colour, but those of digits have 1 channel/,
  ],
  [
    ["--augment", "rotate"],
    /--augment must have a strength for each name, such as rotate=10, but got "rotate"/,
  ],
  [["--augment", "rotate=5,rotate=7"], /--augment must have each name once, but got "rotate" twice/],
  [
    ["--augment", "input-scale=1e39"],
    /the strength of "input-scale" must be from 0 to 1000, but got 1e\+39; change it/,
  ],
  [["--augment", "crop=x"], /the strength of crop in --augment must be a number, but got "x"/],
  ...["crop", "cutout.length"].map((name): [string[], RegExp] => [
    ["--augment", `${name}=9`],
    new RegExp(
      `^error: the strength of "${name}" must be less than 8, the shorter side of images of 8 x 8 pixels, but got 9; lower it\n$`,
    ),
  ]),
  [
    ["--data", "cifar10", "--model", "simple-cnn"],
    /must hold cifar-10-binary\.tar\.gz or the files of cifar10 in binary form/,
  ],
])("refused by a sentence: %j", async (flags, sentence) => {
  const { code, stderr } = await call("tune", ...flags);
  expect(code).toBe(2);
  expect(stderr).toMatch(sentence);
});
