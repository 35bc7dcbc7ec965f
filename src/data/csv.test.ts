import fc from "fast-check";
import { expect, test } from "vitest";

import { parseCsv, type CsvOptions } from "./csv.ts";

const read = (text: string | Uint8Array, options: Partial<CsvOptions> = {}) =>
  parseCsv(text, { name: "people.csv", ...options });
const valuesOf = (text: string, options: Partial<CsvOptions> = {}) =>
  Object.fromEntries(read(text, options).columns.map(({ name, values }) => [name, [...values]]));

const separators = [",", ";", "\t"] as const;

test("any table of numbers and words survives being written and read", () => {
  const word = fc
    .string({ minLength: 1, maxLength: 8 })
    .map((text) => `w${text.replaceAll("\r", "")}`.trimEnd());
  const row = fc.tuple(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), word);
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const tables = fc.array(row, { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(tables, fc.constantFrom(...separators), fc.constantFrom("\n", "\r\n"), (rows, mark, end) => {
      const lines = [["number", "word"], ...rows.map(([n, w]) => [String(n), quote(w)])];
      const text = lines.map((cells) => cells.join(mark)).join(end);
      expect(valuesOf(text)).toEqual({
        number: rows.map(([n]) => Number(String(n))),
        word: rows.map(([, w]) => w),
      });
    }),
  );
});

test("a word cell and a number cell know the line they start in, with newlines in quotes and of Windows", () => {
  const text = 'note,n\n"two\nlines",1\n\n"x\n\ny",2\nz,3\n';
  for (const content of [text, text.replaceAll("\n", "\r\n"), text.replaceAll("\n", "\r")]) {
    const { lineOf } = read(content);
    expect([0, 1, 2].map((row) => [lineOf(row, 0), lineOf(row, 1)])).toEqual([
      [2, 3],
      [5, 7],
      [8, 8],
    ]);
  }
});

test.each([
  ["a,b\n1,2\n3,4", { a: [1, 3], b: [2, 4] }],
  ["1,2\n3,4", { column1: [1, 3], column2: [2, 4] }],
  ["red,2\nblue,4", { column1: ["red", "blue"], column2: [2, 4] }],
  ["\ufeffa;b\r\n1;2,5\r\n3;4,5\r\n", { a: [1, 3], b: ["2,5", "4,5"] }],
  ["a\tb\n1\tx y\n2\tz", { a: [1, 2], b: ["x y", "z"] }],
  ["  59  2 32.1 \n  48\t1   21.6\n", { column1: [59, 48], column2: [2, 1], column3: [32.1, 21.6] }],
  ['n who\n1 "Ann  Lee"\n2 Bo\n', { n: [1, 2], who: ["Ann  Lee", "Bo"] }],
  [" a , b \n 1 , x \n 2 , y ", { a: [1, 2], b: ["x", "y"] }],
  ['name,n\n"Lee, Ann",1\n"say ""hi""",2', { name: ["Lee, Ann", 'say "hi"'], n: [1, 2] }],
  ["+1,-.5\n1e3,2.\n", { column1: [1, 1000], column2: [-0.5, 2] }],
  ["\ufeffa b\n1 2", { a: [1], b: [2] }],
  ['"x;y",1\n"z;w",2', { column1: ["x;y", "z;w"], column2: [1, 2] }],
  ["name, first, second;n\nLee;1\nBo;2", { "name, first, second": ["Lee", "Bo"], n: [1, 2] }],
  [",n\n0,1\n1,2", { column1: [0, 1], n: [1, 2] }],
  ["first name,n\nAnn Lee,1\nBo Ray,2", { "first name": ["Ann Lee", "Bo Ray"], n: [1, 2] }],
])("%j is read with separator and header detected", (text, columns) => {
  expect(valuesOf(text)).toEqual(columns);
});

test("options overrule the detection of header and separator", () => {
  expect(valuesOf("1,2\n3,4", { header: true })).toEqual({ "1": [3], "2": [4] });
  expect(valuesOf("a,b\nc,d", { header: false })).toEqual({ column1: ["a", "c"], column2: ["b", "d"] });
  expect(valuesOf("1,5 2\n2,5 3\n", { separator: "whitespace", header: false })).toEqual({
    column1: ["1,5", "2,5"],
    column2: [2, 3],
  });
});

test("a first row with the target's name is a header, even among words", () => {
  expect(valuesOf("colour,kind\nred,x\nblue,y", { target: "kind" })).toEqual({
    colour: ["red", "blue"],
    kind: ["x", "y"],
  });
});

test("a column of words with numbers among them gives a warning", () => {
  expect(read("size,n\nXL,1\n10,2\n12,3", { header: true }).warnings).toEqual([
    'column "size" of people.csv is read as words, since its first value is one, but 2 of 3 values are numbers',
  ]);
  expect(read("size,n\nXL,1\nL,2").warnings).toEqual([]);
});

const ages = (values: readonly string[]) =>
  `age,name\n${values.map((value) => `${value},"x\ny"`).join("\n")}\n`;

test.each<[why: string, text: string, message: string, options?: Partial<CsvOptions>]>([
  [
    "a word in a number column",
    ages(["1", "2", "3", "4", "5", "6", "7", "old"]),
    'column "age" of people.csv must hold numbers, but line 16 has "old"; correct it or make every value of the column text',
  ],
  [
    "a decimal comma",
    "a;b\n1;2\n1,5;2\n",
    'column "a" of people.csv must hold numbers, but line 3 has "1,5"',
  ],
  ["a hexadecimal number", "a,b\n1,2\n0x10,2\n", 'but line 3 has "0x10"'],
  [
    "a word without header",
    "1,2\n3,x\n5,6",
    'column "column2" of people.csv must hold numbers, but line 2 has "x"',
  ],
  [
    "an empty field",
    "a,b\n1,2\n,2\n",
    'column "a" of people.csv must have a value in every row, but line 3 has an empty field; fill it in or remove the row',
  ],
  [
    "an empty word",
    'a,b\n1,x\n2,""\n',
    'column "b" of people.csv must have a value in every row, but line 3 has an',
  ],
  [
    "NaN",
    "a,b\n1,2\n1,NaN\n",
    'column "b" of people.csv must have a value in every row, but line 3 has "NaN"',
  ],
  [
    "NaN first",
    "a,b\nnan,2\n1,3\n4,5",
    'column "a" of people.csv must have a value in every row, but line 2 has "nan"',
  ],
  [
    "a gap first, without header",
    "?,2\n1,3\n4,5",
    'column "column1" of people.csv must have a value in every row, but line 1',
  ],
  ["Infinity", "a,b\n1,2\n1,-Infinity\n", 'but line 3 has "-Infinity"'],
  [
    "a question mark",
    "a,b\n1,2\n?,4\n",
    'column "a" of people.csv must have a value in every row, but line 3 has "?"',
  ],
  ["overflow", "a,b\n1,2\n1e999,4\n", 'must hold numbers between -3.4e38 and 3.4e38, but line 3 has "1e999"'],
  [
    "a short row",
    'a,b,c\n1,2,"x\ny"\n3,4\n',
    "every row of people.csv must have 3 fields like line 1, but line 4 has 2 fields (they differ from column 3 on)",
  ],
  ["a long row", "a,b\n1,2\n3,4,5\n", "must have 2 fields like line 1, but line 3 has 3 fields"],
  ["an empty file", "", "people.csv must hold a table, but it is empty; check that it is the right file"],
  ["blank lines only", "\n\r\n\n", "people.csv must hold a table, but it is empty"],
  ["a header only", "a,b\n", "people.csv must have rows below its header, but line 1 is the last; add rows"],
  [
    "one row taken as header",
    "1,2\n",
    "must have rows below its header, but line 1 is the last",
    { header: true },
  ],
  [
    "equal names",
    "a,b,a\n1,2,3\n",
    'the columns of people.csv must have different names, but line 1 has "a" twice',
  ],
  ["an open quote", 'a,b\n1,"x\n2,3\n', "one that starts after line 1 never does; close it"],
  ["a quote within a field", 'a,b\n1,5" pipe\n', "quotes in people.csv must enclose a whole field"],
  ["text after a quote", 'a,b\n1,x\n1,"x"y\n', "be doubled inside it, but line 3 has one elsewhere"],
])("%s is an error with file, line and column", (_, text, message, options) => {
  expect(() => read(text, options)).toThrow(message);
});

test("bytes that are not UTF-8 are an error", () => {
  expect(() => read(Uint8Array.of(0x61, 0xff))).toThrow("people.csv must be text in UTF-8");
  expect(read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0x0a, 0x31)).columns[0]?.name).toBe("a");
});
