import type { numpy as np } from "@jax-js/jax";

import type { Draws } from "../data/augment/images.ts";
import { evaluationBatches, type EvaluationBatch } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import type { ArrayTree, Engine, Precision, Program } from "../engine/engine.ts";
import { initCarried, withCarried, type CarriedLeaf } from "../nn/carried.ts";
import { plainLayers } from "../nn/layer.ts";
import { initRows } from "../nn/row-states.ts";
import type { Problem, Task } from "../problem/problem.ts";
import { naturalColumns, startValues, unconstrainedStart } from "../space/space.ts";
import { rowCount } from "../tuners/antithetic.ts";
import { respondPrograms } from "../tuners/evaluate.ts";
import { HypertrainError, inputError } from "../util/error.ts";
import { formatNumber } from "../util/format-number.ts";
import {
  HostArray,
  hostVector,
  mapTree,
  scalarOf,
  sizeOf,
  type HostArrays,
  type HostTree,
} from "../util/host-array.ts";
import { normalsAt, partKey, streamKey, uniformsAt } from "../util/random.ts";
import { oneLine } from "../util/text.ts";
import { thrown } from "../util/thrown.ts";
import type { KnownNetwork } from "./asked-network.ts";
import type { ModuleDocument } from "./model-document.ts";

/** What a module's network or problem answers, by what that is, so that it is known again: numbers of one kind in each list. */
export type ModuleAnswers = Readonly<Record<string, ModuleDocument["answers"]>>;

/** What the network of a module answers, with weights that are always the same, for the rows that it is known again by. */
export async function networkAnswers(
  known: KnownNetwork,
  engine: Engine,
  { words }: { readonly words: boolean },
): Promise<ModuleAnswers> {
  const { network } = known;
  const params = knownWeights(network.init(WEIGHTS), network.carried);
  const answer: Program<{ params: ArrayTree }, { x: np.Array }, { y: np.Array }> = ({ params }, { x }) => [
    {},
    { y: network.apply(plainLayers(params), x.ref, (_, array) => array) },
  ];
  const session = engine.open({ answer }, { params }, "float32");
  try {
    return { outputs: keptAnswers((await session.run("answer", { x: knownRows(known, { words }) })).y) };
  } finally {
    session.dispose();
  }
}

/**
 * What the problem of a module loses, with weights that are always the same and the hyperparameters where they start, dropout off: both losses over the first rows
 * of the training and of the validation part, as its augmentation shows them, and the penalty.
 */
export async function problemAnswers(
  { problem, data }: Task,
  engine: Engine,
  precision: Precision,
): Promise<ModuleAnswers> {
  const { space, carried, rowStates } = problem;
  const params = knownWeights(problem.init(WEIGHTS, startValues(space)), carried);
  const { respond } = respondPrograms(problem, (state: { params: ArrayTree }, hypers) => {
    hypers.dispose();
    return plainLayers(state.params);
  });
  const session = engine.open({ respond }, { params }, precision);
  const at = hostVector(unconstrainedStart(space));
  const sumsOf = async (part: Dataset) => {
    const rows = Math.min(ROWS_LOST, part.rows);
    const { fields, weight } = evaluationBatches(part, rows).next().value as EvaluationBatch; // a part has rows
    const rowsBefore = rowStates && initRows(rowStates, rows);
    return session.run("respond", {
      batch: viewed(problem, fields),
      weight,
      at,
      ...(rowsBefore && { rowsBefore }),
    });
  };
  try {
    const sums = [await sumsOf(data.train), await sumsOf(data.valid)];
    const kept = (name: "train" | "valid" | "penalty") => sums.map((sum) => keptNumber(scalarOf(sum[name])));
    return { "training loss": kept("train"), "validation loss": kept("valid"), penalty: kept("penalty") };
  } finally {
    session.dispose();
  }
}

/** Rows as training sees them: with other views the training loss is another. At the first strengths, by draws that are always the same. */
function viewed({ augmentation, space }: Problem, fields: HostArrays): HostArrays {
  if (!augmentation) return fields;
  const start = unconstrainedStart(space);
  const strengths = naturalColumns(
    space,
    augmentation.hypers,
    rowCount(fields),
    (_, k) => start[k] as number,
  );
  const draws: Draws = (name, count) => uniformsAt(partKey(WEIGHTS, `augment ${name}`), 0, count);
  return augmentation.view(fields, strengths, draws);
}

/** Of each part, the rows whose losses are summed. */
const ROWS_LOST = 32;

const WEIGHTS = streamKey(0, "weights that a module is known again by");

/** Initial weights, each a little off, so that what begins at zero has a part in the answers; the same every time. */
const knownWeights = (initial: HostTree, carried: readonly CarriedLeaf[] = []): HostTree =>
  mapTree(withCarry(initial, carried), (array, path) => {
    const { data, shape } = array;
    if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) return array;
    const squares = (data as Float32Array).reduce((sum, x) => sum + x * x, 0);
    const scale = OFF * (Math.sqrt(squares / data.length) || 1);
    const draws = normalsAt(partKey(WEIGHTS, path), 0, DRAWS);
    const moved = (data as Float32Array).map((x, i) => x + scale * (draws[i % DRAWS] as number));
    return new HostArray(moved, shape);
  });

/** How far off weights are, as a share of the root of their array's mean square, or of 1 where they are all 0. */
const OFF = 0.1;

/** So many draws move an array, over and over: a prime, so that no row is moved as another. */
const DRAWS = 1021;

function withCarry(params: HostTree, carried: readonly CarriedLeaf[]): HostTree {
  if (carried.length === 0) return params;
  const start = initCarried(carried) as Readonly<Record<string, Readonly<Record<string, HostTree>>>>;
  return withCarried(
    params as Readonly<Record<string, HostTree>>,
    carried,
    (layer, name) => start[layer]?.[name],
  ) as HostTree; // of the same leaves
}

/** Enough for a network of another activation, or of an operation more or less, to answer otherwise. */
const ROWS = 4;

/** The most numbers that `model.json` keeps of the answers. */
const MOST = 64;

/**
 * Rows of no data, the same every time, that a network is asked for so that it is known again: standard normal numbers, as standardised data are, or words of
 * a text, all as likely: [rows, ...inputShape].
 */
export function knownRows(
  { inputShape, outputs }: Pick<KnownNetwork, "inputShape" | "outputs">,
  { words }: { readonly words: boolean },
): HostArray {
  const shape = [ROWS, ...inputShape];
  const key = streamKey(0, "rows that a network is known again by");
  const values = words
    ? Int32Array.from(uniformsAt(key, 0, sizeOf(shape)), (uniform) => Math.floor(uniform * outputs))
    : Float32Array.from(normalsAt(key, 0, sizeOf(shape)));
  return new HostArray(values, shape);
}

/** What `model.json` keeps of a network's answers to such rows: numbers of all rows alike, to seven digits, null where they are infinite or none. */
export function keptAnswers({ data }: HostArray): ModuleDocument["answers"] {
  const count = Math.min(data.length, MOST);
  return Array.from({ length: count }, (_, i) => {
    return keptNumber(data[Math.floor((i * data.length) / count)] as number);
  });
}

const keptNumber = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(7)) : null;

/** The first answer that is another by more than engines round: of what, then and now, for people. */
export interface ChangedAnswer {
  readonly what: string;
  readonly was: string;
  readonly is: string;
}

/** The first of a module's answers that is another; undefined where all are the same. */
export function changedAnswer(then: ModuleAnswers, now: ModuleAnswers): ChangedAnswer | undefined {
  for (const what of new Set([...Object.keys(then), ...Object.keys(now)])) {
    const change = firstChange(then[what] ?? [], now[what] ?? []);
    if (!change) continue;
    const [was, is] = change.map((value) =>
      typeof value === "number" ? formatNumber(value, 3) : "no number",
    ) as [string, string];
    return { what, was, is };
  }
  return undefined;
}

/** What a module makes, for sentences. @param module its file */
export const madeBy = (module: string): string => `the network that ${oneLine(module)} makes`;

/** Why a network is not taken for the one that was trained. @param network what it is called in sentences */
export const otherNetwork = (network: string, { was, is }: ChangedAnswer, mend: string): HypertrainError =>
  inputError(
    `${network} must answer as the one that was trained, but where that answered ${was} it answers ${is}; ${mend}`,
  );

/** Throws again what a network threw when it was asked, as a fault of whoever made it. @param network what it is called in sentences */
export const brokenNetwork =
  (network: string, mend: string) =>
  (cause: unknown): never => {
    if (cause instanceof HypertrainError) throw cause;
    throw inputError(`${network} must work on rows of its data, but threw: ${thrown(cause)}; ${mend}`, {
      cause,
    });
  };

/** The first two answers that differ by more than engines round, as `[then, now]`; undefined where all are the same. */
function firstChange(
  then: ModuleDocument["answers"],
  now: ModuleDocument["answers"],
): readonly [number | null | undefined, number | null | undefined] | undefined {
  const size = then.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  const isSame = (a: number | null | undefined, b: number | null | undefined) =>
    typeof a === "number" && typeof b === "number" ? Math.abs(a - b) <= ROUNDING * size : a === b;
  const count = Math.max(then.length, now.length);
  const at = Array.from({ length: count }, (_, i) => i).find((i) => !isSame(then[i], now[i]));
  return at === undefined ? undefined : [then[at], now[at]];
}

/** Of float32 through a deep network on two engines, as a share of the largest answer. */
const ROUNDING = 1e-3;
