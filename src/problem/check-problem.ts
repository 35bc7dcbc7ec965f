import { numpy as np, tree } from "@jax-js/jax";

import type { Dataset, Splits } from "../data/dataset.ts";
import type { ArrayTree } from "../engine/engine.ts";
import { trace } from "../engine/transform.ts";
import { droppedCarry, heldCarry, initCarried } from "../nn/carried.ts";
import { plainLayers } from "../nn/layer.ts";
import { naturalArrays, startValues, unconstrainedStart } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import { HostArray, type HostTree } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { optionText } from "../util/option-text.ts";
import { streamKey } from "../util/random.ts";
import { callOn, fieldNames, type AskedFunction, type Tracing } from "./call-on.ts";
import { demandParts } from "./declared-parts.ts";
import type { Batch, Noise, Problem, Task } from "./problem.ts";
import { isArray, type Give } from "./references.ts";
import { hostArrays, jaxArrays, strangeText, strangerIn } from "./returned.ts";

/**
 * Traces a problem's functions once, without computing anything, and looks at the shapes of what they return: a loss of the wrong one
 * would be broadcast and trained on.
 *
 * @param rows the examples of a training minibatch
 * @throws {HypertrainError} that names a part of the problem that is not what it must be, the function, the shape that must be and the one received, what it threw and where, or the field that it reads
 *   where there is none.
 */
export function checkProblem({ problem, data }: Task, rows: number): void {
  demandParts(problem);
  const params = problem.init(streamKey(0, "check"), startValues(problem.space));
  const stranger = strangerIn(params, hostArrays);
  if (stranger !== undefined) {
    throw inputError(
      `init of the problem "${problem.name}" must return HostArrays, in objects by name, but returned ${stranger}`,
    );
  }
  demandKnownFields(problem, data);
  traced(problem, params, { part: "train", data: data.train, rows, mode: "train" });
  const evaluated = (part: "valid" | "test", dataset: Dataset) =>
    traced(problem, params, { part, data: dataset, rows: Math.min(rows, dataset.rows), mode: "eval" });
  evaluated("valid", data.valid);
  const { test } = data;
  if (test && fieldNames(data.valid).some((name) => !fieldNames(test).includes(name)))
    evaluated("test", test);
}

/** Demands of each field that a problem names that some part of the data has it. */
function demandKnownFields({ name, fields = [] }: Problem, { train, valid, test }: Splits): void {
  const known = [...new Set([train, valid, test].flatMap((part) => (part ? fieldNames(part) : [])))];
  const stranger = fields.find((field) => !known.includes(field));
  if (stranger === undefined) return;
  throw inputError(
    `${optionText("fields")} of the problem "${name}" must name fields of its data, but "${stranger}" is none of them${nearest(stranger, known) || `; they have ${known.join(", ")}`}`,
  );
}

/**
 * Demands that what is normalised over a minibatch has more than one number there: one alone is its own mean, and nothing is left of it.
 *
 * @throws {HypertrainError} that names the first layer that gets one.
 */
export function demandNormalisable({ name, carried = [] }: Problem, rows: number): void {
  const alone = carried.find(({ perRow = Infinity }) => rows * perRow <= 1);
  if (!alone) return;
  throw inputError(
    `"${alone.layer}" of the problem "${name}" must get more than one number of each channel to normalise over a minibatch, but gets 1; take minibatches of more rows (${optionText("batchSize", 2)} or more), or group-norm or layer-norm, which normalise each row by itself`,
  );
}

/** Demands of what a prediction returned that it is arrays. */
function demandArrays(problem: string, outputs: ArrayTree): void {
  const stranger = strangerIn(outputs, jaxArrays);
  if (stranger === undefined) return;
  throw inputError(
    `predict of the problem "${problem}" must return an array, or arrays by name, but returned ${stranger}`,
  );
}

/** Demands of what a function returned that it is one array. */
function demandArray(what: string, problem: string, value: ArrayTree): void {
  if (isArray(value)) return;
  throw inputError(
    `${what} of the problem "${problem}" must return an array, but returned ${strangeText(value, jaxArrays)}`,
  );
}

function traced(problem: Problem, params: HostTree, tracing: Tracing): void {
  const { name, space } = problem;
  const { data, rows, mode } = tracing;
  const demandShape = (what: string, value: np.Array, allowed: readonly (readonly number[])[]): void => {
    const shape = isArray(value) ? value.shape : undefined;
    if (allowed.some((wanted) => wanted.join() === shape?.join() && wanted.length === shape.length)) return;
    const musts = allowed.map((wanted) => `[${wanted.join(", ")}]`).join(" or ");
    throw inputError(
      `${what} of the problem "${name}" must return the shape ${musts} for ${rows} rows, but returned ${shape ? `[${shape.join(", ")}]` : strangeText(value, jaxArrays)}`,
    );
  };
  /** All functions at once; what they return is looked at, and one sum kept. */
  const program: TracedProgram = (at, u, batch, noise, carried, weight) => {
    const carry = mode === "train" ? droppedCarry(carried) : heldCarry(carried);
    const layers = (give: Give) => ({ ...plainLayers(at), params: () => give(at), carry });
    const hypers = naturalArrays(space, u);
    const ask = <Result extends ArrayTree>(asked: AskedFunction<Result>): Result =>
      callOn(asked, problem, tracing, u);
    const outputs = ask({
      what: "predict",
      call: (give, seen) => problem.predict(layers(give), seen(give(batch)), give(hypers), give(noise), mode),
      demand: (result) => demandArrays(name, result),
    });
    /** A loss or metric of what was predicted. */
    const measured = (what: string, f: Problem["loss"]): np.Array =>
      ask({
        what,
        call: (give, seen) => f.call(problem, give({ outputs }).outputs, seen(give(batch)), give(hypers)),
        demand: (value) => demandShape(what, value, [[rows]]),
      });
    const { loss, validLoss, penalty, metric } = problem;
    if (mode === "train") {
      const losses = measured("loss", loss);
      if (!penalty) return losses;
      return ask({
        what: "penalty",
        call: (give) => penalty.call(problem, layers(give), give(hypers)),
        demand: (value) => demandShape("penalty", value, [[], [1], [rows]]),
      });
    }
    const losses = validLoss ? measured("validLoss", validLoss) : measured("loss", loss);
    if (!metric) return losses;
    if (metric.details) {
      const { sums } = metric.details;
      ask({
        what: "metric.details.sums",
        call(give, seen) {
          const own = give({ outputs, weight });
          return sums.call(metric.details, own.outputs, seen(give(batch)), own.weight);
        },
        demand: (value) => demandArray("metric.details.sums", name, value),
      });
    }
    return measured("metric.perExample", (shown, seen) => metric.perExample(shown, seen));
  };
  const noise = Object.entries(mode === "train" ? problem.noise : {}).map(([key, { per, shape }]) => [
    key,
    np.zeros([per === "example" ? rows : 1, ...shape]),
  ]);
  const placeholders: Parameters<TracedProgram> = [
    toPlaceholders(params),
    np.zeros([1, unconstrainedStart(space).length]),
    batchOf(data, rows, problem.fields),
    Object.fromEntries(noise) as Noise,
    toPlaceholders(initCarried(problem.carried ?? [])),
    np.zeros([rows]),
  ];
  trace(program, placeholders);
  for (const placeholder of placeholders) tree.dispose(placeholder);
}

type TracedProgram = (
  params: ArrayTree,
  u: np.Array,
  batch: Batch,
  noise: Noise,
  carried: ArrayTree,
  weight: np.Array,
) => np.Array;

/** The fields that a problem's functions may read. */
function batchOf({ fields, coded = {} }: Dataset, rows: number, named?: readonly string[]): Batch {
  const plain = Object.entries(fields).map(([name, { shape, data }]): [string, np.Array] => [
    name,
    np.zeros([rows, ...shape.slice(1)], { dtype: dtypeOf(data) }),
  ]);
  const decoded = Object.entries(coded).map(([name, { shape }]): [string, np.Array] => [
    name,
    np.zeros([rows, ...shape.slice(1)]),
  ]);
  const all = [...plain, ...decoded];
  return Object.fromEntries(named ? all.filter(([name]) => named.includes(name)) : all);
}

const toPlaceholders = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? np.zeros([...host.shape], { dtype: dtypeOf(host.data) })
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, toPlaceholders(child)]));

const dtypeOf = (data: HostArray["data"]) =>
  data instanceof Int32Array ? np.int32 : data instanceof Uint32Array ? np.uint32 : np.float32;
