/**
 * The point of the greatest expected improvement in a mixed space.
 *
 * log EI is looked up at points spread over the space and around the best trials; from the highest few it climbs: along the gradient
 * in the real coordinates (L-BFGS in the box), then to a neighbour in an integer or another option of a choice if that is higher, by
 * turns.
 */
import { EDGE, naturalAt, unitPlace } from "../space/unit.ts";
import { partKey, normalsAt, type RandomKey } from "../util/random.ts";
import type { SearchSpace } from "./conditions.ts";
import { coordinatesOf, inside, randomPoint, settled, type Coordinate } from "./coordinates.ts";
import { coverPoint } from "./cover-point.ts";
import type { GpInputs } from "./gp-inputs.ts";
import { lbfgs } from "./gp/lbfgs.ts";
import { predict, predictGradient, type Posterior } from "./gp/posterior.ts";
import type { History } from "./history.ts";
import { logEi, logEiGradient } from "./log-ei.ts";
import { seenIn } from "./seen.ts";

/** Where to look for an improvement. */
export interface ImprovementQuestion {
  readonly space: SearchSpace;
  readonly inputs: GpInputs;
  /** The process, which counts running trials. */
  readonly known: Posterior;
  /** The value to improve on. */
  readonly best: number;
  /** Its best points are looked around; none of its points is answered while another is known. */
  readonly history: Omit<History, "numbers">;
  /** Points spread over the space. */
  readonly candidates: number;
  readonly key: RandomKey;
}

/**
 * A local maximum of log EI, the highest that was found. A point with no missing coordinates: those of hyperparameters that do not
 * exist there mean nothing. [d]
 */
export function bestImprovement(question: ImprovementQuestion): Float64Array {
  const { space, candidates, history } = question;
  const d = coordinatesOf(space).length;
  const key = partKey(question.key, "spread");
  const spread = Array.from({ length: candidates }, (_, i) => coverPoint(key, i, d));
  const looked = scored(question, [...spread, ...aroundBest(question)]);
  const ends = looked.slice(0, CLIMBS).map((start) => climbed(question, start));
  const ranked = [...ends.sort(higherFirst), ...looked];
  const seen = seenIn(history);
  return (ranked.find(({ point }) => !seen(settled(space, point))) ?? (ranked[0] as Scored)).point;
}

/** A point, all coordinates given, and log EI there. */
interface Scored {
  readonly point: Float64Array;
  readonly score: number;
}

const CLIMBS = 4;
const ROUNDS = 3;

const higherFirst = (a: Scored, b: Scored): number => b.score - a.score;

/** The points with their log EI, the highest first. */
function scored(
  { space, inputs, known, best }: ImprovementQuestion,
  points: readonly Float64Array[],
): Scored[] {
  const rows = inputs.encode(points.map((point) => settled(space, point)));
  const scores = logEi(predict(known, rows), best);
  return points.map((point, i) => ({ point, score: scores[i] as number })).sort(higherFirst);
}

/**
 * The neighbourhood of the best trials: each four times at every distance of {@link DISTANCES} in real and integer coordinates, a choice
 * drawn anew with probability 1 / d; what a trial lacks is drawn uniformly.
 */
function aroundBest({ space, history, key }: ImprovementQuestion): Float64Array[] {
  const coordinates = coordinatesOf(space);
  const d = coordinates.length;
  const { points, losses } = history;
  const order = Array.from(losses.keys()).sort(
    (a, b) => (losses[a] as number) - (losses[b] as number) || a - b,
  );
  return order.slice(0, 4).flatMap((trial, rank) =>
    DISTANCES.map((distance, i) => {
      const step = rank * DISTANCES.length + i;
      const normal = normalsAt(partKey(key, "normal"), step, d);
      const fresh = randomPoint(partKey(key, "fresh"), step, 2 * d);
      return (points[trial] as Float64Array).map((t, j) => {
        if (Number.isNaN(t)) return fresh[j] as number;
        if (coordinates[j]?.hyper.kind !== "choice") return inside(t + distance * (normal[j] as number));
        return (fresh[d + j] as number) < 1 / d ? (fresh[j] as number) : t;
      });
    }),
  );
}

const DISTANCES = [0.1, 0.03, 0.01, 0.003].flatMap((distance) => [distance, distance, distance, distance]);

/** A local maximum above a start. */
function climbed(question: ImprovementQuestion, start: Scored): Scored {
  let here = alongReals(question, start);
  for (let i = 1; i < ROUNDS; i++) {
    const next = scored(question, neighbours(question.space, here.point))[0];
    if (!next || next.score <= here.score) break;
    here = alongReals(question, next);
  }
  return here;
}

/** The maximum over the real coordinates that exist. */
function alongReals({ space, inputs, known, best }: ImprovementQuestion, start: Scored): Scored {
  const at = settled(space, start.point);
  const coordinates = coordinatesOf(space);
  const free = coordinates.flatMap(({ hyper }, j) =>
    hyper.kind === "real" && !Number.isNaN(at[j] as number) ? [j] : [],
  );
  if (free.length === 0) return start;
  const row = inputs.encode([at]);
  const columns = free.map((j) => inputs.first[j] as number);
  const negative = (part: Float64Array) => {
    const moved = row.slice();
    columns.forEach((column, i) => (moved[column] = part[i] as number));
    const { value, gradient } = logEiGradient(predictGradient(known, moved), best);
    return { value: -value, gradient: Float64Array.from(columns, (column) => -(gradient[column] as number)) };
  };
  const box = {
    low: new Float64Array(free.length).fill(EDGE),
    high: new Float64Array(free.length).fill(1 - EDGE),
  };
  const begin = Float64Array.from(free, (j) => at[j] as number);
  const end = lbfgs(negative, begin, box, {
    maxIterations: 40,
    gradientTolerance: 1e-4,
    valueTolerance: 1e-7,
  });
  const point = start.point.slice();
  free.forEach((j, i) => (point[j] = end.point[i] as number));
  return { point, score: -end.value };
}

/** The points that differ in one integer, by powers of two, or in one choice. */
const neighbours = (space: SearchSpace, point: Float64Array): Float64Array[] =>
  coordinatesOf(space).flatMap((coordinate, j) =>
    others(coordinate, point[j] as number).map((t) => point.with(j, t)),
  );

function others({ hyper, cells }: Coordinate, t: number): readonly number[] {
  if (hyper.kind === "real") return [];
  if (hyper.kind === "choice") {
    const own = Math.floor(t * cells);
    return Array.from({ length: cells }, (_, k) => k).flatMap((k) => (k === own ? [] : [(k + 0.5) / cells]));
  }
  const n = naturalAt(hyper, t) as number;
  const found: number[] = [];
  for (let step = 1; step < cells; step *= 2) {
    for (const other of [n - step, n + step]) {
      if (other >= hyper.low && other <= hyper.high) found.push(unitPlace(hyper, other));
    }
  }
  return found;
}
