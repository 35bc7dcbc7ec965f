import { numpy as np } from "@jax-js/jax";

import type { ProgramState } from "../engine/engine.ts";
import { mapArrays } from "../engine/transform.ts";
import type { Objective } from "../problem/objective.ts";
import type { Batch } from "../problem/problem.ts";
import type { TrainPoint } from "./self-tuning-programs.ts";

/**
 * How the perturbations of one training step are drawn, of which the response learns:
 *
 * - `independent`: one for each example, as in the papers;
 * - `paired`: half of the minibatch's examples, each at +ε and at -ε; costs what `independent` costs. Where the minibatch is the whole
 *   training set, its half would be the same rows again and again, and `full` takes its place;
 * - `full`: every example at +ε and at -ε; the response's part of a step takes twice the work.
 */
export type Perturbations = "independent" | "paired" | "full";

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
 */
export function responsePoints(
  at: TrainPoint,
  perturbations: Perturbations,
  wholeRows: number,
  perturbed?: Batch,
): readonly TrainPoint[] {
  if (perturbations === "independent") return [perturbed ? { ...at, batch: perturbed } : at];
  const rows = rowsOf(at.batch);
  const kept = pairedRows(rows, wholeRows, perturbations);
  const half = kept < rows ? firstRows(at, kept) : at;
  if (half.perturbation.shape[0] === 1) {
    const signs = [half, { ...half, perturbation: np.negative(half.perturbation.ref) }]; // one set of weights for each
    if (!perturbed) return signs;
    return signs.map((point, i) => ({ ...point, batch: rowsFrom(perturbed, i * kept, kept) }));
  }
  return [
    {
      ...half,
      perturbation: np.concatenate([half.perturbation.ref, np.negative(half.perturbation.ref)]),
      batch: perturbed ?? (twice(half.batch) as TrainPoint["batch"]),
      noise: twice(half.noise) as TrainPoint["noise"],
    },
  ];
}

/** How many of a minibatch's examples come at +ε and at -ε. */
export const pairedRows = (rows: number, wholeRows: number, perturbations: Perturbations): number =>
  perturbations === "paired" && rows < wholeRows && rows > 1 ? Math.floor(rows / 2) : rows;

/** One, where a problem has no data. */
const rowsOf = (batch: Batch): number => Object.values(batch)[0]?.shape[0] ?? 1;

const rowsFrom = (batch: Batch, start: number, count: number): Batch =>
  mapArrays((array) => array.ref.slice([start, start + count]), batch as ProgramState) as Batch;

/** Half the sum of both signs' objectives, or the one that has both among its rows. Consumes the objectives. */
export function meanObjective(objectives: readonly Objective[]): Objective {
  const half = (sum: np.Array) => sum.mul(1 / objectives.length);
  const mean = (part: "loss" | "penalty") =>
    half(objectives.map((objective) => objective[part]).reduce((a, b) => a.add(b)));
  const [carried, ...others] = objectives.flatMap((objective) => objective.carried ?? []);
  return {
    ...{ loss: mean("loss"), penalty: mean("penalty") },
    ...(carried && {
      carried: mapArrays((...all) => half(all.reduce((a, b) => a.add(b))), carried, ...others),
    }),
  };
}

/** The first `count` rows of what has one for each example; what all examples share has one row, and stays. */
function firstRows(at: TrainPoint, count: number): TrainPoint {
  const cut = (array: np.Array) => (array.shape[0] === 1 ? array : array.ref.slice([0, count]));
  return {
    ...at,
    perturbation: cut(at.perturbation),
    batch: mapArrays(cut, at.batch as ProgramState) as TrainPoint["batch"],
    noise: mapArrays(cut, at.noise as ProgramState) as TrainPoint["noise"],
  };
}

const twice = (arrays: Readonly<Record<string, np.Array>>): ProgramState =>
  mapArrays(
    (array) => (array.shape[0] === 1 ? array : np.concatenate([array.ref, array.ref])),
    arrays as ProgramState,
  );
