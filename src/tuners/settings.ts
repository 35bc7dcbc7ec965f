import type { Optimizer } from "../nn/optim/optimizer.ts";
import { hostScalar, type HostTree } from "../util/host-array.ts";

/** An optimizer's settings as inputs of a program: its defaults with the step's learning rate. */
export const optimizerSettings = (optimizer: Optimizer, learningRate: number): HostTree =>
  Object.fromEntries(
    Object.entries({ ...optimizer.defaults, learningRate }).map(([name, value]) => [name, hostScalar(value)]),
  );
