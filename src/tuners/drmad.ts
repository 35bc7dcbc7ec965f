import { straightTrajectory } from "../hypergrad/drmad.ts";
import type { Tuner } from "./tuner.ts";
import { windowTuner, type WindowOptions } from "./unrolled-window.ts";

/**
 * DrMAD (Fu et al. 2016): as {@link unrolled}, along a straight line from the window's start to its end instead of the
 * steps between.
 *
 * For long windows, whose trajectory would not fit into memory: it takes the weights and the optimizer's state twice, and
 * no step twice. The hypergradient is biased where training does not run straight. Cost: one product for each step of the
 * window and one gradient. The start of the window is part of the state.
 *
 * @see Fu, Luo, Feng, Low and Chua, "DrMAD: distilling reverse-mode automatic differentiation for optimizing
 *   hyperparameters of deep neural networks", 2016, https://arxiv.org/abs/1601.00917
 */
export const drmad = (options: WindowOptions = {}): Tuner =>
  windowTuner(
    {
      name: "drmad",
      async trajectory(host, window) {
        const [start, end] = [await host.run("start", {}), await host.run("carry", {})];
        return straightTrajectory(window, start, end);
      },
    },
    options,
  );
