import { z } from "zod";

import { columnType, csvRules } from "../../data/csv-options.ts";
import { tableDataRules } from "../../data/table-options.ts";
import { textRules } from "../../data/text.ts";
import { inputError } from "../../util/error.ts";
import { sentenceOf } from "./config-issue.ts";
import { dataSetOfName } from "../data-sets/data-set-names.ts";
import { defaultNetwork } from "./default-network.ts";
import { fieldNames, fields, flagOf, type FieldName } from "./fields.ts";
import type { Field } from "./fields/field.ts";
import {
  allOptions,
  type OptionName,
  type OptionOfMethods,
  type OptionValue,
} from "../../methods/all-options.ts";
import { DEFAULT_METHOD, methodNames, methodOf, type MethodName } from "../../methods/lookup.ts";
import { optimizerNames } from "../../methods/optimizers.ts";
import { mlpRules } from "../../nn/mlp.ts";
import { namedRules } from "../../nn/networks/named.ts";
import { resnetNorm } from "../../nn/networks/resnet18.ts";
import { plateauRules } from "../../nn/optim/plateau.ts";
import { sgdRules } from "../../nn/optim/sgd.ts";
import { supervisedRules } from "../../problem/supervised.ts";
import { perturbationRules } from "../../space/perturbation.ts";
import { isArtifactPlace } from "../../storage/artifact-store.ts";
import { runRules } from "../../tuners/run-options.ts";
import { imageNetworkNames, networkNames } from "../networks/network-names.ts";
import { schemaOf } from "./schema-of.ts";

const positive = z.number().positive();
const count = z.int().positive();

const hyperObject = z.strictObject({
  start: z.number().describe("the value to start from, strictly inside the range"),
  low: z.number().optional().describe("values stay above; known names have a range of their own"),
  high: z.number().optional().describe("values stay below"),
  log: z.boolean().optional().describe("equal steps are equal ratios; for l2 and l1 the default"),
  discrete: z.boolean().optional().describe("whole numbers from low to high"),
  scale: positive.optional().describe("standard deviation of the perturbation, unconstrained; default 1"),
  tuneScale: z.boolean().optional().describe("whether that standard deviation is tuned; default true"),
  perturb: schemaOf(perturbationRules.perturb).optional().describe("one draw per example, or per minibatch"),
});

/** A choice: its options, of which the first is the start. */
const options = z
  .array(z.union([z.string().min(1), z.number(), z.boolean()]))
  .min(1)
  .describe("a choice among options, starting at the first; for activation and skip");

const shape = {
  data: z.string().min(1).default("digits"),
  target: schemaOf(tableDataRules.target).optional(),
  task: schemaOf(tableDataRules.task).optional(),
  header: schemaOf(csvRules.header).optional(),
  valid: z.number().positive().optional(),
  test: z.number().nonnegative().optional(),
  folds: z.int().min(2).max(100).optional(),
  splitBy: schemaOf(tableDataRules.splitBy).optional(),
  missing: schemaOf(tableDataRules.missing).optional(),
  separator: schemaOf(csvRules.separator).optional(),
  ignore: schemaOf(tableDataRules.ignore).optional(),
  keep: schemaOf(tableDataRules.keep).optional(),
  types: z.record(z.string().min(1), schemaOf(columnType)).optional(),
  dates: schemaOf(tableDataRules.dates).optional(),
  group: schemaOf(tableDataRules.group).optional(),
  timeColumn: schemaOf(tableDataRules.timeColumn).optional(),
  stratify: schemaOf(tableDataRules.stratify).optional(),
  classWeights: schemaOf(supervisedRules.classWeights).optional(),
  imageSize: z.union([count, z.literal("own")]).optional(),
  augment: z.record(z.string().min(1), z.number()).optional(),
  targetTransform: schemaOf(tableDataRules.targetTransform).optional(),
  dataDir: z.string().min(1).default("data"),
  download: z.boolean().default(false),
  bptt: count.max(10_000).optional(),
  tokens: schemaOf(textRules.tokens).optional(),
  vocabulary: schemaOf(textRules.vocabulary).optional(),
  problem: z.string().min(1).optional(),

  model: z.union([z.enum(networkNames), z.string().regex(/\.(json|[cm]?[jt]s)$/)]).optional(),
  hidden: schemaOf(mlpRules.hidden).optional(),
  width: schemaOf(namedRules.width).optional(),
  norm: schemaOf(resnetNorm).optional(),
  loss: schemaOf(supervisedRules.loss).optional(),

  method: z
    .enum([...methodNames, "auto"] as [MethodName, ...MethodName[], "auto"])
    .default(DEFAULT_METHOD)
    .transform((name, context): MethodName => {
      if (name !== "auto") return name;
      context.addIssue("must name a method here, since auto looks at the data first, which tune alone does");
      return z.NEVER;
    }),
  hyper: z.record(z.string().min(1), z.union([z.number(), options, hyperObject])).optional(),
  ...methodShape(),
  baseline: z.boolean().default(true),

  epochs: schemaOf(runRules.epochs).optional(),
  time: z.union([positive, z.string().regex(/^(?=.*[1-9])\d*\.?\d+\s*[smh]?$/)]).optional(),
  patience: schemaOf(runRules.patience).optional(),
  evaluateEvery: count.default(1),
  batchSize: schemaOf(runRules.batchSize).optional(),
  lr: positive.optional(),
  optimizer: z.enum(optimizerNames).optional(),
  momentum: schemaOf(sgdRules.momentum).optional(),
  schedule: z.enum(["constant", "cosine", "step", "plateau"]).default("constant"),
  decayEpochs: z.array(count).min(1).optional(),
  decayWait: schemaOf(plateauRules.wait).optional(),
  decayFactor: positive.optional(),
  clipNorm: positive.optional(),

  seed: schemaOf(runRules.seed).default(0),
  engine: z.enum(["auto", "onnx", "jax"]).default("auto"),
  threads: count.max(256).optional(),
  precision: schemaOf(runRules.precision).default("float32"),
  out: z.string().min(1).optional(),
  store: z.string().min(1).optional(),
  artifacts: z.string().refine(isArtifactPlace, "must be sql, file:DIR or s3://BUCKET/PREFIX").optional(),
  study: z.string().min(1).max(200).optional(),
  trials: count.optional(),
  objectives: z.string().min(1).optional(),
  where: z.string().min(1).optional(),
  workers: count.max(256).optional(),
  tensorboard: z.string().min(1).optional(),
  mlflow: z.string().min(1).optional(),
  watch: z.boolean().default(false),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
} satisfies Record<FieldName, z.ZodType>;

/** The schema of a configuration: every field optional, none unknown. */
export const configSchema = z.strictObject(describeAll(shape));

/** A configuration as a user may write it. */
export type ConfigInput = z.input<typeof configSchema>;

/** A configuration with the defaults filled in, wherever they do not depend on the data. */
export type Config = z.output<typeof configSchema> & { readonly model: string };

/** A configuration of which the size of a minibatch is settled. */
export type SizedConfig = Config & { readonly batchSize: number };

/** What trains the weights unless a configuration says so: a hypernetwork's outputs, and an LSTM's gradients, differ too much in scale for SGD. */
export const optimizerOf = ({
  optimizer,
  method,
  model,
  data,
}: Pick<Config, "optimizer" | "method" | "model" | "data">) =>
  optimizer ?? methodOf(method).optimizer ?? (model === "lstm" || isText({ data }) ? "adam" : "sgd");

/**
 * Rows of a hyperparameter step unless a configuration says so. A step on images or texts costs as much as its rows do: with 512 at every other
 * step of a network of images two fifths of the time went into hyperparameter steps.
 */
export const validBatchSizeOf = ({
  validBatchSize,
  batchSize,
  model,
  data,
}: Pick<SizedConfig, "validBatchSize" | "batchSize" | "model" | "data">): number =>
  validBatchSize ?? (imageNetworkNames.includes(model) || isText({ data }) ? batchSize : 512);

/** Whether the data are a text. */
export const isText = ({ data }: Pick<Config, "data">): boolean => dataSetOfName(data)?.kind === "texts";

/** One hyperparameter with its options spelt out. */
export type HyperConfig = z.output<typeof hyperObject>;

/** The JSON Schema of a config file, for editors; it also allows `$schema`. */
export function configJsonSchema(): object {
  const { properties, ...rest } = z.toJSONSchema(configSchema, { io: "input" });
  return {
    title: "Configuration of hypertrain tune",
    description: "Every field is also a flag of `hypertrain tune`: hyperLr is --hyper-lr.",
    ...rest,
    properties: { $schema: { type: "string" }, ...properties },
  };
}

/** Where a value came from, for messages: `--epochs`, or `"epochs" in my.json`. */
export type FieldOrigin = (field: string) => string;

/**
 * Checks a configuration and fills its defaults.
 *
 * @param origin names a field in messages
 * @throws {HypertrainError} with one sentence on the first field that is wrong.
 */
export function parseConfig(input: unknown, origin: FieldOrigin): Config {
  for (const [field, named] of Object.entries(namedThings)) {
    const given = Object(Object(input)[field]) as object;
    const odd = Object.keys(given).find((name) => name in Object.prototype); // which the schema would leave out
    if (odd === undefined) continue;
    throw inputError(
      `${origin(field)} must name ${named}, but got "${odd}", a name that every object has; leave it out or rename it`,
    );
  }
  const { data, error } = configSchema.safeParse(input, { reportInput: true });
  if (data) {
    demandLower(data, origin);
    return { ...data, model: data.model ?? defaultNetwork(data) };
  }
  const [issue] = error.issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]; // a failure has at least one
  throw inputError(sentenceOf(issue, origin));
}

/** Demands of a plateau a factor that lowers the rate; steps may raise it. */
function demandLower(
  { schedule, decayFactor }: Pick<Config, "schedule" | "decayFactor">,
  origin: FieldOrigin,
): void {
  const { factor } = plateauRules;
  if (schedule !== "plateau" || decayFactor === undefined || factor.holds(decayFactor)) return;
  throw inputError(
    `${origin("decayFactor")} must be ${factor.must}, with ${origin("schedule")} plateau, but got ${decayFactor}; correct it`,
  );
}

/** What fields name that hold a value for each name. */
const namedThings = { hyper: "hyperparameters", augment: "augmentations", types: "columns" };

/** Seconds of a time such as `90`, `60s`, `10m` or `2h`. */
export function secondsOf(time: number | string): number {
  if (typeof time === "number") return time;
  const [, amount, unit = "s"] = /^([\d.]+)\s*([smh]?)$/.exec(time) ?? [];
  return Number(amount) * (secondsPer[unit || "s"] as number);
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function describeAll<T extends Record<FieldName, z.ZodType>>(shape: T): T {
  return Object.fromEntries(
    Object.entries(shape).map(([name, type]) => [
      name,
      type.describe(aboutInConfig(fields[name as FieldName])),
    ]),
  ) as T; // the same keys, and `describe` keeps the type
}

/** What a field means, with other fields named as a config file has them. */
function aboutInConfig({ about, inConfig = about }: Field): string {
  return inConfig.replace(/--[a-z]+(-[a-z]+)*/g, (flag) => {
    const field = fieldNames.find((name) => flagOf(name) === flag);
    return field === undefined ? flag : `"${field}"`;
  });
}

/** The options of the methods; a default that all of their methods have is filled in. */
function methodShape(): { [K in OptionName]: z.ZodOptional<z.ZodType<OptionValue<K>>> } {
  const shape = Object.entries<OptionOfMethods>(allOptions).map(([name, { type, default: value }]) => {
    const schema = schemaOf(type);
    return [name, value === undefined ? schema.optional() : schema.default(value)];
  });
  return Object.fromEntries(shape) as ReturnType<typeof methodShape>; // the names and types are those of the options
}
