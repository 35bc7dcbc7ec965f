import { expect, test } from "vitest";

import { notationsOf, readNumber } from "./notation.ts";

const readAll = (cells: readonly string[]) => {
  const [notation] = notationsOf(cells);
  return notation && cells.map((cell) => readNumber(cell, notation));
};

test.each<[cells: string[], values: number[] | undefined]>([
  [
    ["1.5", "-2", "+3", "1e3", "2.5E-2", ".5", "7."],
    [1.5, -2, 3, 1000, 0.025, 0.5, 7],
  ],
  [
    ["1,5", "-2"],
    [1.5, -2],
  ],
  [
    ["1,234.5", "12", "1,234,567"],
    [1234.5, 12, 1234567],
  ],
  [
    ["1.234,5", "12", "1.234.567"],
    [1234.5, 12, 1234567],
  ],
  [
    ["1 234,5", "12"],
    [1234.5, 12],
  ],
  [
    ["1\u00a0234.5", "1\u202f234"],
    [1234.5, 1234],
  ],
  [
    ["1'234.5", "1’234’567"],
    [1234.5, 1234567],
  ],
  [
    ["12,34,567.5", "1,00,000"],
    [1234567.5, 100000],
  ], // India
  [
    ["\u22125", "3", "\u20131"],
    [-5, 3, -1],
  ],
  [
    ["$1,234.50", "-$5.25", "$ 7"],
    [1234.5, -5.25, 7],
  ],
  [
    ["($1,234.50)", "$2.00"],
    [-1234.5, 2],
  ],
  [
    ["1.234,50 €", "7,00 €", "3"],
    [1234.5, 7, 3],
  ],
  [
    ["10:30", "7:00:36", "24:00", "−0:15"],
    [10.5, 7.01, 24, -0.25],
  ],
  [
    ["12:15 AM", "12:30 p.m.", "1:00pm"],
    [0.25, 12.5, 13],
  ],
  [
    ["36:15", "100:30"],
    [36.25, 100.5],
  ],
  [
    ["10h30", "7H00"],
    [10.5, 7],
  ],
  [
    ["12 kg", "1,200.5kg", "-3 kg"],
    [12, 1200.5, -3],
  ],
  [
    ["1 day", "2.5 days"],
    [1, 2.5],
  ],
  [
    ["20 °C", "−3,5 °C"],
    [20, -3.5],
  ],
  [["12 kg", "500 g"], undefined],
  [["12 kg", "12"], undefined],
  [["1 ms", "2 m"], undefined], // no plural
  [["3rd", "4th"], undefined],
  [["10:30", "2:00 PM"], undefined], // of which clock is the first?
  [["36:15", "1:02:15"], undefined], // minutes beside hours
  [["16:9", "4:3"], undefined],
  [["10:61"], undefined],
  [
    ["CHF 1'234.50", "CHF 2.00"],
    [1234.5, 2],
  ],
  [
    ["12.5%", "-7 %"],
    [0.125, -0.07],
  ],
  [
    ["12,5 %", "7 %"],
    [0.125, 0.07],
  ],
  [
    ["1,5e3", "2"],
    [1500, 2],
  ],
  [["1,5", "1.5"], undefined],
  [["1,23,4"], undefined],
  [["12%", "0.12"], undefined],
  [["$5", "€5"], undefined],
  [["1 2"], undefined],
  [["1e"], undefined],
  [["0x10"], undefined],
  [["--5"], undefined],
  [["1,234,5"], undefined],
])("%j are read as %j", (cells, values) => {
  expect(readAll(cells)).toEqual(values);
});

test.each(["(11.5)", "- 1.5", "(-1.5)", "\u22121.5", "( 2 )", "+ 3", "-\u00a04"])(
  "what a notation is found for is read in it: %s",
  (cell) => {
    const [notation] = notationsOf(["1.25", cell]);
    const expected = { "(11.5)": -11.5, "( 2 )": -2, "+ 3": 3, "-\u00a04": -4 }[cell] ?? -1.5;
    expect(notation && readNumber(cell, notation)).toBe(expected);
  },
);

test("what may mean two things is said to: a comma before three digits", () => {
  expect(notationsOf(["1,234"])).toEqual([{ decimal: "," }, { decimal: ".", thousands: "," }]);
  expect(notationsOf(["1.234"])).toEqual([{ decimal: "." }, { decimal: ",", thousands: "." }]);
});
