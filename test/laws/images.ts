import { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../../src/engine/engine.ts";
import type { StepConfig } from "../../src/nn/kinds.ts";
import { sequential } from "../../src/nn/sequential.ts";
import type { Task } from "../../src/problem/problem.ts";
import { supervised } from "../../src/problem/supervised.ts";
import { real } from "../../src/space/real.ts";
import type { Hyper } from "../../src/space/space.ts";
import { HostArray, sizeOf, type HostTree } from "../../src/util/host-array.ts";
import { randomKey, randomNormal } from "../../src/util/random.ts";

/** Normal draws, the same for the same name. */
export const normal = (name: string, shape: readonly number[], scale = 1): HostArray =>
  new HostArray(
    randomNormal(randomKey(5, name), 0, sizeOf(shape)).map((z) => z * scale),
    shape,
  );

/** A rate of dropout. */
export const rate = (start: number, scale = 1, perturb: "example" | "minibatch" = "example") =>
  real(start, { low: 0, high: 0.9, scale, perturb });

/** Three classes of random images. */
export function imageTask(
  input: readonly number[],
  layers: readonly StepConfig[],
  hypers: Readonly<Record<string, Hyper>>,
): Task {
  const part = (name: string, rows: number) => {
    const y = Int32Array.from({ length: rows }, (_, i) => i % 3);
    return { rows, fields: { x: normal(name, [rows, ...input]), y: new HostArray(y, [rows]) } };
  };
  return supervised({
    data: {
      name: "random images",
      splits: { train: part("train", 9), valid: part("valid", 6) },
      task: "classification",
      inputShape: input,
      outputs: 3,
      warnings: [],
    },
    network: sequential({ input, outputs: 3, layers }),
    hypers,
  });
}

/** A host array on the device, in float64. */
export const array = ({ data, shape }: HostArray): np.Array =>
  np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64 });
/** Likewise for a tree. */
export const device = (tree: HostTree): ArrayTree =>
  tree instanceof HostArray
    ? array(tree)
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, device(child)]));
/** An array back on the host, in float64; consumes it. */
export const host = (values: np.Array): HostArray => {
  const { shape } = values;
  return new HostArray(Float64Array.from(values.dataSync()), [...shape]);
};
