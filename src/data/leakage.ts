/**
 * Whether a column of numbers alone tells the classes: the commonest class of each value is right, and sorted by value these classes lie in one stretch each, but
 * for one row in 500. Where most rows are of one class, one in 500 of twice the others, since a column that says nothing is right of all rows of that class.
 *
 * @param classes whole numbers from 0
 */
export function tellsClasses(values: ArrayLike<number>, classes: ArrayLike<number>): boolean {
  const groups = new Map<number, Commonest>();
  const sizes = new Map<number, number>();
  let [known, wrong] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const [value, label] = [values[i] as number, classes[i] as number];
    if (Number.isNaN(value)) continue;
    known += 1;
    sizes.set(label, (sizes.get(label) ?? 0) + 1);
    const group = groups.get(value);
    if (!group) groups.set(value, { label, rows: 1 });
    else {
      wrong += counted(group, label);
      if (wrong > values.length / 500) return false; // soon, where there are hundreds of columns
    }
  }
  if (known < FEWEST_ROWS || sizes.size < 2) return false;
  const labels = [...groups].sort(([a], [b]) => a - b).map(([, { label }]) => label);
  const changes = labels.slice(1).filter((label, k) => label !== labels[k]).length;
  return wrong + changes <= sizes.size - 1 + mostWrong(known, sizes.values());
}

/** The commonest class of some rows, the first of several, and how many have it. */
interface Commonest {
  label: number;
  rows: number;
  /** How many have each class; absent while all have one. */
  counts?: Map<number, number>;
}

/** Counts a row. @returns how many more rows are of other classes than the commonest: 0 or 1 */
function counted(group: Commonest, label: number): number {
  if (!group.counts && label === group.label) {
    group.rows += 1;
    return 0;
  }
  group.counts ??= new Map([[group.label, group.rows]]);
  const rows = (group.counts.get(label) ?? 0) + 1;
  group.counts.set(label, rows);
  if (rows <= group.rows) return 1;
  [group.label, group.rows] = [label, rows];
  return 0;
}

/** For how many rows a column may be wrong that tells classes of such sizes. */
function mostWrong(rows: number, sizes: Iterable<number>): number {
  const largest = Array.from(sizes).reduce((a, b) => Math.max(a, b), 0);
  return Math.min(rows, 2 * (rows - largest)) / 500;
}

/** Whether a column of numbers alone tells another: a straight line or a monotone curve that explains 99.9 % of the variance. */
export function tellsNumbers(values: ArrayLike<number>, target: ArrayLike<number>): boolean {
  const rows = Array.from({ length: values.length }, (_, i) => i).filter((i) => !Number.isNaN(values[i]));
  if (rows.length < FEWEST_ROWS) return false;
  const a = rows.map((i) => values[i] as number);
  const b = rows.map((i) => target[i] as number);
  return correlation(a, b) ** 2 > 0.999 || correlation(ranks(a), ranks(b)) ** 2 > 0.9999;
}

/** Whether text alone tells classes: the commonest class of each text is right but for so many rows as above, over texts that recur. */
export function levelsTellClasses(levels: readonly (string | null)[], classes: ArrayLike<number>): boolean {
  const counts = new Map<string | null, Map<number, number>>();
  levels.forEach((level, i) => {
    const ofLevel = counts.get(level) ?? new Map<number, number>();
    counts.set(level, ofLevel.set(classes[i] as number, (ofLevel.get(classes[i] as number) ?? 0) + 1));
  });
  if (levels.length < FEWEST_ROWS || 4 * counts.size > levels.length) return false;
  let right = 0;
  for (const ofLevel of counts.values()) right += [...ofLevel.values()].reduce((a, b) => Math.max(a, b));
  const sizes = new Map<number, number>();
  for (const label of Array.from(classes)) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  return sizes.size > 1 && levels.length - right <= mostWrong(levels.length, sizes.values());
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
