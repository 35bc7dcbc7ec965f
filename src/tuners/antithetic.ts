import { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { mapArrays } from "../engine/transform.ts";
import type { Objective } from "../problem/objective.ts";
import type { Batch } from "../problem/problem.ts";
import type { HostArrays } from "../util/host-array.ts";
import type { Perturbations } from "./host.ts";
import type { TrainPoint } from "./train-point.ts";

/**
 * The points at which the response's objective is averaged.
 *
 * | symbol | meaning |
 * |---|---|
 * | g, H, M | ∂L/∂w, ∂²L/∂w² and ∂²L/∂w∂λ at λ0 and w0 |
 * | Θ | the response, w = w0 + Θ ε |
 *
 * To first order in ε, the gradient of Θ at one perturbation is `(g + (M + H Θ) ε) ε'`. The expectation of its first term is 0, but one draw's is
 * not, and it drowns the second, of which Θ learns, wherever g is large beside (M + H Θ) ε: always with small scales, minibatches that are
 * noisy, and penalties that change the loss by little. Over +ε and -ε on the same examples with the same noise every
 * term of odd order in ε cancels, this one among them; the second is the same for both.
 *
 * Antithetic pairs are not in the papers. They are an old device of Monte Carlo (Hammersley and Morton, 1956) and that of evolution
 * strategies (Brockhoff et al. 2010).
 *
 * @param wholeRows the rows of the training set
 * @param perturbed the examples of all points, where each has a view of its own
 * @param turn of parallel streams, 0 where the first half of them is kept and 1 where the second is
 */
export function responsePoints(
  at: TrainPoint,
  perturbations: Perturbations,
  wholeRows: number,
  perturbed?: Batch,
  turn?: np.Array,
): readonly TrainPoint[] {
  if (perturbations === "independent") return [perturbed ? { ...at, batch: perturbed } : at];
  const rows = rowCount(at.batch);
  const kept = pairedRows(rows, wholeRows, perturbations);
  const half = kept < rows ? someRows(at, kept, turn) : at;
  if (half.perturbation.shape[0] === 1) {
    const signs = [half, { ...half, perturbation: np.negative(half.perturbation.ref) }]; // one set of weights for each
    if (!perturbed) return signs;
    return signs.map((point, i) => ({ ...point, batch: rowsFrom(perturbed, i * kept, kept) }));
  }
  return [
    {
      ...half,
      perturbation: np.concatenate([half.perturbation.ref, np.negative(half.perturbation.ref)]),
      batch: perturbed ?? twice(half.batch),
      noise: twice(half.noise),
      ...(half.rowsBefore && { rowsBefore: twice(half.rowsBefore) }),
    },
  ];
}

/** How many of a minibatch's examples come at +ε and at -ε. */
export const pairedRows = (rows: number, wholeRows: number, perturbations: Perturbations): number =>
  perturbations === "paired" && rows < wholeRows && rows > 1 ? Math.floor(rows / 2) : rows;

/** The rows of a minibatch: one, where a problem has no data. */
export const rowCount = (batch: Batch | HostArrays): number => Object.values(batch)[0]?.shape[0] ?? 1;

const rowsFrom = (batch: Batch, start: number, count: number): Batch =>
  mapArrays((array) => array.ref.slice([start, start + count]), batch);

/**
 * Half the sum of both signs' objectives, or the one that has both among its rows. Consumes the objectives.
 *
 * @param rows those of the minibatch, of which each leaves the mean of what both signs leave
 */
export function meanObjective(objectives: readonly Objective[], rows?: number): Objective {
  const half = (sum: np.Array) => sum.mul(1 / objectives.length);
  const mean = (part: "loss" | "penalty") =>
    half(objectives.map((objective) => objective[part]).reduce((a, b) => a.add(b)));
  const meanTree = (part: "carried" | "rowsLeft"): ArrayTree | undefined => {
    const [first, ...others] = objectives.flatMap((objective) => objective[part] ?? []);
    return first && mapArrays((...all) => half(all.reduce((a, b) => a.add(b))), first, ...others);
  };
  const [carried, rowsLeft] = [meanTree("carried"), meanTree("rowsLeft")];
  return {
    ...{ loss: mean("loss"), penalty: mean("penalty") },
    ...(carried && { carried }),
    ...(rowsLeft && { rowsLeft: rows === undefined ? rowsLeft : mapArrays(bothSigns(rows), rowsLeft) }),
  };
}

/** The mean of the rows at +ε and those at -ε behind them, or rows that have one sign each. */
const bothSigns =
  (rows: number) =>
  (left: np.Array): np.Array =>
    left.shape[0] === rows
      ? left
      : left.ref
          .slice([0, rows])
          .add(left.slice([rows, 2 * rows]))
          .mul(0.5);

/** The first `count` rows of what has one for each example, or by turns the last; what all examples share has one row, and stays. */
function someRows(at: TrainPoint, count: number, turn?: np.Array): TrainPoint {
  const cut = (array: np.Array) => {
    const rows = array.shape[0] as number;
    if (rows === 1) return array;
    const first = array.ref.slice([0, count]);
    return turn ? np.where(turn.ref.greater(0), array.ref.slice([rows - count, rows]), first) : first;
  };
  return {
    ...at,
    perturbation: cut(at.perturbation),
    batch: mapArrays(cut, at.batch),
    noise: mapArrays(cut, at.noise),
    ...(at.rowsBefore && { rowsBefore: mapArrays(cut, at.rowsBefore) }),
  };
}

const twice = <Arrays extends ArrayTree>(arrays: Arrays): Arrays =>
  mapArrays((array) => (array.shape[0] === 1 ? array : np.concatenate([array.ref, array.ref])), arrays);
