import type { numpy as np } from "@jax-js/jax";

import type { TakenOver } from "../problem/objective.ts";
import type { Batch, Noise, Problem } from "../problem/problem.ts";
import type { Response } from "../response/response.ts";

/** Everything that a training loss depends on besides the weights. */
export interface TrainPoint extends TakenOver {
  readonly problem: Problem;
  readonly response: Response;
  readonly hypers: np.Array; // λ: [1, size]
  readonly perturbation: np.Array; // ε: [rows, size]
  readonly batch: Batch;
  readonly noise: Noise;
}

/** A training step: its point, the points over which the response's sampled objective is averaged, and the rays of its implicit one. */
export interface TrainStep extends TrainPoint {
  readonly responsePoints: readonly TrainPoint[];
  readonly rays: readonly TrainPoint[];
}
