import type { SupervisedData } from "../../src/data/supervised-data.ts";
import type { LinearData } from "../../src/problem/ridge.ts";
import { HostArray } from "../../src/util/host-array.ts";

/** Linear regression problems as labelled data, in float64. */
export function regressionData(train: LinearData, valid: LinearData): SupervisedData {
  const dataset = ({ x, y }: LinearData) => ({
    rows: y.length,
    fields: {
      x: new HostArray(Float64Array.from(x.flat()), [y.length, widthOf(train)]),
      y: new HostArray(Float64Array.from(y), [y.length, 1]),
    },
  });
  return {
    name: "linear data",
    splits: { train: dataset(train), valid: dataset(valid) },
    task: "regression",
    inputShape: [widthOf(train)],
    outputs: 1,
    warnings: [],
  };
}

const widthOf = ({ x }: LinearData): number => (x[0] as readonly number[]).length;
