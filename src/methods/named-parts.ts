import { adam } from "../nn/optim/adam.ts";
import type { Optimizer } from "../nn/optim/optimizer.ts";
import { rmsprop } from "../nn/optim/rmsprop.ts";
import { inverseTime } from "../nn/optim/schedule.ts";
import { sgd } from "../nn/optim/sgd.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import { gate } from "../response/gate.ts";
import {
  elementwiseHypernet,
  factoredHypernet,
  linearHypernet,
  mlpHypernet,
  type Hypernet,
} from "../response/hypernet.ts";
import { lowRank } from "../response/low-rank.ts";
import type { Response } from "../response/response.ts";
import type { hypernet, response } from "./options.ts";
import type { ScalarOf } from "./option.ts";
import { optimizerOfName, optimizers, type OptimizerName } from "./optimizers.ts";
import type { MethodTraining } from "./training.ts";

const makers: Readonly<Record<OptimizerName, (momentum: number | undefined) => Optimizer>> = {
  sgd: (momentum = optimizers.sgd.momentum) => sgd({ momentum }),
  adam: () => adam(),
  rmsprop: (momentum = optimizers.rmsprop.momentum) => rmsprop({ momentum }),
};

const responses: Readonly<
  Record<ScalarOf<ReturnType<typeof response>>, (rank: number) => Response | undefined>
> = {
  auto: () => undefined,
  factored: () => factored,
  gate: () => gate,
  dense: () => dense,
  "low-rank": (rank) => lowRank(rank),
};

const hypernets: Readonly<
  Record<ScalarOf<ReturnType<typeof hypernet>>, (units?: number) => Hypernet | undefined>
> = {
  auto: () => undefined,
  elementwise: () => elementwiseHypernet(),
  linear: () => linearHypernet(),
  factored: (units = 10) => factoredHypernet({ units }),
  mlp: (units = 50) => mlpHypernet({ hidden: [units] }),
};

/** What the names of optimizers, responses and hypernetworks stand for. */
export const namedParts: Pick<
  MethodTraining,
  "inverseTime" | "optimizerNamed" | "responseRate" | "responseNamed" | "hypernetNamed"
> = {
  inverseTime:
    (steps, epochs = 0) =>
    (step, perEpoch) =>
      inverseTime({ after: Math.max(steps, Math.ceil(epochs * perEpoch)) })(step),
  optimizerNamed: (name, momentum) => makers[name](momentum),
  responseRate: (name) => optimizerOfName(name).responseRate,
  responseNamed: (name, rank) => responses[name](rank),
  hypernetNamed: (name = "auto", units) => hypernets[name](units),
};
