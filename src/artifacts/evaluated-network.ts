/*
 * The network of a trained model as it predicts: for ONNX files, and for what these are held against.
 */
import { tree, type numpy as np } from "@jax-js/jax";

import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { gatherFields } from "../data/batches.ts";
import type { ArrayTree, Engine, Precision, Program } from "../engine/engine.ts";
import { exportModel, type ExportedFunction, type ExportedModel } from "../engine/onnx/export.ts";
import { flatten, structureOf, treeOf, withPaths } from "../engine/onnx/flat-tree.ts";
import type { Leaf } from "../engine/onnx/protocol.ts";
import { plainLayers } from "../nn/layer.ts";
import type { Task } from "../problem/problem.ts";
import type { TunableHyper } from "../space/transform.ts";
import { HostArray, leavesOf, type HostTree } from "../util/host-array.ts";
import type { NetworkAnswers } from "./check-model.ts";

/** A network with what it predicts by: the weights and the hyperparameters of a point of its training. */
export interface NetworkAtPoint {
  readonly task: Task;
  readonly params: HostTree;
  readonly best: Pick<TracePoint, "hyperparameters">;
  readonly precision: Precision;
  readonly engine: Engine;
  /** Absent for a problem of one's own. */
  readonly supervised?: object;
}

/** The prediction in evaluation mode, as a function of arrays by name. */
export interface EvaluatedNetwork {
  readonly predict: ExportedFunction;
  /** Parameters and hyperparameters. */
  readonly weights: Readonly<Record<string, HostArray>>;
  /** The first rows of the validation part. */
  inputs(rows: number): Readonly<Record<string, HostArray>>;
}

/** The prediction in evaluation mode; hyperparameters that it reads are held at the best point. */
export function networkOf({ task, params, best, supervised }: NetworkAtPoint): EvaluatedNetwork {
  const { problem, data } = task;
  const structure = structureOf<HostArray>(params);
  const weights = leavesOf(params).map(([path, array]) => [path || "params", array] as const);
  const hypers = Object.entries(best.hyperparameters).map(([name, { value }]) => ({
    name,
    label: `hyperparameters.${name}`,
    array: oneRow(value, problem.space.hypers[name] as TunableHyper),
  }));
  return {
    predict(arrays, batch) {
      const arrayOf = (label: string | undefined) => arrays[label as string] as np.Array;
      const layers = plainLayers(treeOf(structure, (i) => arrayOf(weights[i]?.[0])) as ArrayTree);
      const values = Object.fromEntries(hypers.map(({ name, label }) => [name, arrayOf(label).ref]));
      const outputs = (problem.ensemble ?? problem).predict(layers, tree.ref(batch), values, {}, "eval");
      return Object.fromEntries(withPaths<np.Array>(outputs).map(([path, array]) => [path || "y", array]));
    },
    weights: Object.fromEntries([...weights, ...hypers.map(({ label, array }) => [label, array] as const)]),
    inputs(rows) {
      const fields = gatherFields(
        data.valid,
        Uint32Array.from({ length: rows }, (_, row) => row),
      );
      return supervised ? { x: fields.x as HostArray } : fields; // a problem of one's own says not which fields it predicts from
    },
  };
}

/** A hyperparameter as one row that all examples share: [1, ...shape]. */
const oneRow = (value: HyperPoint["value"], { shape }: TunableHyper): HostArray =>
  new HostArray(Float64Array.from([value].flat()), [1, ...shape]);

/** The network as a model, or why there is none: the run itself is whole without it. */
export function tryExport(
  { predict, weights, inputs }: EvaluatedNetwork,
  { precision }: NetworkAtPoint,
): ExportedModel | Error {
  try {
    return exportModel(predict, { precision, weights, inputs: inputs(1) });
  } catch (error) {
    return error as Error;
  }
}

/** What the network answers for some validation rows on the run's own engine. */
export async function answersOf(
  network: EvaluatedNetwork,
  trained: NetworkAtPoint,
  rows: ExportedModel["rows"],
): Promise<NetworkAnswers> {
  const count = rows === 1 ? 1 : Math.min(ROWS_CHECKED, trained.task.data.valid.rows);
  const batch = network.inputs(count);
  const { paths, leaves } = flatten(batch, trained.precision);
  return {
    rows: count,
    inputs: Object.fromEntries(paths.map((path, i) => [path, leaves[i] as Leaf])),
    outputs: await outputsFor(batch, network, trained),
  };
}

/** Enough to tell a fault from rounding. */
const ROWS_CHECKED = 64;

/** The outputs of a network on the run's own engine. */
export async function outputsFor(
  batch: Readonly<Record<string, HostArray>>,
  { predict, weights }: EvaluatedNetwork,
  { precision, engine }: NetworkAtPoint,
): Promise<HostArray[]> {
  const answer: Program<{ weights: Record<string, np.Array> }, { batch: Record<string, np.Array> }> = (
    state,
    given,
  ) => [{}, predict(state.weights, given.batch)];
  const session = engine.open({ answer }, { weights }, precision);
  try {
    return leavesOf(await session.run("answer", { batch })).map(([, array]) => array);
  } finally {
    session.dispose();
  }
}
