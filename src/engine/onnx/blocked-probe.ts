import type { Convolution } from "./parameters.ts";
import { lower } from "./compile.ts";
import { sizeOf } from "../../util/host-array.ts";
import type { Graph, Operation } from "./graph.ts";
import { value } from "./value.ts";
import { serialize } from "./model.ts";
import type { Leaf, Numbers, Requests } from "./protocol.ts";

/** Runs a model once. @throws {Error} where onnxruntime refuses it. */
export type Evaluate = (args: Requests["evaluate"]["args"]) => Promise<readonly Numbers[]>;

/**
 * How many channels lie together in the convolutions that this build of onnxruntime has for this processor: 16, 8, or nothing where it has
 * none. Nobody promises these operators, so a small convolution and its pooling by them are compared with ONNX's own.
 */
export async function channelBlock(evaluate: Evaluate): Promise<16 | 8 | undefined> {
  const expected = await convolved(undefined, evaluate);
  for (const block of [16, 8] as const) {
    const maps = await convolved(block, evaluate).catch(() => undefined);
    if (maps !== undefined && agree(maps, expected)) return block;
  }
  return undefined;
}

const images: Leaf = sample([2, 32, 6, 5]);
const filters: Leaf = sample([48, 32, 3, 2]);

/** One convolution with strides, padding and several blocks of channels on both sides, less the means and the maxima of its windows. */
function probe(): Graph {
  const inputs = [value(images.shape, images.dtype), value(filters.shape, filters.dtype)] as const;
  const maps = value([2, 48, 3, 6], "float32");
  const window = [3, 2];
  const params: Convolution = {
    vmapDims: 0,
    strides: [2, 1],
    padding: [
      [1, 0],
      [0, 2],
    ],
    lhsDilation: [1, 1],
    rhsDilation: [1, 1],
  };
  const operations: Operation[] = [{ primitive: "conv", inputs, params, outputs: [maps] }];
  const left = (["Max", "Add"] as const).reduce((from, op) => {
    const reduced = value([2, 48, 1, 3], "float32");
    const [repeated, less] = [value(maps.shape, "float32"), value(maps.shape, "float32")];
    operations.push(
      { primitive: "window_reduce", inputs: [maps], params: { op, window }, outputs: [reduced] },
      { primitive: "window_repeat", inputs: [reduced], params: { window }, outputs: [repeated] },
      { primitive: "sub", inputs: [from, repeated], params: {}, outputs: [less] },
    );
    return less;
  }, maps);
  return { inputs, operations, outputs: [left] };
}

async function convolved(block: number | undefined, evaluate: Evaluate): Promise<Numbers> {
  const { model, inputs } = lower(probe(), { channelBlock: block });
  const feeds = [images, filters].map((leaf, i): [string, Leaf] => [inputs[i] as string, leaf]);
  const [maps] = await evaluate({ bytes: serialize(model), feeds: Object.fromEntries(feeds) });
  return maps as Numbers;
}

/** Sums of some hundred products below 1. */
const agree = (maps: Numbers, expected: Numbers): boolean =>
  maps.length === expected.length && expected.every((sum, i) => Math.abs(sum - (maps[i] as number)) < 1e-3);

function sample(shape: readonly number[]): Leaf {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * i));
  return { dtype: "float32", shape, data };
}
