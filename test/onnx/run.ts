import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import * as ort from "onnxruntime-node";

import type { Evaluate } from "../../src/engine/onnx/blocked-probe.ts";
import type { Compiled, Source } from "../../src/engine/onnx/compile.ts";
import { type DType, sameShape } from "../../src/engine/onnx/value.ts";
import { serialize } from "../../src/engine/onnx/model.ts";
import type { Numbers } from "../../src/engine/onnx/protocol.ts";
import type { Traceable } from "../../src/engine/onnx/trace.ts";
import { sizeOf } from "../../src/util/host-array.ts";

/** An array that goes into a program or comes out of it; booleans are 0 and 1. */
export interface Sample {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What a function of jax-js arrays computes when jax-js itself runs it, operation by operation. */
export async function runJax(
  f: Traceable,
  args: readonly Sample[],
  device: "cpu" | "wasm",
): Promise<Sample[]> {
  await init("cpu", "wasm");
  defaultDevice(device);
  const results = f(
    ...args.map(({ data, shape, dtype }) =>
      np.array([...data], { shape: [...shape], dtype: dtype as np.DType }),
    ),
  );
  return results.map((array) => {
    const { shape, dtype } = array;
    return { dtype, shape: [...shape], data: Array.from(array.dataSync() as ArrayLike<number>) };
  });
}

/** What a compiled function computes in onnxruntime, in this process. */
export async function runOnnx(
  { model, inputs, outputs }: Compiled,
  args: readonly Sample[],
): Promise<Sample[]> {
  if (model.outputs.length === 0) return outputs.map((source) => resultOf(source, {}, args)); // onnxruntime wants an output
  const session = await ort.InferenceSession.create(serialize(model), options);
  const feeds = inputs.flatMap((name, i) =>
    name === undefined ? [] : [[name, tensorOf(args[i] as Sample)]],
  );
  const fetched = await session.run(Object.fromEntries(feeds));
  await session.release();
  return outputs.map((source) => resultOf(source, fetched, args));
}

const options: ort.InferenceSession.SessionOptions = { intraOpNumThreads: 1, logSeverityLevel: 3 };

function resultOf({ shape, dtype, from }: Source, fetched: Fetched, args: readonly Sample[]): Sample {
  switch (from.kind) {
    case "argument":
      return args[from.index] as Sample;
    case "constant": {
      const { constant } = from;
      const data =
        constant.kind === "data"
          ? Array.from(constant.data)
          : Array<number>(sizeOf(shape)).fill(constant.value);
      return { dtype, shape, data };
    }
    case "computed": {
      const { type, dims, data } = fetched[from.name] as ort.Tensor;
      const own = sameShape(dims, from.shape) ? shape : dims; // some stand in the model in another shape
      return { dtype: type as DType, shape: own, data: Array.from(data as Iterable<number>, Number) };
    }
  }
}

type Fetched = ort.InferenceSession.OnnxValueMapType;

function tensorOf({ dtype, shape, data }: Sample): ort.Tensor {
  if (dtype === "float16")
    throw new Error("internal: onnxruntime-node cannot be fed float16; cast in the function");
  return new ort.Tensor(dtype, typedArrays[dtype](data), shape);
}

const typedArrays = {
  float32: (data: readonly number[]) => Float32Array.from(data),
  float64: (data: readonly number[]) => Float64Array.from(data),
  int32: (data: readonly number[]) => Int32Array.from(data),
  uint32: (data: readonly number[]) => Uint32Array.from(data),
  bool: (data: readonly number[]) => Uint8Array.from(data),
} as const;

/** Runs a model in this process. */
export const evaluate: Evaluate = async ({ bytes, feeds }) => {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const fed = Object.entries(feeds).map(([name, { data, shape }]) => [
    name,
    new ort.Tensor("float32", data, shape),
  ]);
  const results = await session.run(Object.fromEntries(fed) as ort.InferenceSession.FeedsType);
  return session.outputNames.map((name) => (results[name] as ort.Tensor).data as Numbers);
};
