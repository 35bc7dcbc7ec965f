import type { SupervisedData } from "../../data/supervised-data.ts";
import type { Emitter } from "../../engine/onnx/emitter.ts";
import type { TensorInfo } from "../../engine/onnx/model.ts";
import type { LossName } from "../../problem/example-losses.ts";

/** What the model must know of the data that its network was trained on. */
export interface WayFacts extends Pick<
  SupervisedData,
  "inputShape" | "images" | "classes" | "targetScale" | "encoding"
> {
  readonly loss: LossName;
}

/** An input or an output of `model.onnx`. */
export interface ModelPort {
  readonly name: string;
  readonly type: "float32" | "float64" | "int64" | "string";
  /** `rows` stands for any number of them. */
  readonly shape: readonly (number | string)[];
  /** What it holds, for people. */
  readonly holds: string;
}

/** A port, and what it is called inside. */
export interface Port extends ModelPort {
  readonly own: string;
}

/** What the parts of the way are made with. */
export interface Tools {
  readonly emitter: Emitter;
  /** A constant of text. */
  text(data: readonly string[], shape: readonly number[]): string;
  /** How many rows the network takes. */
  readonly rows: number | string;
}

/** The way to the network. */
export interface Inputs {
  readonly ports: readonly Port[];
  /** float64: what the network takes, before it is rounded. */
  readonly x: string;
}

/** A port as the graph knows it. */
export const infoOf = ({ own, type, shape }: Port): TensorInfo => ({ name: own, dtype: type, shape });
