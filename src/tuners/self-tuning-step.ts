import { hostScalar, scalarOf, type HostArray, type HostArrays } from "../util/host-array.ts";
import { recordOf } from "../util/record.ts";
import type { Host, ViewsWanted } from "./host.ts";
import { implicitCoordinates } from "./implicit-response.ts";
import { learnsInStep, learnsOfStreams, tuningStepsAfter, turnOfStreams } from "./rhythm.ts";
import { trainingRates, tuningRates, type Rates, type SelfTuningSettings } from "./self-tuning-options.ts";
import type { Optimized, SelfTuning, SelfTuningPrograms } from "./self-tuning-programs.ts";
import { optimizerSettings } from "./settings.ts";
import type { Together } from "./together.ts";
import type { PreparedTuner } from "./tuner.ts";

type SelfTuningHost = Host<SelfTuningPrograms>;

/** What a step needs besides what its programs are made of. */
interface Stepping extends Pick<Together, "perturbation"> {
  readonly settings: SelfTuningSettings;
  /** Whether minibatches are of parallel streams. */
  readonly streams: boolean;
}

/** One step of the training: of w0, of Θ where it learns in this one, and the hyperparameter steps that fall due behind. */
export function selfTuningStep(
  parts: SelfTuning,
  { settings, perturbation, streams }: Stepping,
): PreparedTuner<SelfTuningPrograms>["advance"] {
  const { method, perturbations } = parts;
  const { responseEvery, validSteps, entropyWeight } = settings;
  const learns = (host: SelfTuningHost, step: number): boolean =>
    streams ? learnsOfStreams(step, responseEvery, host) : learnsInStep(step - beganAt(host), settings, host);

  const train = async (host: SelfTuningHost, step: number, tunesNext: boolean) => {
    const rates = trainingRates(settings, step, host.rateFactor?.());
    const views: ViewsWanted = {
      plain: method.plainGradients > 0,
      tunesNext,
      perturbations: (at) => (learns(host, at) ? perturbations : undefined),
    };
    const inputs = { ...(await host.trainInputs(step, views)), ...host.continues?.("train", step) };
    if (!learns(host, step)) {
      return host.run("trainWeights", { ...inputs, settings: settingsOf(parts, rates, ["params"]) });
    }
    return host.run("train", {
      ...inputs,
      ...(streams && { turn: hostScalar(turnOfStreams(step, responseEvery, host)) }),
      perturbation: perturbation(host.perturbation("train", step)),
      settings: settingsOf(parts, rates, ["params", "response"]),
    });
  };

  /** The `tuned`-th hyperparameter step of a training that began at step `began`. */
  const tune = (host: SelfTuningHost, began: number, tuned: number) => {
    const index = began * validSteps + tuned; // not those before a restart again
    return host.run("tune", {
      batch: host.validBatch(index),
      ...host.continues?.("valid", index),
      perturbation: perturbation(host.perturbation("valid", index)),
      settings: settingsOf(parts, tuningRates(settings, tuned, host), ["hypers", "scales"]),
      entropyWeight: hostScalar(entropyWeight),
    });
  };

  return async (host, step, begun) => {
    const began = beganAt(host);
    const due = tuningStepsAfter(step - began, settings, host);
    const { loss, penalty } = begun ?? (await numbersOf(train(host, step, due.length > 0)));
    const first = begun?.tuned ?? 0;
    let tuned = first;
    for (; tuned < due.length; tuned++) {
      if (tuned > first && (await host.stop?.())) break;
      await tune(host, began, due[tuned] as number);
    }
    const ofResponse = learns(host, step) ? responseGradients(parts) : 0;
    return {
      ...{ loss, penalty },
      ...(tuned < due.length && { tuned }),
      gradientEvaluations: method.plainGradients + ofResponse + due.length,
    };
  };
}

const beganAt = (host: SelfTuningHost): number => host.began?.() ?? 0;

/** What a training step reports, as numbers. */
async function numbersOf(running: Promise<Record<"loss" | "penalty", HostArray>>) {
  const { loss, penalty } = await running;
  return { loss: scalarOf(loss), penalty: scalarOf(penalty) };
}

/** The gradients that the response's part of a training step costs. */
function responseGradients({ problem, perturbations, responseObjective }: SelfTuning): number {
  const rays = responseObjective === "implicit" ? implicitCoordinates(problem).length : 0;
  if (rays === problem.space.size) return rays;
  return rays + (perturbations === "full" ? 2 : 1);
}

const settingsOf = <Part extends Optimized>(
  { optimizers }: SelfTuning,
  rates: Pick<Rates, Part>,
  parts: readonly Part[],
): Readonly<Record<Part, HostArrays>> =>
  recordOf(parts, (part) => optimizerSettings(optimizers[part], rates[part]));
