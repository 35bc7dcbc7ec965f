import { readFile } from "node:fs/promises";

import { describe, expect, test } from "vitest";

import type { ColumnTypes } from "./column-types.ts";
import { parseCsv } from "./csv.ts";
import { fitTable } from "./fit-table.ts";
import type { NamedBytes } from "./named-bytes.ts";
import type { TableEncoding } from "./table-encoding.ts";
import { parseTable } from "./table-file.ts";
import type { Column, Table } from "./table.ts";

/** Files of pyarrow 25 and numpy 2.4, of one table where they are called people. */
const fixture = async (name: string) => ({
  name,
  bytes: new Uint8Array(await readFile(`test/data/tables/${name}`)),
});

const read = async (name: string): Promise<Table> => parseTable(await fixture(name));

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The values by name; dates as JavaScript reads them, since files write them differently. */
const contentOf = ({ columns }: Table): Record<string, unknown> =>
  Object.fromEntries(
    columns.map(({ name, values }: Column) => [
      name,
      Array.from<unknown, unknown>(values, (value) => {
        if (typeof value !== "string" || !/^\d{4}-/.test(value)) return value;
        return Date.parse(/T/.test(value) && !value.endsWith("Z") ? `${value}Z` : value);
      }),
    ]),
  );

const { member: _, ...people } = contentOf(await read("people.csv")); // Python writes True in CSV

describe("files of other programs hold the table that the CSV file holds", () => {
  test.each(["snappy", "zstd", "gzip", "brotli", "lz4", "none"])("Parquet, %s", async (compression) => {
    const { member, ...others } = contentOf(await read(`people-${compression}.parquet`));
    expect(others).toEqual(people);
    expect((member as unknown[]).slice(0, 3)).toEqual(["true", "false", "true"]);
  });

  test("JSON lines, and a list", async () => {
    const file = await fixture("people.jsonl");
    const { member, ...others } = contentOf(await parseTable(file));
    expect(others).toEqual(people);
    const list = `[${new TextDecoder().decode(file.bytes).trim().split("\n").join(",")}]`;
    expect(contentOf(await parseTable({ name: "people.json", bytes: bytesOf(list) }))).toEqual({
      member,
      ...others,
    });
  });

  test("npz with a column an array, in matrices of Fortran's order, and records", async () => {
    const { amount: _, ...arrays } = people;
    expect(contentOf(await read("people.npz"))).toMatchObject(arrays);
    expect(contentOf(await read("matrix.npz"))).toEqual({
      ...{ "x.1": people.age, "x.2": people.visits, y: people.price },
    });
    const { age, town, visits, price } = people;
    expect(contentOf(await read("records.npy"))).toEqual({ age, town, visits, price });
    expect(contentOf(await read("matrix.npy"))).toEqual({ column1: age, column2: visits, column3: price });
  });
});

test("numbers of every width and byte order, text and dates of numpy have their values", async () => {
  expect(contentOf(await read("types.npz"))).toEqual({
    ...{
      i1: [-1, 2],
      u1: [255, 2],
      i2: [-300, 2],
      u2: [65535, 2],
      i4: [-70000, 2],
      u4: [4e9, 2],
      i8: [-5, 2],
    },
    ...{ u8: [5, 2], f2: [-1.5, 2 ** -24], f4: [Math.fround(0.1), 2], f8: [0.1, NaN], s: ["ab", "c"] },
    ...{ day: [Date.UTC(2024, 1, 29), null], ns: [Date.UTC(2024, 1, 29, 12, 30), null] },
    ...Object.fromEntries([0, 1, 2, 3, 4, 5].map((j) => [`images.${j + 1}`, [j, j + 6]])),
  });
});

test("what a column of Parquet cannot be has a doubt; whole numbers keep their digits, an index its place", async () => {
  const { columns } = await read("odd.parquet");
  const found = Object.fromEntries(columns.map((column) => [column.name, column]));
  expect(found.list).toMatchObject({
    doubt: 'column "list" of odd.parquet must hold numbers, text or dates, but line 1 has a list',
  });
  expect(found.record).toMatchObject({ doubt: expect.stringContaining("line 1 has a record") as string });
  expect(found.big?.values[0]).toBe("9007199254740993");
  expect(found.day?.values[0]).toBe("2024-02-29");
  expect(Array.from<unknown>(found.price?.values ?? [])).toEqual([1.5, 2.5, NaN, NaN]);
  expect([found.cents?.values[0], found.half?.values[0]]).toEqual([1.25, 0.5]);
  expect(found.__index_level_0__).toMatchObject({ unnamed: true, kind: "numbers" });
});

test("JSON lines: columns that come late, long numbers, names that objects have, nested values", async () => {
  const text = '{"a": 1, "id": 12345678901234567890}\n\n{"__proto__": "x", "a": null, "tags": ["b"]}\n';
  const { columns, rows, lineOf } = await parseTable({ name: "odd.jsonl", bytes: bytesOf(text) });
  expect([rows, lineOf(1, 0)]).toEqual([2, 3]);
  expect(columns.map(({ name, values }) => [name, ...values])).toEqual([
    ["a", 1, NaN],
    ["id", "12345678901234567890", null],
    ["__proto__", null, "x"],
    ["tags", null, '["b"]'],
  ]);
  expect(columns[3]).toMatchObject({ doubt: expect.stringContaining("line 3 has a list") as string });
});

test.each<[string, string | Uint8Array, string]>([
  ["a.jsonl", '{"a": 1}\n[2]\n', 'every line of a.jsonl must hold one JSON object, but line 2 has "[2]"'],
  ["a.jsonl", '{"a": 1}\n{"a": \n', 'but line 2 has "{"a":"'],
  ["a.jsonl", `${'{"a":'.repeat(200_000)}1`, "must hold one JSON object, but line 1 has"],
  ["a.json", "[1]", 'a.json must hold a JSON list of objects, but entry 1 is "1"'],
  ["a.ndjson", "\n", "a.ndjson must hold a row at least, but it is empty"],
  ["a.parquet", "age,y\n1,2\n", "a.parquet must be a Parquet file, but does not start as one"],
  ["a.npz", "", "a.npz must be a file of numpy.savez, but does not start as one"],
  ["a.parquet", "PAR1PAR1", "a.parquet must be a whole Parquet file, but could not be read"],
  ["a.npy", bytesOf("NUMPY"), "a.npy must be a file of numpy.save, but does not start as one"],
  ["a.npy", Uint8Array.of(0x93, 78, 85, 77, 80, 89), "a.npy must be a whole file of numpy.save"],
  ["a.npz", "PK\u0003\u0004", "a.npz must be a whole zip file, but is damaged or cut short"],
  ["train.idx3-ubyte", "\0\0\u0008\u0003", "train.idx3-ubyte must be a table, but seems to be an idx file"],
])("%s with other content is an error in a sentence", async (name, content, message) => {
  const bytes = typeof content === "string" ? bytesOf(content) : content;
  await expect(parseTable({ name, bytes })).rejects.toThrow(message);
});

test("Python objects, parts of different lengths and damaged files are refused by name", async () => {
  await expect(read("objects.npy")).rejects.toThrow("one has the type '|O'; convert it with astype");
  await expect(read("parts.npz")).rejects.toThrow(
    "all arrays in parts.npz must have equally many rows, but x_train is [3, 2] and x_test is [2, 2]",
  );
  for (const name of ["people-zstd.parquet", "people.npz", "matrix.npz", "records.npy"]) {
    const { bytes } = await fixture(name);
    for (const length of [40, 200, bytes.length >> 1, bytes.length - 1]) {
      const error: unknown = await parseTable({ name, bytes: bytes.slice(0, length) }).catch(
        (e: unknown) => e,
      );
      expect(error, `${name} cut at ${length}`).toMatchObject({ code: "input" });
    }
  }
});

test("a large table of plain numbers is read as the careful way reads it", async () => {
  const cell = (row: number, j: number) =>
    [`${row * j}`, `-${row / 8}`, `00${j}`, `${row}.`, "-0", `.${j}5`, "123456789012345", "0.000001"][j % 8];
  const lines = Array.from({ length: 2000 }, (_, row) =>
    Array.from({ length: 60 }, (_, j) => cell(row, j)).join(";"),
  );
  const header = Array.from({ length: 60 }, (_, j) => `c${j}`).join(";");
  const careful = (text: string) => parseCsv(`# by hand\n${text}`, { name: "t.csv" }); // a comment asks for care
  for (const text of [`${header}\n${lines.join("\n")}\n`, lines.join("\r\n")]) {
    const [fast, slow] = [parseCsv(text, { name: "t.csv" }), careful(text)];
    expect(fast.columns).toEqual(slow.columns);
    expect([fast.rows, fast.lineOf(5, 0) + 1]).toEqual([slow.rows, slow.lineOf(5, 0)]);
  }
  const gap = [...lines.slice(0, 1000), lines[1000]?.replace(/^[^;]*/, "NA"), ...lines.slice(1001)].join(
    "\n",
  );
  expect(parseCsv(`${header}\n${gap}`, { name: "t.csv" }).columns[0]?.values[1000]).toBeNaN();
});

describe("the type of a column that is asked for decides, however its values look", () => {
  const days = ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"];
  const rows = Array.from({ length: 40 }, (_, i) => ({ day: days[i % 4], n: i % 7, y: i % 2 }));
  const files = {
    "a.csv": ["day,n,y", ...rows.map(({ day, n, y }) => `${day},${n},${y}`)].join("\n"),
    "a.jsonl": rows.map((row) => JSON.stringify(row)).join("\n"),
  };
  const fit = async (file: NamedBytes, target: string, types: ColumnTypes) =>
    fitTable(await parseTable(file, { types }), { target, task: "regression" });
  /** What becomes of a column: the kind of its encoding, or why it is none. */
  const fateOf = ({ columns, unused }: TableEncoding, name: string) =>
    columns.find((column) => column.name === name)?.kind ??
    unused.find((column) => column.name === name)?.why;

  test.each(Object.entries(files))("%s", async (name, text) => {
    const file = { name, bytes: bytesOf(text) };
    const fate = async (types: ColumnTypes) => fateOf(await fit(file, "y", types), "day");
    expect(await fate({})).toMatch(/^dates; /);
    expect(await fate({ day: "text" })).toBe("category");
    expect(await fate({ day: "date" })).toBe("date");
    await expect(fit(file, "y", { n: "date" })).rejects.toThrow(
      /^column "n" of a\.\w+ must hold dates in one format, as asked for, but line \d has "0"; write dates as year-month-day, or do not ask for dates$/,
    );
  });

  test("Parquet", async () => {
    const file = await fixture("people-none.parquet");
    const fate = async (types: ColumnTypes) => fateOf(await fit(file, "price", types), "joined");
    expect(await fate({})).toMatch(/^dates; /);
    expect(await fate({ joined: "text" })).toBe("60 different texts in 60 rows");
    expect(await fate({ joined: "date" })).toBe("date");
    const { columns } = await parseTable(await fixture("odd.parquet"), { types: { list: "text" } });
    const list = columns.find(({ name }) => name === "list");
    expect([list?.kind, list?.values[0]]).toEqual(["words", '["1","2"]']);
  });
});
