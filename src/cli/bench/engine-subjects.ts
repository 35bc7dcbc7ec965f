import { numpy as np } from "@jax-js/jax";

import type { Engine, NoArrays, Program, Session } from "../../engine/engine.ts";
import { createRun, type Run } from "../../tuners/run.ts";
import { HostArray, hostZeros, type HostTree } from "../../util/host-array.ts";
import { ownProcessor, PRODUCT_SIZE, timed, type Subject } from "./subject.ts";
import type { BenchWork } from "./bench-work.ts";

/** What an engine is measured on, until it is disposed. */
export interface EngineSubjects extends AsyncDisposable {
  readonly subjects: readonly Subject[];
}

/**
 * The steps of an engine: bare ones with the same inputs again and again, those of the training loop, and its matrix product.
 *
 * Programs, state and inputs of the bare steps are those that the training loop itself gave to the engine: one step of it is
 * overheard.
 */
export async function engineSubjects(engine: Engine, work: BenchWork): Promise<EngineSubjects> {
  const heard = await overhear(engine, work);
  const loop = await trainingLoop(engine, work);
  const product = openProduct(engine);
  const bare = Object.entries(heard.inputs).map(([step, inputs]): Subject => ({
    by: engine.name,
    step: step as "train" | "tune",
    processor: ownProcessor,
    take: (count) => timed(count, () => heard.session.run(step, inputs)),
  }));
  return {
    subjects: [...bare, loop.subject, product.subject],
    async [Symbol.asyncDispose]() {
      heard.run.dispose();
      product.session.dispose();
      await loop.stop();
    },
  };
}

type Inputs = Readonly<Record<string, HostTree>>;

interface Overheard {
  readonly session: Session;
  readonly run: Run;
  /** By program: `train` and, for a method that tunes, `tune`. */
  readonly inputs: Readonly<Record<string, Inputs>>;
}

/** Takes one step of a run without warm-up, and keeps what the engine was given. */
async function overhear(engine: Engine, { task, batch, tuner }: BenchWork): Promise<Overheard> {
  const inputs: Record<string, Inputs> = {};
  const opened: Session[] = [];
  const listening: Engine = {
    name: engine.name,
    open(...given) {
      const session = engine.open(...given);
      opened.push(session);
      return {
        run(program, fed) {
          inputs[program] = fed as Inputs;
          return session.run(program, fed);
        },
        read: (parts) => session.read(parts),
        write: (parts) => session.write(parts),
        dispose: () => session.dispose(),
      };
    },
  };
  const run = createRun(task, await tuner(0), listening, endless(batch), { clock: performance });
  await firstStep(run);
  const { train, tune } = inputs;
  if (!train || !opened[0]) throw new Error("internal: a step ran no program `train`");
  return { session: opened[0], run, inputs: { train, ...(tune && { tune }) } };
}

async function firstStep(run: Run): Promise<void> {
  for await (const { kind } of run.events()) if (kind === "step") return;
}

/** The training loop, one step at a time; evaluations between two steps are not in its times. */
async function trainingLoop(engine: Engine, { task, batch, tuner }: BenchWork) {
  const run = createRun(task, await tuner(ENDLESS), engine, endless(batch), { clock: performance });
  const events = run.events();
  const nextStep = async (): Promise<number> => {
    for (;;) {
      const begin = performance.now();
      const { value } = await events.next();
      if (value?.kind === "step") return performance.now() - begin;
    }
  };
  const subject: Subject = {
    by: engine.name,
    step: "loop",
    processor: ownProcessor,
    async take(count) {
      const times: number[] = [];
      for (let i = 0; i < count; i++) times.push(await nextStep());
      return times;
    },
  };
  const stop = async () => {
    await events.return();
    run.dispose();
  };
  return { subject, stop };
}

const endless = (batchSize: number) => ({ epochs: ENDLESS, batchSize });

/** More epochs than any measurement lasts. */
const ENDLESS = 1e6;

/** A product that stays with the engine, all but one row: a := a b, with b the identity, so that the values stay what they are. */
function openProduct(engine: Engine): { subject: Subject; session: Session } {
  const shape = [PRODUCT_SIZE, PRODUCT_SIZE];
  const values = Float32Array.from({ length: PRODUCT_SIZE ** 2 }, (_, i) => ((i % 97) - 48) / 48);
  const state = { a: new HostArray(values, shape), b: identity() };
  const session = engine.open({ product: multiply }, state, "float32");
  const subject: Subject = {
    by: engine.name,
    step: "product",
    processor: ownProcessor,
    take: (count) => timed(count, () => session.run("product", {})),
  };
  return { subject, session };
}

const multiply: Program<{ a: np.Array; b: np.Array }, NoArrays> = ({ a, b }) => {
  const product = np.matmul(a, b);
  return [{ a: product.ref }, { row: product.slice(0) }];
};

function identity(): HostArray {
  const matrix = hostZeros([PRODUCT_SIZE, PRODUCT_SIZE]);
  for (let i = 0; i < PRODUCT_SIZE; i++) matrix.data[i * (PRODUCT_SIZE + 1)] = 1;
  return matrix;
}
