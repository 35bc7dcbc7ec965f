import { leavesOf, type HostTree } from "../util/host-array.ts";

/**
 * One thing that every implementation of an interface must do. Contracts are lists of them, so that any test runner can run
 * them.
 *
 * ```ts
 * for (const { name, run } of tunerContract(myTuner, smallTask, jaxEngine)) test(name, run);
 * ```
 */
export interface ContractCase {
  readonly name: string;
  /** Rejects with a sentence where the implementation breaks the contract. */
  run(): Promise<void>;
}

/**
 * Demands that a condition of a contract holds.
 *
 * @throws with the sentence that says what must hold.
 */
export function demand(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`contract: ${sentence}`);
}

/**
 * Demands that two trees have the same structure, shapes and numbers.
 *
 * @param tolerance relative to the greater of 1 and the expected number; default 0: bit for bit
 * @throws with the first place where they differ.
 */
export function demandSame(actual: HostTree, expected: HostTree, what: string, tolerance = 0): void {
  demandSameShapes(actual, expected, what);
  const leaves = leavesOf(actual);
  leavesOf(expected).forEach(([path, { data }], k) => {
    const found = (leaves[k] as (typeof leaves)[number])[1].data;
    data.forEach((value, i) => {
      const at = found[i] as number;
      const close = Math.abs(at - value) <= tolerance * Math.max(1, Math.abs(value));
      demand(close || Object.is(at, value), `${what} must have ${value} at ${path}[${i}], but has ${at}`);
    });
  });
}

/**
 * Demands that two trees have the same structure and shapes.
 *
 * @throws with the shapes, path by path.
 */
export function demandSameShapes(actual: HostTree, expected: HostTree, what: string): void {
  const [found, wanted] = [describe(actual), describe(expected)];
  demand(found === wanted, `${what} must have the shapes ${wanted}, but has ${found}`);
}

const describe = (tree: HostTree): string =>
  leavesOf(tree)
    .map(([path, { shape }]) => `${path} [${shape.join(", ")}]`)
    .join("; ");
