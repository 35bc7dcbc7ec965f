import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";

import type { TuneResult } from "../../src/api/result.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

test("a table with a column for each pixel is trained on as the same images, and answers for new rows", async () => {
  const packed = readFileSync(new URL("../../data/digits.csv.gz", import.meta.url));
  const digits = gunzipSync(packed).toString().trimEnd().split(/\r?\n/);
  const names = Array.from({ length: 64 }, (_, i) => `pixel${i}`);
  const rows = digits.map((line) => line.replace(/^(.*),(\d+)$/, "$2,$1"));
  writeFileSync("train.csv", [["label", ...names].join(","), ...rows].join("\n"));
  const flags = [
    "--model",
    "simple-cnn",
    "--epochs",
    "1",
    "--seed",
    "3",
    "--no-baseline",
    "--json",
    "--quiet",
  ];
  const trained = async (...data: string[]) => {
    const { code, stdout, stderr } = await call("tune", ...data, ...flags, "--engine", "onnx");
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as TuneResult;
  };
  const ours = await trained("--data", "./train.csv", "--target", "label");
  const theirs = await trained("--data", "digits");
  expect(ours.best).toEqual(theirs.best);
  writeFileSync(
    "test.csv",
    [names.join(","), ...rows.slice(0, 3).map((row) => row.replace(/^\d+,/, ""))].join("\n"),
  );
  const { code, stdout } = await call("predict", ours.run, "test.csv", "--json");
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as { values: string[] }).values).toHaveLength(3);
});

const short = ["--epochs", "1", "--warmup-epochs", "0", "--no-baseline", "--out", "run"];
const few = ["--data", "digits", "--valid", "0.5", "--test", "0.4"];
const layers = [
  { layer: "conv2d", channels: 3, kernel: 3, stride: 2 },
  { layer: "batch-norm" },
  { layer: "relu" },
  { layer: "channel-dropout" },
  {
    layer: "residual",
    layers: [{ layer: "conv2d", channels: 3, kernel: 1, bias: false }, { layer: "batch-norm" }],
  },
  { layer: "global-average-pool" },
  { layer: "linear" },
];

test("a network from a file is tuned, predicts, and goes on with its own layers when the file is gone", async () => {
  writeFileSync("net.json", JSON.stringify({ layers }));
  const { code, stdout, stderr } = await call("tune", ...few, "--model", "net.json", ...short, "--json");
  expect(code, stderr).toBe(0);
  const names = Object.keys((JSON.parse(stdout) as TuneResult).best.hyperparameters);
  expect(names).toEqual(["dropout.norm1", "l2.conv1", "l2.conv2", "l2.fc1"]); // a normalisation's gains have no decay
  expect(JSON.parse(readFileSync("run/model.json", "utf8"))).toMatchObject({
    network: { input: [1, 8, 8], layers },
  });

  const row = [...Array(64).keys()].map((i) => i % 16);
  writeFileSync("new.csv", `${row.join(",")},3\n${row.toReversed().join(",")},5\n`);
  const predicted = await call("predict", "run", "new.csv");
  expect(predicted.code, predicted.stderr).toBe(0);

  rmSync("net.json");
  for (const argv of [
    ["resume", "run"],
    ["resume", "run", "--epochs", "9"],
    ["refit", "run", "--out", "again"],
    ["tune", "run/config.json", "--epochs", "1", "--out", "anew"],
  ]) {
    const done = await call(...argv, "--quiet");
    expect(done.code, `${argv.join(" ")}: ${done.stderr}`).toBe(0);
  }
  expect(JSON.parse(readFileSync("again/model.json", "utf8"))).toMatchObject({ network: { layers } });

  writeFileSync("run/network.json", JSON.stringify({ layers: layers.toSpliced(1, 1) }));
  for (const argv of [
    ["resume", "run", "--force"],
    ["refit", "run"],
  ]) {
    const refused = await call(...argv);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: run\/network\.json must be as hypertrain wrote it, but was changed/),
    ]);
  }
});

test("wide-and-deep is tuned from a start of its own, answers for new rows, goes on, and is trained in folds", async () => {
  const argv = [...few, "--model", "wide-and-deep", "--hidden", "5", "--epochs", "1", "--no-baseline"];
  const { code, stdout, stderr } = await call("tune", ...argv, "--out", "run", "--json");
  expect(code, stderr).toBe(0);
  const { start } = JSON.parse(stdout) as TuneResult;
  const expected = {
    "dropout.input": 0.1,
    "dropout.fc1": 0.3,
    "l2.fc1": 2e-3,
    "l2.fc2": 2e-3,
    "l2.wide": (0.1 * 64) / 179, // a tenth of the pixels over the training rows
  };
  expect(Object.keys(start.hyperparameters)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected))
    expect(start.hyperparameters[name], name).toBeCloseTo(value, 7);

  writeFileSync("new.csv", `${[...Array(64).keys()].map((i) => i % 16).join(",")},3\n`);
  for (const done of [
    await call("predict", "run", "new.csv"),
    await call("resume", "run", "--epochs", "2", "--quiet"),
    await call("refit", "run", "--out", "again", "--quiet"),
    await call(
      "tune",
      "--data",
      "wine",
      ...argv.slice(few.length),
      "--folds",
      "3",
      "--out",
      "folds",
      "--quiet",
    ),
  ])
    expect(done.code, done.stderr).toBe(0);
});

test("examples/cnn.json is a network", async () => {
  const file = fileURLToPath(new URL("../../examples/cnn.json", import.meta.url));
  const { code, stdout, stderr } = await call("tune", ...few, "--model", file, ...short, "--json");
  expect(code, stderr).toBe(0);
  const { best, start } = JSON.parse(stdout) as TuneResult;
  expect(best.valid.loss).toBeLessThan(2.5);
  expect(Object.keys(start.hyperparameters)).toContain("dropout.norm1");
});

test("examples/digits-cnn.json learns the digits", async () => {
  const file = fileURLToPath(new URL("../../examples/digits-cnn.json", import.meta.url));
  const { code, stdout, stderr } = await call("tune", file, "--epochs", "4", "--no-baseline", "--json");
  expect(code, stderr).toBe(0);
  const { best } = JSON.parse(stdout) as TuneResult;
  expect(best.valid.metric?.value).toBeGreaterThan(0.8); // chance is .1
});

const made = (body: string) => `
import { conv2d, initLayers, linear } from "hypertrain/nn";
export default ({ input: [channels, height, width], outputs }) => {
  const one = conv2d({ name: "one", inputs: channels, outputs: 4, kernel: [height, width] });
  const two = linear({ name: "two", inputs: 4, outputs });
  const layers = [one, two];
  ${body}
};
`;
const whole = `return {
  name: "own", layers, places: [{ name: "one", shape: [4] }], init: (key) => initLayers(key, layers),
  apply: (at, x, drop) =>
    at.apply(two, drop("one", at.apply(one, x.reshape([-1, channels, height, width])).reshape([-1, 4]))),
};`;

test("a network from a module is tuned and exported, and goes on only as it was", async () => {
  writeFileSync("own.ts", made(whole));
  const { code, stdout, stderr } = await call("tune", ...few, "--model", "own.ts", ...short, "--json");
  expect(code, stderr).toBe(0);
  const names = Object.keys((JSON.parse(stdout) as TuneResult).best.hyperparameters);
  expect(names).toEqual(["dropout.one", "l2.one", "l2.two"]);
  expect(JSON.parse(readFileSync("run/model.json", "utf8"))).toMatchObject({
    network: { module: "own.ts", input: [1, 8, 8], example: [64], outputs: 10 },
  });
  expect(existsSync("run/model.onnx")).toBe(true);
  const pixels = Array.from({ length: 64 }, (_, i) => (7 * i) % 17);
  writeFileSync("new.csv", `${pixels.join(",")},3\n`);
  const predicted = await call("predict", "run", "new.csv", "--json");
  expect([predicted.code, predicted.stderr]).toEqual([0, ""]);
  const { probabilities } = JSON.parse(predicted.stdout) as { probabilities: number[][] };
  const session = await ort.InferenceSession.create("run/model.onnx");
  const whole64 = await session.run({ x: new ort.Tensor("float32", Float32Array.from(pixels), [1, 64]) });
  await session.release();
  Array.from(whole64.probabilities?.data as Float64Array).forEach((p, k) =>
    expect(probabilities[0]?.[k]).toBeCloseTo(p, 5),
  );
  mkdirSync("moved");
  renameSync("own.ts", "moved/own.ts");
  const lost = await call("predict", "run", "new.csv", "--trust");
  expect([lost.code, lost.stderr]).toEqual([
    2,
    expect.stringMatching(
      /run must find the module that makes its network, but there is no .*own\.ts; say where it lies by now with --module FILE\n$/,
    ),
  ]);
  const found = await call("predict", "run", "new.csv", "--module", "moved/own.ts", "--json");
  expect([found.code, found.stderr, found.stdout]).toEqual([0, "", predicted.stdout]);
  renameSync("moved/own.ts", "own.ts");
  const goes = await call("resume", "run", "--epochs", "2");
  expect(goes.code, goes.stderr).toBe(0);
  const again = await call("predict", "run", "new.csv", "--json");
  writeFileSync("own.ts", `${made(whole)}// other`);
  const refused = await call("resume", "run", "--epochs", "3");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/must be trusted, .* runs the code of .*own\.ts, .* then add --trust --force/),
  ]);
  const distrusted = await call("predict", "run", "new.csv");
  expect([distrusted.code, distrusted.stderr]).toEqual([
    2,
    expect.stringMatching(
      /must be trusted, since its answering runs the code of .*own\.ts, .* then add --trust\n$/,
    ),
  ]);
  expect((await call("predict", "run", "new.csv", "--trust", "--json")).stdout).toBe(again.stdout);
  writeFileSync("own.ts", made(whole).replace(".reshape([-1, 4])", ".mul(2).reshape([-1, 4])"));
  const otherwise = await start("predict", "run", "new.csv", "--trust").finished; // another process, which has not loaded the module before
  expect([otherwise.code, otherwise.stderr]).toEqual([
    2,
    expect.stringMatching(
      /the network that own\.ts makes must answer as the one that was trained, but .*; restore the module, and what/,
    ),
  ]);
  writeFileSync("other.ts", made(whole).replace(".reshape([-1, 4])", ".mul(2).reshape([-1, 4])"));
  const named = await call("predict", "run", "new.csv", "--module", "other.ts");
  expect([named.code, named.stderr]).toEqual([
    2,
    expect.stringMatching(
      /the network that other\.ts makes must answer as the one that was trained, but .*; give that of own\.ts, and what/,
    ),
  ]);
  writeFileSync("own.ts", made(whole).replaceAll('"two"', '"three"'));
  const unlike = await start("predict", "run", "new.csv", "--trust").finished;
  expect([unlike.code, unlike.stderr]).toEqual([
    2,
    expect.stringMatching(
      /own\.ts makes must have the layers whose weights were trained, "one" \[.*\], "two" \[4, 10\], but has .*"three" /,
    ),
  ]);
  writeFileSync("own.ts", `${made(whole)}// other`);
  const forced = await call("resume", "run", "--epochs", "3", "--trust");
  expect([forced.code, forced.stderr]).toEqual([
    2,
    expect.stringMatching(/all the same with --trust --force/),
  ]);
  writeFileSync("own.ts", made(whole).replaceAll('"two"', '"three"'));
  const ended = await start("finish", "run", "--trust", "--force").finished; // which loads the module anew
  expect([ended.code, ended.stderr]).toEqual([
    2,
    expect.stringMatching(/the layers of .*own\.ts must be those that .*run has trained, but "three" is not/),
  ]);
  writeFileSync(
    "own.ts",
    made(whole).replaceAll(`"one", shape: [4]`, `"uno", shape: [4]`).replace(`drop("one"`, `drop("uno"`),
  );
  const fewer = await start("finish", "run", "--trust", "--force").finished;
  expect([fewer.code, fewer.stderr]).toEqual([
    2,
    expect.stringMatching(
      /the hyperparameters of .*own\.ts must be those of .*run, but "dropout\.one", "dropout\.uno" are of one/,
    ),
  ]);
});

test("the baseline of a run with a module answers without --trust, as the run does; finish keeps where the module lies by now", async () => {
  writeFileSync("own.ts", made(whole));
  const flags = [...few, "--model", "own.ts", ...short, "--baseline", "--quiet"];
  expect((await call("tune", ...flags)).code).toBe(0);
  const pixels = Array.from({ length: 64 }, (_, i) => (7 * i) % 17);
  writeFileSync("new.csv", `${pixels.join(",")},3\n`);
  const answered = await call("predict", "run/baseline", "new.csv", "--json");
  expect([answered.code, answered.stderr]).toEqual([0, ""]);
  cpSync("run/baseline", "other", { recursive: true });
  expect((await call("predict", "other", "new.csv")).stderr).toMatch(
    /must be trusted, .* then add --trust\n$/,
  );

  mkdirSync("moved");
  renameSync("own.ts", "moved/own.ts");
  rmSync("run/hyperparameters.json"); // as of a run that was stopped
  const finished = await call("finish", "run", "--module", "moved/own.ts", "--quiet");
  expect([finished.code, finished.stderr]).toEqual([0, ""]);
  const knows = await call("predict", "run", "new.csv");
  expect([knows.code, knows.stderr]).toEqual([0, ""]);
});

test("resume and finish write no model of a network that answers otherwise than the one that was trained", async () => {
  writeFileSync("own.ts", made(whole));
  expect((await call("tune", ...few, "--model", "own.ts", ...short, "--quiet")).code).toBe(0);
  writeFileSync("own.ts", made(whole).replace(".reshape([-1, 4])", ".mul(2).reshape([-1, 4])"));
  const kept = readFileSync("run/model.onnx");
  const refusal =
    /the network that own\.ts makes must answer as the one that was trained, but .*; restore the module, and what/;
  const resumed = await start("resume", "run", "--trust", "--force").finished; // which loads the module anew
  expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringMatching(refusal)]);
  rmSync("run/hyperparameters.json"); // as of a run that was stopped
  const ended = await start("finish", "run", "--trust", "--force").finished;
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(refusal)]);
  expect(readFileSync("run/model.onnx").equals(kept)).toBe(true);
});

test("examples/my-network.ts is a network", async () => {
  const file = fileURLToPath(new URL("../../examples/my-network.ts", import.meta.url));
  const { code, stdout, stderr } = await call("tune", ...few, "--model", file, ...short, "--json");
  expect(code, stderr).toBe(0);
  const { best, start } = JSON.parse(stdout) as TuneResult;
  expect(best.valid.loss).toBeLessThan(2.5);
  expect(Object.keys(start.hyperparameters)).toContain("l2.far");
});

test.each([
  ["an image", few, ["patches", "positions1", "norm1"]],
  ["a table", ["--data", "wine"], ["tokens1", "norm1"]],
])("a transformer is tuned on %s", async (_, data, first) => {
  const narrow = ["--model", "transformer", "--width", "0.25"];
  const { code, stdout, stderr } = await call("tune", ...data, ...narrow, ...short, "--json");
  expect(code, stderr).toBe(0);
  const names = Object.keys((JSON.parse(stdout) as TuneResult).best.hyperparameters);
  expect(names).toEqual(
    ["attention1", "hidden1", "attention2", "hidden2"].map((place) => `dropout.${place}`),
  );
  const bytes = readFileSync("run/model.safetensors", "latin1");
  for (const layer of [...first, "attention2-query"]) expect(bytes).toContain(`${layer}.weight`);
});

test.each<[string, string, RegExp]>([
  [
    "without a default export",
    "export const a = 1;",
    /must export by default a function .* but has no default export/,
  ],
  ["that exports no function", "export default 7;", /but exports a value of type number; see examples/],
  ["that does not parse", "export default (;", /own\.ts must load as a module, but/],
  [
    "whose function returns nothing",
    made(""),
    /must return a network .* but what it returned lacks network\.name, /,
  ],
  [
    "with a layer that is none",
    made(whole.replace('name: "own", layers', 'name: "own", layers: [{}]')),
    /the layers of the network in .*own\.ts must be a list of layers .*, but got \{\} at place 1; see/,
  ],
  [
    "with a place that is none",
    made(whole.replace("places: [", "places: [null, ")),
    /the places of the network in .*own\.ts must be a list of records .*, but got null at place 1; see/,
  ],
  [
    "with a layer of a name that objects have",
    made(whole.replace('name: "own", layers', 'name: "own", layers: [{ ...one, name: "toString" }]')),
    /must not be called .*, but got "toString"; rename it/,
  ],
  [
    "whose function throws",
    made("throw new Error('no room');"),
    /own\.ts must make a network for digits, but it threw: no room/,
  ],
  [
    "with two layers of a name",
    made(whole.replace('name: "own", layers', 'name: "own", layers: [one, one]')),
    /must have names of their own, but two are called "one"/,
  ],
  [
    "whose layers do not fit",
    made(whole.replace("reshape([-1, 4])", "reshape([-1, 2])")),
    /predict of the problem "own on digits" must work on a minibatch of 128 rows, but threw/,
  ],
])("a module %s is refused in one sentence", async (_, text, sentence) => {
  writeFileSync("own.ts", text);
  const { code, stderr } = await call("tune", "--data", "digits", "--model", "own.ts", ...short);
  expect(code, stderr).toBe(2);
  expect(stderr).toMatch(sentence);
});

test("a method that would need another operation for pooling says so, and leaves no run folder", async () => {
  const conv = { layer: "conv2d", channels: 2, kernel: 3 };
  const pooling = [conv, { layer: "max-pool", kernel: 2 }, { layer: "flatten" }, { layer: "linear" }];
  writeFileSync("net.json", JSON.stringify(pooling));
  const argv = ["--data", "digits", "--model", "net.json", "--method", "hyper-training"];
  const { code, stderr } = await call("tune", ...argv, ...short);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: a method that works with many weights .* jax-js has none for "pool"; take a method that does not, or leave that operation out/m,
  );
  expect(existsSync("run")).toBe(false);
});

test.each<[string, string[], RegExp]>([
  [
    "a file that is not there",
    ["--model", "none.json"],
    /--model must name a file that exists, but there is no .*none\.json; check the path/,
  ],
  [
    "a file without layers",
    ["--model", "empty.json"],
    /empty\.json must hold a list of layers, or \{ "layers": \[\.\.\.\] \} with one, but got .*; see/,
  ],
  [
    "a word in the place of layers",
    ["--model", "word.json"],
    /word\.json must hold a list of layers, .*, but got "linear"; see/,
  ],
  [
    "a kernel larger than its input",
    ["--model", "large.json"],
    /large\.json must hold a network for digits, but layer 1 \(conv2d "conv1"\) must get images of at least 9 x 9 .* but gets \[1, 8, 8\] from the data/,
  ],
  [
    "an embedding of numbers",
    ["--data", "wine", "--model", "embedding.json"],
    /embedding\.json must hold a network for wine, but layer \d \(embedding "embedding1"\) of network must embed words, but wine has numbers; take another layer/,
  ],
  [
    "a network for images on a table",
    ["--data", "wine", "--model", "simple-cnn"],
    /--model simple-cnn must have images \[channels, height, width\], but wine has examples of shape \[13\]/,
  ],
  [
    "a network that is too deep for small images",
    ["--model", "alexnet"],
    /alexnet must have images of at least 15 x 15, but got 8 x 8; take/,
  ],
  [
    "an architecture to choose for a network that has none",
    ["--model", "simple-cnn", "--method", "smash"],
    /--model must be mlp for smash, whose architecture it chooses, but got simple-cnn/,
  ],
  [
    "a key beside the layers",
    ["--model", "beside.json"],
    /beside\.json must have nothing beside "layers", but got "name"; leave it out/,
  ],
  [
    "hidden layers of a network that has its own",
    ["--model", "simple-cnn", "--hidden", "3"],
    /--hidden must be left out for simple-cnn/,
  ],
  [
    "a wide and deep network without hidden layers",
    ["--data", "wine", "--model", "wide-and-deep", "--hidden", ""],
    /a wide and deep network must have at least one hidden layer, but got none; give it one, or take a linear model/,
  ],
  [
    "a width of a network without channels",
    ["--width", "2"],
    /--width must come with one of the networks by name .*, but got 2 for --model mlp/,
  ],
  [
    "a normalisation of a network without",
    ["--model", "vgg16", "--norm", "group"],
    /--norm must come with --model resnet18, but got group for vgg16/,
  ],
  [
    "batch normalisation by a method that hands nothing on",
    ["--model", "resnet18", "--width", "0.02", "--method", "unrolled", "--hyper", "l2=0.001"],
    /unrolled must find a problem whose training carries nothing .*"norm1", "norm2", "norm3", 17 others; take layers without one.*or a method that hands it on: delta-stn, centered-stn, stn, fixed or a search/,
  ],
  [
    "another name",
    ["--model", "simple-cmm"],
    /--model must be one of mlp, linear, wide-and-deep, simple-cnn, alexnet, vgg16, resnet18, lstm, transformer, a FILE\.json or a FILE\.ts, but got "simple-cmm"; did you mean "simple-cnn"\?/,
  ],
  [
    "an architecture that cannot be searched",
    ["--model", "simple-cnn", "--hyper", "width.*=3:1..4"],
    /"width\.\*" must go with --model mlp, whose architecture it chooses, but the network is simple-cnn; take --model mlp/,
  ],
])("%s is refused in one sentence", async (_, argv, sentence) => {
  const embedding = [{ layer: "embedding", outputs: 3 }, { layer: "flatten" }, { layer: "linear" }];
  writeFileSync("embedding.json", JSON.stringify(embedding));
  writeFileSync("word.json", `"linear"`);
  writeFileSync("empty.json", "{}");
  writeFileSync("beside.json", JSON.stringify({ layers, name: "own" }));
  writeFileSync("large.json", JSON.stringify([{ layer: "conv2d", channels: 2, kernel: 9 }]));
  const { code, stderr } = await call("tune", "--data", "digits", ...argv, ...short);
  expect([code, stderr.trim().split("\n").length]).toEqual([2, 1]);
  expect(stderr).toMatch(sentence);
});
