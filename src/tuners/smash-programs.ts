import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, NoArrays, Program } from "../engine/engine.ts";
import { gradients, mapArrays } from "../engine/transform.ts";
import type { LossInputs, UpdateInputs } from "../hypergrad/training-step.ts";
import { plainLayers, type Layers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import { clipByGlobalNorm } from "../nn/optim/clip.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { trainObjective, validLosses, type Objective } from "../problem/objective.ts";
import type { ArchitectureSpace, Batch, Hypers, Problem } from "../problem/problem.ts";
import { unflattened, type Hypernet } from "../response/hypernet.ts";
import { naturalArrays, type Hyper, type Space } from "../space/space.ts";
import type { HostTree } from "../util/host-array.ts";
import { currentHypers, type TunedState } from "./evaluate.ts";

/*
 * The programs of SMASH; the notation is that of smash.ts.
 */

/** All that the programs are made of. */
export interface Smash {
  readonly problem: Problem;
  readonly architecture: ArchitectureSpace;
  readonly hypernet: Hypernet;
  /** The structure of the weights. */
  readonly like: HostTree;
  /** Of the hypernetwork. */
  readonly optimizer: Optimizer;
  readonly clipNorm: number;
}

/** What the state has beside that of plain training: H, the best score, and 1 as `generating` until phase 3. */
export type SmashState = TunedState & {
  hypernet: ArrayTree;
  hypernetOptimizer: ArrayTree;
  score: np.Array;
  generating: np.Array;
};

/** A minibatch, and an architecture: [size]. */
type ArchitectureInputs = LossInputs & { at: np.Array };

/** Phase 1: one step of the hypernetwork on the training loss of the architecture `at`: [size]. */
const hypernetProgram =
  (parts: Smash): Program<SmashState, ArchitectureInputs & UpdateInputs, Objective> =>
  (state, inputs) => {
    const { optimizer, clipNorm } = parts;
    const loss = (phi: ArrayTree): [np.Array, Objective] => {
      const objective = objectiveAt(parts, phi, inputs);
      return [objective.loss.ref.add(objective.penalty.ref), objective];
    };
    const { grads, reported } = gradients(loss, tree.ref(state.hypernet));
    const [hypernet, hypernetOptimizer] = optimizer.update(
      clipByGlobalNorm(grads[0], clipNorm),
      state.hypernetOptimizer,
      state.hypernet,
      inputs.settings,
    );
    return [{ hypernet, hypernetOptimizer }, reported];
  };

/**
 * Phase 2: scores the architecture `at` on the rows `valid`, and keeps it where it is the best so far. Its loss on the training
 * minibatch is what the step reports.
 */
const scoreProgram =
  (
    parts: Smash,
  ): Program<SmashState, ArchitectureInputs & { valid: Batch }, Objective & { score: np.Array }> =>
  (state, inputs) => {
    const { problem } = parts;
    const phi = state.hypernet;
    const at = inputs.at.ref;
    const hypers = naturalArrays(problem.space, at.ref.reshape([1, -1]));
    const layers = plainLayers(generated(parts, phi, hypers));
    const score = mean(validLosses(problem, layers, inputs.valid, hypers));
    const before = state.score;
    const better = np.less(score.ref, before.ref);
    return [
      {
        hypers: np.where(better.ref, at, state.hypers),
        score: np.where(better, score.ref, before),
      },
      { ...objectiveAt(parts, phi, inputs), score },
    ];
  };

/** The best architecture so far, unconstrained. */
const chosenProgram: Program<SmashState, NoArrays, { hypers: np.Array }> = ({ hypers }) => [
  {},
  { hypers: hypers.ref },
];

/** The start of phase 3: the network's own weights take the place of generated ones. */
const restartProgram: Program<SmashState, Pick<SmashState, "params" | "generating">, NoArrays> = (
  _state,
  { params, generating },
) => [{ params, generating }, {}];

/** The programs of phases 1 and 2, and of the step to phase 3. */
export const smashPrograms = (parts: Smash) => ({
  hypernet: hypernetProgram(parts),
  score: scoreProgram(parts),
  chosen: chosenProgram,
  restart: restartProgram,
});

/** The layers of the network at a state's hyperparameters: generated until phase 3, then its own. */
export const smashLayers =
  (parts: Smash) =>
  (state: SmashState): Layers => {
    const hypers = naturalArrays(parts.problem.space, currentHypers(state));
    const weights = generated(parts, state.hypernet, hypers);
    const on = np.greater(state.generating.ref, 0);
    return plainLayers(mapArrays((own, made) => np.where(on.ref, made, own.ref), state.params, weights));
  };

/** The training objective of an architecture with generated weights. */
function objectiveAt(parts: Smash, phi: ArrayTree, inputs: ArchitectureInputs): Objective {
  const { problem } = parts;
  const hypers = naturalArrays(problem.space, inputs.at.ref.reshape([1, -1]));
  const layers = plainLayers(generated(parts, phi, hypers));
  return trainObjective(problem, layers, inputs.batch, hypers, inputs.noise);
}

/** H(c), 0 outside the architecture. Borrows both. */
function generated(
  { problem, architecture, hypernet, like }: Smash,
  phi: ArrayTree,
  hypers: Hypers,
): ArrayTree {
  const code = architectureCode(problem.space, architecture.names, hypers);
  const flat = hypernet.apply(phi, code).reshape([-1]); // [weights]
  return architecture.masked(unflattened(flat, like), hypers);
}

/**
 * An architecture as the hypernetwork's input: integers from -1 to 1 (of their logarithm on a log scale), choices one-hot with
 * 1 and -1: [1, code]. Borrows.
 */
export const architectureCode = (space: Space, names: readonly string[], hypers: Hypers): np.Array =>
  np.concatenate(
    names
      .flatMap((name) => codeOf(space.hypers[name] as Hyper, hypers[name] as np.Array))
      .map((x) => x.reshape([1, 1])),
    1,
  );

/** The length of an architecture's code. */
export const codeSize = (space: Space, names: readonly string[]): number =>
  names.reduce((sum, name) => {
    const hyper = space.hypers[name] as Hyper;
    return sum + (hyper.kind === "choice" ? hyper.options.length : 1);
  }, 0);

function codeOf(hyper: Hyper, value: np.Array): np.Array[] {
  if (hyper.kind === "choice") {
    return hyper.options.map((_, i) => np.equal(value.ref, i).astype(value.dtype).mul(2).sub(1));
  }
  const { low = 0, high = 1, log } = hyper;
  const bend = log ? Math.log : (x: number) => x;
  const x = log ? np.log(value.ref) : value.ref;
  return [x.sub((bend(low) + bend(high)) / 2).mul(2 / (bend(high) - bend(low)))];
}
