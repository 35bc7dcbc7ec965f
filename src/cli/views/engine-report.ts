import { availableParallelism } from "node:os";

import { numpy as np } from "@jax-js/jax";

import type { Engine, NoArrays, Program } from "../../engine/engine.ts";
import { hostZeros } from "../../util/host-array.ts";
import { usableCores } from "../../engine/onnx/cores.ts";
import { openEngine } from "../registry/engines.ts";

/** Whether an engine works, and how fast it multiplies matrices. */
export interface EngineReport {
  readonly name: string;
  readonly works: boolean;
  /** Whether `--engine auto` takes it. */
  readonly auto: boolean;
  /** How many threads it uses at most. */
  readonly threads?: number;
  /** Of a float32 product of 512 x 512 matrices; 10^9 multiplications and additions a second. */
  readonly gflops?: number;
  /** Why it does not work. */
  readonly problem?: string;
}

/** Tries every engine; one after the other, so that none is slowed down by another. */
export async function reportEngines(): Promise<EngineReport[]> {
  const chosen = await openEngine({ engine: "auto" }).catch(() => undefined); // then each says why it fails
  const reports: EngineReport[] = [];
  for (const [engine, { title, threads }] of Object.entries(known)) {
    const auto = engine === chosen?.name;
    reports.push({ name: title, auto, ...(await tryEngine(engine as keyof typeof known, threads())) });
  }
  return reports;
}

/** By the name under which the configuration knows them. */
const known = {
  onnx: { title: "onnx", threads: () => usableCores() || availableParallelism() },
  jax: { title: "jax (wasm)", threads: () => 1 },
} as const;

async function tryEngine(
  name: keyof typeof known,
  threads: number,
): Promise<Pick<EngineReport, "works" | "threads" | "gflops" | "problem">> {
  try {
    return { works: true, threads, gflops: await productRate(await openEngine({ engine: name })) };
  } catch (error) {
    return { works: false, problem: (error as Error).message };
  }
}

/** The best of several, since the first compiles. The product stays with the engine, all but one number of it. */
async function productRate(engine: Engine): Promise<number> {
  const matrix = hostZeros([SIZE, SIZE]);
  const session = engine.open({ multiply }, { a: matrix, b: matrix }, "float32");
  let best = Infinity;
  for (let i = 0; i < 20; i++) {
    const begin = performance.now();
    await session.run("multiply", {});
    best = Math.min(best, performance.now() - begin);
  }
  session.dispose();
  return Math.round((2 * SIZE ** 3) / best / 1e5) / 10;
}

const SIZE = 512;

/** a := a b. */
const multiply: Program<{ a: np.Array; b: np.Array }, NoArrays> = ({ a, b }) => {
  const product = np.matmul(a, b);
  return [{ a: product.ref }, { corner: product.slice(0, 0) }];
};
