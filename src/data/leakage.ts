/**
 * Whether a column of numbers alone tells the classes: sorted by it, the classes lie in one stretch each, but for one row in 500.
 *
 * @param classes whole numbers from 0
 */
export function tellsClasses(values: ArrayLike<number>, classes: ArrayLike<number>): boolean {
  const groups = new Map<number, Set<number>>();
  const distinct = new Set<number>();
  let [known, changes, last] = [0, 0, 0];
  for (let i = 0; i < classes.length; i++) last = Math.max(last, classes[i] as number);
  const most = last + values.length / 500;
  for (let i = 0; i < values.length; i++) {
    const [value, label] = [values[i] as number, classes[i] as number];
    if (Number.isNaN(value)) continue;
    known += 1;
    distinct.add(label);
    const group = groups.get(value);
    if (!group) groups.set(value, new Set([label]));
    else if (!group.has(label)) {
      group.add(label);
      changes += 2; // equal values do not tell
      if (changes > most) return false; // soon, where there are hundreds of columns
    }
  }
  if (known < FEWEST_ROWS || distinct.size < 2) return false;
  const stretches = [...groups]
    .sort(([a], [b]) => a - b)
    .map(([, group]) => [...group].sort((a, b) => a - b));
  for (let k = 1; k < stretches.length; k++) if (stretches[k - 1]?.at(-1) !== stretches[k]?.[0]) changes += 1;
  return changes <= distinct.size - 1 + known / 500;
}

/** Whether a column of numbers alone tells another: a straight line or a monotone curve that explains 99.9 % of the variance. */
export function tellsNumbers(values: ArrayLike<number>, target: ArrayLike<number>): boolean {
  const rows = Array.from({ length: values.length }, (_, i) => i).filter((i) => !Number.isNaN(values[i]));
  if (rows.length < FEWEST_ROWS) return false;
  const a = rows.map((i) => values[i] as number);
  const b = rows.map((i) => target[i] as number);
  return correlation(a, b) ** 2 > 0.999 || correlation(ranks(a), ranks(b)) ** 2 > 0.9999;
}

/** Whether text alone tells classes: the commonest class of each text is right but for one row in 500, over texts that recur. */
export function levelsTellClasses(levels: readonly (string | null)[], classes: ArrayLike<number>): boolean {
  const counts = new Map<string | null, Map<number, number>>();
  levels.forEach((level, i) => {
    const ofLevel = counts.get(level) ?? new Map<number, number>();
    counts.set(level, ofLevel.set(classes[i] as number, (ofLevel.get(classes[i] as number) ?? 0) + 1));
  });
  if (levels.length < FEWEST_ROWS || 4 * counts.size > levels.length) return false;
  let right = 0;
  for (const ofLevel of counts.values()) right += [...ofLevel.values()].reduce((a, b) => Math.max(a, b));
  return new Set(Array.from(classes)).size > 1 && right >= levels.length * (1 - 1 / 500);
}

/** Whether text alone tells numbers: the means of the texts explain 99.9 % of the variance, over texts that recur. */
export function levelsTellNumbers(levels: readonly (string | null)[], target: ArrayLike<number>): boolean {
  const groups = new Map<string | null, number[]>();
  levels.forEach((level, i) => {
    const group = groups.get(level);
    if (group) group.push(target[i] as number);
    else groups.set(level, [target[i] as number]);
  });
  if (levels.length < FEWEST_ROWS || 4 * groups.size > levels.length) return false;
  const squares = (values: readonly number[]) => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    return values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  };
  const within = [...groups.values()].reduce((sum, group) => sum + squares(group), 0);
  return within < 0.001 * squares(Array.from(target));
}

const FEWEST_ROWS = 20;

/** Pearson's correlation; 0 where one of the two is constant. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [(a[i] as number) - ma, (b[i] as number) - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** The rank of each value, the mean rank where several are equal. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const out = new Array<number>(values.length);
  for (let k = 0; k < order.length;) {
    let end = k;
    while (end < order.length && values[order[end] as number] === values[order[k] as number]) end++;
    for (let i = k; i < end; i++) out[order[i] as number] = (k + end - 1) / 2;
    k = end;
  }
  return out;
}
