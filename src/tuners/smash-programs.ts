import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree, Program, ProgramState } from "../engine/engine.ts";
import { gradients, mapArrays } from "../engine/transform.ts";
import { plainLayers, type Layers } from "../nn/layer.ts";
import { mean } from "../nn/mean.ts";
import { clipByGlobalNorm } from "../nn/optim/clip.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { trainObjective, validLosses, type Objective } from "../problem/objective.ts";
import type { ArchitectureSpace, Batch, Hypers, Noise, Problem } from "../problem/problem.ts";
import { unflattened, type Hypernet } from "../response/hypernet.ts";
import { naturalArrays, type Hyper, type Space } from "../space/space.ts";
import type { HostTree } from "../util/host-array.ts";
import { currentHypers } from "./evaluate.ts";

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

/** Phase 1: one step of the hypernetwork on the training loss of the architecture `at`: [size]. */
export const hypernetProgram =
  (parts: Smash): Program =>
  (state, inputs) => {
    const { optimizer, clipNorm } = parts;
    const loss = (phi: ArrayTree): [np.Array, Objective] => {
      const objective = objectiveAt(parts, phi, inputs);
      return [objective.loss.ref.add(objective.penalty.ref), objective];
    };
    const { grads, reported } = gradients(loss, tree.ref(state.hypernet as ArrayTree));
    const [hypernet, hypernetOptimizer] = optimizer.update(
      clipByGlobalNorm(grads[0], clipNorm),
      state.hypernetOptimizer as ArrayTree,
      state.hypernet as ArrayTree,
      inputs.settings as Record<string, np.Array>,
    );
    return [{ hypernet, hypernetOptimizer }, reported];
  };

/**
 * Phase 2: scores the architecture `at` on the rows `valid`, and keeps it where it is the best so far. Its loss on the training
 * minibatch is what the step reports.
 */
export const scoreProgram =
  (parts: Smash): Program =>
  (state, inputs) => {
    const { problem } = parts;
    const phi = state.hypernet as ArrayTree;
    const at = (inputs.at as np.Array).ref;
    const hypers = naturalArrays(problem.space, at.ref.reshape([1, -1]));
    const layers = plainLayers(generated(parts, phi, hypers));
    const score = mean(validLosses(problem, layers, inputs.valid as Batch, hypers));
    const before = state.score as np.Array;
    const better = np.less(score.ref, before.ref);
    return [
      {
        hypers: np.where(better.ref, at, state.hypers as np.Array),
        score: np.where(better, score.ref, before),
      },
      { ...objectiveAt(parts, phi, inputs), score },
    ];
  };

/** The best architecture so far, unconstrained. */
export const chosenProgram: Program = (state) => [{}, { hypers: (state.hypers as np.Array).ref }];

/** The start of phase 3: the network's own weights take the place of generated ones. */
export const restartProgram: Program = (_state, inputs) => [
  { params: inputs.params as ArrayTree, generating: inputs.generating as np.Array },
  {},
];

/** The layers of the network at a state's hyperparameters: generated until phase 3, then its own. */
export const smashLayers =
  (parts: Smash) =>
  (state: ProgramState): Layers => {
    const hypers = naturalArrays(parts.problem.space, currentHypers(state));
    const weights = generated(parts, state.hypernet as ArrayTree, hypers);
    const on = np.greater((state.generating as np.Array).ref, 0);
    return plainLayers(
      mapArrays(
        (own, made) => np.where(on.ref, made as np.Array, own.ref),
        state.params as ArrayTree,
        weights,
      ),
    );
  };

/** The training objective of an architecture with generated weights. */
function objectiveAt(parts: Smash, phi: ArrayTree, inputs: ProgramState): Objective {
  const { problem } = parts;
  const hypers = naturalArrays(problem.space, (inputs.at as np.Array).ref.reshape([1, -1]));
  const layers = plainLayers(generated(parts, phi, hypers));
  return trainObjective(problem, layers, inputs.batch as Batch, hypers, inputs.noise as Noise);
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
