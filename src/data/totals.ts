import { listed } from "./quote.ts";
import { leastOf, meanOf, mostOf } from "../util/statistics.ts";
import type { Column, NumberColumn, Table } from "./table.ts";
import { count } from "../util/words.ts";

/** Rows that sum up others, and what shows that they do. */
export interface Totals {
  readonly rows: readonly number[];
  /** The columns that show it. */
  readonly names: readonly string[];
  readonly sentence: string;
}

/** Rows of sums, as spreadsheets and reports have them at the end and between groups; undefined where there seem to be none. */
export function totalsIn(whole: Table): Totals | undefined {
  const summaries = rowsOfSummaries(whole);
  if (summaries) return told(whole, summaries);
  const sums = rowsOfSums(whole);
  if (sums) {
    const one =
      sums.rows.length === 1 ? ["is the sum of", "are the sums of"] : ["is a sum of", "are sums of"];
    return told(whole, sums, one[sums.names.length === 1 ? 0 : 1]);
  }
  const marked = rowsWithWords(whole);
  return marked && told(whole, marked);
}

/** Whether a text says that its row sums up others, such as `Total`, `Zwischensumme` or `Moyenne`. */
export const saysTotal = (text: string): boolean => words.test(text.trim());

const words =
  /^((grand|sub|column|overall)[\s-]*)?totals?:?$|^(sum|average|mean)s?:?$|^((gesamt|zwischen|end)[\s-]*)?summen?:?$|^(gesamt|insgesamt|(gesamt)?ergebnis|mittelwert|durchschnitt):?$|^((sous|sub)[\s-]*)?tota(l|ux|les?|le general|l général):?$|^(somme|moyenne|suma|promedio|soma|média|somma|media|totale|totaal|gemiddelde|subtotaal|razem|summa):?$/i;

const averages = /^(average|mean|mittelwert|durchschnitt|moyenne|promedio|média|media|gemiddelde)s?:?$/i;

/** What rows below a table say by their words of each column above them, beside sums and averages. */
const summaries: readonly { readonly says: RegExp; readonly of: (values: readonly number[]) => number }[] = [
  { says: /^(count|counts|n|anzahl|nombre|número|numero|aantal):?$/i, of: ({ length }) => length },
  { says: /^(max|maximum|máximo|massimo|höchstwert):?$/i, of: mostOf },
  { says: /^(min|minimum|mínimo|minimo|kleinstwert):?$/i, of: leastOf },
];

/** Such as `Ulm Total` or `Subtotal Ulm`, by which spreadsheets end a group. */
const groupWords =
  /\s(sub[\s-]*)?totals?:?$|\s(ergebnis|gesamt):?$|^((sub|sous)[\s-]*)?total\s|^(zwischen)?summe\s|^somme\s/i;

/** Words that mean nothing else, so that they may stand between the rows. */
const plainWords = /^(sub[\s-]*totals?|zwischensummen?|sous[\s-]*tota(l|ux)|subtotale[sn]?|subtotaal):?$/i;

interface Found {
  readonly rows: readonly number[];
  readonly names: readonly string[];
}

function told(whole: Table, { rows, names }: Found, are?: string): Totals {
  const lines = rows.map((row) =>
    whole.lineOf(
      row,
      whole.columns.findIndex(({ name }) => name === names[0]),
    ),
  );
  const one = rows.length === 1;
  const which = one ? `line ${lines[0]} of ${whole.name} seems to hold totals` : `${count(rows.length, "line")} of ${whole.name} seem to hold totals (${lines.slice(0, 5).join(", ")}${lines.length > 5 ? " and more" : ""})`; // prettier-ignore
  const why = are ? `${listed(names)} ${are} the rows above` : `${listed(names)} says so`;
  return { rows, names, sentence: `${which}, since ${why}; remove ${one ? "it" : "them"}` };
}

/** The rows at the end that summarise all above them, where one of them is a count, a largest or a least value: named so, and so in every column of numbers. */
function rowsOfSummaries({ rows, columns }: Table): Found | undefined {
  for (const { kind, name, values } of columns) {
    if (kind !== "words") continue;
    let first = rows;
    const wordAt = (row: number) => values[row]?.trim() ?? "";
    const says = (row: number) =>
      saysTotal(wordAt(row)) || summaries.some((summary) => summary.says.test(wordAt(row)));
    while (first > FEWEST && rows - first < MOST_SUMMARIES && says(first - 1)) first--;
    const numbers = columns.filter(isNumbers).map((column) => column.values);
    const holds = (row: number): boolean => {
      const summary = summaries.find((one) => one.says.test(wordAt(row)));
      const given = numbers.filter((own) => !Number.isNaN(own[row]));
      return (
        summary !== undefined &&
        given.length > 0 &&
        given.every((own) =>
          isNear(own[row] as number, summary.of(presentIn(own, 0, first)), own[row] as number),
        )
      );
    };
    const found = Array.from({ length: rows - first }, (_, i) => first + i);
    const named = found.filter((row) => !saysTotal(wordAt(row)));
    if (named.length > 0 && named.every(holds)) return { rows: found, names: [name] };
  }
  return undefined;
}

/** The most rows at the end that summarise a table. */
const MOST_SUMMARIES = 8;

/** Values of some rows, without those that are missing. */
const presentIn = (values: Float64Array, from: number, to: number): readonly number[] =>
  [...values.subarray(from, to)].filter((value) => !Number.isNaN(value));

const isNumbers = (column: Column): column is NumberColumn => column.kind === "numbers";

/** How many rows there must be above a total, so that it is none by chance. */
const FEWEST = 5;

function rowsOfSums({ rows, columns }: Table): Found | undefined {
  for (let last = rows - 1; last >= Math.max(FEWEST, rows - 3); last--) {
    const found = columns.filter(isNumbers).flatMap(({ name, values }) => {
      const sums = totalsOf(values, last);
      return sums ? [{ name, sums }] : [];
    });
    const most = found.reduce((one, { sums }) => Math.max(one, sums.length), 0);
    const agreeing = found.filter(({ sums }) => sums.length === most); // on all subtotals as well
    if (most > 0) return { rows: agreeing[0]?.sums ?? [], names: agreeing.map(({ name }) => name) };
  }
  return undefined;
}

/** The rows of a column that hold sums, if the row `last` holds the sum of all that are not: itself, and subtotals above it. */
function totalsOf(values: Float64Array, last: number): number[] | undefined {
  const total = values[last] as number;
  if (!(Math.abs(total) > 0)) return undefined;
  let [sum, most] = [0, 0];
  for (let row = 0; row < last; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    sum += value;
    most = Math.max(most, Math.abs(value));
    if (most > Math.abs(total)) return undefined; // of most columns, soon
  }
  if (Math.abs(total - sum) <= 1e-3 * Math.abs(sum) && Math.abs(sum) > 3 * most) return [last];
  return isNear(2 * total, sum, sum) ? withSubtotals(values, last) : undefined;
}

/** Groups of at least two numbers beside 0, each followed by its sum, fill all rows above the last, which is the sum of these sums: of one number any equal neighbour would be the sum. */
function withSubtotals(values: Float64Array, last: number): number[] | undefined {
  const total = values[last] as number;
  const begins = new Map([[0, { row: 0, amounts: 0 }]]); // the latest row at which a group may begin and the numbers above it, by their rounded sum
  const before = new Map<number, number>(); // the row at which the group that ends in a row began
  const size = Math.abs(total) * 1e-6;
  const key = (sum: number) => Math.round(sum / size);
  let [above, amounts] = [0, 0];
  for (let row = 0; row < last; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value) || value === 0) continue;
    const wanted = key(above - value);
    const start = [0, -1, 1]
      .map((off) => begins.get(wanted + off))
      .find((begin) => begin !== undefined && amounts - begin.amounts > 1);
    above += value;
    amounts += 1;
    if (!start) continue;
    before.set(row, start.row);
    begins.set(key(above), { row: row + 1, amounts });
  }
  const ends: number[] = [];
  let end = lastWithValue(values, last);
  for (; before.has(end); end = lastWithValue(values, before.get(end) as number)) ends.unshift(end);
  const subtotals = ends.reduce((sum, row) => sum + (values[row] as number), 0);
  return end < 0 && ends.length > 1 && isNear(subtotals, total, total) ? [...ends, last] : undefined;
}

/** The last row before another that has a value, -1 where none has. */
function lastWithValue(values: Float64Array, before: number): number {
  let row = before - 1;
  while (row >= 0 && Number.isNaN(values[row])) row--;
  return row;
}

const isNear = (a: number, b: number, size: number, tolerance = 1e-6): boolean =>
  Math.abs(a - b) <= tolerance * Math.abs(size);

/** Rows that say so: at the end by any such word, elsewhere by one that means nothing else or where they are sums. */
function rowsWithWords({ rows, columns }: Table): Found | undefined {
  for (const { kind, name, values } of columns) {
    if (kind !== "words") continue;
    const at = (says: (text: string) => boolean) =>
      values.flatMap((value, row) => (value !== null && says(value.trim()) ? [row] : []));
    const within = at((text) => saysTotal(text) || groupWords.test(text));
    const averaged = within.every((row) => averages.test(values[row]?.trim() ?? ""));
    const hold = averaged ? areAverages : areSums;
    if (within.length > 0 && columns.some((column) => isNumbers(column) && hold(column.values, within))) {
      return { rows: within, names: [name] };
    }
    const said = at(saysTotal);
    const sure =
      said.every((row) => row >= Math.max(1, rows - 3)) || at((text) => plainWords.test(text)).length > 0;
    if (said.length > 0 && 2 * said.length < rows && sure) return { rows: said, names: [name] };
  }
  return undefined;
}

/** Whether most of these rows hold the sum of the rows between them and the one of them before, or most that of those up to the next. */
const areSums = (values: Float64Array, rows: readonly number[]): boolean =>
  areOf(values, rows, (others) => others.reduce((a, b) => a + b, 0), 1e-6);

/** The same of averages, which are mostly rounded. */
const areAverages = (values: Float64Array, rows: readonly number[]): boolean =>
  areOf(values, rows, meanOf, 1e-3);

function areOf(
  values: Float64Array,
  rows: readonly number[],
  summary: (values: readonly number[]) => number,
  tolerance: number,
): boolean {
  const holds = (row: number, from: number, to: number) => {
    const others = presentIn(values, from, to);
    const wanted = summary(others);
    return others.length > 1 && wanted !== 0 && isNear(values[row] as number, wanted, wanted, tolerance);
  };
  const above = rows.filter((row, k) => holds(row, (rows[k - 1] ?? -1) + 1, row));
  const below = rows.filter((row, k) => holds(row, row + 1, rows[k + 1] ?? values.length));
  return 2 * Math.max(above.length, below.length) > rows.length;
}
