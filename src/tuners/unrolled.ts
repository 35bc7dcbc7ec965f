import type { ArrayTree } from "../engine/engine.ts";
import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { hyperStepProgram } from "../hypergrad/training-step.ts";
import {
  reverseHypergradient,
  storedTrajectory,
  unrolledPrograms,
  type HostCarry,
  type Window,
} from "../hypergrad/unrolled.ts";
import { plainLayers } from "../nn/layer.ts";
import { evaluationPrograms } from "./evaluate.ts";
import {
  demandUnrollable,
  initialState,
  objectiveOf,
  ratesAt,
  tuneInputs,
} from "./hypergradient-training.ts";
import { trainingSettings } from "./settings.ts";
import type { Host, Tuner } from "./tuner.ts";
import {
  markProgram,
  placeOf,
  windowEndingWith,
  windowSettings,
  type WindowOptions,
} from "./unrolled-window.ts";

/**
 * Unrolled differentiation in reverse mode (Domke 2012; Franceschi et al. 2017), truncated and online: after every
 * `trainSteps` steps λ moves along the hypergradient through the last `horizon` of them, and training goes on from where
 * it is.
 *
 * Exact for the window, whatever the optimizer, with no need of a minimum or of curvature; blind to what λ did before it.
 * It can tune the settings of the optimizer too (`withOptimizerHypers`). Cost: one gradient and one product for each step
 * of the window, however many hyperparameters; memory on the host: the weights and the optimizer's state once for each.
 *
 * The state holds the start of the window alone, so that checkpoints stay small: the trajectory is kept outside of it
 * while a run goes on, and one that is resumed in the middle of a window runs it again from there, which gives the same
 * bits and is not counted among its gradients.
 *
 * @see Domke, "Generic methods for optimization-based modeling", 2012; Franceschi, Donini, Frasconi and Pontil, "Forward
 *   and reverse gradient-based hyperparameter optimization", 2017, https://arxiv.org/abs/1703.01785; on the bias of short
 *   windows Wu, Ren, Liao and Grosse, "Understanding short-horizon bias in stochastic meta-optimization", 2018,
 *   https://arxiv.org/abs/1803.02021
 */
export function unrolled(options: WindowOptions = {}): Tuner {
  const settings = windowSettings(options);
  const { optimizer, hyperOptimizer } = settings;
  return {
    name: "unrolled",
    prepare(task, seed) {
      demandUnrollable("unrolled", task, settings);
      const state = initialState(task, settings, seed);
      const trajectories = new WeakMap<Host, Trajectory>(); // what is lost here is run again
      return {
        state: { ...state, windowStart: { params: state.params, optimizer: state.optimizer } },
        programs: {
          ...unrolledPrograms({ problem: task.problem, optimizer }),
          mark: markProgram,
          restore: ({ windowStart }) => [windowStart as Record<"params" | "optimizer", ArrayTree>, {}],
          tune: hyperStepProgram(hyperOptimizer),
          ...evaluationPrograms(task.problem, ({ params }) => plainLayers(params as ArrayTree)),
        },
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const place = placeOf(step, settings, host);
          if (place?.offset === 0) {
            await host.run("mark", {});
            trajectories.set(host, { from: step, carries: [] });
          }
          if (place) await keep(host, trajectories.get(host), step);
          const trained = await host.run("train", {
            ...host.trainInputs(step),
            settings: trainingSettings(task, settings, step),
          });
          if (!place?.last) return { ...objectiveOf(trained), gradientEvaluations: 1 };
          const window = windowEndingWith(host, task, settings, step, place);
          const carryAt = await whole(host, trajectories.get(host), window);
          const { hypers, cost } = await reverseHypergradient(host, window, carryAt);
          await host.run("tune", tuneInputs(settings, hypers));
          trajectories.delete(host);
          return { ...objectiveOf(trained), gradientEvaluations: 1 + gradientEvaluations(cost) };
        },
      };
    },
  };
}

/** s before each step of a window, as far as it has come. */
interface Trajectory {
  readonly from: number;
  readonly carries: HostCarry[];
}

/** Keeps s before a step, unless steps of the window are missing. */
async function keep(host: Host, trajectory: Trajectory | undefined, step: number): Promise<void> {
  if (!trajectory || trajectory.from + trajectory.carries.length !== step) return;
  trajectory.carries.push((await host.run("carry", {})) as HostCarry);
}

/** The trajectory of a window, run again from its start where it was not kept whole. */
async function whole(
  host: Host,
  trajectory: Trajectory | undefined,
  window: Window,
): Promise<(step: number) => HostCarry> {
  if (trajectory?.from === window.from && trajectory.carries.length === window.to - window.from) {
    return (step) => trajectory.carries[step - window.from] as HostCarry;
  }
  await host.run("restore", {});
  return storedTrajectory(host, window);
}
