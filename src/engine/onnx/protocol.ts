import type { DType } from "./graph.ts";
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
  /** Runs a model that belongs to no session, once; its outputs in their order. */
  evaluate: {
    args: { bytes: Uint8Array; feeds: Readonly<Record<string, Leaf>> };
    answer: readonly Numbers[];
  };
  open: { args: { session: number; leaves: readonly Leaf[] }; answer: undefined };
  load: {
    /** `threads` of an operator; 0 leaves it to onnxruntime, which takes as many as there are cores. */
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

/** Zeros in memory that threads share. A leaf's type is one of the four that a host array has. */
export function sharedNumbers(dtype: DType, length: number): Numbers {
  const bytes = new SharedArrayBuffer(length * (dtype === "float64" ? 8 : 4));
  return views[dtype as keyof typeof views](bytes);
}

const views = {
  float32: (bytes: SharedArrayBuffer) => new Float32Array(bytes),
  float64: (bytes: SharedArrayBuffer) => new Float64Array(bytes),
  int32: (bytes: SharedArrayBuffer) => new Int32Array(bytes),
  uint32: (bytes: SharedArrayBuffer) => new Uint32Array(bytes),
};
