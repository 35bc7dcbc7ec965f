/**
 * How far to turn training images, tuned while a network learns: those that it learns from stand upright, those that validate are turned by up to 40
 * degrees.
 *
 *     hypertrain tune examples/rotation.ts --epochs 40 --batch-size 25 --hyper-lr 0.05
 */
import { HostArray, randomKey, randomNormal, randomUniform, real, supervised } from "hypertrain";
import type { SupervisedData } from "hypertrain/data";
import { mlp } from "hypertrain/nn";

const SIDE = 12;
const classes = ["bar", "cross", "corner", "ring"];

/** Whether a point belongs to the figure of a class; x to the right and y down, from -1 to 1. */
const figures: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => Math.abs(x) < 0.2 && Math.abs(y) < 0.8,
  (x, y) => (Math.abs(x) < 0.2 || Math.abs(y) < 0.2) && Math.abs(x) + Math.abs(y) < 1,
  (x, y) =>
    (Math.abs(x + 0.5) < 0.2 && y > -0.7 && y < 0.7) || (Math.abs(y - 0.5) < 0.2 && x > -0.7 && x < 0.7),
  (x, y) => Math.abs(Math.hypot(x, y) - 0.6) < 0.2,
];

/** Noisy figures, each turned by up to `reach` degrees to either side. */
function images(rows: number, reach: number, stream: string) {
  const key = randomKey(0, stream);
  const turns = randomUniform(key, 0, rows);
  const x = Float32Array.from(randomNormal(key, 1, rows * SIDE ** 2), (noise) => 0.3 * noise);
  const y = Int32Array.from({ length: rows }, (_, row) => row % classes.length);
  for (let row = 0; row < rows; row++) {
    const angle = ((2 * turns[row]! - 1) * reach * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let i = 0; i < SIDE ** 2; i++) {
      const [u, v] = [i % SIDE, Math.floor(i / SIDE)].map((at) => (2 * at + 1) / SIDE - 1) as [
        number,
        number,
      ];
      if (figures[y[row]!]!(cos * u + sin * v, cos * v - sin * u)) x[row * SIDE ** 2 + i]! += 1;
    }
  }
  return { rows, fields: { x: new HostArray(x, [rows, SIDE ** 2]), y: new HostArray(y, [rows]) } };
}

const data: SupervisedData = {
  name: "figures",
  task: "classification",
  splits: {
    train: images(400, 0, "train"),
    valid: images(400, 40, "valid"),
    test: images(400, 40, "test"),
  },
  inputShape: [SIDE ** 2],
  images: { shape: [1, SIDE, SIDE], scale: { mean: 0, sd: 1 }, white: 1 }, // and a black pixel 0
  outputs: classes.length,
  classes,
  warnings: [],
};

export default supervised({
  data,
  network: mlp({ inputs: SIDE ** 2, hidden: [32], outputs: classes.length }),
  hypers: { rotate: real(3, { low: 0, high: 90 }) },
});
