import type { ResponseCheck } from "../api/trace.ts";
import type { Engine, Precision, ProgramRunner, Session } from "../engine/engine.ts";
import { combined, innerProduct, plusScaled } from "../hypergrad/flat.ts";
import type { StepInputs } from "../hypergrad/hypergrad.ts";
import {
  reverseHypergradient,
  storedTrajectory,
  unrolledPrograms,
  type UnrolledPrograms,
  type Window,
} from "../hypergrad/unrolled.ts";
import type { Problem, Task } from "../problem/problem.ts";
import { coordinateNames, initialScales } from "../space/space.ts";
import { softplus } from "../space/transform.ts";
import {
  flattened,
  hostVector,
  inStructure,
  scalarOf,
  type HostArray,
  type HostTree,
} from "../util/host-array.ts";
import { meanOf } from "../util/statistics.ts";
import { CHECK_REPEATS, CHECK_STEPS } from "./check-budget.ts";
import type { RespondPrograms, TunerPrograms } from "./evaluate.ts";
import type { Host } from "./host.ts";
import type { PlainTraining, PreparedTuner } from "./tuner.ts";

/**
 * Holds a learned response against training itself.
 *
 * | symbol | meaning | here |
 * |---|---|---|
 * | K         | the steps of a check | `CHECK_STEPS` |
 * | r(λ), Θ   | the response and its Jacobian dr/dλ | `respondWeights`, `pullResponse` |
 * | w         | r at the current λ | `weights` |
 * | Φ_K(w, λ) | the weights after K plain training steps from w at λ, on the minibatches and with the noise of one window | `trained` |
 * | A, B      | their derivatives by w and by λ | |
 * | v         | ∂L_V/∂w at Φ_K(w, λ) | `adjoint.end` |
 * | σ         | the scales at which λ is perturbed | `scales` |
 * | δ         | a move of λ | `move` |
 *
 * A response answers for training to its end, a check can afford K steps. But if Θ is right, r(λ + δ) stays as far from r(λ)
 * however long both are trained, each at its own λ: A Θ + B = Θ. This is the implicit function theorem for Φ_K, true at each w at
 * which the derivative of the training gradient along (Θ, I) is 0, be it a minimum or not. So Θ predicts that K steps move the
 * weights with λ by
 *
 *     B = Θ - A Θ,
 *
 * which no part of Θ is known for but training knows: of what Θ says, that which K steps do not reach cancels. Two checks of it:
 *
 * - **seen and predicted.** Seen is L_V(Φ_K(w, λ + δ)) - L_V(Φ_K(w, λ)). Predicted is the same with Φ_K(w, λ) + Θδ - AΘδ in the place of
 *   Φ_K(w, λ + δ), where Θδ = r(λ + δ) - w and AΘδ = (Φ_K(w + hΘδ, λ) - Φ_K(w, λ)) / h, h = `NEAR` since training is no straight line as far as Θδ: three trainings of K steps.
 * - **cosine**, between B'v, the hypergradient unrolled through the K steps, and (Θ - AΘ)'v = Θ'(v - A'v); A'v is the adjoint in which unrolling
 *   backwards ends. Both without ∂L_V/∂λ, which is known.
 *
 * The move δ = -t σ² g / |σ g| goes down the response's own hypergradient g = (Θ - AΘ)'v, the way that the next hyperparameter steps take. With
 * t = 1 it is as long as one perturbation; it is shorter where the response itself predicts the lowest loss before that, or a rise there. A response whose hypergradient is the truth and noise has a prediction that is as many times too large as noise
 * makes up of it, and one whose sign is wrong sees the loss rise. One that is 0 has no way of its own, and predicts that nothing happens on that of
 * the unrolled hypergradient.
 *
 * A loss that does not fall by as much tells two things apart by what K steps at λ - δ do to it: if it rises there, the way was right and δ too
 * long; if it falls there, the way was wrong.
 *
 * The check works on a copy of the state, in a session of its own, and draws nothing: a run is the same with and without.
 */
export interface ResponseChecker {
  /** A check where a run stands; nothing if a number of it is not finite. */
  check(session: Session<TunerPrograms>, host: Host, step: number): Promise<ResponseCheck | undefined>;
  dispose(): void;
}

/** How the loss changed from a training at λ to one at λ + δ, and to one at λ - δ. */
type Change = Required<Pick<ResponseCheck, "predicted" | "seen" | "opposite">>;

/** The share of Θδ over which A is taken. */
const NEAR = 1 / 8;

/** What float32 may make of a loss, as a share. */
const ROUNDING = 1e-6;

/** The checker of a method's response; nothing for a method without one, nor where training carries running statistics, which the copy lacks. */
export function responseChecker(
  { problem }: Task,
  { plainTraining }: Pick<PreparedTuner, "plainTraining">,
  engine: Engine,
  precision: Precision,
): ResponseChecker | undefined {
  if (!plainTraining || problem.carried) return undefined;
  const { optimizer, optimizerState } = plainTraining;
  let opened: Session<UnrolledPrograms> | undefined;
  return {
    async check(session, host, step) {
      const parts = ["hypers", "scales", ...(optimizerState ? [optimizerState] : [])] as const;
      const { hypers: lambda, scales, paramsOptimizer } = await session.read(parts);
      const w = await weightsAt(session, lambda);
      const start = { optimizer: paramsOptimizer ?? optimizer.init(w), hypers: lambda };
      const copy = (opened ??= engine.open(
        unrolledPrograms({ problem, optimizer }),
        { ...start, params: w },
        precision,
      ));

      copy.write({ ...start, params: w });
      const first = await windowAt(plainTraining, host, step, lambda);
      const carryAt = await storedTrajectory(copy, first);
      const firstEnd = await weightsOf(copy);
      const unrolled = await reverseHypergradient(copy, first, carryAt);
      const adjoint = difference(unrolled.adjoint.end, unrolled.adjoint.start);
      const pulled = await session.run("pullResponse", { at: lambda, adjoint });
      const g = flattened(pulled.hypers);
      const exact = flattened(difference(unrolled.hypers, unrolled.direct));

      const lossAt = async ({ validBatch }: Window, params: HostTree, at: HostArray): Promise<number> => {
        copy.write({ params, hypers: at });
        return scalarOf((await copy.run("validGradient", { batch: validBatch })).loss);
      };
      const trainFrom = (window: Window, params: HostTree, at = lambda) =>
        trainedFrom(copy, window, { ...start, params, hypers: at });
      /** B δ of a window whose training from w ends in `trained`. */
      const predictedMove = async (window: Window, trained: HostTree, away: HostTree): Promise<HostTree> => {
        const moved = difference(away, w);
        const left = difference(await trainFrom(window, plus(w, moved, NEAR)), trained);
        return plus(moved, left, -1 / NEAR);
      };

      const whole = moveDown([g, exact], scalesOf(problem, scales));
      const at = (share: number) => sum(lambda, hostVector(whole.map((x) => share * x))) as HostArray; // of one leaf
      /** What the response predicts a share of the way down, and as far up. */
      const predictedAt = async (share: number) => {
        const reach = await predictedMove(first, firstEnd, await weightsAt(session, at(share)));
        return {
          before: unrolled.loss,
          there: await lossAt(first, sum(firstEnd, reach), at(share)),
          back: await lossAt(first, difference(firstEnd, reach), at(-share)),
        };
      };
      const share = await lowestShare(predictedAt);
      const moved = at(share);
      const away = await weightsAt(session, moved);
      const changes: Change[] = [];
      for (let repeat = 1; repeat <= CHECK_REPEATS; repeat++) {
        const from = step + repeat * CHECK_STEPS;
        const window = await windowAt(plainTraining, host, from, lambda);
        const trained = await trainFrom(window, w);
        const before = await lossAt(window, trained, lambda);
        const changeAt = async (there: HostArray): Promise<number> => {
          const own = problem.augmentation ? await windowAt(plainTraining, host, from, there) : window; // its examples are others
          return (await lossAt(window, await trainFrom(own, w, there), there)) - before;
        };
        const seen = await changeAt(moved);
        const opposite = await changeAt(at(-share));
        const predicted = await lossAt(
          window,
          sum(trained, await predictedMove(window, trained, away)),
          moved,
        );
        changes.push({ predicted: predicted - before, seen, opposite });
      }
      const each = (of: (change: Change) => number) => changes.map(of);
      const check = {
        predicted: meanOf(each(({ predicted }) => predicted)),
        seen: meanOf(each(({ seen }) => seen)),
        opposite: meanOf(each(({ opposite }) => opposite)),
        noise: standardError(each(({ seen }) => seen)) + ROUNDING * Math.abs(unrolled.loss),
        ...cosineOf(g, exact, continuousCoordinates(problem)),
      };
      return Object.values(check).every(Number.isFinite) ? check : undefined;
    },
    dispose() {
      opened?.dispose();
      opened = undefined;
    },
  };
}

/** r(λ). */
const weightsAt = async (
  session: ProgramRunner<Partial<RespondPrograms>>,
  at: HostArray,
): Promise<HostTree> => (await session.run("respondWeights", { at })).params;

const weightsOf = async (session: Pick<Session<UnrolledPrograms>, "read">): Promise<HostTree> =>
  (await session.read(["params"])).params;

/** The next K steps; their minibatches are drawn once for all trainings. */
async function windowAt(
  { settingsAt }: PlainTraining,
  host: Host,
  step: number,
  lambda: HostArray,
): Promise<Window> {
  const inputs: StepInputs[] = [];
  for (let at = step; at < step + CHECK_STEPS; at++) {
    const { batch, noise } = await host.trainInputs(at, { at: lambda.data });
    inputs.push({ batch, noise, settings: settingsAt(at, host.rateFactor?.()) });
  }
  return {
    from: step,
    to: step + CHECK_STEPS,
    inputsAt: (at) => inputs[at - step] as StepInputs,
    validBatch: host.validBatch(step),
  };
}

/** Φ_K of a state. */
async function trainedFrom(
  session: Session<UnrolledPrograms>,
  { from, to, inputsAt }: Window,
  state: Readonly<Record<string, HostTree>>,
): Promise<HostTree> {
  session.write(state);
  for (let step = from; step < to; step++) await session.run("train", await inputsAt(step));
  return weightsOf(session);
}

/** δ: down the first of some hypergradients that is not 0, or where all are anywhere; as long as one perturbation. */
function moveDown(hypergradients: readonly Float64Array[], sigma: Float64Array): Float64Array {
  const g = hypergradients.find((each) => each.some((x) => x !== 0)) ?? sigma.map(() => 1);
  const steepest = combined(g, sigma, (a, b) => a * b);
  const length = Math.sqrt(innerProduct(steepest, steepest));
  return combined(steepest, sigma, (a, b) => (-a * b) / length);
}

/**
 * Where on the way to one perturbation the parabola through three losses is lowest, as a share of the way. It is asked where the losses have fallen; where they have
 * not, which may be as far as neither response nor network are straight lines, a shorter way is tried.
 */
async function lowestShare(lossesAt: (share: number) => Promise<ThreeLosses>): Promise<number> {
  let share = 1;
  for (let tries = 0; tries < SHARES_TRIED; tries++) {
    const { before, there, back } = await lossesAt(share);
    const slope = (there - back) / 2;
    const curvature = there + back - 2 * before;
    const lowest = slope < 0 && curvature > 0 ? Math.min(1, -slope / curvature) : 1;
    if (there <= before) return share * lowest;
    share *= Math.min(lowest, SHORTER);
  }
  return share;
}

/** Losses where nothing moved, at the end of a way, and as far back. */
type ThreeLosses = Readonly<Record<"before" | "there" | "back", number>>;

const SHARES_TRIED = 3;

/** What is left of a way at most, if the loss has not fallen there. */
const SHORTER = 1 / 4;

/** The standard error of the mean of some numbers. */
function standardError(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.hypot(...numbers.map((x) => x - mean)) / Math.sqrt(numbers.length * (numbers.length - 1));
}

const scalesOf = ({ space }: Problem, scales: HostTree | undefined): Float64Array =>
  Float64Array.from(scales ? flattened(scales) : initialScales(space), softplus.forward);

const plus = (a: HostTree, b: HostTree, factor: number): HostTree =>
  inStructure(a, plusScaled(flattened(a), flattened(b), factor));

const sum = (a: HostTree, b: HostTree): HostTree => plus(a, b, 1);

const difference = (a: HostTree, b: HostTree): HostTree => plus(a, b, -1);

/** The cosine over some coordinates; none where one of the two has nothing there. */
function cosineOf(a: Float64Array, b: Float64Array, counted: readonly boolean[]): Partial<ResponseCheck> {
  const [x, y] = [a, b].map((vector) => vector.filter((_, i) => counted[i])) as [Float64Array, Float64Array];
  const lengths = Math.sqrt(innerProduct(x, x) * innerProduct(y, y));
  return lengths === 0 ? {} : { cosine: innerProduct(x, y) / lengths };
}

/** Whether the loss is continuous in each coordinate of λ; an integer's jumps from one to the next. */
const continuousCoordinates = ({ space, discontinuous = [] }: Problem): boolean[] =>
  coordinateNames(space).map((name) => space.hypers[name]?.kind === "real" && !discontinuous.includes(name));
