import type { NoArrays, Program, ProgramRunner } from "../engine/engine.ts";
import { boundsAfter, fromFixedPoint, nothingLost, ratioOf, type Ratio } from "../hypergrad/fixed-point.ts";
import { heavyBall } from "../hypergrad/heavy-ball.ts";
import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { elementAt, hyperOfSetting, tunedSettings } from "../hypergrad/optimizer-hypers.ts";
import {
  gradientOn,
  reversedTrajectory,
  reversibleStart,
  reversibleStep,
  trainGradientProgram,
  type ReversibleRates,
  type ReversibleState,
} from "../hypergrad/reversible.ts";
import { packed, unpacked, type PackedArrays } from "../hypergrad/packed-reversible.ts";
import { hyperStepProgram } from "../hypergrad/training-step.ts";
import { reverseHypergradient, unrolledPrograms } from "../hypergrad/unrolled.ts";
import { plainLayers } from "../nn/layer.ts";
import type { Task } from "../problem/problem.ts";
import { naturalValues, type HyperValues } from "../space/space.ts";
import { flattened, inStructure } from "../util/host-array.ts";
import { evaluationPrograms, type TunedState } from "./evaluate.ts";
import {
  demandUnrollable,
  initialState,
  reportedLosses,
  ratesAt,
  tuneInputs,
} from "./hypergradient-training.ts";
import { largestDecay } from "./largest-decay.ts";
import { firstTuning } from "./rhythm.ts";
import { preparedTuner, type Tuner } from "./tuner.ts";
import {
  placeOf,
  windowEndingWith,
  windowSettings,
  type WindowPlace,
  type WindowOptions,
  type WindowSettings,
} from "./unrolled-window.ts";

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
  const settings = windowSettings({ ...options, optimizer });
  const { hyperOptimizer, horizon } = settings;
  ratioOf(momentum);
  return {
    name: "reversible",
    prepare(task, seed) {
      demandUnrollable("reversible", task, settings);
      const { problem } = task;
      const { params, hypers, hypersOptimizer } = initialState(task, settings, seed);
      const least = tunedSettings(task).includes("momentum") ? Math.min(momentum, SMALLEST_TUNED) : momentum;
      const limbs = boundsAfter(Array<Ratio>(horizon).fill(ratioOf(least))).limbs;
      const training = { problem, optimizer };
      const { pullBack, validGradient } = unrolledPrograms(training);
      const remembered = new WeakMap<StandingRunner, Remembered>(); // what is lost here is read back from the state
      return preparedTuner({
        state: {
          params,
          hypers,
          hypersOptimizer,
          exact: packed(reversibleStart(flattened(params)), limbs),
        },
        programs: {
          trainGradient: trainGradientProgram(training),
          ...standing,
          place: placeProgram,
          pullBack,
          validGradient,
          tune: hyperStepProgram(hyperOptimizer, largestDecay(task, settings.learningRate)),
          ...evaluationPrograms(problem, ({ params }) => plainLayers(params)),
        },
        tunesFrom: (stepsPerEpoch) => firstTuning(settings, stepsPerEpoch),
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const place = placeOf(step, settings, host);
          const known = remembered.get(host);
          const now = known?.step === step ? known : await readBack(host, task, settings, step, place);
          const ratesOf = (at: number): ReversibleRates => ratesAtStep(task, settings, now.natural, at);
          const before = place?.offset ? now.state : { ...now.state, lost: nothingLost };
          const { gradient, objective } = await gradientOn(
            host,
            fromFixedPoint(before.params),
            params,
            await host.trainInputs(step),
          );
          const after = reversibleStep(before, gradient, ratesOf(step));
          await host.run("place", {
            params: inStructure(params, fromFixedPoint(after.params)),
            exact: packed(place ? after : { ...after, lost: nothingLost }, limbs),
          });
          remembered.set(host, { step: step + 1, state: after, natural: now.natural });
          if (!place?.last) return { ...reportedLosses(objective), gradientEvaluations: 1 };

          const window = windowEndingWith(host, task, settings, step, place);
          const rebuilt = reversedTrajectory(host, window, after, params, ratesOf);
          const { hypers, cost } = await reverseHypergradient(host, window, rebuilt);
          await host.run("tune", tuneInputs(settings, hypers));
          const natural = await naturalNow(host, task);
          remembered.set(host, { step: step + 1, state: after, natural });
          return {
            ...reportedLosses(objective),
            gradientEvaluations: 1 + horizon + gradientEvaluations(cost),
          };
        },
      });
    },
  };
}

/** The exact state, beside the weights that it stands for. */
type ExactState = TunedState & { exact: PackedArrays };

/** The programs that copy what the state holds to the host. */
const standing: {
  readonly exact: Program<ExactState, NoArrays, Pick<ExactState, "exact">>;
  readonly lambda: Program<ExactState, NoArrays, Pick<ExactState, "hypers">>;
} = {
  exact: ({ exact }) => [{}, { exact }],
  lambda: ({ hypers }) => [{}, { hypers }],
};

type StandingRunner = ProgramRunner<typeof standing>;

/** The exact state before a step, on the host, and the hyperparameters that it is taken with. */
interface Remembered {
  readonly step: number;
  readonly state: ReversibleState;
  readonly natural: HyperValues;
}

/** What is before a step, from the engine: after a start, and where a run goes on. */
async function readBack(
  host: StandingRunner,
  task: Task,
  settings: WindowSettings,
  step: number,
  place: WindowPlace | undefined,
): Promise<Remembered> {
  const natural = await naturalNow(host, task);
  const { exact } = await host.run("exact", {});
  const done = place?.offset ?? 0;
  const ratios = Array.from(
    { length: done },
    (_, i) => ratesAtStep(task, settings, natural, step - done + i).ratio,
  );
  return { step, state: unpacked(exact, ratios), natural };
}

const naturalNow = async (host: StandingRunner, { problem }: Task): Promise<HyperValues> =>
  naturalValues(problem.space, (await host.run("lambda", {})).hypers.data);

/** The step size and the momentum of a step, each from its hyperparameter where there is one. */
function ratesAtStep(
  { problem }: Task,
  { optimizer, learningRate, schedule, scheduleSteps }: WindowSettings,
  natural: HyperValues,
  step: number,
): ReversibleRates {
  const settingOf = (setting: string, own: number): number => {
    const tuned = natural[hyperOfSetting(problem.space, setting)?.[0] ?? ""] ?? own;
    if (!Array.isArray(tuned)) return tuned as number;
    return tuned[elementAt(step, tuned.length, scheduleSteps)] as number;
  };
  return {
    learningRate: settingOf("learningRate", learningRate) * schedule(step),
    ratio: ratioOf(settingOf("momentum", optimizer.defaults.momentum as number)),
  };
}

/** The momentum down to which a window's bits have room where momentum is tuned: one bit a weight and step. */
const SMALLEST_TUNED = 0.5;

/** Puts what the host computed into the state. */
const placeProgram: Program<ExactState, Pick<ExactState, "params" | "exact">, NoArrays> = (_, placed) => [
  placed,
  {},
];
