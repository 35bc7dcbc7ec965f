import { z } from "zod";

import { inputError } from "../util/error.ts";
import { sentenceOf } from "./config-issue.ts";
import { fields, type FieldName } from "./fields.ts";
import { DEFAULT_METHOD, isSearch, methodNames, type Method } from "./methods.ts";
import { resnetNorms } from "../nn/networks/resnet18.ts";
import { networkNames } from "./network-names.ts";

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
  perturb: z.enum(["example", "minibatch"]).optional().describe("one draw per example, or per minibatch"),
});

/** A choice: its options, of which the first is the start. */
const options = z
  .array(z.union([z.string().min(1), z.number(), z.boolean()]))
  .min(1)
  .describe("a choice among options, starting at the first; for activation and skip");

const shape = {
  data: z.string().min(1).default("digits"),
  target: z.string().optional(),
  task: z.enum(["classification", "regression"]).optional(),
  header: z.boolean().optional(),
  valid: z.number().positive().optional(),
  test: z.number().nonnegative().optional(),
  folds: z.int().min(2).max(100).optional(),
  splitBy: z.enum(["seed", "tail"]).optional(),
  missing: z.enum(["auto", "error"]).optional(),
  separator: z.string().min(1).optional(),
  ignore: z.array(z.string().min(1)).optional(),
  keep: z.array(z.string().min(1)).optional(),
  dates: z.enum(["leave", "parts"]).optional(),
  group: z.string().min(1).optional(),
  timeColumn: z.string().min(1).optional(),
  stratify: z.boolean().optional(),
  classWeights: z.enum(["none", "balanced"]).optional(),
  imageSize: count.optional(),
  augment: z.record(z.string().min(1), z.number()).optional(),
  targetTransform: z.enum(["none", "log"]).optional(),
  dataDir: z.string().min(1).default("data"),
  download: z.boolean().default(false),
  bptt: count.max(10_000).optional(),
  tokens: z.enum(["word", "character"]).optional(),
  vocabulary: count.min(2).optional(),
  problem: z.string().min(1).optional(),

  model: z.union([z.enum(networkNames), z.string().regex(/\.(json|[cm]?[jt]s)$/)]).default("mlp"),
  hidden: z.array(count).optional(),
  width: positive.optional(),
  norm: z.enum(resnetNorms).optional(),
  loss: z.enum(["cross-entropy", "squared-error", "gaussian"]).optional(),

  method: z
    .enum([...methodNames, "auto"])
    .default(DEFAULT_METHOD)
    .transform((name, context): Method => {
      if (name !== "auto") return name;
      context.addIssue("must name a method here, since auto looks at the data first, which tune alone does");
      return z.NEVER;
    }),
  trialEpochs: count.optional(),
  hyper: z.record(z.string().min(1), z.union([z.number(), options, hyperObject])).optional(),
  hyperLr: positive.optional(),
  hyperOptimizer: z.enum(["sgd", "adam", "rmsprop"]).optional(),
  hyperClip: positive.optional(),
  scaleLr: positive.default(0.01),
  responseLr: positive.optional(),
  responseOptimizer: z.enum(["sgd", "adam", "rmsprop"]).optional(),
  validBatchSize: count.default(512),
  guard: z.number().nonnegative().lt(1).optional(),
  entropyWeight: z.number().nonnegative().default(0.001),
  warmupEpochs: z.int().nonnegative().optional(),
  trainSteps: count.default(2),
  validSteps: count.max(1000).default(1),
  stnInput: z.enum(["absolute", "centred"]).optional(),
  perturbations: z.enum(["independent", "paired", "full"]).optional(),
  response: z.enum(["auto", "factored", "gate", "dense", "low-rank"]).default("auto"),
  responseObjective: z.enum(["sampled", "implicit"]).optional(),
  responseAveraging: z.number().nonnegative().lt(1).optional(),
  rank: count.optional(),
  horizon: count.default(20),
  curvature: z.enum(["hessian", "gauss-newton"]).optional(),
  hypernet: z.enum(["auto", "elementwise", "linear", "factored", "mlp"]).default("auto"),
  hypernetUnits: count.optional(),
  hypernetLr: positive.default(0.001),
  candidates: count.optional(),
  samples: count.optional(),
  hyperPenalty: z.number().nonnegative().default(0),
  fineTuneSteps: z.int().nonnegative().default(0),
  fineTuneLr: positive.default(0.01),
  baseline: z.boolean().default(true),

  epochs: positive.optional(),
  time: z.union([positive, z.string().regex(/^(?=.*[1-9])\d*\.?\d+\s*[smh]?$/)]).optional(),
  patience: count.optional(),
  restart: z.enum(["auto", "never"]).default("auto"),
  evaluateEvery: count.default(1),
  batchSize: count.default(128),
  lr: positive.optional(),
  optimizer: z.enum(["sgd", "adam", "rmsprop"]).optional(),
  momentum: z.number().nonnegative().lt(1).optional(),
  schedule: z.enum(["constant", "cosine", "step"]).default("constant"),
  decayEpochs: z.array(count).min(1).optional(),
  decayFactor: positive.optional(),
  clipNorm: positive.optional(),

  seed: z.int().nonnegative().default(0),
  engine: z.enum(["auto", "onnx", "jax"]).default("auto"),
  threads: count.max(256).optional(),
  precision: z.enum(["float32", "float64"]).default("float32"),
  out: z.string().min(1).optional(),
  store: z.string().min(1).optional(),
  study: z.string().min(1).max(200).optional(),
  trials: count.optional(),
  workers: count.max(256).optional(),
  watch: z.boolean().default(false),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
} satisfies Record<FieldName, z.ZodType>;

/** The schema of a configuration: every field optional, none unknown. */
export const configSchema = z.strictObject(describeAll(shape));

/** A configuration as a user may write it. */
export type ConfigInput = z.input<typeof configSchema>;

/** A configuration with the defaults filled in, wherever they do not depend on other fields. */
export type Config = z.output<typeof configSchema>;

/** What trains the weights unless a configuration says so: a hypernetwork's outputs, and an LSTM's gradients, differ too much in scale for SGD. */
export const optimizerOf = ({ optimizer, method, model }: Pick<Config, "optimizer" | "method" | "model">) =>
  optimizer ?? (isHyperTraining(method) || model === "lstm" ? "adam" : "sgd");

/** The architectures that smash scores in a run that only time limits: a tenth of a run of the usual length. */
export const DEFAULT_CANDIDATES = 225;

/** Whether a method puts a hypernetwork in the place of the weights. */
export const isHyperTraining = (method: Config["method"]): boolean => method.startsWith("hyper-training");

/** Whether a method moves the hyperparameters along gradients of the validation loss. */
export const followsGradient = (method: Config["method"]): boolean =>
  !isSearch(method) && method !== "smash" && method !== "fixed";

/** Whether a method learns a response of the weights to the hyperparameters. */
export const learnsResponse = (method: Config["method"]): boolean =>
  isHyperTraining(method) || method === "stn" || method.endsWith("-stn");

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
  const { hyper } = (input ?? {}) as { readonly hyper?: unknown };
  const odd = Object.keys(Object(hyper)).find((name) => name in Object.prototype); // which the schema would leave out
  if (odd !== undefined) {
    throw inputError(
      `${origin("hyper")} must name hyperparameters, but got "${odd}", a name that every object has; mend it`,
    );
  }
  const { data, error } = configSchema.safeParse(input, { reportInput: true });
  if (data) return data;
  const [issue] = error.issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]; // a failure has at least one
  throw inputError(sentenceOf(issue, origin));
}

/** Seconds of a time such as `90`, `60s`, `10m` or `2h`. */
export function secondsOf(time: number | string): number {
  if (typeof time === "number") return time;
  const [, amount, unit = "s"] = /^([\d.]+)\s*([smh]?)$/.exec(time) ?? [];
  return Number(amount) * (secondsPer[unit || "s"] as number);
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function describeAll<T extends Record<FieldName, z.ZodType>>(shape: T): T {
  return Object.fromEntries(
    Object.entries(shape).map(([name, type]) => [name, type.describe(fields[name as FieldName].about)]),
  ) as T; // the same keys, and `describe` keeps the type
}
