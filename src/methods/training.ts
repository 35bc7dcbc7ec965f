import type { Optimizer } from "../nn/optim/optimizer.ts";
import type { Schedule } from "../nn/optim/schedule.ts";
import type { Hypernet } from "../response/hypernet.ts";
import type { Response } from "../response/response.ts";
import type { HyperPace } from "../tuners/self-tuning-options.ts";
import type { OptimizerName } from "./optimizers.ts";
import type { ScalarOf } from "./option.ts";
import type { hypernet, response } from "./options.ts";

/** How the weights are trained, and what the names of options stand for. */
export interface MethodTraining {
  readonly optimizer: Optimizer;
  readonly optimizerName: OptimizerName;
  readonly learningRate: number;
  readonly momentum: number | undefined;
  readonly clipNorm: number | undefined;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** Absent where only time limits the run. */
  readonly epochs: number | undefined;
  /** Bytes of the machine. */
  readonly memoryLimit: number;
  /** Where the hyperparameters go, for training that holds them on a path. */
  readonly hypersAt: ((step: number) => Float64Array) | undefined;
  /** @param epochs after which it ends where it has an end; default those of the run */
  schedule(epochs?: number | undefined): Schedule;
  /** 1 for so many steps, or those of so many epochs, then their number over that of all. */
  inverseTime(after: number, epochs?: number): HyperPace;
  optimizerNamed(name: OptimizerName, momentum?: number): Optimizer;
  /** The step size of a response that an optimizer trains; nothing where it is that of the weights. */
  responseRate(name: OptimizerName): number | undefined;
  /** Nothing for `auto`. */
  responseNamed(name: ScalarOf<ReturnType<typeof response>>, rank: number): Response | undefined;
  /** Nothing for `auto`. @param units its width where it has one */
  hypernetNamed(
    name: ScalarOf<ReturnType<typeof hypernet>> | undefined,
    units: number | undefined,
  ): Hypernet | undefined;
}
