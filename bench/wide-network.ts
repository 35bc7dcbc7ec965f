/** A 784-1200-1200-10 network on random numbers, for measurements that need its size and no images. */
import { HostArray, randomKey, randomNormal, real, supervised, type Dataset } from "hypertrain";
import { mlp } from "hypertrain/nn";

const part = (name: string, rows: number): Dataset => ({
  rows,
  fields: {
    x: new HostArray(Float32Array.from(randomNormal(randomKey(0, name), 0, rows * 784)), [rows, 784]),
    y: new HostArray(
      Int32Array.from({ length: rows }, (_, i) => i % 10),
      [rows],
    ),
  },
});

const rate = real(0.05, { low: 0, high: 0.95 });

export default supervised({
  data: {
    name: "random numbers",
    splits: { train: part("train", 2560), valid: part("valid", 512) },
    task: "classification",
    inputShape: [784],
    outputs: 10,
    warnings: [],
  },
  network: mlp({ inputs: 784, hidden: [1200, 1200], outputs: 10 }),
  hypers: { "dropout.input": rate, "dropout.fc1": rate, "dropout.fc2": rate },
});
