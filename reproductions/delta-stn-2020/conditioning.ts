import { gradientDescent } from "../../src/nn/optim/sgd.ts";
import { quadratic } from "../../src/problem/quadratic.ts";
import { dense } from "../../src/response/dense.ts";
import { centeredStn } from "../../src/tuners/centered-stn.ts";
import { deltaStn } from "../../src/tuners/delta-stn.ts";
import { stn } from "../../src/tuners/stn.ts";
import { HostArray } from "../../src/util/host-array.ts";
import type { Reproduction } from "../reproduction.ts";
import { conditioningFigure } from "./conditioning-figure.ts";
import { onWholeSets } from "./whole-sets.ts";

/*
 * How well the response can be learned by gradient descent: the condition number of its problem (Bae and Grosse 2020, equations 4.4 and 4.5).
 *
 * | symbol | meaning |
 * |---|---|
 * | λ0, ε | the hyperparameter, unconstrained, and its perturbation, σ or -σ |
 * | h     | the response's input: λ0 + ε in an STN, ε where it is centred; μ is its mean |
 * | w     | the weights w0 + Θ h, of which the loss is ½ (w - w*(λ0 + ε))² |
 * | κ     | the condition number of the loss's curvature in (w0, Θ) |
 *
 * The curvature is E (1, h)(1, h)' = [[1, μ], [μ, μ² + σ²]], whose determinant is σ². Centred, w0 and Θ have curvatures 1 and σ² apart.
 */

const DROPOUT_START = -2.89; // λ0 of a dropout rate of .05 in 0 to .95, the experiments' start
const SIGMA = 1; // their perturbation scale
const POINTS = [-4, DROPOUT_START, -2, -1, 0, 1, 2, 3];
const LINE = Array.from({ length: 71 }, (_, i) => -4 + i / 10);
const STEPS = 60;
const ENDED = 1e-9; // of the first error: rounding is near
const SLOPE = -0.7; // of the best response w*(λ) = .3 - .7 λ
const TOLERANCE = 0.01; // of κ
const METHODS = { stn, "centered-stn": centeredStn, "delta-stn": deltaStn };

type MethodName = keyof typeof METHODS;

/** The eigenvalues of the curvature, the smaller one first. */
function curvatures(mean: number): readonly [number, number] {
  const trace = 1 + mean ** 2 + SIGMA ** 2;
  const large = (trace + Math.sqrt(trace ** 2 - 4 * SIGMA ** 2)) / 2;
  return [SIGMA ** 2 / large, large];
}

const meanInput = (method: MethodName, lambda: number): number => (method === "stn" ? lambda : 0);

/** κ in closed form. */
const conditionOf = (method: MethodName, lambda: number): number => {
  const [small, large] = curvatures(meanInput(method, lambda));
  return large / small;
};

/** Conditioning: without centring, the response's problem is the worse conditioned the further λ lies from 0. */
export const conditioning: Reproduction = async ({ engine, note }) => {
  const measured: { method: MethodName; lambda: number; condition: number; errors: readonly number[] }[] = [];
  for (const method of Object.keys(METHODS) as MethodName[]) {
    for (const lambda of POINTS) {
      const [small, large] = curvatures(meanInput(method, lambda));
      const learningRate = 2 / (small + large); // with which both ends of the spectrum shrink alike, by (κ - 1) / (κ + 1)
      const tuner = METHODS[method]({
        ...{ response: dense, perturbations: "full", learningRate, warmupEpochs: Infinity },
        optimizer: gradientDescent(),
      });
      const task = quadratic({
        ...{ curvature: [[1]], coupling: [[-SLOPE]], linear: [-0.3], target: [0], start: lambda },
        perturbation: { scale: SIGMA, tuneScale: false },
      });
      const one = new HostArray(Float64Array.of(1), [1, 1]); // and -1, by `full`
      const errors = await onWholeSets(
        { engine, task, tuner },
        () => one,
        async ({ prepared, session, host }) => {
          const after: number[] = [];
          const center = lambda - meanInput(method, lambda); // where h = 0
          for (let step = 0; step <= STEPS; step++) {
            const { params, response } = await session.read(["params", "response"]);
            const [w0, theta] = [params, response].map(onlyNumber) as [number, number];
            after.push(Math.hypot(w0 - (0.3 + SLOPE * center), theta - SLOPE));
            await prepared.advance(host, step);
          }
          return after;
        },
      );
      const shares = errors.map((error) => error / (errors[0] as number));
      const last = shares.findIndex((share, step) => share < ENDED || step === STEPS);
      const rate = (shares[last] as number) ** (1 / last);
      const condition = (1 + rate) / (1 - rate);
      measured.push({ method, lambda, condition, errors });
      note(`${method} at λ = ${lambda}: κ ${condition.toFixed(2)}`);
    }
  }
  const at = (method: MethodName) =>
    measured.find((point) => point.method === method && point.lambda === DROPOUT_START)?.condition as number;
  const claims = (Object.keys(METHODS) as MethodName[]).map((method) => {
    const expected = conditionOf(method, DROPOUT_START);
    return {
      what: `condition number of ${method} where a dropout rate is .05`,
      expected: `${expected.toFixed(1)} ± 1 %`,
      measured: at(method).toFixed(1),
      holds: Math.abs(at(method) / expected - 1) <= TOLERANCE,
    };
  });
  const worst = Math.max(
    ...measured.map(({ method, lambda, condition }) => Math.abs(condition / conditionOf(method, lambda) - 1)),
  );
  claims.push({
    what: `largest error of ${measured.length} condition numbers from how fast descent ends`,
    expected: "at most 1 %",
    measured: `${(100 * worst).toFixed(2)} %`,
    holds: worst <= TOLERANCE,
  });
  const line = (["stn", "centered-stn"] as const).flatMap((method) =>
    LINE.map((lambda) => ({ method, lambda, condition: conditionOf(method, lambda) })),
  );
  return { numbers: { measured }, claims, figure: conditioningFigure(line, measured, DROPOUT_START) };
};

/** The number of a tree that holds one. */
function onlyNumber(tree: unknown): number {
  if (tree instanceof HostArray) return tree.data[0] as number;
  return onlyNumber(Object.values(tree as object)[0]);
}
