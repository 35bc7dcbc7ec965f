/**
 * Shows how well the scores of SMASH rank architectures, by hypernetwork and by how long it is trained: Spearman's correlation with
 * the validation losses of the same architectures, each trained alone. Minutes; run it with `node scripts/smash-ranks.ts`.
 */
import { readBundled } from "../src/data/node/bundled.ts";
import { onnxEngine } from "../src/engine/onnx/engine.ts";
import { mlp } from "../src/nn/mlp.ts";
import type { ArchitectureSpace } from "../src/problem/problem.ts";
import { supervised } from "../src/problem/supervised.ts";
import { factoredHypernet, linearHypernet, mlpHypernet, type Hypernet } from "../src/response/hypernet.ts";
import { choice } from "../src/space/choice.ts";
import { integer } from "../src/space/integer.ts";
import { toNatural } from "../src/space/space.ts";
import { trialRunner } from "../src/study/trial.ts";
import { rankCorrelation } from "../src/testing/rank-correlation.ts";
import { trainTrial } from "../src/testing/train-trial.ts";
import { fixed } from "../src/tuners/fixed.ts";
import { createRun } from "../src/tuners/run.ts";
import { randomArchitecture } from "../src/tuners/smash-draws.ts";
import { smash } from "../src/tuners/smash.ts";
import { flattened, hostVector, scalarOf, type HostArray } from "../src/util/host-array.ts";
import { randomKey } from "../src/util/random.ts";
import { leastOf } from "../src/util/statistics.ts";
import type { numpy as np } from "@jax-js/jax";
import { endlessRun } from "../src/tuners/tuner.ts";

const ARCHITECTURES = 30;
const EPOCHS = 60; // of each architecture alone
const HYPERNET_EPOCHS = [60, 240];
const SEEDS = [0, 1, 2];
const WIDTHS = { low: 8, high: 64 };
const STEPS_PER_EPOCH = 9;

/** No hypernetwork: one set of weights that all architectures share. */
const shared: Hypernet = {
  name: "shared",
  init: (_size, params) => ({ shared: hostVector(flattened(params)) }),
  apply: (phi, code) => (phi as { shared: np.Array }).shared.ref.add(code.sum().mul(0)),
  parameterCount: (_size, weights) => weights,
};
const hypernets = [shared, linearHypernet(), factoredHypernet(), mlpHypernet()];

const still = { clock: { now: () => 0 } };
const width = integer(16, { ...WIDTHS, log: true });
const activation = choice("relu", { options: ["relu", "tanh", "sigmoid"] });
const task = supervised({
  data: await readBundled("digits", { seed: 0 }),
  network: mlp({ inputs: 64, hidden: [64, 64], outputs: 10 }),
  hypers: {
    ...{ "width.fc1": width, "width.fc2": width },
    ...{ "activation.fc1": activation, "activation.fc2": activation },
    "skip.fc2": choice(false, { options: [false, true] }),
  },
});
const engine = await onnxEngine({ threads: 1 });
const architecture = task.problem.architecture as ArchitectureSpace;
const points = Array.from({ length: ARCHITECTURES }, (_, i) =>
  randomArchitecture(task, architecture, randomKey(77, "judged"), i),
);

async function trainedAlone(seed: number): Promise<number[]> {
  const runner = trialRunner({ task, tuner: fixed(), engine, run: { seed }, environment: still });
  const losses: number[] = [];
  for (const point of points) {
    const { trace } = await trainTrial(runner, { values: toNatural(task.problem.space, point) }, EPOCHS);
    losses.push(leastOf(trace.map(({ valid }) => valid.loss)));
  }
  runner.dispose();
  return losses;
}

async function scored(hypernet: Hypernet, hypernetEpochs: number, seed: number): Promise<number[]> {
  const tuner = smash({ hypernet, hypernetEpochs, candidates: 1 });
  const options = { epochs: hypernetEpochs + 1, seed, evaluateEvery: 1e6 };
  const run = createRun(task, tuner, engine, options, still);
  for await (const event of run.events())
    if (event.kind === "step" && event.step === hypernetEpochs * STEPS_PER_EPOCH) break;
  const { state } = await run.snapshot();
  run.dispose();
  const session = engine.open(tuner.prepare(task, seed, endlessRun).programs, state, "float32");
  const { fields: valid } = task.data.valid;
  const scores: number[] = [];
  for (const point of points) {
    const { score } = await session.run("score", { at: hostVector(point), valid, batch: valid, noise: {} });
    scores.push(scalarOf(score as HostArray));
  }
  session.dispose();
  return scores;
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const line = (values: readonly number[]): string => values.map((x) => x.toFixed(2)).join(" ");

const truth = await trainedAlone(0);
console.log(`from another seed: ${line([rankCorrelation(truth, await trainedAlone(5))])}`);
for (const epochs of HYPERNET_EPOCHS) {
  for (const hypernet of hypernets) {
    const scores: number[][] = [];
    for (const seed of SEEDS) scores.push(await scored(hypernet, epochs, seed));
    const ranks = scores.map((of) => rankCorrelation(of, truth));
    console.log(`${hypernet.name}, ${epochs} epochs: ${line(ranks)}, mean score ${line(scores.map(mean))}`);
  }
}
process.exit(0);
