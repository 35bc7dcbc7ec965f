import { numpy as np, tree } from "@jax-js/jax";

import type { Dataset, Splits } from "../data/dataset.ts";
import type { ArrayTree } from "../engine/engine.ts";
import { spentConstant, stopped, trace } from "../engine/transform.ts";
import { droppedCarry, heldCarry, initCarried } from "../nn/carried.ts";
import { plainLayers } from "../nn/layer.ts";
import { naturalArrays, startValues, unconstrainedStart } from "../space/space.ts";
import { HypertrainError, inputError } from "../util/error.ts";
import { freedShape, placeOf, thrown, withLongStacks } from "../util/thrown.ts";
import { HostArray, type HostTree } from "../util/host-array.ts";
import { nearest } from "../util/nearest.ts";
import { optionText } from "../util/option-text.ts";
import { isPromise } from "../util/given.ts";
import { streamKey } from "../util/random.ts";
import { inWords } from "../util/words.ts";
import { demandParts } from "./declared-parts.ts";
import type { Batch, Mode, Noise, Problem, Task } from "./problem.ts";
import { hostArrays, jaxArrays, pathTo, strangeText, strangerIn } from "./returned.ts";

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

const fieldNames = ({ fields, coded }: Dataset): string[] => Object.keys({ ...fields, ...coded });

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

/** What a problem's functions are traced on. */
interface Tracing {
  readonly part: keyof Splits;
  readonly data: Dataset;
  readonly rows: number;
  readonly mode: Mode;
}

/** Gives a function arrays of its own, by names, to consume; those that it is given of stay. */
type Give = <Tree extends ArrayTree>(arrays: Tree) => Tree;

const copied: Give = (arrays) => stopped(arrays) as typeof arrays; // no derivative is asked for here

/** A function of a problem, and what must be true of what it returns. */
interface Asked<Result> {
  /** Its name. */
  readonly what: string;
  call(give: Give, seen: (batch: Batch) => Batch): Result;
  /** @throws {HypertrainError} */
  demand(result: Result): void;
}

/**
 * Calls one of a problem's functions, and tells what is wrong with it where it throws, or reads fields that it does not name. It is called once more than is needed, and
 * again where an array of its own is gone by then, so that jax-js misses it.
 *
 * @param traced any array of the trace
 */
function callOn<Result extends ArrayTree>(
  { what, call: f, demand }: Asked<Result>,
  { fields, name, augmentation }: Problem,
  { part, data, rows }: Tracing,
  traced: np.Array,
): Result {
  const absent = new Set<string>();
  const demandNamed = () => {
    const unnamed = [...absent].find((field) => fieldNames(data).includes(field));
    if (unnamed === undefined) return;
    throw inputError(
      `${what} of the problem "${name}" must read fields that the problem names, but reads "${unnamed}" where ${optionText("fields", fields)} is all; add it there`,
    );
  };
  let calls = 0;
  const call = (): Result => {
    calls++;
    const result = withLongStacks(() => f(copied, (batch) => watched(batch, absent)));
    if (isPromise(result)) Promise.resolve(result).catch(() => {}); // it is refused, whatever comes of it
    demandNamed();
    demand(result);
    return result;
  };
  try {
    const [gone] = arraysIn(call()).find(([, array]) => isGone(array)) ?? [];
    if (gone !== undefined) {
      throw inputError(
        `${what} of the problem "${name}" must write \`.ref\` at every use of what it returns but the last, but returns ${gone === "" ? "an array" : `"${gone}"`} after a use without; add it at the earlier use`,
      );
    }
    const result = call();
    const [, kept] = arraysIn(result).find(([, array]) => isSpent(array)) ?? [];
    if (kept) {
      throw inputError(
        `${what} of the problem "${name}" must return the \`.ref\` of an array that the module keeps, but returns one of the shape [${kept.shape.join(", ")}] itself, which its first call has used up; write \`.ref\` behind it`,
      );
    }
    const spent = spentConstant(traced);
    if (!spent) return result;
    call();
    throw inputError(
      `${what} of the problem "${name}" must write \`.ref\` at every use of an array but the last, but uses one that it makes, of the shape [${spent.join(", ")}], again after a use without; add it at the earlier use`,
    );
  } catch (cause) {
    if (cause instanceof HypertrainError) throw cause;
    demandNamed();
    const [lacking] = absent;
    if (lacking !== undefined && !augmentation) {
      throw inputError(
        `${what} of the problem "${name}" must read fields that data.${part} has, but reads "${lacking}", which it lacks; add it there`,
        { cause },
      );
    }
    const freed = freedShape(cause);
    if (freed !== undefined && calls > 1) {
      throw inputError(
        `${what} of the problem "${name}" must write \`.ref\` at every use of an array that the module keeps, the last as well, but used up one of the shape ${freed} and needs it again${placeOf(cause)}; add it`,
        { cause },
      );
    }
    const overused = freed !== undefined ? overusedBy((give) => f(give, (batch) => batch)) : [];
    if (overused.length > 0) {
      throw inputError(
        `${what} of the problem "${name}" must write \`.ref\` at every use of ${inWords(
          overused.map((path) => `"${path}"`),
          "and",
        )} but the last, but uses ${overused.length === 1 ? "it" : "them"} again after a use without${placeOf(cause)}; add it at the earlier use`,
        { cause },
      );
    }
    throw inputError(
      `${what} of the problem "${name}" must work on a minibatch of ${rows} rows, but threw: ${thrown(cause)}${augmentation ? "; where it needs a field that the augmentation makes, let it do without, as evaluation has none" : ""}`,
      { cause },
    );
  }
}

/** The paths of the arrays that a function uses when none of their references is left. */
function overusedBy(f: (give: Give) => unknown): string[] {
  const overused = new Set<string>();
  const lasting: Give = (arrays) => {
    const own = copied(arrays);
    for (const [path, array] of arraysIn(own)) letLast(array, () => overused.add(path));
    return own;
  };
  try {
    f(lasting);
  } catch {
    // whatever else is wrong with it
  }
  return [...overused];
}

/** Lets an array outlive its uses. @param tell is called at each that is one too many */
function letLast(array: np.Array, tell: () => void): void {
  let references = 1;
  const demand = () => {
    if (references < 1) tell();
  };
  Object.defineProperties(array, {
    ref: {
      get: () => {
        demand();
        references++;
        return array;
      },
    },
    dispose: {
      value: () => {
        demand();
        references--;
      },
    },
  });
}

/** The arrays of a tree, each with its path. */
function arraysIn(arrays: ArrayTree, path = ""): [path: string, array: np.Array][] {
  if (isArray(arrays)) return [[path, arrays]];
  return Object.entries(arrays).flatMap(([name, child]: [string, ArrayTree]) =>
    arraysIn(child, pathTo(path, name)),
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

const isArray = (node: ArrayTree): node is np.Array => jaxArrays.is(node);

/** Whether none of an array's references is left; takes one of others. */
function isGone(array: np.Array): boolean {
  try {
    array.dispose();
    return false;
  } catch {
    return true; // jax-js does not tell otherwise
  }
}

/** Whether none of an array's references is left; borrows it. */
function isSpent(array: np.Array): boolean {
  try {
    array.ref.dispose();
    return false;
  } catch {
    return true; // likewise
  }
}

/** A batch that notes which fields are read that it has not. */
const watched = (batch: Batch, absent: Set<string>): Batch =>
  new Proxy(batch, {
    get(fields, name, self) {
      if (typeof name === "string" && !(name in fields)) absent.add(name);
      return Reflect.get(fields, name, self) as np.Array;
    },
  });

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
    const ask = <Result extends ArrayTree>(asked: Asked<Result>): Result =>
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
