import type { ArrayTree, Program } from "../engine/engine.ts";
import {
  boundsAfter,
  fromFixedPoint,
  joinedHalves,
  nothingLost,
  ratioOf,
  splitHalves,
  type Ratio,
} from "../hypergrad/fixed-point.ts";
import { heavyBall } from "../hypergrad/heavy-ball.ts";
import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { settingHyper, tunedSettings } from "../hypergrad/optimizer-hypers.ts";
import {
  gradientOn,
  reversedTrajectory,
  reversibleStart,
  reversibleStep,
  trainGradientProgram,
  type ReversibleState,
} from "../hypergrad/reversible.ts";
import { hyperStepProgram } from "../hypergrad/training-step.ts";
import { reverseHypergradient, unrolledPrograms } from "../hypergrad/unrolled.ts";
import { plainLayers } from "../nn/layer.ts";
import { toNatural } from "../space/space.ts";
import { workError } from "../util/error.ts";
import { flattened, inStructure, HostArray } from "../util/host-array.ts";
import { evaluationPrograms } from "./evaluate.ts";
import {
  demandUnrollable,
  hyperSettings,
  initialState,
  objectiveOf,
  ratesAt,
  withDefaults,
} from "./hypergradient-training.ts";
import type { Tuner } from "./tuner.ts";
import { placeOf, windowEndingWith, windowLengths, type WindowOptions } from "./unrolled-window.ts";

/** How reversible learning trains: by gradient descent with momentum, nothing else can be reversed. */
export interface ReversibleOptions extends Omit<WindowOptions, "optimizer"> {
  /** Strictly between 0 and 1; default 0.9. */
  readonly momentum?: number;
}

/**
 * Reversible learning (Maclaurin, Duvenaud and Adams 2015): as {@link unrolled}, with the trajectory of the window
 * rebuilt backwards from its end, in fixed-point arithmetic that loses no bit.
 *
 * For windows of hundreds of steps: beside weights and momentum (64 bits a number) it keeps log2(1/μ) bits a weight and
 * step, 0.15 for μ = 0.9, in the state, so that a window needs no start and a resumed run goes on in its middle. Cost:
 * for each step of the window one gradient and one product. It can tune learning rate and momentum
 * (`withOptimizerHypers`); weights and momenta must stay within ±2^20.
 *
 * @see Maclaurin, Duvenaud and Adams, "Gradient-based hyperparameter optimization through reversible learning", 2015,
 *   https://arxiv.org/abs/1502.03492
 * @throws {HypertrainError} if the momentum is not strictly between 0 and 1.
 */
export function reversible({ momentum = 0.9, ...options }: ReversibleOptions = {}): Tuner {
  const optimizer = heavyBall({ momentum });
  const settings = { ...withDefaults({ ...options, optimizer }), ...windowLengths(options) };
  const { hyperOptimizer, horizon, learningRate, schedule } = settings;
  ratioOf(momentum);
  return {
    name: "reversible",
    prepare(task, seed) {
      demandUnrollable("reversible", task, optimizer);
      const { problem } = task;
      const { params, hypers, hypersOptimizer } = initialState(task, settings, seed);
      const least = tunedSettings(task).includes("momentum") ? Math.min(momentum, SMALLEST_TUNED) : momentum;
      const limbs = boundsAfter(horizon, ratioOf(least)).limbs;
      const training = { problem, optimizer };
      const { pullBack, validGradient } = unrolledPrograms(training);
      return {
        state: {
          params,
          hypers,
          hypersOptimizer,
          exact: packed(reversibleStart(flattened(params)), limbs),
        },
        programs: {
          trainGradient: trainGradientProgram(training),
          exact: ({ exact, hypers }) => [{}, { exact: exact as ArrayTree, hypers: hypers as ArrayTree }],
          place: placeProgram,
          pullBack,
          validGradient,
          tune: hyperStepProgram(hyperOptimizer),
          ...evaluationPrograms(problem, (state) => plainLayers(state.params as ArrayTree)),
        },
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const place = placeOf(step, settings, host);
          const now = (await host.run("exact", {})) as { exact: Packed; hypers: HostArray };
          const natural = toNatural(problem.space, now.hypers.data);
          const settingOf = (name: string, own: number) =>
            (natural[settingHyper(name)] as number | undefined) ?? own;
          const ratio = ratioOf(settingOf("momentum", momentum));
          const ratesOf = (at: number) => ({
            learningRate: settingOf("learningRate", learningRate) * schedule(at),
            ratio,
          });

          const before = unpacked(now.exact, place?.offset ?? 0, ratio);
          const { gradient, objective } = await gradientOn(
            host,
            fromFixedPoint(before.params),
            params,
            host.trainInputs(step),
          );
          const after = reversibleStep(before, gradient, ratesOf(step));
          await host.run("place", {
            params: inStructure(params, fromFixedPoint(after.params)),
            exact: packed(place ? after : { ...after, lost: nothingLost }, limbs),
          });
          if (!place?.last) return { ...objectiveOf(objective), gradientEvaluations: 1 };

          const window = windowEndingWith(host, task, settings, step, place);
          const rebuilt = reversedTrajectory(host, window, after, params, ratesOf);
          const { hypers, cost } = await reverseHypergradient(host, window, rebuilt);
          await host.run("tune", { gradient: hypers, settings: hyperSettings(settings) });
          return {
            ...objectiveOf(objective),
            gradientEvaluations: 1 + horizon + gradientEvaluations(cost),
          };
        },
      };
    },
  };
}

/** The momentum down to which a window's bits have room where momentum is tuned: one bit a weight and step. */
const SMALLEST_TUNED = 0.5;

/** A reversible state as arrays of an engine's integers; the numbers have two halves each. */
type Packed = {
  readonly params: HostArray; // [2, weights]
  readonly momentum: HostArray; // [2, weights]
  readonly lost: HostArray; // [limbs, weights]
};

function packed({ params, momentum, lost }: ReversibleState, limbs: number): Packed {
  if (lost.limbs.length > limbs) {
    throw workError(
      `what reversible learning loses in one window must fit into ${32 * limbs} bits a weight, but the momentum has become too small for it; give it a higher lower bound, or tune more often`,
    );
  }
  const weights = params.length;
  const bits = new Int32Array(limbs * weights);
  lost.limbs.forEach((limb, i) => bits.set(limb, i * weights));
  return {
    params: new HostArray(splitHalves(params), [2, weights]),
    momentum: new HostArray(splitHalves(momentum), [2, weights]),
    lost: new HostArray(bits, [limbs, weights]),
  };
}

/** The inverse of {@link packed}, after so many steps of a window. */
function unpacked({ params, momentum, lost }: Packed, steps: number, ratio: Ratio): ReversibleState {
  const { history, bound, limbs } = boundsAfter(steps, ratio);
  const weights = params.data.length / 2;
  const bits = lost.data as Int32Array;
  return {
    params: joinedHalves(params.data as Int32Array),
    momentum: joinedHalves(momentum.data as Int32Array),
    lost: {
      limbs: Array.from({ length: limbs }, (_, i) => bits.slice(i * weights, (i + 1) * weights)),
      history,
      bound,
    },
  };
}

/** Puts what the host computed into the state. */
const placeProgram: Program = (_, { params, exact }) => [
  { params: params as ArrayTree, exact: exact as ArrayTree },
  {},
];
