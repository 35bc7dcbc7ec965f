import { randomKey, randomUniform } from "../../src/util/random.ts";
import type { BenchResult } from "./results.ts";

/** A mean, and where it lies in 95 of 100 draws of other tables and seeds. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** How a method stands among others. */
export interface Standing {
  readonly method: string;
  /** 1 is the lowest test loss; equals share the mean of their ranks. */
  readonly rank: Interval;
  /** The geometric mean of its test loss over the reference's. */
  readonly ratio: Interval;
  /** Tables on which its mean loss over the seeds is the lowest. */
  readonly wins: number;
}

/** The test losses of all methods on one table from one seed. */
type Block = ReadonlyMap<string, number>;

/**
 * Mean ranks and loss ratios over the tables on which all methods have worked, each table counted once, with bootstrap intervals: tables
 * are drawn with replacement, and then seeds of each.
 *
 * @param results of one length; those of other methods are left out
 */
export function standingsOf(
  results: readonly BenchResult[],
  methods: readonly string[],
  reference: string,
): { readonly standings: readonly Standing[]; readonly tables: number; readonly blocks: number } {
  const tables = [...completeBlocks(results, methods).values()];
  const over = (of: (block: Block) => number): Interval =>
    bootstrapped(tables.map((blocks) => blocks.map(of)));
  const standings = methods.map((method): Standing => {
    const ratio = over((block) => Math.log(lossIn(block, method) / lossIn(block, reference)));
    return {
      method,
      rank: over((block) => rankIn(block, method)),
      ratio: { mean: Math.exp(ratio.mean), low: Math.exp(ratio.low), high: Math.exp(ratio.high) },
      wins: tables.filter((blocks) => bestOf(blocks, methods) === method).length,
    };
  });
  return {
    standings: standings.sort((a, b) => a.rank.mean - b.rank.mean),
    tables: tables.length,
    blocks: tables.flat().length,
  };
}

/**
 * The mean test losses of methods over the seeds from which all have worked, by table: those that the standings are made of.
 *
 * @param results of one length; those of other methods are left out
 */
export const meanLosses = (
  results: readonly BenchResult[],
  methods: readonly string[],
): ReadonlyMap<string, ReadonlyMap<string, number>> =>
  new Map(
    [...completeBlocks(results, methods)].map(([table, blocks]) => {
      const meanLoss = (method: string) => meanOf(blocks.map((block) => lossIn(block, method)));
      return [table, new Map(methods.map((method) => [method, meanLoss(method)]))];
    }),
  );

/** For every table, the seeds from which all methods have a loss; tables without such a seed are left out. */
function completeBlocks(
  results: readonly BenchResult[],
  methods: readonly string[],
): ReadonlyMap<string, readonly Block[]> {
  const byTable = Map.groupBy(results, ({ data }) => data);
  const complete = [...byTable].map(([table, own]): [string, Block[]] => {
    const blocks = [...Map.groupBy(own, ({ seed }) => seed).values()]
      .map(
        (block) => new Map(block.flatMap(({ method, test }) => (test === undefined ? [] : [[method, test]]))),
      )
      .filter((block) => methods.every((method) => block.has(method)))
      .map((block) => new Map(methods.map((method) => [method, block.get(method) as number])));
    return [table, blocks];
  });
  return new Map(complete.filter(([, blocks]) => blocks.length > 0));
}

const lossIn = (block: Block, method: string): number => block.get(method) as number;

/** 1 for the lowest loss; equals share the mean of their ranks. */
function rankIn(block: Block, method: string): number {
  const own = lossIn(block, method);
  const losses = [...block.values()];
  const lower = losses.filter((loss) => loss < own).length;
  const equal = losses.filter((loss) => loss === own).length;
  return lower + (equal + 1) / 2;
}

function bestOf(blocks: readonly Block[], methods: readonly string[]): string | undefined {
  const total = (method: string) => blocks.reduce((sum, block) => sum + lossIn(block, method), 0);
  return methods.toSorted((a, b) => total(a) - total(b))[0];
}

const DRAWS = 2000;

/** The mean over tables of the means over seeds, with the 2.5 and 97.5 % quantiles of its bootstrap. */
function bootstrapped(tables: readonly (readonly number[])[]): Interval {
  const most = tables.reduce((count, seeds) => Math.max(count, seeds.length), 0);
  const means = Float64Array.from({ length: DRAWS }, (_, draw) => {
    const uniforms = randomUniform(randomKey(0, "bench bootstrap"), draw, tables.length * (1 + most));
    let next = 0;
    const pick = <T>(from: readonly T[]): T =>
      from[Math.floor((uniforms[next++] as number) * from.length)] as T;
    return meanOf(
      tables.map(() => {
        const seeds = pick(tables);
        return meanOf(seeds.map(() => pick(seeds)));
      }),
    );
  }).sort();
  const at = (share: number) => means[Math.round(share * (DRAWS - 1))] as number;
  return { mean: meanOf(tables.map(meanOf)), low: at(0.025), high: at(0.975) };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
