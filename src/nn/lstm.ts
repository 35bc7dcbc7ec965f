/**
 * A long short-term memory over the steps of a sequence.
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | x_t     | the input of step t | [rows, inputs] |
 * | h_t     | the hidden state, which is the output of step t | [rows, units] |
 * | c_t     | the state of the cells | [rows, units] |
 * | i, f, o | gates: of the input, of forgetting, of the output | [rows, units] each |
 * | g       | what the input would have the cells be | [rows, units] |
 *
 *     [i f o g]_t = [σ σ σ tanh](W x_t + b + U h_{t-1} + d),   c_t = f c_{t-1} + i g,   h_t = o tanh(c_t).
 *
 * The gates are one product of matrices: of the inputs for all steps at once, of the hidden state step by step. With
 * σ(z) = (1 + tanh(z/2)) / 2 they are also one tanh, `s tanh(s z) + 1 - s` with s = 1/2 for the gates and 1 for g.
 *
 * @see Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber and Cummins, "Learning to forget", 2000
 */
import { numpy as np } from "@jax-js/jax";

import { linear } from "./kinds/linear.ts";
import type { Layer, Layers } from "./layer.ts";
import { ownOptions } from "../util/given.ts";
import { count, needed, text } from "../util/rule.ts";

/** The size of an LSTM. */
export interface LstmOptions {
  readonly name: string;
  /** Numbers of each step of its input. */
  readonly inputs: number;
  readonly units: number;
}

/** The layers of an LSTM, each with biases and a response of its own. */
export interface LstmLayers {
  /** W and b, of the input: `NAME-input`. */
  readonly input: Layer;
  /** U and d, of the hidden state: `NAME`. */
  readonly hidden: Layer;
}

/** h and c: [rows, units] each. */
export interface LstmState {
  readonly hidden: np.Array;
  readonly cells: np.Array;
}

/**
 * The layers of an LSTM, whose outputs are the gates i, f and o and then g.
 *
 * @throws {HypertrainError} for a size that is no positive integer, or an option that is none of these.
 */
export function lstmLayers(options: LstmOptions): LstmLayers {
  const { name, inputs, units } = ownOptions("lstmLayers", options, {
    ...{ name: needed(text), inputs: needed(count), units: needed(count) },
  });
  return {
    input: linear({ name: `${name}-input`, inputs, outputs: GATES * units }),
    hidden: linear({ name, inputs: units, outputs: GATES * units }),
  };
}

/**
 * The hidden states of all steps, [rows, steps, units], and the state behind the last. Consumes x: [rows, steps, inputs] and the state before,
 * by default 0.
 */
export function lstm(
  layers: Layers,
  { input, hidden }: LstmLayers,
  x: np.Array,
  before?: LstmState,
): { outputs: np.Array; state: LstmState } {
  const [rows, steps] = x.shape as [number, number, number];
  const drives = np.split(layers.apply(input, x), steps, 1); // [rows, 1, gates] each
  const units = (drives[0] as np.Array).shape[2] as number;
  let state = before ?? zeroState(rows, units / GATES, drives[0] as np.Array);
  const outputs = drives.map((drive) => {
    const z = drive.reshape([rows, units]).add(layers.apply(hidden, state.hidden));
    state = lstmStep(z, state.cells);
    return state.hidden.ref;
  });
  return { outputs: np.stack(outputs, 1), state };
}

const zeroState = (rows: number, units: number, { dtype }: np.Array): LstmState => ({
  hidden: np.zeros([rows, units], { dtype }),
  cells: np.zeros([rows, units], { dtype }),
});

/** One step from what goes into the gates: [rows, 4 units]. Consumes both. */
function lstmStep(z: np.Array, cells: np.Array): LstmState {
  const units = cells.shape[1] as number;
  const scale = np.array(
    Array.from({ length: GATES * units }, (_, j) => (j < 3 * units ? 0.5 : 1)),
    { dtype: z.dtype },
  );
  const gates = np.tanh(z.mul(scale.ref)).mul(scale.ref).add(np.subtract(1, scale));
  const [take, keep, give, fresh] = np.split(gates, GATES, 1) as [np.Array, np.Array, np.Array, np.Array];
  const next = keep.mul(cells).add(take.mul(fresh));
  return { cells: next.ref, hidden: give.mul(np.tanh(next)) };
}

const GATES = 4;
