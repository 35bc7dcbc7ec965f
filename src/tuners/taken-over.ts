import type { numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { mapArrays } from "../engine/transform.ts";
import type { Objective, TakenOver } from "../problem/objective.ts";
import type { StreamName } from "./host.ts";

/** The parts of a state in which a step of training leaves something for the next, and the rows of a minibatch for those behind them. */
export type LeftInState = { carried?: ArrayTree; trainRows?: ArrayTree; validRows?: ArrayTree };

/** Whether the rows of a minibatch take something over, see `Host.continues`: []. */
export type ContinuesInput = { continues?: np.Array };

/** What a training step takes over of a state. Borrows both. */
export const takenOver = (state: LeftInState, inputs: ContinuesInput): TakenOver => ({
  ...(state.carried && { carried: state.carried }),
  ...rowsTakenOver("train", state, inputs),
});

/** What a training step changes of a state by what it leaves for the next, and what it tells. */
export const leftBehind = <Told>({
  carried,
  rowsLeft,
  ...told
}: Told & Pick<Objective, "carried" | "rowsLeft">): [
  left: LeftInState,
  told: Omit<Told, "carried" | "rowsLeft">,
] => [{ ...(carried && { carried }), ...(rowsLeft && { trainRows: rowsLeft }) }, told];

/** What the rows of a stream's minibatch take over of a state: 0 at the stream's start. Borrows both. */
export function rowsTakenOver(
  stream: StreamName,
  state: LeftInState,
  { continues }: ContinuesInput,
): { readonly rowsBefore?: ArrayTree } {
  const left = state[`${stream}Rows`];
  if (!left || !continues) return {};
  return { rowsBefore: mapArrays((array) => array.ref.mul(continues.ref), left) };
}
