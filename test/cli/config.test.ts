import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { sizedConfig } from "../../src/cli/config/batch-size.ts";
import { loadJob } from "../../src/cli/run/job.ts";
import { readConfig } from "../../src/cli/config/read-config.ts";
import {
  configJsonSchema,
  configSchema,
  parseConfig,
  secondsOf,
  validBatchSizeOf,
  type HyperConfig,
} from "../../src/cli/config/config.ts";
import { fieldNames, fields, flagOf, type FieldName } from "../../src/cli/config/fields.ts";
import type { Field } from "../../src/cli/config/fields/field.ts";
import { formatHyperFlag, parseHyperFlag } from "../../src/cli/config/hyper-flag.ts";
import { hypersOf } from "../../src/cli/config/hypers.ts";
import { withRange } from "../../src/cli/config/suggested-range.ts";
import { reproduction } from "../../src/cli/config/reproduction.ts";
import { runOptions } from "../../src/cli/run/run-options.ts";
import { trainingReport } from "../../src/cli/views/training-report.ts";
import { mlp } from "../../src/nn/mlp.ts";
import { effects } from "../../src/problem/effects.ts";
import { call } from "./command.ts";

test("every field of the schema is a flag and the reverse", async () => {
  expect(Object.keys(configSchema.shape).toSorted()).toEqual([...fieldNames].toSorted());
  const { stdout } = await call("tune", "--help-all");
  for (const name of fieldNames) {
    const flag = name === "baseline" ? "--no-baseline" : flagOf(name);
    expect(stdout).toContain(`  ${flag}`);
  }
});

test("a hyperparameter step on images or texts takes as many rows as a training step", () => {
  const rows = (input: object) => validBatchSizeOf(sizedConfig(parseConfig(input, String), 2000));
  expect(rows({})).toBe(512);
  expect(rows({ model: "simple-cnn" })).toBe(128);
  expect(rows({ data: "text", model: "lstm", batchSize: 20 })).toBe(20);
  expect(rows({ model: "resnet18", batchSize: 64 })).toBe(64);
  expect(rows({ model: "resnet18", validBatchSize: 200 })).toBe(200);
});

test("a flag gives what the file would hold", () => {
  const samples = {
    data: ["wine", "wine"],
    target: ["y", "y"],
    valid: ["0.3", 0.3],
    hidden: ["3,4", [3, 4]],
    hyper: ["l2=1e-4:1e-6..1e-1,log", { l2: { start: 1e-4, low: 1e-6, high: 0.1, log: true } }],
    time: ["60s", "60s"],
    decayEpochs: ["5", [5]],
    seed: ["7", 7],
  } satisfies Partial<Record<FieldName, [string, unknown]>>;
  for (const [name, [text, value]] of Object.entries(samples)) {
    const { read }: Field = fields[name as FieldName];
    expect(read?.(text, flagOf(name))).toEqual(value);
    expect(configSchema.safeParse({ [name]: value }).success, name).toBe(true);
  }
});

test("schema/config.schema.json is up to date; `node scripts/schema.ts` writes it", () => {
  const path = new URL("../../schema/config.schema.json", import.meta.url);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(configJsonSchema());
});

test("a flag wins over the file, the file over the default", async () => {
  const config = await readConfig(undefined, { seed: 3 });
  expect(config).toMatchObject({ seed: 3, evaluateEvery: 1, data: "digits" });
});

test("the method auto becomes the one that the problem asks for, with its own defaults", async () => {
  const told: string[] = [];
  const hyper = { lr: { start: 0.01, low: 1e-4, high: 1 } };
  const config = await readConfig(
    undefined,
    { data: "wine", method: "auto", hyper },
    {
      tell: (line) => told.push(line),
    },
  );
  expect(config).toEqual(await readConfig(undefined, { data: "wine", method: "hyperband", hyper }));
  expect(told).toEqual([expect.stringMatching(/^--method auto is hyperband: /)]);
  expect(() => parseConfig({ method: "auto" }, (field) => `"${field}" in config.json`)).toThrow(
    /^"method" in config.json must name a method here, .* but got "auto"/,
  );
});

test("only a time makes a run without a limit of epochs", async () => {
  const config = await readConfig(undefined, { time: "2m" });
  expect(config.epochs).toBeUndefined();
  expect(secondsOf(config.time as string)).toBe(120);
  expect([secondsOf("1.5h"), secondsOf("90"), secondsOf(4)]).toEqual([5400, 90, 4]);
});

test.each([
  [{}, { epochs: 250, warmupEpochs: 50 }], // 9 steps an epoch
  [{ batchSize: 10_000 }, { epochs: 2250, warmupEpochs: 450 }],
  [{ epochs: 7 }, { epochs: 7, warmupEpochs: 1 }],
  [
    { epochs: 7, warmupEpochs: 0 },
    { epochs: 7, warmupEpochs: 0 },
  ],
  [{ time: "1m" }, { warmupEpochs: 23 }], // 200 steps
  [{ time: "1m", batchSize: 10_000 }, { warmupEpochs: 200 }],
])("%j settles the length of a run on the digits", async (given, settled) => {
  const { config } = await loadJob(await readConfig(undefined, given), {});
  expect({ epochs: config.epochs, warmupEpochs: config.warmupEpochs }).toEqual({
    epochs: undefined,
    ...settled,
  });
});

test("the parts of a bundled set have the sizes that were asked for", async () => {
  const { named } = await loadJob(await readConfig(undefined, { valid: 0.3, test: 100 }), {});
  const { train, valid, test } = named.task.data;
  expect([train.rows, valid.rows, test?.rows]).toEqual([1797 - 539 - 100, 539, 100]);
});

test("the range of a known hyperparameter may be left out", async () => {
  const { hyper } = await readConfig(undefined, {
    hyper: { "dropout.input": 0.1, l2: { start: 1e-3, low: 1e-5 } },
  });
  expect(hyper).toEqual({
    "dropout.input": { start: 0.1, low: 0, high: 0.95 },
    l2: { start: 1e-3, low: 1e-5, log: true },
  });
});

test.each([
  [4, [0, 3], [0, 2]],
  [8, [1, 7], [0, 2]],
  [16, [1, 14], [0, 5]],
  [28, [2, 24], [0, 8]],
  [32, [2, 24], [0, 8]],
  [64, [2, 48], [0, 16]],
])("ranges in pixels follow the images' side, here %i", (side, ...ranges) => {
  const network = mlp({ inputs: 3, outputs: 2, hidden: [4] });
  const {
    "cutout.length": length,
    crop,
    translate,
  } = hypersOf(network, { "cutout.length": side / 6, crop: 0.5, translate: 0.1 }, { side }) as Record<
    string,
    { low: number; high: number }
  >;
  expect([length, crop].map((hyper) => [hyper?.low, hyper?.high])).toEqual(ranges);
  expect([translate?.low, translate?.high]).toEqual([0, 0.5]); // a share of the side
});

test("those of a run are of its images, and given ends stay", async () => {
  const hyper = { "cutout.length": 2, crop: { start: 1, high: 3 } };
  const config = await readConfig(undefined, { model: "simple-cnn", hyper });
  expect(config.hyper).toEqual(hyper);
  const { space } = (await loadJob(config, {})).named.task.problem;
  expect(space.hypers["cutout.length"]).toMatchObject({ start: 2, low: 1, high: 7 }); // digits: 8 x 8
  expect(space.hypers.crop).toMatchObject({ low: 0, high: 3 });
});

test("a start beyond the range of images of a size is refused with the way out", async () => {
  const load = async (entry: number | { start: number; low: number; high: number }, name = "crop") => {
    const config = await readConfig(undefined, { model: "simple-cnn", hyper: { [name]: entry } });
    return (await loadJob(config, {})).named.task.problem.space;
  };
  await expect(load(4)).rejects.toThrow(
    "crop must start below 2, where its range ends on images whose shorter side is 8 pixels unless one is given, but got 4; start lower, or give the range, such as crop=4:0..6",
  );
  expect((await load({ start: 4, low: 0, high: 6 })).hypers.crop).toMatchObject({ low: 0, high: 6 });
  await expect(load(1, "cutout.length")).rejects.toThrow(
    "cutout.length must start above 1, where its range begins on images whose shorter side is 8 pixels unless one is given, but got 1; start higher, or give the range, such as cutout.length=1:0..7",
  );
});

test("images of one pixel are told so", () => {
  const network = mlp({ inputs: 3, outputs: 2, hidden: [4] });
  expect(() => hypersOf(network, { crop: 4 }, { side: 1 })).toThrow("whose shorter side is 1 pixel unless");
});

test.each<[string, number | HyperConfig, string]>([
  [
    "rotate",
    60,
    "below 45, where its range ends unless one is given, but got 60; start lower, or give the range, such as rotate=60:0..90",
  ],
  [
    "translate",
    0.9,
    "below 0.5, where its range ends unless one is given, but got 0.9; start lower, or give the range, such as translate=0.9:0..1",
  ],
  ["dropout", 1, "below 0.95, where its range ends unless one is given, but got 1; start lower"],
  ["flip", 0, "above 0, where its range begins unless one is given, but got 0; start higher"],
  [
    "lr",
    1e-6,
    "above 0.00001, where its range begins unless one is given, but got 0.000001; start higher, or give the range, such as lr=0.000001:1e-7..1",
  ],
  [
    "rotate",
    { start: 60, low: 50 },
    "below 45, where its range ends unless one is given, but got 60; start lower, or give the range, such as rotate=60:50..90",
  ],
])("a start of %s outside its suggested range is refused with the way out", (name, config, said) => {
  const refusal = () => withRange(name, config);
  expect(refusal).toThrow(new RegExp(`^${name} must start ${said.replaceAll(".", "\\.")}$`));
});

test("a response is checked where that can be done, and nobody is told of an option that nobody gave", async () => {
  const load = async (model: string) => {
    const { config, named } = await loadJob(
      await readConfig(undefined, { model, width: 0.0625, epochs: 9 }),
      {},
    );
    const { warnings } = await trainingReport(config, named);
    return { options: runOptions(config, named), said: warnings.join(" ") };
  };
  expect((await load("simple-cnn")).options).toHaveProperty("checkShare", 0.03);
  const normed = await load("resnet18"); // batch normalisation
  expect(normed.options).not.toHaveProperty("checkShare");
  expect(normed.said).not.toMatch(/changes nothing here/);
});

test("a start inside a range that is given is no matter of what the name suggests", () => {
  expect(withRange("rotate", { start: 60, high: 90 })).toMatchObject({ low: 0, high: 90 });
  expect(withRange("width.fc1", { start: 2, low: 2, high: 8 })).toMatchObject({ low: 2, discrete: true });
});

describe("--hyper", () => {
  const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
  test("reads back what it writes", () => {
    const entry = fc.record(
      {
        start: positive,
        low: positive,
        high: positive,
        log: fc.boolean(),
        discrete: fc.boolean(),
        scale: positive,
      },
      { requiredKeys: ["start"] },
    );
    fc.assert(
      fc.property(entry, (given) => {
        const whole = Object.keys(given).length === 1 ? given.start : given;
        expect(parseHyperFlag(formatHyperFlag("l2.fc1", whole), "--hyper")).toEqual({ "l2.fc1": whole });
      }),
    );
  });

  test.each([
    ["crop", "crop=1 is enough"],
    ["dropout.*", "dropout.*=0.1 is enough"],
    ["l2.fc1", "l2.fc1=0.0001 is enough"],
    ["constructor", "constructor=0.1 is enough"], // which every object has
  ])("says what is enough of a name alone: %s", (name, enough) => {
    const refused = () => parseHyperFlag(name, "--hyper");
    expect(refused).toThrow(`must have the form NAME=START:LOW..HIGH, for example`);
    expect(refused).toThrow(`but got "${name}"; ${enough}`);
  });

  test.each(["activation", "crop=", "width.fc1"])("and nothing of %s", (text) => {
    expect(() => parseHyperFlag(text, "--hyper")).toThrow(new RegExp(`but got "${text}"$`));
  });

  const numbers = effects.filter(
    ({ range: { low, log, discrete } }) => !discrete && (low !== undefined || log),
  );
  test.each([...numbers.map(({ name }) => name), "lr", "momentum"])(
    "what it calls enough of %s is a start inside its range",
    (name) => {
      const message = messageOf(() => parseHyperFlag(name, "--hyper"));
      const [flag = ""] = /\S+(?= is enough)/.exec(message) ?? [];
      expect(withRange(name, parseHyperFlag(flag, "--hyper")[name] as number, 28)).toHaveProperty("start");
    },
  );

  test("a penalty on activations is a number, not a choice", () => {
    expect(parseHyperFlag("activation-l2=0.1", "--hyper")).toEqual({ "activation-l2": 0.1 });
  });

  test.each<[string, readonly (string | number | boolean)[]]>([
    ["activation.*=relu|tanh|gelu", ["relu", "tanh", "gelu"]],
    ["activation.fc1=tanh", ["tanh"]],
    ["skip.fc2=false|true", [false, true]],
    ["depth=1|2|4", [1, 2, 4]],
  ])("reads and writes the options of a choice, the start first: %s", (text, options) => {
    const [name] = text.split("=") as [string];
    expect(parseHyperFlag(text, "--hyper")).toEqual({ [name]: options });
    expect(formatHyperFlag(name, options)).toBe(text);
  });

  test.each([
    "l2",
    "=1",
    "l2=",
    "skip.fc2=",
    "activation=relu|",
    "activation=|",
    "=a|b",
    "l2=x",
    "l2=1:2",
    "l2=1:a..b",
    "l2=1,",
    "l2=1:1..2..3",
  ])("refuses %s", (text) => {
    expect(() => parseHyperFlag(text, "--hyper")).toThrow(/--hyper must have the form/);
  });
});

test("the command of a configuration gives the same configuration", async () => {
  const given = {
    ...{ data: "wine", model: "mlp" },
    hidden: [4, 5],
    lr: 0.1,
    baseline: false,
    hyper: {
      "l2.*": { start: 1e-3, scale: 0.5 },
      "width.*": { start: 4, low: 2, high: 8 },
      "skip.*": [false, true],
    },
    augment: { flip: 0.3, crop: 1 },
    types: { zip: "text", "a=b": "number" },
  };
  const config = await readConfig(undefined, given);
  const [, ...words] = reproduction(config).replace(/'/g, "").split(" ");
  expect(words.join(" ")).toBe(
    "tune --data wine --types zip=text,a=b=number --augment flip=0.3,crop=1 --model mlp --hidden 4,5 --hyper l2.*=0.001,scale=0.5,log --hyper width.*=4:2..8,discrete --hyper skip.*=false|true --no-baseline --lr 0.1",
  );
});

test.each([
  [{ epoch: 3 }, 'every field of a config must be a known one, but got "epoch"; did you mean "epochs"?'],
  [{ lr: -1 }, "lr must be greater than 0, but got -1"],
  [{ lr: "fast" }, 'lr must be a number, but got "fast"'],
  [{ seed: 1.5 }, "seed must be a whole number, but got 1.5"],
  [
    { schedule: "plateau", decayFactor: 2 },
    "decayFactor must be a number, above 0 and below 1, with schedule plateau, but got 2; correct it",
  ],
  [
    { method: "delta" },
    'method must be one of delta-stn, centered-stn, stn, hyper-training, hyper-training-global, hyper-training-simplified, unrolled, forward-unrolled, reversible, drmad, implicit-cg, implicit-neumann, t1-t2, smash, fixed, grid, random, quasi-random, tpe, gp, cma-es, nsga-2, successive-halving, hyperband, asha, median-stop, freeze-thaw, population-based, tpe-hyperband, auto, but got "delta"',
  ],
  [{ method: "delta-st" }, 'did you mean "delta-stn"?'],
  [{ hidden: [8, 0] }, "entry 2 of hidden must be greater than 0, but got 0"],
  [{ time: "soon" }, 'time must be a time of more than 0 such as 60s, 10m or 2h, but got "soon"'],
  [
    { hyper: { l2: { start: 1, hihg: 2 } } },
    'every option of "l2" of hyper must be a known one, but got "hihg"; did you mean "high"?',
  ],
  [{ hyper: { l2: "much" } }, '"l2" of hyper must be a number, or an object with a start, but got "much"'],
  [{ hyper: { l2: { low: 1 } } }, '"start" of "l2" of hyper must be a number, but got nothing'],
  [[], "a config must be an object, but got []"],
])("%j is refused in one sentence", (input, sentence) => {
  expect(() => parseConfig(input, (field) => field)).toThrow(sentence);
});

test("what descriptions in the schema show of a field is what a config file holds there", () => {
  const { properties } = configJsonSchema() as {
    properties: Record<string, { description?: string; type?: string }>;
  };
  for (const [name, { description = "", type }] of Object.entries(properties)) {
    const shown = jsonWithin(description);
    for (const value of shown)
      expect(configSchema.safeParse({ [name]: value }).success, `${name}: ${description}`).toBe(true);
    if (type === "object") expect(shown.length, name).toBeGreaterThan(0);
    expect(description).not.toMatch(/--[a-z]/); // fields have no dashes
  }
});

/** The objects and lists that stand in a text as JSON, the outermost of each. */
function jsonWithin(text: string): unknown[] {
  const start = text.search(/[[{]/);
  if (start < 0) return [];
  for (let end = text.length; end > start; end--) {
    try {
      return [JSON.parse(text.slice(start, end)), ...jsonWithin(text.slice(end))];
    } catch {
      // it ends elsewhere
    }
  }
  return jsonWithin(text.slice(start + 1));
}

/** What an error says. */
function messageOf(refused: () => unknown): string {
  try {
    refused();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
