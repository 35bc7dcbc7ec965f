/**
 * Losses for a Gaussian process, with the bad ones brought near: nothing counts as worse than `median + 3 (median - least)`.
 *
 * How bad a bad trial is, for example one whose training diverged, says nothing of where the best ones are; but it would decide the
 * scale of all others. Order and differences of the better half stay.
 */
export function tamed(losses: Float64Array): Float64Array {
  const finite = losses.map((loss) => Math.max(Math.min(loss, HUGE), -HUGE));
  const sorted = finite.toSorted();
  const [least = 0, median = 0] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)]];
  const limit = median > least ? median + 3 * (median - least) : HUGE;
  return finite.map((loss) => Math.min(loss, limit));
}

/** Its square is finite. */
const HUGE = 1e150;
