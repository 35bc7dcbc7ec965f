import type { TracePoint } from "../api/trace.ts";
import type { Engine, Session } from "../engine/engine.ts";
import type { Task } from "../problem/problem.ts";
import { drawNoise, drawPerturbation } from "../tuners/noise.ts";
import { createRun, type RunOptions } from "../tuners/run.ts";
import type { Snapshot } from "../tuners/snapshot.ts";
import type { TunerPrograms } from "../tuners/evaluate.ts";
import type { Host } from "../tuners/host.ts";
import { aTuner, endlessRun, type PreparedTuner, type Tuner } from "../tuners/tuner.ts";
import { HostArray, leavesOf, type HostTree } from "../util/host-array.ts";
import { randomKey } from "../util/random.ts";
import { demand, demandSame, demandSameShapes, type ContractCase } from "./contract.ts";
import { demandGiven } from "../util/given.ts";
import { functionOf } from "../util/rule.ts";

/**
 * What the run loop relies on in every tuner.
 *
 * @param tuner with settings under which it changes the hyperparameters, if it ever does, within six steps of four an epoch
 * @param makeTask makes a task that training improves within sixty steps, `smallTask` for example; at least 6 rows a part
 * @param makeEngine makes the engine that computes it
 * @throws {HypertrainError} for what is no tuner.
 */
export function tunerContract(
  tuner: Tuner,
  makeTask: () => Task,
  makeEngine: () => Promise<Engine>,
): ContractCase[] {
  demandGiven(
    "tunerContract",
    { tuner, makeTask },
    { tuner: aTuner, makeTask: functionOf("that makes a task") },
  );
  const task = makeTask();
  const size = task.problem.space.size;

  /** Prepares the tuner, opens a session, works in it and closes it. */
  const inSession = async (
    work: (prepared: PreparedTuner, session: Session<TunerPrograms>, host: Host) => Promise<void>,
  ): Promise<void> => {
    const prepared = tuner.prepare(task, 0, endlessRun);
    const session = (await makeEngine()).open(prepared.programs, prepared.state, "float64");
    await work(prepared, session, wholeHost(task, session));
    session.dispose();
  };

  const train = async (options: RunOptions, from?: Snapshot, stopAt = Infinity): Promise<Ended> => {
    const run = createRun(task, tuner, await makeEngine(), options, still, from);
    const trace: TracePoint[] = [];
    for await (const event of run.events()) {
      if (event.kind === "epoch" || (event.kind === "start" && !from)) trace.push(event.trace);
      if (event.kind === "step" && event.step === stopAt) break;
    }
    const ended = { snapshot: await run.snapshot(), weights: await run.weights(), trace };
    run.dispose();
    return ended;
  };

  return [
    {
      name: "has a name that commands can spell",
      async run() {
        demand(
          /^[a-z][a-z0-9-]*$/.test(tuner.name),
          `a tuner's name must be in kebab case, but is "${tuner.name}"`,
        );
      },
    },
    {
      name: "prepares the same state from the same seed, another from another",
      async run() {
        const state = tuner.prepare(task, 3, endlessRun).state;
        demandSame(tuner.prepare(task, 3, endlessRun).state, state, "the state prepared again");
        const numbers = (tree: HostTree) => leavesOf(tree).flatMap(([, { data }]) => Array.from(data));
        const other = numbers(tuner.prepare(task, 4, endlessRun).state);
        demand(
          numbers(state).some((value, i) => value !== other[i]),
          "another seed must start from other numbers",
        );
      },
    },
    {
      name: "keeps params, hypers and, where it perturbs, scales in its state",
      async run() {
        const { state } = tuner.prepare(task, 0, endlessRun);
        demand("params" in state, "a tuner's state must have the part `params`");
        for (const part of ["hypers", ...("scales" in state ? ["scales"] : [])]) {
          const vector = state[part];
          demand(
            vector instanceof HostArray && vector.shape.length === 1 && vector.shape[0] === size,
            `the state's part \`${part}\` must be one vector of ${size} numbers`,
          );
        }
      },
    },
    {
      name: "begins anew from parts of its state, hyperparameters and scales not among them",
      async run() {
        const { state, trained = [] } = tuner.prepare(task, 0, endlessRun);
        const odd = trained.find(
          (part) => !(part in state) || part.startsWith("hypers") || part.startsWith("scales"),
        );
        demand(
          odd === undefined,
          `\`trained\` must name parts of the state that training alone moves, but names ${odd}`,
        );
      },
    },
    {
      name: "says its learning rates at any step",
      async run() {
        const { learningRates } = tuner.prepare(task, 0, endlessRun);
        for (const step of [0, 1, 1000]) {
          const rates = Object.values(learningRates(step));
          demand(rates.length > 0, "a tuner must have at least one learning rate");
          demand(
            rates.every((rate) => rate >= 0 && Number.isFinite(rate)),
            `learning rates must be finite and not negative, but are ${rates.join(", ")}`,
          );
        }
      },
    },
    {
      name: "advances without changing the structure of its state",
      run: () =>
        inSession(async (prepared, session, host) => {
          for (let step = 0; step < 6; step++) await prepared.advance(host, step);
          demandSameShapes(await session.read(), prepared.state, "the state after six steps");
        }),
    },
    {
      name: "reports finite losses and the gradients that it evaluated",
      run: () =>
        inSession(async ({ advance }, _, host) => {
          for (let step = 0; step < 6; step++) {
            const { loss, penalty, gradientEvaluations } = await advance(host, step);
            demand(
              Number.isFinite(loss) && Number.isFinite(penalty),
              `a step must report finite losses, but reported ${loss} and ${penalty}`,
            );
            demand(
              Number.isInteger(gradientEvaluations) && gradientEvaluations > 0,
              `a step must report a positive number of gradients, but reported ${gradientEvaluations}`,
            );
          }
        }),
    },
    {
      name: "evaluates the weighted sum of the losses, and changes nothing by it",
      run: () =>
        inSession(async (prepared, session) => {
          const { rows, fields } = task.data.valid;
          const evaluate = async (weight: (row: number) => number) => {
            const weights = new HostArray(
              Float64Array.from({ length: rows }, (_, i) => weight(i)),
              [rows],
            );
            const outputs = await session.run("evaluate", { batch: fields, weight: weights });
            demand(
              "metric" in outputs === (task.problem.metric !== undefined),
              "`evaluate` must give a metric where the problem has one",
            );
            return Object.values(outputs).flatMap((output) => Array.from((output as HostArray).data));
          };
          const [all, first, rest] = [
            await evaluate(() => 1),
            await evaluate((i) => (i < 2 ? 1 : 0)),
            await evaluate((i) => (i < 2 ? 0 : 1)),
          ];
          all.forEach((sum, i) => {
            const parts = (first[i] as number) + (rest[i] as number);
            demand(
              Math.abs(sum - parts) <= 1e-9 * Math.max(1, Math.abs(sum)),
              `the sums over two parts of the data must add to that over all, but ${parts} is not ${sum}`,
            );
          });
          demandSame(await session.read(), prepared.state, "the state after evaluations", 1e-6);
        }),
    },
    {
      name: "gives the trained weights in the structure of the problem's parameters",
      run: () =>
        inSession(async (prepared, session, host) => {
          await prepared.advance(host, 0);
          const { params } = await session.run("weights", {});
          demandSameShapes(params, task.problem.init(randomKey(0, "params")), "`weights`");
        }),
    },
    {
      name: "lowers the training loss",
      async run() {
        const { trace } = await train({ epochs: 15, batchSize: 6 });
        const losses = trace.flatMap((point) => (point.train ? [point.train.loss] : []));
        const [first, last] = [losses[0] as number, losses.at(-1) as number];
        demand(
          last < first,
          `the training loss must fall within 15 epochs, but went from ${first} to ${last}`,
        );
      },
    },
    {
      name: "gives the same numbers again from the same seed",
      async run() {
        const options = { epochs: 2, batchSize: 6, seed: 5 };
        const [once, again] = [await train(options), await train(options)];
        demandSame(again.snapshot.state, once.snapshot.state, "the state of the second run");
        demandSameTrace(again.trace, once.trace);
      },
    },
    ...[1, 6].map((stopAt) => ({
      name: `goes on bit for bit when it is stopped after step ${stopAt} and resumed`,
      async run() {
        const options = { epochs: 2, batchSize: 6, seed: 5 };
        const whole = await train(options);
        const part = await train(options, undefined, stopAt);
        const resumed = await train(options, part.snapshot);
        demandSame(resumed.snapshot.state, whole.snapshot.state, "the state of the resumed run");
        demandSame(resumed.weights, whole.weights, "the weights of the resumed run");
        demandSameTrace([...part.trace, ...resumed.trace], whole.trace);
      },
    })),
  ];
}

interface Ended {
  readonly snapshot: Snapshot;
  readonly weights: HostTree;
  readonly trace: readonly TracePoint[];
}

/** A clock that stands still, so that the only field that two equal runs may differ in does not. */
const still = { clock: { now: () => 0 } };

function demandSameTrace(actual: readonly TracePoint[], expected: readonly TracePoint[]): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  demand(found === wanted, `the trace must be ${wanted}, but is ${found}`);
}

/** Full batches, drawn from seed 0. */
function wholeHost({ problem, data }: Task, session: Session<TunerPrograms>): Host {
  const { train, valid } = data;
  return {
    stepsPerEpoch: 4,
    run: (program, inputs) => session.run(program, inputs),
    trainInputs: (step) => ({
      batch: train.fields,
      noise: drawNoise(problem.noise, 0, step, train.rows),
    }),
    validBatch: () => valid.fields,
    perturbation: (stream, index) =>
      drawPerturbation(problem.space, 0, stream, index, stream === "train" ? train.rows : valid.rows),
  };
}
