import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree, ProgramState } from "../engine/engine.ts";
import { mapArrays } from "../engine/transform.ts";
import type { TakenOver } from "../problem/objective.ts";
import type { StreamName } from "./tuner.ts";

/** What a training step takes over of a state. Borrows both. */
export const takenOver = (state: ProgramState, inputs: ProgramState): TakenOver => ({
  ...(state.carried && { carried: state.carried }),
  ...rowsTakenOver("train", state, inputs),
});

/** What the rows of a stream's minibatch take over of a state: 0 at the stream's start. Borrows both. */
export function rowsTakenOver(
  stream: StreamName,
  state: ProgramState,
  { continues }: ProgramState,
): { readonly rowsBefore?: ArrayTree } {
  const left = state[`${stream}Rows`];
  if (!left || !continues) return {};
  return { rowsBefore: mapArrays((array) => array.ref.mul((continues as np.Array).ref), left) };
}
