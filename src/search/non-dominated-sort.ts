/**
 * Fast non-dominated sorting and crowding distances (Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic
 * algorithm: NSGA-II", 2002, sections III-A and III-B), with their constraint domination (section VI).
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | f      | objectives of each row, the less the better | n of [m] |
 * | v      | by how much each row breaks its constraints; 0 for none | [n] |
 * | S_p    | the rows that p dominates | |
 * | n_p    | how many rows dominate p that are in no front yet | scalar |
 */
import { dominates } from "./pareto.ts";

/** A trial as it is compared with others. */
export interface Rated {
  /** f. [m] */
  readonly costs: readonly number[];
  /** v; from 0 on. */
  readonly violation: number;
}

/** Whether p constraint-dominates q: it breaks its constraints less, or both keep them and it is no worse in any objective and better in one. */
export const constraintDominates = (p: Rated, q: Rated): boolean =>
  p.violation === 0 && q.violation === 0 ? dominates(p.costs, q.costs) : p.violation < q.violation;

/**
 * The fronts of some rows, the best first: each has the rows that none of those behind it or beside it dominates. In O(m n^2).
 *
 * @returns indices, each front in the order of the rows
 */
export function nonDominatedSort(rows: readonly Rated[]): readonly (readonly number[])[] {
  const dominated = rows.map((): number[] => []); // S
  const above = rows.map(() => 0); // n
  const count = (winner: number, loser: number): void => {
    (dominated[winner] as number[]).push(loser);
    above[loser] = (above[loser] as number) + 1;
  };
  for (let p = 0; p < rows.length; p++) {
    for (let q = p + 1; q < rows.length; q++) {
      const [one, other] = [rows[p] as Rated, rows[q] as Rated];
      if (constraintDominates(one, other)) count(p, q);
      else if (constraintDominates(other, one)) count(q, p);
    }
  }
  const fronts: number[][] = [];
  let front = [...rows.keys()].filter((p) => above[p] === 0);
  while (front.length > 0) {
    fronts.push(front);
    front = front
      .flatMap((p) => dominated[p] as number[])
      .filter((q) => (above[q] = (above[q] as number) - 1) === 0)
      .sort((a, b) => a - b);
  }
  return fronts;
}

/**
 * How far the neighbours of each row of a front are apart, in all objectives together: the half perimeter of the box between them, each side a
 * share of the front's own. Rows at an end of an objective are infinitely far, so that they stay. [n]
 */
export function crowdingDistances(front: readonly Pick<Rated, "costs">[]): Float64Array {
  const distances = new Float64Array(front.length);
  const objectives = front[0]?.costs.length ?? 0;
  for (let m = 0; m < objectives; m++) {
    const costAt = (i: number): number => front[i]?.costs[m] as number;
    const order = [...front.keys()].sort((a, b) => costAt(a) - costAt(b) || a - b);
    const [first, last] = [order[0] as number, order.at(-1) as number];
    const range = costAt(last) - costAt(first);
    distances[first] = distances[last] = Infinity;
    if (!(range > 0)) continue; // all are equal in it
    for (let k = 1; k < order.length - 1; k++) {
      const gap = costAt(order[k + 1] as number) / range - costAt(order[k - 1] as number) / range; // whose difference may be beyond all numbers
      distances[order[k] as number] = (distances[order[k] as number] as number) + gap;
    }
  }
  return distances;
}
