import fc from "fast-check";
import { expect, test } from "vitest";

import type { CsvOptions } from "./csv-options.ts";
import { csvData } from "./table-data.ts";
import { parseCsv } from "./csv.ts";

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
  ["\ufeffa;b\r\n1;2,5\r\n3;4,5\r\n", { a: [1, 3], b: [2.5, 4.5] }],
  ["a|b\n1|x,y\n2|z", { a: [1, 2], b: ["x,y", "z"] }],
  ["sep=;\na;b\n1;2\n", { a: [1], b: [2] }],
  ['"sep=,"\r\na,b\r\n1,"2;3;4"\r\n', { a: [1], b: ["2;3;4"] }],
  ["a,b,\n1,2,\n3,4,\n", { a: [1, 3], b: [2, 4] }],
  ["a,b\n1,2,\n3,4,\n", { a: [1, 3], b: [2, 4] }],
  ["a,b\nr1,1,2\nr2,3,4\n", { column1: ["r1", "r2"], a: [1, 3], b: [2, 4] }],
  ['# made by "a tool\n# in 2020\na,b\n1,2\n# the end\n3,4', { a: [1, 3], b: [2, 4] }],
  ["# first,second\n1,2\n3,4\n", { first: [1, 3], second: [2, 4] }],
  ['a,b\n"x\n#y",1\nz,2', { a: ["x\n#y", "z"], b: [1, 2] }],
  ["colour,n\n#fff,1\n#000,2\n#123,3", { colour: ["#fff", "#000", "#123"], n: [1, 2, 3] }],
  ["a,b\n1,x\nNA,?\n n/a ,y\n,null", { a: [1, NaN, NaN, NaN], b: ["x", null, "y", null] }],
  ["a,b\n1 kg,—\n–,x\n3 kg,y", { a: [1, NaN, 3], b: [null, "x", "y"] }],
  ["a,b\n#DIV/0!,1\n#n/a,#REF!\n2,3\n4,5", { a: [NaN, NaN, 2, 4], b: [1, NaN, 3, 5] }],
  ["a,b\n#NV,1\n#WERT!,#¡VALOR!\n2,3\nErr:502,#N/B", { a: [NaN, NaN, 2, NaN], b: [1, NaN, 3, NaN] }],
  ["sign,n\n+,1\n-,2", { sign: ["+", "-"], n: [1, 2] }],
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
    column1: [1.5, 2.5],
    column2: [2, 3],
  });
});

test("a first row with the target's name is a header, even among words", () => {
  expect(valuesOf("colour,kind\nred,x\nblue,y", { target: "kind" })).toEqual({
    colour: ["red", "blue"],
    kind: ["x", "y"],
  });
});

test("words with a few numbers among them are words", () => {
  expect(valuesOf("size,n\nXL,1\nL,2\n12,3", { header: true }).size).toEqual(["XL", "L", "12"]);
});

test("whole numbers too long to be told apart stay text", () => {
  expect(valuesOf("key,n\n9007199254740993,1\n9007199254740992,2").key).toEqual([
    "9007199254740993",
    "9007199254740992",
  ]);
});

/** A text with enough cells, or too few, for the quick way through plain numbers. */
const inManyRows = (cells: readonly string[], rows: number) =>
  `code,n\n${Array.from({ length: rows }, (_, i) => `${cells[i % cells.length]},${i}`).join("\n")}\n`;

test.each([4, 60_000])("whole numbers of which some begin with 0 are codes, also in %i rows", (rows) => {
  const first = (cells: readonly string[], options: Partial<CsvOptions> = {}) => {
    const [column] = read(inManyRows(cells, rows), options).columns;
    return [column?.values.slice(0, cells.length), column?.kind === "words" && column.codes === true];
  };
  const numbers = (...values: number[]) => [Float64Array.from(values), false];
  expect(first(["007", "7", "08"])).toEqual([["007", "7", "08"], true]);
  expect(first(["00", "0"])).toEqual([["00", "0"], true]);
  expect(first(["0", "10", "7"])).toEqual(numbers(0, 10, 7));
  expect(first(["0.5", "0"])).toEqual(numbers(0.5, 0));
  expect(first(["007", "-3"])).toEqual(numbers(7, -3));
  expect(first(["-0.3", "00.5"])).toEqual(numbers(-0.3, 0.5));
  expect(first(["007", "7"], { types: { code: "number" } })).toEqual(numbers(7, 7));
  expect(first(["007", "7"], { types: { code: { decimal: "." } } })).toEqual(numbers(7, 7));
  expect(first(["70", "7"], { types: { code: "text" } })).toEqual([["70", "7"], false]);
});

test("columns of plain numbers are read alike the quick way and the careful way, whichever are text", () => {
  const names = ["a", "b", "c", "d"];
  const line = (i: number) => [`0${i % 7}`, `${i}`, `-${i % 5}.5`, i % 2 === 0 ? "10" : "09"].join(",");
  const content = (rows: number) =>
    [names.join(","), ...Array.from({ length: rows }, (_, i) => line(i))].join("\n");
  const all: CsvOptions["types"][] = [
    {},
    { a: "number", b: "text", d: "text" },
    { a: "text", c: "text", d: { decimal: "." } },
    { a: "text", b: "text", c: "text", d: "text" },
  ];
  for (const types of all) {
    for (const end of ["", "\n"]) {
      const quick = read(content(30_000) + end, { types }).columns;
      const careful = read(content(60) + end, { types }).columns;
      const start = quick.map(({ values, ...column }) => ({ ...column, values: values.slice(0, 60) }));
      expect(start).toEqual(careful.map((column) => ({ ...column })));
      expect(quick.map(({ values }) => values.length)).toEqual([30_000, 30_000, 30_000, 30_000]);
      expect(String(quick[3]?.values[29_999])).toBe(quick[3]?.kind === "words" ? "09" : "9");
    }
  }
});

test("percent signs that are missing are told in long files, too", () => {
  const types = { code: { decimal: ".", percent: true } } as const;
  for (const rows of [4, 60_000])
    expect(() => read(inManyRows(["50"], rows), { types })).toThrow('"50", which has no percent sign');
});

test.each([
  ["quoted and spaced", 'code,n\n"007",1\n 7 ,2\n', ["007", "7"]],
  ["with one missing", "code,n\n007,1\nNA,2\n7,3\n", ["007", null, "7"]],
  ["among decimal commas", "code;n\n007;1,5\n7;2,5\n", ["007", "7"]],
  ["too long for numbers", "code,n\n0123456789012345678,1\n7,2\n", ["0123456789012345678", "7"]],
])("codes %s are text", (_, text, codes) => {
  expect(valuesOf(text).code).toEqual(codes);
});

test.each([
  ["decimal commas", "code;n\n007,5;1\n7,0;2\n", [7.5, 7]],
  ["a unit", "code,n\n007 kg,1\n7 kg,2\n", [7, 7]],
  ["thousands", "code;n\n012.345,5;1\n7;2\n", [12345.5, 7]],
  ["an exponent", "code,n\n01e2,1\n7,2\n", [100, 7]],
  ["a sign", "code,n\n+07,1\n7,2\n", [7, 7]],
  ["times", "code,n\n07:30,1\n7:00,2\n", [7.5, 7]],
])("numbers with %s are none", (_, text, values) => {
  expect(valuesOf(text).code).toEqual(values);
});

test("where numbers are asked for, what is none is named", () => {
  const types = { code: "number" } as const;
  expect(() => valuesOf("code,n\n007,1\nx,2\n", { types })).toThrow(
    'column "code" of people.csv must hold numbers, as asked for, but line 3 has "x"; correct it, or do not ask for numbers',
  );
  expect(() => valuesOf("code\tn\n1,234\t1\n5,678\t2\n", { types })).toThrow("whose comma may stand before");
  expect(valuesOf("code;n\n1.234,5;1\n7;2\n", { types }).code).toEqual([1234.5, 7]);
  expect(valuesOf("code,n\n9007199254740993,1\n7,2\n", { types }).code).toEqual([9007199254740992, 7]);
  expect(() => valuesOf("n\n1", { types: { n: "words" } as never })).toThrow(
    '`types` of parseCsv must be an object by name, each of it text, number or date, or a notation such as { decimal: "," }',
  );
});

test("a file can be read as another was", () => {
  const types = { code: "text", price: { decimal: ",", thousands: "." } } as const;
  expect(valuesOf("code;price\n007;1.234\n8;5", { types })).toEqual({
    code: ["007", "8"],
    price: [1234, 5],
  });
  expect(() => read("code;price\n1;1,2,3", { types })).toThrow(
    'column "price" of people.csv must hold numbers with a decimal comma and points between thousands, as the training data had, but line 2 has "1,2,3"; correct it',
  );
});

const ages = (values: readonly string[]) =>
  `age,name\n${values.map((value) => `${value},"x\ny"`).join("\n")}\n`;

test.each<[why: string, text: string, doubt: string, options?: Partial<CsvOptions>]>([
  [
    "a word among numbers",
    ages(["1", "2", "3", "4", "5", "6", "7", "old"]),
    'column "age" of people.csv must hold numbers, but line 16 has "old"',
  ],
  [
    "two notations",
    "a;b\n1.5;2\n1,5;2\n",
    'column "a" of people.csv must hold numbers in one notation, but line 3 has "1,5", which seems to be a number with a decimal comma',
  ],
  ["a hexadecimal number", "a,b\n1,2\n3,4\n0x10,2\n", 'but line 4 has "0x10"'],
  [
    "a word without header",
    "1,2\n3,x\n5,6",
    'column "column2" of people.csv must hold numbers, but line 2 has "x"',
  ],
  ["an infinity", "a,b\n1,2\n1,3\n1,-Infinity\n", 'but line 4 has "-Infinity"'],
  ["overflow", "a,b\n1,2\n1e999,4\n", 'must hold numbers between -3.4e38 and 3.4e38, but line 3 has "1e999"'],
  ["ranges", "age,n\n10-19,1\n20-29,2", 'but line 2 has "10-19", which seems to be a range'],
  [
    "addresses",
    "ip,n\n10.0.0.1,1\n10.0.0.2,2",
    'has "10.0.0.1", which seems to be an address of the internet',
  ],
  ["two currencies", "p,n\n$5,1\n€6,2", 'but line 3 has "€6", which seems to be an amount of money'],
  ["feet and inches", 'p,n\n"6\'1""",1\n"5\'11""",2\n5\',3', "which seems to be feet and inches"],
  ["percent among shares", "p,n\n50%,1\n0.5,2\n20%,3", 'but line 3 has "0.5"'],
  [
    "a comma that tells nothing",
    "a\tb\n1,234\t1\n5,678\t2",
    'line 2 has "1,234", whose comma may stand before decimals or between thousands',
  ],
])("%s is a doubt with file, line and column", (_, text, doubt, options) => {
  const doubts = read(text, options).columns.flatMap((column) =>
    column.kind === "words" ? [column.doubt] : [],
  );
  expect(doubts.filter(Boolean)).toEqual([expect.stringContaining(doubt)]);
});

test.each<[why: string, text: string, message: string, options?: Partial<CsvOptions>]>([
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

test("bytes that are not UTF-8 are an error that names their encoding", () => {
  expect(() => read(Uint8Array.of(0x61, 0xff))).toThrow(
    "people.csv must be text in UTF-8, but seems to be Latin-1 (Windows-1252); save it as UTF-8",
  );
  const wide = (text: string) => new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer);
  expect(() => read(wide("\ufeffa,b\n1,2"))).toThrow("seems to be UTF-16");
  expect(() => read(wide("a,b\n1,2"))).toThrow("seems to be UTF-16");
  expect(() => read(Uint8Array.of(1, 2, 0, 0, 0xff, 0, 3))).toThrow("seems to be no text");
  expect(read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0x0a, 0x31)).columns[0]?.name).toBe("a");
});

test("a comment with as many fields as a row is told, and one with a quoted first field is a row", () => {
  const body = "a,b\n1,2\n#3,4\n# a remark\n5,6\n";
  expect(valuesOf(body)).toEqual({ a: [1, 5], b: [2, 6] });
  expect(read(body).warnings).toEqual([
    "1 line of people.csv that starts with # (line 3) is a comment, though with as many fields as a row; where it is one, quote the first field",
  ]);
  expect(read(body.replace("#3,4", '"#3",4')).warnings).toEqual([]);
  expect(valuesOf(body.replace("#3,4", '"#3",4'), { header: true }).a).toEqual(["1", "#3", "5"]);
});

test("titles above the names of columns are told with the line of the target", () => {
  const text = "Report of May,,\nsize,,result\nwidth,height,price\n1,2,3\n";
  expect(() => read(text, { target: "price" })).toThrow(
    'the first line of people.csv must name the columns, but the target "price" stands in line 3; remove the lines above it',
  );
  expect(() => read(`Report of May\n\n${text.slice(text.indexOf("width"))}`, { target: "price" })).toThrow(
    "stands in line 3",
  );
});

test("numbers in several units and dates in several formats are doubted, not text", () => {
  const doubtsOf = (cellOf: (i: number) => string) => {
    const lines = Array.from({ length: 40 }, (_, i) => `${cellOf(i)};${i}`);
    return read(`x;y\n${lines.join("\n")}\n`).columns.map(
      (column) => column.kind === "words" && column.doubt,
    );
  };
  expect(doubtsOf((i) => (i % 3 === 1 ? `${1000 * i} g` : `${i}.5 kg`))).toEqual([
    'column "x" of people.csv must hold numbers in one unit, but line 3 has "1000 g" beside "0.5 kg"',
    false,
  ]);
  expect(doubtsOf((i) => (i % 3 === 1 ? `0${(i % 9) + 1}.11.2024` : `2024-11-1${i % 9}`))[0]).toMatch(
    /^column "x" of people\.csv must hold dates in one format, but line \d+ has ".*", which is not year-month-day as most are$/,
  );
  expect(doubtsOf((i) => (i % 3 === 1 ? `0.${800 + i}` : `${i}%`))[0]).toMatch(
    /must hold numbers in one notation, but line 3 has "0\.801", which has no percent sign$/,
  );
  expect(doubtsOf((i) => (i % 3 === 1 ? "4WD" : "2WD"))).toEqual([false, false]);
  expect(doubtsOf((i) => (i % 3 === 1 ? "10 kg" : "500 g"))).toEqual([undefined, false]);
});

test("a target of few numbers with a unit keeps its texts as classes", () => {
  expect(valuesOf("n,drive\n1,4WD\n2,2WD\n3,4WD\n", { target: "drive" }).drive).toEqual([
    "4WD",
    "2WD",
    "4WD",
  ]);
});

test.each([
  "/data/people.csv",
  "people.csv",
  "./people",
  "..\\people.txt",
  "C:\\people.csv",
  "~/people.parquet",
])("the path of a file is no text of a table: %s", (path) => {
  for (const read of [
    () => parseCsv(path, { name: "people.csv" }),
    () => csvData(path, { name: "people.csv", target: "income" }),
  ])
    expect(read).toThrow(
      /^`content` of (parseCsv|csvData) must be a text, or its bytes as a Uint8Array, but got ".*people.*", which seems to be the path of a file; give its bytes, such as readFileSync\(".*people/,
    );
});

test("a path among the fields of one line makes it none", () => {
  expect(parseCsv("1,people.csv", { name: "a", header: false }).rows).toBe(1);
});
