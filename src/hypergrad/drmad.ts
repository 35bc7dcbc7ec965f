import { HostArray, leavesOf, mapTree, type HostTree } from "../util/host-array.ts";
import { combined } from "./flat.ts";
import type { Window, HostCarry } from "./unrolled.ts";

/**
 * The trajectory of DrMAD (Fu et al. 2016): a straight line from s_0 to s_T, `s_t = s_0 + (t / T) (s_T - s_0)`, for
 * `reverseHypergradient`.
 *
 * Memory: s twice, and no step is run again. The hypergradient is exact where training does run straight, and where A_t
 * and B_t are the same everywhere; on a curved path it is biased, the more the longer the window. The paper interpolates
 * the weights; here the optimizer's state goes along.
 *
 * @see Fu, Luo, Feng, Low and Chua, "DrMAD: distilling reverse-mode automatic differentiation for optimizing
 *   hyperparameters of deep neural networks", 2016, https://arxiv.org/abs/1601.00917
 */
export function straightTrajectory(
  { from, to }: Pick<Window, "from" | "to">,
  start: HostCarry,
  end: HostCarry,
): (step: number) => HostCarry {
  return (step) => between(start, end, (step - from) / (to - from)) as HostCarry;
}

/** a + share (b - a), leaf by leaf. */
function between(a: HostTree, b: HostTree, share: number): HostTree {
  const ends = new Map(leavesOf(b));
  return mapTree(a, ({ data, shape }, path) => {
    const end = (ends.get(path) as HostArray).data;
    return new HostArray(
      combined(data, end, (x, y) => x + share * (y - x)),
      shape,
    );
  });
}
