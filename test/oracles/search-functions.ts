/** Functions with known minima, on which samplers are compared. */
import { choice } from "../../src/space/choice.ts";
import { real } from "../../src/space/real.ts";
import { createSpace, type HyperValues, type Space } from "../../src/space/space.ts";

export interface SearchFunction {
  readonly space: Space;
  readonly minimum: number;
  evaluate(values: Readonly<HyperValues>): number;
}

const numbers = (values: Readonly<HyperValues>): number[] =>
  Object.values(values).filter((value) => typeof value === "number");

/** Real hyperparameters of one range. */
export const reals = (count: number, low: number, high: number, start: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, real(start, { low, high })]));

/** sum_j (x_j - 1)^2 in five dimensions on [-5, 10]. */
export const sphere: SearchFunction = {
  space: createSpace(reals(5, -5, 10, 0)),
  minimum: 0,
  evaluate: (values) => numbers(values).reduce((sum, x) => sum + (x - 1) ** 2, 0),
};

/** Branin and Hoo's function of two variables, with three equal minima of 0.397887. */
export const branin: SearchFunction = {
  space: createSpace({ x: real(0, { low: -5, high: 10 }), y: real(1, { low: 0, high: 15 }) }),
  minimum: 0.3978873577,
  evaluate({ x, y }) {
    return braninAt(x as number, y as number);
  },
};

const braninAt = (x: number, y: number): number =>
  (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10;

/** Hartmann's function of six variables (Dixon and Szego, 1978), with a minimum of -3.32237 among six local ones. */
export const hartmann6: SearchFunction = {
  space: createSpace(reals(6, 0, 1, 0.5)),
  minimum: -3.322368011,
  evaluate(values) {
    const x = numbers(values);
    return -WEIGHTS.reduce((sum, weight, i) => {
      const exponent = x.reduce(
        (total, t, j) => total + (SLOPES[i]?.[j] as number) * (t - (CENTRES[i]?.[j] as number) / 1e4) ** 2,
        0,
      );
      return sum + weight * Math.exp(-exponent);
    }, 0);
  },
};

const WEIGHTS = [1, 1.2, 3, 3.2];
const SLOPES = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const CENTRES = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];

/** Branin's function under five options, each of which moves it and lifts it; the minimum is at "c". */
export const chosenBranin: SearchFunction = {
  space: createSpace({
    kind: choice("a", { options: ["a", "b", "c", "d", "e"] }),
    ...branin.space.hypers,
  }),
  minimum: 0.3978873577,
  evaluate({ kind, x, y }) {
    const at = ["c", "a", "e", "b", "d"].indexOf(kind as string);
    return braninAt((x as number) - at, (y as number) + at / 2) + 3 * at;
  },
};

export const searchFunctions = { sphere, branin, hartmann6, chosenBranin };
