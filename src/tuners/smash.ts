import type { ProgramRunner } from "../engine/engine.ts";
import { adam } from "../nn/optim/adam.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { linearHypernet, type Hypernet } from "../response/hypernet.ts";
import type { Task } from "../problem/problem.ts";
import { naturalValues } from "../space/space.ts";
import { inputError } from "../util/error.ts";
import {
  hostScalar,
  hostVector,
  scalarOf,
  type HostArray,
  type HostArrays,
  type HostTree,
} from "../util/host-array.ts";
import { streamKey } from "../util/random.ts";
import { evaluationPrograms } from "./evaluate.ts";
import { fixed, type FixedOptions } from "./fixed.ts";
import { oneAhead, type OneAhead } from "./one-ahead.ts";
import { optimizerSettings } from "./settings.ts";
import { demandArchitecture, largestValues, randomArchitecture } from "./smash-draws.ts";
import { codeSize, smashLayers, smashPrograms, type Smash } from "./smash-programs.ts";
import { demandPlainExamples } from "./tunable.ts";
import type { Host } from "./host.ts";
import { preparedTuner, type StepReport, type Tuner } from "./tuner.ts";

/**
 * SMASH (Brock, Lim, Ritchie and Weston 2017): chooses an architecture by one hypernetwork, then trains it, all in one run.
 *
 * | symbol | meaning | shape | here |
 * |---|---|---|---|
 * | c    | an architecture, encoded | [1, code] | `architectureCode` |
 * | H    | the hypernetwork; H(c) are all weights of the largest network, of which c uses a part | [1, weights] | `hypernet` |
 * | N    | architectures that are scored | | `candidates` |
 * | λ    | all hyperparameters, unconstrained; those that are no architecture stay at their start | [size] | `hypers` |
 *
 * 1. For the first `hypernetEpochs`, each step draws an architecture c uniformly from the space, keyed by the seed and the step,
 *    and H takes a step on the minibatch's training loss of the network c with the weights H(c).
 * 2. In each of the next N steps another architecture is drawn and scored: its validation loss with the weights H(c), on the
 *    same `validBatchSize` validation rows for all. `hypers` is the best so far.
 * 3. For the rest of the run the best one is trained from its own initial weights, as `fixed` trains it from the same seed,
 *    bit for bit. The run's best network is one of these.
 *
 * The paper's networks are convolutional, and its H leaves some weights ordinary, shared by all architectures. Here H's last bias
 * is what all architectures share, and starts at the initial weights of the largest network.
 *
 * @see Brock, Lim, Ritchie and Weston, "SMASH: one-shot model architecture search through hypernetworks", 2017,
 *   https://arxiv.org/abs/1708.05344
 */
export interface SmashOptions extends FixedOptions {
  /** Epochs of the first phase, maybe a fraction. */
  readonly hypernetEpochs: number;
  /** N, one training step each; default 200. */
  readonly candidates?: number;
  /**
   * Default `linearHypernet()`: factored ones and mlps reach lower losses and rank the architectures worse
   * (docs/architecture-search.md).
   */
  readonly hypernet?: Hypernet;
  /** Trains H; default Adam. */
  readonly hypernetOptimizer?: Optimizer;
  /** Step size of H; default 0.001. */
  readonly hypernetLearningRate?: number;
}

/**
 * Chooses the architecture in one run, and trains it.
 *
 * For widths, activations and residual connections of one network (`width.*`, `activation.*`, `skip.*` of `supervised`), and where
 * training all candidates would take too long. Other hyperparameters stay at their start: tune them afterwards.
 *
 * ```ts
 * createRun(task, smash({ hypernetEpochs: 40, candidates: 200 }), engine, { epochs: 100 }, { clock: performance });
 * ```
 *
 * @throws {HypertrainError} where no hyperparameter is the architecture.
 */
export function smash(options: SmashOptions): Tuner {
  const settings = withDefaults(options);
  const { hypernetEpochs, candidates, hypernetLearningRate } = settings;
  return {
    name: "smash",
    prepare(task, seed, length) {
      demandPlainExamples("smash", task);
      const plain = fixed(options).prepare(task, seed, length);
      const parts = partsOf(settings, task, seed);
      const draws = drawsOf(parts, task, seed);
      const phases = (stepsPerEpoch: number) => {
        const scoring = Math.ceil(hypernetEpochs * stepsPerEpoch);
        return { scoring, training: scoring + candidates };
      };
      const { training: planned } = phases(length.stepsPerEpoch);
      return preparedTuner({
        state: { ...plain.state, ...searchState(parts, seed) },
        programs: {
          ...plain.programs,
          ...smashPrograms(parts),
          ...evaluationPrograms(task.problem, smashLayers(parts)),
        },
        learningRates: (step) =>
          step < planned ? { hypernetwork: hypernetLearningRate } : plain.learningRates(step - planned),
        resultFrom: (stepsPerEpoch) => phases(stepsPerEpoch).training + 1,
        takesValidation: true,
        async advance(host, step) {
          const { scoring, training } = phases(host.stepsPerEpoch);
          const learning = { settings: optimizerSettings(parts.optimizer, hypernetLearningRate) };
          if (step < scoring) return search(host, step, draws, "hypernet", learning);
          if (step < training) return search(host, step, draws, "score", { valid: host.validBatch(0) });
          if (step === training) await restart(host, parts, seed);
          return plain.advance(host, step - training);
        },
      });
    },
  };
}

function partsOf(settings: ReturnType<typeof withDefaults>, task: Task, seed: number): Smash {
  const { problem } = task;
  const architecture = demandArchitecture("smash", task);
  const { hypernet, hypernetOptimizer: optimizer, clipNorm } = settings;
  const like = problem.init(streamKey(seed, "params"), largestValues(task, architecture));
  return { problem, architecture, hypernet, like, optimizer, clipNorm };
}

/** An architecture [size] for each step of the first two phases, a function of the seed and the step. */
function drawsOf({ architecture }: Smash, task: Task, seed: number): OneAhead<HostArray> {
  const key = streamKey(seed, "architectures");
  return oneAhead((step) => hostVector(randomArchitecture(task, architecture, key, step)));
}

/** What the state has beside that of plain training. */
function searchState(parts: Smash, seed: number): Record<string, HostTree> {
  const { problem, architecture, hypernet, like, optimizer } = parts;
  const phi = hypernet.init(
    codeSize(problem.space, architecture.names),
    like,
    streamKey(seed, "hypernetwork"),
  );
  return {
    hypernet: phi,
    hypernetOptimizer: optimizer.init(phi),
    score: hostScalar(NO_SCORE),
    generating: hostScalar(1),
  };
}

type SmashRunner = ProgramRunner<ReturnType<typeof smashPrograms>>;

/** A step of phase 1 or 2. */
async function search(
  host: SmashRunner & Pick<Host, "trainInputs">,
  step: number,
  draws: OneAhead<HostArray>,
  program: "hypernet" | "score",
  inputs: { readonly settings: HostArrays } | { readonly valid: HostArrays },
): Promise<StepReport> {
  const running = host.run(program, { ...(await host.trainInputs(step)), at: draws.take(step), ...inputs });
  draws.prepare();
  const { loss, penalty } = await running;
  return { loss: scalarOf(loss), penalty: scalarOf(penalty), gradientEvaluations: 1 };
}

/** The start of phase 3. */
async function restart(host: SmashRunner, { problem }: Smash, seed: number): Promise<void> {
  const { hypers } = await host.run("chosen", {});
  const values = naturalValues(problem.space, hypers.data);
  const params = problem.init(streamKey(seed, "params"), values);
  await host.run("restart", { params, generating: hostScalar(0) });
}

/** Above every score. */
const NO_SCORE = 1e30;

function withDefaults({
  hypernetEpochs,
  candidates = 200,
  hypernet = linearHypernet(),
  hypernetOptimizer = adam(),
  hypernetLearningRate = 0.001,
  clipNorm = Infinity,
}: SmashOptions) {
  if (!(hypernetEpochs > 0 && Number.isFinite(hypernetEpochs))) {
    throw inputError(
      `hypernetEpochs must be above 0, but got ${hypernetEpochs}; two fifths of a run are usual`,
    );
  }
  if (!Number.isInteger(candidates) || candidates < 1) {
    throw inputError(`candidates must be a positive integer, but got ${candidates}; 200 is usual`);
  }
  return { hypernetEpochs, candidates, hypernet, hypernetOptimizer, hypernetLearningRate, clipNorm };
}
