import { sizeOf } from "../../util/host-array.ts";
import type { DType } from "./value.ts";
import type { OnnxType } from "./model.ts";

/*
 * What the engine and its worker thread say to each other. The worker knows leaves, buffers and models, not trees or programs:
 * everything that needs jax-js happens on the engine's side.
 */

/** The numbers of an array, as they travel between threads and into onnxruntime. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array;

/** One array of the state, or of a call. */
export interface Leaf {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** An array of text, which only models of one's own take. */
export interface TextLeaf {
  readonly dtype: "string";
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

/** Where an input of a model comes from: a leaf of the state, or the call. */
export interface Feed {
  readonly name: string;
  readonly from: Place;
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
}

/** Where a result goes: a leaf of the state, which it replaces, or back to the caller. */
export interface Result {
  readonly to: Place;
  readonly from:
    | {
        readonly kind: "computed";
        readonly name: string;
        /** Whether it is written over the leaf that it replaces. */
        readonly inPlace: boolean;
        /** The shape that the model gives it, of as many elements as its own. */
        readonly shape: readonly number[];
      }
    | { readonly kind: "place"; readonly place: Place }
    | { readonly kind: "constant"; readonly data: Numbers };
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
}

/** A leaf of the state, or an array of the call, by index. */
export interface Place {
  readonly kind: "state" | "call";
  readonly index: number;
}

/** A model, and how it is connected to the state. */
export interface Connected {
  readonly bytes: Uint8Array;
  readonly feeds: readonly Feed[];
  /** The arrays of a call, in memory that both threads see: a call writes them before it asks. */
  readonly inputs: readonly Numbers[];
  readonly results: readonly Result[];
}

/** The first output of the engine's models, which nobody reads. */
export const SENTINEL = "sentinel";

/** What the worker can be asked. Sessions and programs are numbered by the engine. */
export interface Requests {
  /** Runs a model that belongs to no session, once; the outputs that are asked for, which are no text, default all, in their order. */
  evaluate: {
    args: {
      bytes: Uint8Array;
      feeds: Readonly<Record<string, Leaf | TextLeaf>>;
      wanted?: readonly string[];
    };
    answer: readonly Numbers[];
  };
  open: { args: { session: number; leaves: readonly Leaf[] }; answer: undefined };
  load: {
    /** `threads` of an operator; 0: as many as there are cores (`cores.ts`). */
    args: { session: number; program: number; model: Connected; threads: number };
    answer: undefined;
  };
  run: { args: { session: number; program: number }; answer: readonly Numbers[] };
  read: { args: { session: number; leaves: readonly number[] }; answer: readonly Numbers[] };
  write: {
    args: { session: number; leaves: readonly (readonly [index: number, data: Numbers])[] };
    answer: undefined;
  };
  close: { args: { session: number }; answer: undefined };
}

/** The names of requests. */
export type RequestName = keyof Requests;

/** A question; answers carry its number. */
export interface Question<Name extends RequestName = RequestName> {
  readonly number: number;
  readonly name: Name;
  readonly args: Requests[Name]["args"];
}

/** An answer, or why there is none. */
export type WorkerAnswer =
  { readonly number: number; readonly value: unknown } | { readonly number: number; readonly error: string };

/**
 * Zeros in memory that threads share, for leaves of the four types that a host array has.
 *
 * It is one block: arrays of some MiB by themselves come from the heap of the system's allocator, where they lie among what is freed and keep it from being
 * given back.
 */
export function sharedNumbers(leaves: readonly Pick<Leaf, "dtype" | "shape">[]): Numbers[] {
  let size = 0;
  const places = leaves.map(({ dtype, shape }) => {
    const [Data, length, from] = [arrays[dtype as keyof typeof arrays], sizeOf(shape), size];
    size += Math.ceil((length * Data.BYTES_PER_ELEMENT) / ALIGNED) * ALIGNED;
    return { Data, length, from };
  });
  const bytes = new SharedArrayBuffer(size);
  return places.map(({ Data, length, from }) => new Data(bytes, from, length));
}

/** Bytes of a line of the processor's cache. */
const ALIGNED = 64;

/** A class of arrays, over memory that is there. */
interface NumbersClass {
  readonly BYTES_PER_ELEMENT: number;
  new (bytes: SharedArrayBuffer, from: number, length: number): Numbers;
}

const arrays: Readonly<Record<"float32" | "float64" | "int32" | "uint32", NumbersClass>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
};
