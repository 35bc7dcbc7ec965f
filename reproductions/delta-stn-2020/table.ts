/**
 * The table of the Delta-STN poster: fixed start, random search, Gaussian process, STN, centred STN and Delta-STN on one network and data set, at equal
 * wall-clock.
 *
 * Delta-STN trains for the epochs of the scale; every other method then gets the seconds that it took. Every method's run is a run folder below
 * `OUT/ROW`, which a further call goes on with or, where it has ended, only reads. `OUT/ROW.json` has the curves so far, and the command that goes on.
 *
 * @see Bae and Grosse, "Delta-STN", 2020, and its poster, of which the figures below are
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { inputError } from "../../src/util/error.ts";
import type { PaperClaim, Reproduced, Reproduction, Setting, TableSetting } from "../reproduction.ts";
import { fewerExamples, type CutSet, type ExampleCounts } from "./fewer-examples.ts";
import { curveIn, keptRun } from "../kept-run.ts";
import { tableFigure, type TablePoint } from "./table-figure.ts";

interface Row {
  /** What the data are called beside numbers. */
  readonly data: string;
  readonly set: CutSet;
  readonly flags: readonly string[];
  /** Learning rate of the weights, and of the response where a method trains it apart. */
  readonly rate?: string;
  /** Flags of a scale: smaller networks below `paper`. */
  readonly at: Readonly<Record<"quick" | "reduced", readonly string[]> & { paper?: readonly string[] }>;
  /** The first images or words of the set, for these scales; absent: all. */
  readonly first?: Readonly<Partial<Record<"quick" | "reduced", ExampleCounts>>>;
  /** Epochs of Delta-STN. */
  readonly epochs: Readonly<Record<"reduced" | "paper", number>>;
  /** In the place of what all other rows tune by, with an epoch of warm-up. */
  readonly tuning?: readonly string[];
  /** What searches and the fixed start need beside. */
  readonly searched?: readonly string[];
  /** Validation and test loss on the poster. */
  readonly poster: Readonly<Partial<Record<string, readonly [number, number]>>>;
}

/** Few enough for a result in minutes on one core. */
const FEW = { quick: { train: 1000, test: 500 }, reduced: { train: 3750, test: 1000 } };

/** Enough for a network of a quarter of AlexNet's width to overfit. */
const MORE = { ...FEW, reduced: { train: 12_500, test: 2500 } };

const images = (
  network: string,
  { width, epochs, of = FEW }: { width: number; epochs: number; of?: typeof FEW },
  poster: Row["poster"],
): Row => ({
  ...{ data: "CIFAR-10", set: "cifar10", first: of }, // `nameOf` tells JPEG apart
  flags: ["--data", "cifar10", "--model", network, "--valid", "0.2"],
  rate: ".03",
  at: {
    ...{ quick: ["--width", String(width / 2)], reduced: ["--width", String(width)] },
    paper: ["--schedule", "step", "--decay-epochs", "60,120,180"],
  },
  epochs: { reduced: epochs, paper: 200 },
  poster,
});

/** The seven regularisers of "Self-tuning networks" (MacKay et al. 2019), each of which starts at .05. */
const regularisers = (penalties = ""): readonly string[] => [
  ...["dropout.*", "dropout-embedding", "dropconnect"].flatMap((name) => ["--hyper", `${name}=.05`]),
  ...["activation-l2", "activation-slowness"].flatMap((name) => ["--hyper", `${name}=.05${penalties}`]),
];

/** Losses from the poster's perplexities. */
const perplexities = (valid: number, test: number): readonly [number, number] => [
  Number(Math.log(valid).toFixed(3)),
  Number(Math.log(test).toFixed(3)),
];

const rows: Readonly<Record<string, Row>> = {
  mnist: {
    ...{ data: "MNIST", set: "mnist" },
    flags: ["--data", "mnist", "--hidden", "1200,1200", "--hyper", "dropout.*=.05:0...95"],
    rate: ".01",
    at: { quick: ["--hidden", "64"], reduced: [] },
    epochs: { reduced: 40, paper: 500 },
    poster: { stn: [0.043, 0.041], "centered-stn": [0.041, 0.039], "delta-stn": [0.04, 0.038] },
  },
  "fashion-mnist": {
    ...{ data: "Fashion-MNIST", set: "fashion-mnist", first: FEW },
    flags: ["--data", "fashion-mnist", "--model", "simple-cnn"],
    rate: ".01",
    at: {
      quick: ["--width", "0.25", "--valid", "0.2"],
      reduced: ["--width", "0.5", "--valid", "0.2"],
    },
    epochs: { reduced: 40, paper: 200 },
    poster: {
      ...{ random: [0.206, 0.214], gp: [0.217, 0.215], stn: [0.196, 0.218] },
      ...{ "centered-stn": [0.191, 0.212], "delta-stn": [0.189, 0.209] },
    },
  },
  alexnet: images(
    "alexnet",
    { width: 0.25, epochs: 40, of: MORE },
    {
      ...{ random: [0.631, 0.671], gp: [0.594, 0.598], stn: [0.474, 0.488] },
      ...{ "centered-stn": [0.431, 0.45], "delta-stn": [0.425, 0.446] },
    },
  ),
  vgg16: images(
    "vgg16",
    { width: 0.125, epochs: 40 },
    {
      ...{ random: [0.566, 0.595], gp: [0.421, 0.446], stn: [0.33, 0.354] },
      ...{ "centered-stn": [0.286, 0.321], "delta-stn": [0.272, 0.296] },
    },
  ),
  resnet18: images(
    "resnet18",
    { width: 0.125, epochs: 24 },
    {
      ...{ random: [0.264, 0.298], gp: [0.23, 0.267], stn: [0.266, 0.312] },
      ...{ "centered-stn": [0.222, 0.258], "delta-stn": [0.204, 0.238] },
    },
  ),
  ptb: {
    ...{ data: "Penn Treebank", set: "ptb", first: { reduced: { train: 60_000, test: 12_000 } } },
    // Adam; for the papers' SGD at 30 see docs/text.md
    flags: [
      ...["--data", "ptb", "--model", "lstm", "--clip-norm", ".25"],
      ...["--hidden", "650,650", "--bptt", "70", "--batch-size", "40"],
    ],
    at: {
      quick: ["--hidden", "8", "--bptt", "4", "--batch-size", "100", "--vocabulary", "300"],
      reduced: ["--hidden", "200,200", "--bptt", "35", "--batch-size", "20", "--vocabulary", "5000"],
    },
    epochs: { reduced: 25, paper: 60 },
    tuning: ["--train-steps", "2", "--perturbations", "independent", ...regularisers()],
    searched: regularisers(":.001..10,log"),
    poster: {
      random: perplexities(84.81, 81.46),
      gp: perplexities(72.13, 69.29),
      stn: perplexities(70.67, 67.78),
      "centered-stn": perplexities(69.4, 66.67),
      "delta-stn": perplexities(68.63, 66.26),
    },
  },
};

const TUNING = [
  ...["--hyper-lr", ".01", "--hyper-optimizer", "rmsprop", "--valid-batch-size", "128"],
  ...["--perturbations", "independent", "--response-optimizer", "sgd"],
];
/** Hyperparameter steps that stay as long as they are. */
const NO_DECAY = ["--hyper-decay", "1000000"];
/** The poster's rhythm, and one that tunes as often in shorter runs. */
const RHYTHM = { quick: 2, reduced: 2, paper: 5 };
const TRIAL_EPOCHS = { quick: 1, reduced: 20, paper: 20 };
const QUICK_SECONDS = 20;

/** Delta-STN first, since its seconds are everyone's. */
const methods = ["delta-stn", "centered-stn", "stn", "gp", "random", "fixed"] as const;

/** The row of the poster's table that a setting names. */
export const deltaStnTable: Reproduction = async (setting) => {
  const { row: name, out, scale } = demandTable(setting);
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (!row) {
    throw inputError(`--row must be one of ${Object.keys(rows).join(", ")}, but got "${name.slice(0, 80)}"`);
  }
  const points: TablePoint[] = [];
  const few = scale === "paper" ? undefined : row.first?.[scale];
  const dataDir = few
    ? await fewerExamples(row.set, setting.dataDir, join(out, "data", name), few)
    : setting.dataDir;
  let seconds = QUICK_SECONDS;
  for (const method of methods) {
    const folder = join(out, name, method);
    const own = row.at[scale] ?? [];
    const limit =
      method === "delta-stn" && scale !== "quick"
        ? { epochs: row.epochs[scale] }
        : { seconds: Math.ceil(seconds) };
    const tuning = method.endsWith("stn")
      ? [
          ...(row.tuning ?? [...TUNING, "--train-steps", String(RHYTHM[scale]), ...ownOf(method, row)]),
          ...["--warmup-epochs", scale === "quick" ? "0" : row.tuning ? "1" : "5", ...NO_DECAY],
        ]
      : [
          ...(row.searched ?? []),
          ...(method === "fixed" ? [] : ["--trial-epochs", String(TRIAL_EPOCHS[scale])]),
        ];
    const rate = row.rate === undefined ? [] : ["--lr", row.rate];
    const flags = [...row.flags, ...rate, ...own, "--method", method, ...tuning];
    await keptRun({ ...setting, dataDir }, folder, flags, limit);
    const curve = curveIn(folder).map((point): TablePoint => ({
      method,
      ...{ ...point, minutes: point.seconds / 60 },
    }));
    if (method === "delta-stn") seconds = curve.at(-1)?.seconds ?? seconds;
    points.push(...curve);
    const goesOn = `hypertrain reproduce delta-stn-table --row ${name} --scale ${scale} --seed ${setting.seed} --out DIR`;
    const soFar = { data: nameOf(row, setting), scale, first: few ?? null, goesOn, curves: points };
    await writeFile(join(out, `${name}.json`), `${JSON.stringify(soFar, shorter)}\n`);
  }
  return reproduced(scale, nameOf(row, setting), row, points);
};

/** Six digits. */
const shorter = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(6)) : value;

function demandTable({ table }: Setting): TableSetting {
  if (table) return table;
  throw new Error("internal: a table must be given its row");
}

/** STN's training is joint: weights and response share the optimizer. */
const ownOf = (method: string, { rate = ".01" }: Row) =>
  method === "stn" ? ["--stn-input", "absolute"] : ["--response-lr", rate];

/** The CIFAR-10 of this project's figures went through JPEG, which no figure of the poster did. */
const nameOf = ({ data }: Row, { dataDir }: Setting): string =>
  data === "CIFAR-10" && /jpe?g/i.test(dataDir) ? "CIFAR-10 (JPEG)" : data;

function reproduced(
  scale: TableSetting["scale"],
  data: string,
  { poster }: Row,
  points: readonly TablePoint[],
): Reproduced {
  const ends = methods.map((method) => points.findLast((point) => point.method === method) as TablePoint);
  const table = ends.map(({ method, epoch, seconds, bestValid: valid, bestTest: test }) => ({
    ...{ method, valid, test, epoch, seconds },
    poster: poster[method] ?? null,
  }));
  const short = (loss: number) => loss.toFixed(4);
  const claims = table.map(({ method, valid, test, poster: published }): PaperClaim => {
    const figure = published ? `${published[0]} (${published[1]})` : "none";
    return {
      what: `${data}, ${method}: validation (test) loss`,
      // a smaller network for a shorter time has no figure of the poster to be held against
      expected: scale === "paper" ? figure : `finite; poster, at its own setting: ${figure}`,
      measured: `${short(valid)} (${short(test)})`,
      holds:
        scale === "paper" && published
          ? Math.abs(test - published[1]) <= 0.05 * published[1]
          : Number.isFinite(valid),
    };
  });
  return {
    numbers: { data, scale, table, curves: points },
    claims,
    figure: tableFigure(data, methods, points),
  };
}
