/**
 * A convolutional network of your own on the bundled digits: dropout of channels and the weight decay of each layer are tuned, and each
 * layer responds to all of them.
 *
 *     hypertrain tune examples/cnn.ts --epochs 10
 */
import { readFileSync } from "node:fs";

import { real, supervised } from "hypertrain";
import { digits, gunzip } from "hypertrain/data";
import { sequential } from "hypertrain/nn";

const file = new URL("../data/digits.csv.gz", import.meta.url);
const { bytes } = await gunzip({ name: "digits.csv.gz", bytes: readFileSync(file) });
const data = digits(bytes);
const network = sequential({
  input: data.images?.shape ?? [],
  outputs: data.outputs,
  layers: [
    { layer: "conv2d", channels: 8, kernel: 3, padding: 1 },
    { layer: "max-pool", kernel: 2 },
    { layer: "relu" },
    { layer: "channel-dropout" },
    { layer: "conv2d", channels: 16, kernel: 3, groups: 2 },
    { layer: "silu" },
    { layer: "flatten" },
    { layer: "dropout" },
    { layer: "linear" },
  ],
});
const rate = real(0.05, { low: 0, high: 0.9 });
const decay = real(1e-4, { low: 1e-6, high: 1, log: true });

export default supervised({
  data,
  network,
  hypers: {
    "dropout.conv1": rate,
    "dropout.conv2": rate,
    "l2.conv1": decay,
    "l2.conv2": decay,
    "l2.fc1": decay,
  },
});
