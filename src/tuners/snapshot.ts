import type { TracePoint } from "../api/trace.ts";
import { inputError } from "../util/error.ts";
import { HostArray, leavesOf, type HostTree } from "../util/host-array.ts";
import { decodeTensors, encodeTensors } from "../util/safetensors.ts";
import type { TrainingProgress } from "./progress.ts";
import { optionText } from "../util/option-text.ts";
import { demandGiven, isPromise } from "../util/given.ts";
import { someBytes } from "../util/rule.ts";

/** Everything that a resumed run needs besides its configuration: arrays, and numbers that survive JSON. */
export interface Snapshot {
  readonly state: Readonly<Record<string, HostTree>>;
  readonly progress: Progress;
  /** The weights at `progress.best`, where the run keeps them. */
  readonly best?: HostTree;
}

/** Where a run stands. */
export interface Progress extends TrainingProgress {
  readonly seconds: number;
  readonly epochsSinceBest: number;
  readonly best: TracePoint;
  readonly last: TracePoint;
  /** The seed and the batch size, from which all that is drawn follows; absent in what was saved before it said so. */
  readonly seed?: number;
  readonly batchSize?: number;
}

/**
 * A snapshot, of a training or of a search, as the bytes of a safetensors file.
 *
 * ```ts
 * await writeFile("run.safetensors", saveSnapshot(await run.snapshot()));
 * const from = loadSnapshot(await readFile("run.safetensors"));
 * ```
 *
 * @param notes texts of the caller's own, which {@link loadSnapshot} leaves alone
 */
export function saveSnapshot(snapshot: Snapshot, notes: Readonly<Record<string, string>> = {}): Uint8Array {
  demandSnapshot(snapshot);
  const { state, progress, best } = snapshot;
  const lists: HostArray[] = [];
  const text = JSON.stringify(progress, (_, value: unknown) => {
    if (!isLongList(value)) return value;
    lists.push(new HostArray(Float64Array.from(value), [value.length]));
    return { [LIST]: lists.length - 1 };
  });
  const tensors = { state, ...(best && { best }), lists: Object.fromEntries(lists.entries()) };
  return encodeTensors({ tensors, notes: { ...notes, format: FORMAT, progress: text } });
}

/**
 * Reads what {@link saveSnapshot} wrote.
 *
 * @param name what errors call the bytes
 * @throws {HypertrainError} for bytes that are damaged or of another kind.
 */
export function loadSnapshot(bytes: Uint8Array, name = "the snapshot"): Snapshot {
  demandGiven("loadSnapshot", { bytes }, { bytes: someBytes });
  const { tensors, notes } = decodeTensors(bytes, name);
  if (notes.format !== FORMAT) {
    throw inputError(
      `${name} must be a snapshot of the format "${FORMAT}", but is of ${JSON.stringify(notes.format ?? "another").slice(0, 80)}; use the version of hypertrain that wrote it`,
    );
  }
  const { state = {}, best, lists = {} } = tensors as Partial<Record<string, HostTree>>; // a file's root is never a leaf, and has no empty trees
  const progress: unknown = JSON.parse(notes.progress ?? "null", (_, value: unknown) =>
    typeof value === "object" && value !== null && Object.hasOwn(value, LIST)
      ? listOf(
          (lists as Readonly<Record<string, HostTree>>)[(value as Record<string, string>)[LIST] as string],
        )
      : value,
  );
  const snapshot = { state, progress, ...(best && { best }) };
  demandSnapshot(snapshot, name);
  return snapshot;
}

const FORMAT = "hypertrain 2";

/** What stands for a list that is kept as a tensor. */
const LIST = "hypertrain:list";

/** Lists of more numbers than these are kept in binary. */
const SHORT = 64;

const isLongList = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > SHORT && value.every((element) => typeof element === "number");

const listOf = (array: HostTree | undefined): number[] =>
  array instanceof HostArray ? Array.from(array.data) : [];

/**
 * Checks that a value is what a run's `snapshot()` gives.
 *
 * @throws {HypertrainError} for anything else, for example what became of one in JSON.
 */
export function demandSnapshot(value: unknown, name = "a snapshot"): asserts value is Snapshot {
  if (isPromise(value)) {
    throw inputError(`${name} must be what \`snapshot()\` gave, but got a promise; await it`);
  }
  const { state, progress, best = {} } = (value ?? {}) as Partial<Record<keyof Snapshot, unknown>>;
  const odd = notArray(state, "state") ?? notArray(best, "best");
  if (odd !== undefined) {
    throw inputError(
      `${name} must be what \`snapshot()\` gave, with a HostArray at every leaf, but ${odd} is none; JSON and structuredClone lose arrays, keep it with saveSnapshot and loadSnapshot`,
    );
  }
  const { step, best: first, last } = (progress ?? {}) as Partial<Progress>;
  if (Number.isFinite(step) && isPoint(first) && isPoint(last)) return;
  throw inputError(
    `${name} must say in its progress where the run stands, but got ${JSON.stringify(progress ?? null).slice(0, 80)}; take it from \`snapshot()\` after the run's first event`,
  );
}

const isPoint = (value: unknown): boolean => Number.isFinite((value as TracePoint | undefined)?.valid?.loss);

/** The path of the first leaf that is no array. */
function notArray(tree: unknown, path: string): string | undefined {
  if (tree instanceof HostArray) return undefined;
  if (typeof tree !== "object" || tree === null || ArrayBuffer.isView(tree) || Array.isArray(tree))
    return path;
  const { shape, data } = tree as Partial<Record<keyof HostArray, unknown>>;
  if (Array.isArray(shape) && data !== undefined) return path; // a HostArray that has lost its class
  for (const [name, child] of Object.entries(tree)) {
    const odd = notArray(child, `${path}.${name}`);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

/**
 * Checks that a snapshot's state has the arrays of the run that is to go on with it, all of them.
 *
 * @throws {HypertrainError} naming the first that is missing or differs.
 */
export function demandSameState(initial: Snapshot["state"], written: Snapshot["state"]): void {
  const missing = Object.keys(initial).find((name) => !Object.hasOwn(written, name));
  if (missing !== undefined) {
    throw inputError(
      `a snapshot must be of a run with the same problem, method and options, and of this version, but it has no "${missing}", from which this run would go on; create the run as it was, or start it anew`,
    );
  }
  const own = new Map(leavesOf(initial));
  const theirs = new Map(leavesOf(written));
  for (const path of new Set([...own.keys(), ...theirs.keys()])) {
    const [here, there] = [own, theirs].map((leaves) => shapeOf(leaves.get(path)));
    if (here !== there) {
      throw inputError(
        `a snapshot must be of a run with the same problem, method and options, but its array ${path.slice(0, 80)} has ${there} where this run has ${here}; create the run as it was`,
      );
    }
  }
}

/**
 * Checks that a run goes on with the seed and the batch size of its snapshot: with others its minibatches and its noise would be those of another.
 *
 * @throws {HypertrainError} naming what differs.
 */
export function demandSameDraws(
  progress: Progress,
  settings: Readonly<Required<Pick<Progress, "seed" | "batchSize">>>,
): void {
  for (const name of ["seed", "batchSize"] as const) {
    const then = progress[name];
    if (then === undefined || then === settings[name]) continue;
    throw inputError(
      `a snapshot must go on with the ${optionText(name)} of its run, ${then}, but got ${settings[name]}; create the run as it was`,
    );
  }
}

const shapeOf = (array: HostArray | undefined): string =>
  array ? `the shape [${array.shape.join(", ")}]` : "no array";

/** The name of the first array of a tree that holds a number which is not finite. */
export const notFinite = (tree: HostTree): string | undefined =>
  leavesOf(tree).find(([, { data }]) => !data.every(Number.isFinite))?.[0];
