import { storedTrajectory, type HostCarry, type Window } from "../hypergrad/unrolled.ts";
import type { Tuner } from "./tuner.ts";
import { windowTuner, type WindowOptions, type WindowRunner } from "./unrolled-window.ts";

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
  const trajectories = new WeakMap<WindowRunner, Trajectory>(); // what is lost here is run again
  return windowTuner(
    {
      name: "unrolled",
      async before(host, step, { offset }) {
        if (offset === 0) trajectories.set(host, { from: step, carries: [] });
        await keep(host, trajectories.get(host), step);
      },
      async trajectory(host, window) {
        const kept = trajectories.get(host);
        trajectories.delete(host);
        return whole(host, kept, window);
      },
    },
    options,
  );
}

/** s before each step of a window, as far as it has come. */
interface Trajectory {
  readonly from: number;
  readonly carries: HostCarry[];
}

/** Keeps s before a step, unless steps of the window are missing. */
async function keep(host: WindowRunner, trajectory: Trajectory | undefined, step: number): Promise<void> {
  if (!trajectory || trajectory.from + trajectory.carries.length !== step) return;
  trajectory.carries.push(await host.run("carry", {}));
}

/** The trajectory of a window, run again from its start where it was not kept whole. */
async function whole(
  host: WindowRunner,
  trajectory: Trajectory | undefined,
  window: Window,
): Promise<(step: number) => HostCarry> {
  if (trajectory?.from === window.from && trajectory.carries.length === window.to - window.from) {
    return (step) => trajectory.carries[step - window.from] as HostCarry;
  }
  await host.run("restore", {});
  return storedTrajectory(host, window);
}
