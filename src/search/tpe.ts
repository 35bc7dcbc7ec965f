/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl, "Algorithms for hyper-parameter optimization", 2011).
 *
 * | symbol | meaning |
 * |---|---|
 * | gamma  | number of good trials: min(ceil(n / 10), 25) of n, as in Optuna |
 * | l, g   | densities of the good points and of the rest, running trials included |
 *
 * The expected improvement of a point grows with l(x) / g(x) (their equation 3 and what follows). So points are drawn from l, and the
 * one of the greatest ratio is suggested. Running trials count as bad, so that several at once spread out (a constant liar).
 *
 * A good trial's kernel may become as narrow as 1 / (2 + n / 10), also where the 25 good trials are a smaller share: a width that stays
 * would keep suggestions at that distance from the best, however many trials there are (Watanabe, "Tree-structured Parzen estimator",
 * 2023, on the least bandwidth).
 *
 * The densities are multivariate, see `parzen.ts`. Bergstra et al. choose each hyperparameter by itself, which ignores that values
 * are good together; in our proofs the multivariate form is the better of the two.
 */
import { EDGE } from "../space/unit.ts";
import { streamKey, uniformsAt } from "../util/random.ts";
import { coordinatesOf, fromPoint, randomPoint, settled } from "./coordinates.ts";
import { historyOf, type History } from "./history.ts";
import { parzen, type Parzen } from "./parzen.ts";
import type { Sampler, SuggestRequest } from "./sampler.ts";
import { seenIn } from "./seen.ts";
import { ownOptions } from "../util/given.ts";
import { count } from "../util/rule.ts";

/** Settings of {@link tpe}. */
export interface TpeOptions {
  /** Random trials before it learns; it counts trials that ended. Default 10. */
  readonly startupTrials?: number;
  /** Points drawn from l for each suggestion; default 24. More is greedier. */
  readonly candidates?: number;
}

/**
 * Draws near the good trials and away from the bad: for mixed and conditional spaces, some tens to thousands of trials, and several
 * at once. A suggestion costs O(n d). Where trials are dear and fewer than some hundreds, `gpSampler` needs fewer of them.
 *
 * Points that were tried are avoided while a candidate is new. Failed trials are bad ones; see `historyOf` for pruned ones.
 *
 * @throws {HypertrainError} if a setting is no whole number, at least 1, or none of these.
 */
export function tpe(options: TpeOptions = {}): Sampler {
  const { startupTrials = 10, candidates = 24 } = ownOptions("tpe", options, {
    startupTrials: count,
    candidates: count,
  });
  return {
    name: "tpe",
    suggest(request) {
      const { space, trials, seed, number, goals } = request;
      const history = historyOf(space, trials, goals);
      if (history.points.length < startupTrials) {
        const key = streamKey(seed, "tpe startup");
        return fromPoint(space, randomPoint(key, number, coordinatesOf(space).length));
      }
      return fromPoint(space, bestOfMany(request, history, candidates));
    },
  };
}

function bestOfMany({ space, seed, number }: SuggestRequest, history: History, count: number): Float64Array {
  const coordinates = coordinatesOf(space);
  const { good, rest } = split(history);
  const finest = 1 / (2 + GOOD_SHARE * history.points.length);
  const l = parzen(coordinates, good, finest);
  const g = parzen(coordinates, rest);
  const width = coordinates.length + 1;
  const draws = Float64Array.from(uniformsAt(streamKey(seed, "tpe"), number, count * width), (u) => u + EDGE);
  const points = Array.from({ length: count }, (_, i) =>
    settled(space, l.sample(draws.subarray(i * width, (i + 1) * width))),
  );
  const seen = seenIn(history);
  const fresh = points.filter((point) => !seen(point));
  return greatest(fresh.length > 0 ? fresh : points, l, g);
}

/** The share of good trials, while they are few. */
const GOOD_SHARE = 0.1;

/** The good points and all others, each the oldest first. */
function split({ points, losses, running }: History): Record<"good" | "rest", readonly Float64Array[]> {
  const count = Math.min(Math.ceil(GOOD_SHARE * points.length), 25);
  const order = Array.from(losses.keys()).sort(
    (a, b) => (losses[a] as number) - (losses[b] as number) || a - b,
  );
  const chosen = new Set(order.slice(0, count));
  return {
    good: points.filter((_, i) => chosen.has(i)),
    rest: [...points.filter((_, i) => !chosen.has(i)), ...running],
  };
}

/** The point of the greatest l / g, the first of equals. */
function greatest(points: readonly Float64Array[], l: Parzen, g: Parzen): Float64Array {
  let best = points[0] as Float64Array;
  let most = -Infinity;
  for (const point of points) {
    const floor = Math.min(l.logFloor(point), g.logFloor(point));
    const score = l.logLevel(point, floor) - g.logLevel(point, floor);
    if (score > most) [best, most] = [point, score];
  }
  return best;
}
