import { numpy as np, tree } from "@jax-js/jax";

import { gatherFields } from "../data/batches.ts";
import type { ArrayTree } from "../engine/engine.ts";
import { dependsOn } from "../engine/transform.ts";
import { hyperOfSetting, tunedSettings } from "../hypergrad/optimizer-hypers.ts";
import { heldCarry, initCarried } from "../nn/carried.ts";
import { plainLayers } from "../nn/layer.ts";
import { trainObjective, validLosses } from "../problem/objective.ts";
import type { Batch, Noise, Problem, Task } from "../problem/problem.ts";
import { inputError } from "../util/error.ts";
import { HostArray, type HostTree } from "../util/host-array.ts";
import { streamKey } from "../util/random.ts";
import { needError } from "./need.ts";
import { drawNoise } from "./noise.ts";

/**
 * Demands hyperparameters that a response method can differentiate by.
 *
 * @throws {HypertrainError} if there are none, if one of them is a choice or a setting of the optimizer, or if neither loss
 *   depends on one of them.
 */
export function demandTunable(method: string, task: Task): void {
  const { space, name } = task.problem;
  if (space.size === 0) {
    throw needError(
      "hold",
      `${method} must have at least one hyperparameter to tune, but "${name}" has none; add one, or take a method that tunes nothing`,
    );
  }
  const { names: architecture = [] } = task.problem.architecture ?? {};
  if (architecture.length > 0) {
    throw needError(
      "architecture",
      `${method} must be able to differentiate the training loss by every hyperparameter, but ${architecture.map((h) => `"${h}"`).join(", ")} of "${name}" ${architecture.length === 1 ? "is" : "are"} its architecture; hold it fixed, or take a method that chooses it`,
    );
  }
  const choices = space.names.filter((hyper) => space.hypers[hyper]?.kind === "choice");
  if (choices.length > 0) {
    throw inputError(
      `${method} must be able to differentiate the training loss by every hyperparameter, but ${choices.map((c) => `"${c}"`).join(", ")} of "${name}" chooses among options; hold it fixed, or make it an integer`,
    );
  }
  const settings = tunedSettings(task).map((setting) => `"${hyperOfSetting(space, setting)?.[0]}"`);
  if (settings.length > 0) {
    throw needError(
      "optimizer",
      `${method} must see the training loss change with every hyperparameter, but only the steps of training depend on ${settings.join(", ")} of "${name}"; hold such a setting fixed, or take a method that tunes it`,
    );
  }
  const { hypers: augmented = [] } = task.problem.augmentation ?? {};
  const idle = idleHypers(task).filter((hyper) => !augmented.includes(hyper));
  if (idle.length > 0) {
    throw inputError(
      `${method} must see the training loss change with every hyperparameter, but that of "${name}" does not depend on ${idle.map((h) => `"${h}"`).join(", ")}; use it in the loss or the penalty, or leave it out`,
    );
  }
}

/**
 * Demands training examples as they are, of methods that make no views of them.
 *
 * @throws {HypertrainError} for a problem that augments.
 */
export function demandPlainExamples(method: string, { problem }: Task): void {
  if (!problem.augmentation) return;
  const { hypers } = problem.augmentation;
  const got = hypers.length === 0 ? "a fixed augmentation" : hypers.map((h) => `"${h}"`).join(", ");
  throw needError(
    "augment",
    `${method} must see the training examples as they are, since nothing differentiates an augmentation, but "${problem.name}" has ${got}; leave it out, or take a method that trains on views of them`,
  );
}

/** The hyperparameters on which neither the training objective nor the validation loss depends. */
function idleHypers({ problem, data }: Task): string[] {
  const { space } = problem;
  const rows = Math.min(2, data.train.rows);
  const batch = toTraced(
    gatherFields(
      data.train,
      Uint32Array.from({ length: rows }, (_, i) => i),
    ),
  );
  const noise = toTraced(drawNoise(problem.noise, 0, 0, rows));
  const carried = toTraced(initCarried(problem.carried ?? []));
  const params = toTraced(problem.init(streamKey(0, "params")));
  const hypers = space.names.map((name) => np.ones([1, ...shapeOf(problem, name)]));
  const objective = (...at: np.Array[]): np.Array => {
    const named = Object.fromEntries(space.names.map((name, i) => [name, at[i] as np.Array]));
    const layers = { ...plainLayers(params), carry: heldCarry(carried) };
    const { loss, penalty } = trainObjective(problem, layers, batch as Batch, named, noise as Noise);
    return loss.add(penalty).add(validLosses(problem, layers, batch as Batch, named).sum());
  };
  try {
    const used = dependsOn(objective, hypers);
    return space.names.filter((_, i) => !used[i]);
  } catch {
    return []; // a problem whose functions fail says so when its programs are compiled
  } finally {
    const arrays = tree.leaves<np.Array>([batch, noise, params, carried, hypers]);
    for (const left of arrays.filter(({ refCount }) => refCount > 0)) left.dispose(); // a faulty function disposes of some
  }
}

const shapeOf = ({ space }: Problem, name: string): readonly number[] => {
  const hyper = space.hypers[name];
  return hyper && "shape" in hyper ? hyper.shape : [];
};

/** Arrays of the same shapes and kinds, whose values do not matter. */
const toTraced = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? np.zeros([...host.shape], { dtype: dtypeOf(host) })
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, toTraced(child)]));

const dtypeOf = ({ data }: HostArray): np.DType =>
  data instanceof Int32Array ? np.int32 : data instanceof Uint32Array ? np.uint32 : np.float32;
