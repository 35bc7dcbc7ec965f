import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import type { Score } from "../api/trace.ts";
import type { ImageShape } from "../data/image-data.ts";
import type { Scale, SupervisedData, SupervisedTask } from "../data/supervised-data.ts";
import type { TableEncoding } from "../data/table-encoding.ts";
import type { TokenKind } from "../data/text-tokens.ts";
import type { ActivationName } from "../nn/activation.ts";
import type { NetworkDescription } from "../nn/network.ts";
import type { LossName } from "../problem/example-losses.ts";
import { inputError } from "../util/error.ts";
import type { HostArray, HostTree } from "../util/host-array.ts";
import { crc32, crcDigits } from "../util/crc32.ts";
import { parseJson } from "../util/json.ts";
import { oneLine } from "../util/text.ts";
import { onDisk } from "./disk.ts";
import { sealJson, unsealJson } from "./sealed-json.ts";
import { isOfTune, openRunFolder, runFolder, type RunFolder } from "./run-folder.ts";
import type { ModelPort } from "./whole-way/ports.ts";
import { demandGiven } from "../util/given.ts";
import { text } from "../util/rule.ts";

/** What `model.json` says of a trained network: all that a program needs beside its weights to answer for new rows. */
export interface ModelDocument {
  /** It changes when the meaning of the fields does. */
  readonly format: typeof FORMAT;
  /** The name of the data that it was trained on. */
  readonly data: string;
  readonly task: SupervisedTask;
  readonly loss: LossName;
  readonly method: string;
  readonly network: NetworkDocument;
  /** The checksum of `model.safetensors`, the network's weights. */
  readonly weights: string;
  /** How many such networks answer together, by the mean of their probabilities or numbers; absent where it is one. */
  readonly ensemble?: number;
  /** What the classes are called; absent for regression. */
  readonly classes?: readonly string[];
  /** How the columns of a table become the network's inputs, and its output the answer; absent where the data was no table. */
  readonly encoding?: TableEncoding;
  /** How the pixels of images become the network's inputs: `(pixel - mean) / sd`; absent where they are none. */
  readonly pixels?: Scale;
  /** What the images are like; absent where the data was none, or did not say it. */
  readonly images?: ImageInput;
  /** What a text was cut into, whose tokens are `classes`; absent where the data was none. */
  readonly text?: { readonly tokens: TokenKind };
  /** What `model.onnx` takes and answers; absent where there is none. */
  readonly onnx?: { readonly inputs: readonly ModelPort[]; readonly outputs: readonly ModelPort[] };
  /** In what units the numbers are. */
  readonly units: {
    /** Of a regression's predictions, its MAE and its RMSE. */
    readonly prediction?: string;
    readonly loss: string;
  };
  /** How many rows each part of the data had, and how they were told apart. */
  readonly split?: Readonly<Record<string, string | number | boolean>>;
  /** The versions that it was trained by. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The point of training whose weights these are. */
  readonly best: { readonly epoch: number; readonly valid: Score; readonly test?: Score };
}

const FORMAT = "hypertrain model 3";

/** What images a model takes. */
export interface ImageInput {
  /** `[channels, height, width]`; one channel is grey, three are red, green and blue. */
  readonly shape: ImageShape;
  /** What a white pixel is; a black one is 0. */
  readonly white: number;
  /** Whether the files that it was trained on were brought to this size; else they all had it. */
  readonly resized: boolean;
}

/** A multilayer perceptron, a network of steps, or one that a module made. */
export type NetworkDocument = PerceptronDocument | NetworkDescription | ModuleDocument;

/** A network that only its module can make. */
export interface ModuleDocument {
  /** The module's file. */
  readonly module: string;
  /** The shape that it is told of an example, `[channels, height, width]` of an image. */
  readonly input: readonly number[];
  /** The shape of an example as the network gets it, in which an image may be flat. */
  readonly example: readonly number[];
  readonly outputs: number;
  /** What it answered with the trained weights for rows that are always the same, by which it is known again: `module-answers.ts`. */
  readonly answers: readonly (number | null)[];
}

/** A multilayer perceptron: a value of each hidden layer. */
export interface PerceptronDocument {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: readonly ActivationName[];
  readonly skip: readonly boolean[];
}

/** What the document says of the data. */
export type DataFacts = Pick<
  SupervisedData,
  "name" | "task" | "classes" | "perStep" | "encoding" | "inputShape" | "images" | "text" | "targetScale"
>;

/** In what units a model's predictions and losses are. */
export function unitsOf({ encoding, targetScale }: DataFacts, loss: LossName): ModelDocument["units"] {
  const { target } = encoding ?? {};
  if (!targetScale) return { loss: loss === "cross-entropy" ? "nats" : "of one-hot classes" };
  const unit = target?.kind === "number" && target.notation.unit ? ` (${target.notation.unit})` : "";
  const log = target?.kind === "number" && target.transform === "log" ? "the logarithm of " : "";
  return {
    prediction: target ? `those of column "${target.name}"${unit}` : "those of the target",
    loss: `standardised: ${log}the target less ${targetScale.mean}, divided by ${targetScale.sd}`,
  };
}

/** What images a model of some data takes; nothing of data that are none, or that do not say what is white. */
export function imageInputOf({ images }: DataFacts): ImageInput | undefined {
  if (images?.white === undefined) return undefined;
  const { shape, white, resized = false } = images;
  return { shape: shape as ImageShape, white, resized };
}

/**
 * The multilayer perceptron that has these parameters, in layers `fc1`, `fc2` and so on.
 *
 * @param chosen `activation`, `skip` and the same with `.LAYER`, where they were chosen
 */
export function perceptronDocument(
  params: HostTree,
  chosen: Readonly<Record<string, unknown>> = {},
): PerceptronDocument {
  const layers = params as Readonly<Record<string, { readonly weight: HostArray }>>;
  const shapes = Object.keys(layers).map((_, i) => layers[`fc${i + 1}`]?.weight.shape as [number, number]);
  const hidden = shapes.slice(0, -1).map(([, units]) => units);
  const chosenAt = (kind: string, i: number) => chosen[`${kind}.fc${i + 1}`] ?? chosen[kind];
  return {
    inputs: (shapes[0] as [number, number])[0],
    hidden,
    outputs: (shapes.at(-1) as [number, number])[1],
    activation: hidden.map((_, i) => (chosenAt("activation", i) ?? "relu") as ActivationName),
    skip: hidden.map((_, i) => i > 0 && chosenAt("skip", i) === true),
  };
}

/**
 * Reads `model.json`.
 *
 * @throws {HypertrainError} where there is none, none of this format, or one that is damaged.
 */
export async function readModelDocument(path: string, run: string): Promise<ModelDocument> {
  demandGiven("readModelDocument", { path, run }, { path: text, run: text });
  if (!existsSync(path)) {
    const config = await openRunFolder(run).then(
      (opened) => opened.config,
      () => undefined, // then it is the folder of a model alone, or nothing
    );
    if (config !== undefined && !isOfTune(config)) {
      throw inputError(
        `${run} must hold a trained model, but the program that made it wrote no model.json; let it give writeTrainedModel the data, as \`supervised\``,
      );
    }
    if (config !== undefined && !existsSync(runFolder(run).result)) {
      throw inputError(
        `${run} must hold a trained model, but its run has not ended; let it go on with \`hypertrain resume ${run}\`, or end it as it is with \`hypertrain finish ${run}\``,
      );
    }
    const { problem } = Object(config) as { problem?: unknown };
    if (problem !== undefined) {
      throw inputError(
        `${run} must hold a model of data that hypertrain reads, but its problem is a module's own, which alone knows what a row is; give its inputs to ${runFolder(run).onnx} by an ONNX runtime, or its weights to the module by ${runFolder(run).model}`,
      );
    }
    if (!existsSync(run))
      throw inputError(`${run} must hold a trained model, but is not there; check the path`);
    throw inputError(
      `${run} must hold a trained model, but has no model.json; name the folder of a run on a data set that has ended`,
    );
  }
  const written = await onDisk(path, () => readFile(path, "utf8"));
  const document = parsed(written, path, run) as Partial<ModelDocument> | null;
  if (document?.format === FORMAT) {
    return unsealJson(written, path, mended(run)) as unknown as ModelDocument; // only ever written by this package
  }
  const found = typeof document?.format === "string" ? `is of "${oneLine(document.format)}"` : "names none";
  throw inputError(
    `${path} must be of the format "${FORMAT}", but ${found}; train it anew, or use the version of hypertrain that wrote it`,
  );
}

function parsed(text: string, path: string, run: string): unknown {
  try {
    return parseJson(text, path);
  } catch (cause) {
    throw inputError(`${path} must be as hypertrain wrote it, but is damaged; ${mended(run)}`, { cause });
  }
}

/** The text of `model.json`. */
export const modelDocumentText = (document: ModelDocument): string => `${sealJson(document, 2)}\n`;

/**
 * Demands that the weights are those which `model.json` was written with.
 *
 * @throws {HypertrainError} where they are of another point, or of another run.
 */
export function demandOwnWeights(
  { weights }: ModelDocument,
  bytes: Uint8Array,
  { path, model }: Pick<RunFolder, "path" | "model">,
): void {
  if (weightsSum(bytes) === weights) return;
  throw inputError(
    `${model} must hold the weights that model.json was written with, but holds others; ${mended(path)}`,
  );
}

/** The checksum by which `model.json` knows its weights. */
export const weightsSum = (bytes: Uint8Array): string => crcDigits(crc32(bytes));

const mended = (run: string): string => `write both anew with \`hypertrain resume ${run}\``;
