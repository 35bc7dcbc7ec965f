import { expect, test } from "vitest";

import { randomKey, randomUniform } from "../util/random.ts";
import { parseCsv } from "./csv.ts";
import { totalsIn } from "./totals.ts";

const GROUPS = 4;
const SIZE = 9;
const amounts = Array.from({ length: GROUPS * SIZE }, (_, i) => 10 + ((i * 7) % 13) + 0.25 * (i % 4));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const detail = (i: number) => `K${i},Ulm,${amounts[i]},${(i * 5) % 3}`;
const details = amounts.map((_, i) => detail(i));
const grouped = (subtotal: (group: number, amount: number) => string) =>
  Array.from({ length: GROUPS }, (_, g) => [
    ...details.slice(g * SIZE, (g + 1) * SIZE),
    subtotal(g, sum(amounts.slice(g * SIZE, (g + 1) * SIZE))),
  ]).flat();
const found = (lines: readonly string[]) => {
  const totals = totalsIn(
    parseCsv(["key,town,amount,n", ...lines].join("\n"), { name: "t.csv", header: true }),
  );
  return totals && { rows: totals.rows, names: totals.names };
};
const subtotalRows = [9, 19, 29, 39];

test("a sum at the end is a total, beside subtotals too, which are named with it", () => {
  expect(found(details)).toBeUndefined();
  expect(found([...details, `,,${sum(amounts)},`])).toEqual({ rows: [36], names: ["amount"] });
  expect(found([...grouped((_, amount) => `,,${amount},`), `,,${sum(amounts)},`])).toEqual({
    rows: [...subtotalRows, 40],
    names: ["amount"],
  });
  const off = grouped((g, amount) => `,,${amount + (g === 2 ? 5 : 0)},`);
  expect(found([...off, `,,${sum(amounts)},`])).toBeUndefined(); // groups that do not add up are none
});

test("subtotals without a total are told by their words where they are sums", () => {
  const rows = { rows: subtotalRows, names: ["town"] };
  expect(found(grouped((_, amount) => `,Ulm Total,${amount},`))).toEqual(rows);
  expect(found(grouped((_, amount) => `,Subtotal Ulm,${amount},`))).toEqual(rows);
  expect(found(grouped((_, amount) => `,Ulm gesamt,${amount},`))).toEqual(rows);
  expect(found(grouped((_, amount) => `,Total,${amount},`))).toEqual(rows);
  expect(found(grouped(() => `,Zwischensumme,,`))).toEqual(rows); // which means nothing else
  expect(found(grouped((g) => `,Total,${20 + g},`))).toBeUndefined(); // a kind of damage, or a filling station
});

test("sums that stand above their rows are told by their words too", () => {
  const all = { rows: [0], names: ["town"] };
  expect(found([`,Total,${sum(amounts)},`, ...details])).toEqual(all);
  expect(found([`,Total,${sum(amounts) + 1},`, ...details])).toBeUndefined();
  const above = Array.from({ length: GROUPS }, (_, g) => [
    `,Ulm gesamt,${sum(amounts.slice(g * SIZE, (g + 1) * SIZE))},`,
    ...details.slice(g * SIZE, (g + 1) * SIZE),
  ]).flat();
  expect(found(above)).toEqual({ rows: [0, 10, 20, 30], names: ["town"] });
});

test("a few rows with their sums, as in a file to predict, are told by their words", () => {
  const rows = ["a,N,3,1", "b,N,4,1", "c,N,5,1", ",Subtotal N,12,", "d,S,1,1", "e,S,2,1", ",Subtotal S,3,"];
  expect(found([...rows, ",Zwischensumme,3,"])).toEqual({ rows: [3, 6, 7], names: ["town"] });
  expect(found(["a,N,3,1", "b,N,4,1", ",N Total,7,"])).toEqual({ rows: [2], names: ["town"] });
});

test("a row at the end that says so sums up the others, whatever its numbers", () => {
  for (const word of ["Total", "TOTALS:", "Grand total", "Summe", "Gesamtergebnis", "Mittelwert", "Average"])
    expect(found([...details, `${word},,${sum(amounts) / 36},`])).toEqual({ rows: [36], names: ["key"] });
  expect(found([...details, `Totality,,20,`])).toBeUndefined();
});

test("averages between the rows are told by their words where they are averages, rounded as they may be", () => {
  const groups = (word: string, off = 0) =>
    Array.from({ length: GROUPS }, (_, g) => [
      ...details.slice(g * SIZE, (g + 1) * SIZE),
      `,${word},${(sum(amounts.slice(g * SIZE, (g + 1) * SIZE)) / SIZE + off).toFixed(2)},`,
    ]).flat();
  for (const word of ["Average", "Mean:", "Durchschnitt", "moyenne"]) {
    expect(found(groups(word))).toEqual({ rows: subtotalRows, names: ["town"] });
  }
  expect(found(groups("Average", 1))).toBeUndefined(); // a name, or a kind of something
  expect(found(groups("Ulm"))).toBeUndefined();
});

test("counts, largest and least values at the end are told where they are those of every column", () => {
  const numbers = details.map((_, i) => (i * 5) % 3);
  const [most, least] = [Math.max(...amounts), Math.min(...amounts)];
  const end = ["Count,,36,36", `Max,,${most},2`, `Minimum,,${least},0`];
  expect(found([...details, ...end])).toEqual({ rows: [36, 37, 38], names: ["key"] });
  expect(found([...details, `Sum,,${sum(amounts)},${sum(numbers)}`, ...end])).toEqual({
    ...{ rows: [36, 37, 38, 39], names: ["key"] },
  });
  expect(found([...details, `Max,,${most},1`])).toBeUndefined(); // somebody of that name
  expect(found([...details, `Max,Ulm,12,2`])).toBeUndefined();
});

test("small whole numbers are hardly ever accused of being sums, whatever their order", () => {
  const random = (k: number) => {
    const [rows, most] = [6 + (k % 8), [3, 5, 9][k % 3] as number];
    const numbers = Array.from(randomUniform(randomKey(1, "totals"), k, 4 * rows), (u) =>
      Math.floor(u * (most + 1)),
    );
    return Array.from({ length: rows }, (_, row) => numbers.slice(4 * row, 4 * row + 4).join(","));
  };
  const accused = Array.from({ length: 1000 }, (_, k) => found(random(k))).filter((one) => one !== undefined);
  // By chance: of six rows of 0 to 5, the last is the sum of ones in 6 of 6^6 columns, and three groups of a sum are rarer.
  expect(accused.length).toBeLessThanOrEqual(2);
  const codes = ["7,3,.5", "007,3,.5", "0007,03,.5", "99999,12,.5", "12,2,", "90210,1,1", "7,3,.5"];
  expect(totalsIn(parseCsv(["zip,size,x", ...codes].join("\n"), { name: "t.csv" }))).toBeUndefined();
});
