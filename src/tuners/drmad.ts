import type { ArrayTree } from "../engine/engine.ts";
import { straightTrajectory } from "../hypergrad/drmad.ts";
import { gradientEvaluations } from "../hypergrad/hypergrad.ts";
import { hyperStepProgram } from "../hypergrad/training-step.ts";
import { reverseHypergradient, unrolledPrograms, type HostCarry } from "../hypergrad/unrolled.ts";
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
import type { Tuner } from "./tuner.ts";
import {
  markProgram,
  placeOf,
  windowEndingWith,
  windowSettings,
  type WindowOptions,
} from "./unrolled-window.ts";

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
export function drmad(options: WindowOptions = {}): Tuner {
  const settings = windowSettings(options);
  const { optimizer, hyperOptimizer } = settings;
  return {
    name: "drmad",
    prepare(task, seed) {
      demandUnrollable("drmad", task, settings);
      const state = initialState(task, settings, seed);
      return {
        state: { ...state, windowStart: { params: state.params, optimizer: state.optimizer } },
        programs: {
          ...unrolledPrograms({ problem: task.problem, optimizer }),
          mark: markProgram,
          start: ({ windowStart }) => [{}, windowStart as Record<"params" | "optimizer", ArrayTree>],
          tune: hyperStepProgram(hyperOptimizer),
          ...evaluationPrograms(task.problem, ({ params }) => plainLayers(params as ArrayTree)),
        },
        learningRates: ratesAt(task, settings),
        async advance(host, step) {
          const place = placeOf(step, settings, host);
          if (place?.offset === 0) await host.run("mark", {});
          const trained = await host.run("train", {
            ...host.trainInputs(step),
            settings: trainingSettings(task, settings, step),
          });
          if (!place?.last) return { ...objectiveOf(trained), gradientEvaluations: 1 };
          const window = windowEndingWith(host, task, settings, step, place);
          const [start, end] = [await host.run("start", {}), await host.run("carry", {})];
          const line = straightTrajectory(window, start as HostCarry, end as HostCarry);
          const { hypers, cost } = await reverseHypergradient(host, window, line);
          await host.run("tune", tuneInputs(settings, hypers));
          return { ...objectiveOf(trained), gradientEvaluations: 1 + gradientEvaluations(cost) };
        },
      };
    },
  };
}
