import { expect, test } from "vitest";

import { parseCsv } from "./csv.ts";
import { tableData, csvData } from "./table-data.ts";
import { encodeInputs, unknownLevels } from "./encode-inputs.ts";
import { decodeQuantity, encodeTarget } from "./encode-target.ts";
import { featuresOf, columnTypesOf } from "./table-encoding.ts";
import { tableOf } from "./table.ts";

/** Four rows train, one validates, one tests. */
const split = () => ({
  train: Uint32Array.of(0, 1, 2, 3),
  valid: Uint32Array.of(4),
  test: Uint32Array.of(5),
});

const people = {
  age: [10, null, 20, 60, 30, null],
  town: ["Ulm", "Graz", null, "Ulm", "Bern", "Graz"],
  pay: ["1.000,50", "2.000,00", "3.000,00", "4.000,00", "5.000,00", "6.000,00"],
};
const text = (columns: Readonly<Record<string, readonly unknown[]>> = people) =>
  [
    Object.keys(columns).join(";"),
    ...people.age.map((_, i) =>
      Object.values(columns)
        .map((values) => values[i] ?? "")
        .join(";"),
    ),
  ].join("\n");
const fitted = (columns?: Readonly<Record<string, readonly unknown[]>>) =>
  csvData(text(columns), { name: "people.csv", target: "pay", task: "regression", split });
const rowsOf = ({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }) =>
  Array.from({ length: shape[0] as number }, (_, i) =>
    Array.from(data).slice(i * (shape[1] as number), (i + 1) * (shape[1] as number)),
  );

test("an encoding holds what the training rows say, as plain JSON", () => {
  const { encoding } = fitted();
  expect(JSON.parse(JSON.stringify(encoding))).toEqual(encoding);
  // Ages 10, 20 and 60: the median is 20, so the filled column is 10, 20, 20, 60: mean 27.5, variance 368.75.
  expect(encoding?.columns).toEqual([
    {
      kind: "number",
      name: "age",
      notation: { decimal: "." },
      median: 20,
      missing: true,
      features: [
        { name: "age", mean: 27.5, sd: Math.sqrt(368.75) },
        { name: "age=(missing)", mean: 0.25, sd: Math.sqrt(0.1875) },
      ],
    },
    {
      kind: "category",
      name: "town",
      levels: ["Graz", "Ulm"],
      other: false,
      missing: true,
      features: [
        { name: "town=Graz", mean: 0.25, sd: Math.sqrt(0.1875) },
        { name: "town=Ulm", mean: 0.5, sd: 0.5 },
        { name: "town=(missing)", mean: 0.25, sd: Math.sqrt(0.1875) },
      ],
    },
  ]);
  // 1000.5, 2000, 3000, 4000
  const mean = 2500.125;
  const sd = Math.sqrt((1499.625 ** 2 + 500.125 ** 2 + 499.875 ** 2 + 1499.875 ** 2) / 4);
  expect(encoding?.target).toEqual({
    kind: "number",
    name: "pay",
    notation: { decimal: ",", thousands: "." },
    transform: "none",
    mean,
    sd: expect.closeTo(sd, 9) as number,
  });
});

test("nothing of an encoding comes from the rows that do not train", () => {
  const changed = {
    age: [10, null, 20, 60, null, 1e6],
    town: ["Ulm", "Graz", null, "Ulm", "Rome", null],
    pay: [...people.pay.slice(0, 4), "9.999.999,00", "0,01"],
  };
  expect(fitted(changed).encoding).toEqual(fitted().encoding);
});

test("new rows are encoded as the training rows were, columns in any order, text and missing values included", () => {
  const { encoding, splits } = fitted();
  if (!encoding) throw new Error("a table must have an encoding");
  const order = { extra: people.age, town: people.town, pay: people.pay, age: people.age };
  const again = parseCsv(text(order), { name: "new.csv", types: columnTypesOf(encoding) });
  const x = rowsOf(encodeInputs(encoding, again));
  expect(x.slice(0, 4)).toEqual(rowsOf(splits.train.fields.x as never));
  expect(x.slice(4, 5)).toEqual(rowsOf(splits.valid.fields.x as never));
  const y = Array.from(encodeTarget(encoding, again).data);
  expect(y.slice(0, 4)).toEqual(Array.from(splits.train.fields.y?.data ?? []));
  expect(decodeQuantity(encoding.target as never, y[5] as number)).toBeCloseTo(6000, 2);
  // In memory, with text where numbers are wanted: an unknown town and a missing one, if the training rows had none, are 0 everywhere.
  const memory = tableOf("rows", { town: ["Rome"], age: ["20"] });
  const [age = 0, gap = 0, graz = 0] = rowsOf(encodeInputs(encoding, memory))[0] as number[];
  expect(age).toBeCloseTo(-7.5 / Math.sqrt(368.75), 6);
  expect(gap).toBeCloseTo(-0.25 / Math.sqrt(0.1875), 6);
  expect(graz).toBeCloseTo(-0.25 / Math.sqrt(0.1875), 6);
});

test("missing columns are named, all at once", () => {
  const { encoding } = fitted();
  const table = tableOf("new.csv", { pay: [1] });
  expect(() => encodeInputs(encoding as never, table)).toThrow(
    'new.csv must have the columns that the model was trained on, but lacks "age", "town"; add them, empty where the values are not known',
  );
});

test("new rows from a file and from memory are refused alike: other units, names almost right, numbers beyond float32", () => {
  const lines = Array.from(
    { length: 40 },
    (_, i) => `${20 + (i % 7)},${(i % 9) + 1}.5 kg,${i % 11} %,${(i * 7) % 23}.5`,
  );
  const { encoding } = csvData(["age,w,p,y", ...lines].join("\n"), { name: "t.csv", target: "y" });
  if (!encoding) throw new Error("a table has an encoding");
  const row = { age: "22", w: "3.5 kg", p: "5 %" };
  const refusals = (changed: Readonly<Record<string, string>>, without = "") => {
    const entries = Object.entries({ ...row, ...changed }).filter(([name]) => name !== without);
    const file = entries.map(([name]) => `"${name}"`) + "\n" + entries.map(([, value]) => value).join(",");
    const read = () => parseCsv(file, { name: "rows", header: true, types: columnTypesOf(encoding) });
    return [
      read,
      () => tableOf("rows", Object.fromEntries(entries.map(([name, value]) => [name, [value]]))),
    ].map((table) => {
      try {
        return encodeInputs(encoding, table()).data.length;
      } catch (error) {
        return (error as Error).message.replace("line 2", "line 1");
      }
    });
  };
  const both = (pattern: RegExp | number) =>
    pattern instanceof RegExp
      ? [0, 1].map(() => expect.stringMatching(pattern) as string)
      : [pattern, pattern];
  expect(refusals({})).toEqual(both(3));
  expect(refusals({ w: "3.5" })).toEqual(both(3));
  expect(refusals({ w: "3500 g" })).toEqual(
    both(/numbers with the unit kg, .* line 1 has "3500 g", whose unit is g; /),
  );
  expect(refusals({ age: "22 years" })).toEqual(both(/line 1 has "22 years", whose unit is year; /));
  expect(refusals({ p: "5" })).toEqual(both(/line 1 has "5", which has no percent sign; /));
  expect(refusals({ w: "Total" })).toEqual(both(/line 1 has "Total"; remove the row if it holds totals$/));
  for (const name of ["Age", "age ", "AGE", "a_ge"])
    expect(refusals({ [name]: "22" }, "age")).toEqual(
      both(/lacks "age"; rename "[Aa][ _]?[Gg][Ee] ?" to "age", which seems to be meant$/),
    );
  expect(refusals({ agee: "22" }, "age")).toEqual(both(/lacks "age"; did you mean "agee"\?$/));
  for (const huge of ["1e40", "-1e39", "1e400"])
    expect(refusals({ age: huge })).toEqual(
      both(/column "age" of rows must .*line 1 has .*; correct it or leave it empty$/),
    );
  expect(() => encodeInputs(encoding, tableOf("rows", { age: [1e40], w: [1], p: [1] }))).toThrow("1e+40");
});

test("very large numbers of float32 are encoded, and refused where they are infinite once they are standardised", () => {
  const rows = Array.from({ length: 20 }, (_, i) => i);
  const table = tableOf("t", {
    big: rows.map((i) => Math.fround(i * 1.7e37)),
    small: rows.map((i) => Math.fround(i * 1e-5)),
    kind: rows.map((i) => "ab"[i % 2]),
  });
  const { encoding } = tableData(table, { target: "kind" });
  const inputsOf = (big: number, small: number) =>
    encodeInputs(encoding as never, tableOf("rows", { big: [big], small: [small] })).data;
  expect([...inputsOf(3.4e38, 1e-4), ...inputsOf(-3.4e38, 0)].every(Number.isFinite)).toBe(true);
  expect(() => inputsOf(1e38, Math.fround(3e38))).toThrow(
    /^numbers of column "small" of rows must be such as the model can hold, .*line 1 has 3\.0\d*e\+38; correct it or leave it empty$/,
  );
});

test("a class that is not known, and text where a number is wanted, are errors with their line", () => {
  const table = tableOf("flowers", {
    n: Array.from({ length: 20 }, (_, i) => i),
    kind: Array.from({ length: 20 }, (_, i) => "ab"[i % 2]),
  });
  const { encoding } = tableData(table, { target: "kind" });
  expect(() => encodeTarget(encoding as never, tableOf("new", { kind: ["a", "c"] }))).toThrow(
    'the target column "kind" of new must hold the classes "a", "b", but line 2 has "c"',
  );
  expect(() => encodeInputs(encoding as never, tableOf("new", { n: ["1", "x"] }))).toThrow(
    'column "n" of new must hold numbers with a decimal point, as the training data had, but line 2 has "x"; correct it',
  );
});

test("classes that are numbers are found however they are written", () => {
  const table = tableOf("flowers", {
    n: Array.from({ length: 20 }, (_, i) => i),
    kind: Array.from({ length: 20 }, (_, i) => i % 2),
  });
  const { encoding } = tableData(table, { target: "kind" });
  const again = parseCsv("n,kind\n1,1.0\n2,0\n3,1e0", {
    name: "new.csv",
    types: columnTypesOf(encoding as never),
  });
  expect(Array.from(encodeTarget(encoding as never, again).data)).toEqual([1, 0, 1]);
});

test.each<[string, string, RegExp]>([
  [
    "1,5",
    "2.75",
    /numbers with a decimal comma, as .* "2\.75"; it seems to be a number with a decimal point; write it as/,
  ],
  ["1.5", "2,75", /numbers with a decimal point, as .* "2,75"; it seems to be a number with a decimal comma/],
  ["5 %", "0,5", /numbers with percent, as hundredths, as .* "0,5"/],
  ["5 %", "50", /numbers with percent, as hundredths, as .* "50"/], // 50 % or 5000 %
  ["5 kg", "150 lb", /numbers with the unit kg, as .* "150 lb", whose unit is lb; correct it$/],
  ["10:30", "half past ten", /hold times \(hours:minutes\), in hours, as .*; correct it$/],
])("new rows in another notation than %s are told the wanted one", (trained, given, sentence) => {
  const rows = [trained, trained.replace("5", "6"), trained, trained.replace("0", "1"), trained, trained];
  const { encoding } = csvData(["n;y", ...rows.map((n, i) => `${n};${"ab"[i % 2]}`)].join("\n"), {
    ...{ name: "old.csv", target: "y", split },
  });
  const types = columnTypesOf(encoding as never);
  expect(() => parseCsv(`n;y\n${given};a`, { name: "new.csv", header: true, types })).toThrow(sentence);
  expect(() => encodeInputs(encoding as never, tableOf("new", { n: [given] }))).toThrow(sentence);
});

test("True, TRUE and true are one level and one class, in the spelling that came first", () => {
  const paid = ["True", "TRUE", "no idea", "False", "True", "true"];
  const table = tableOf("bills", { paid, late: [true, false, true, false, true, false] });
  const { encoding, splits } = tableData(table, { target: "late", split });
  expect(encoding?.columns[0]).toMatchObject({ levels: ["False", "True", "no idea"] });
  expect(encoding?.target).toMatchObject({ classes: ["false", "true"] });
  const again = tableOf("new", {
    paid: ["TRUE", true, "no idea", "false"],
    late: ["True", "FALSE", "true", "false"],
  });
  expect(rowsOf(encodeInputs(encoding as never, again))).toEqual(rowsOf(splits.train.fields.x as never));
  expect(Array.from(encodeTarget(encoding as never, again).data)).toEqual([1, 0, 1, 0]);
});

test("times of day are hours, as an input, as a target and in new rows", () => {
  const rows = ["10:30,1", "8:15:00,2", "9:45,3", "12:00,5", "7:30,6", "11:11,7"];
  const read = (target: string) => csvData(["open,n", ...rows].join("\n"), { name: "t.csv", target, split });
  const { encoding, warnings } = read("n");
  expect(encoding?.columns[0]).toMatchObject({ kind: "number", median: (9.75 + 10.5) / 2 });
  expect(warnings).toContain('numbers of t.csv in "open" are read as times (hours:minutes), in hours');
  const [[mean], [same]] = ["10:07:30", 10.125].map(
    (open) => rowsOf(encodeInputs(encoding as never, tableOf("new", { open: [open] })))[0],
  ) as [number[], number[]];
  expect(mean).toBeCloseTo(0, 6);
  expect(same).toBe(mean);
  expect(read("open")).toMatchObject({ task: "regression", targetScale: { mean: 10.125 } });
});

test("dates become their parts where that is asked for", () => {
  const when = [
    "2024-02-28T12:30:00Z",
    "2024-02-29",
    "2024-03-01",
    "2024-03-02 06:00",
    "2024-03-03",
    "1999-12-31T23:59:59+01:00",
  ];
  const table = tableOf("events", { when, y: [1.5, 2.5, 3.5, 4.5, 5.5, 6.5], n: [1, 2, 3, 5, 5, 6] });
  const { encoding } = tableData(table, { target: "y", split, dates: "parts" });
  expect(encoding?.columns[0]).toMatchObject({
    kind: "date",
    format: "year-month-day",
    parts: ["year", "month", "weekday", "hour", "elapsed"],
    origin: Date.UTC(2024, 1, 28, 12, 30),
    missing: false,
    // weekdays 2, 3, 4, 5 (Wednesday to Saturday); hours 12.5, 0, 0, 6; elapsed 0, 11.5, 35.5, 65.5 hours
    features: [
      { name: "when.year", mean: 2024, sd: 0 },
      { name: "when.month", mean: 2.5, sd: 0.5 },
      { name: "when.weekday", mean: 3.5 },
      { name: "when.hour", mean: 4.625 },
      { name: "when.elapsed", mean: expect.closeTo(112.5 / 4 / 24, 9) as number },
    ],
  });
  expect(tableData(table, { target: "y", split }).encoding?.unused).toEqual([
    { name: "when", why: 'dates; `dates: "parts"` takes their parts' },
  ]);
});

test("the rarest of many texts share a level, to which unknown text belongs", () => {
  const rows = 600;
  const table = tableOf("streets", {
    street: Array.from({ length: rows }, (_, i) => `s${i % 150}`),
    y: Array.from({ length: rows }, (_, i) => ((i * 7) % 13) + 0.5),
  });
  const { encoding } = tableData(table, { target: "y" });
  const [street] = encoding?.columns ?? [];
  expect(street).toMatchObject({ kind: "category", other: true, missing: false });
  expect(featuresOf(encoding as never)).toHaveLength(101);
  const [x] = rowsOf(encodeInputs(encoding as never, tableOf("new", { street: ["nowhere"] })));
  expect((x as number[]).map((value) => value > 0).lastIndexOf(true)).toBe(100);
});

test("text that no training row had is found, but not where rare text shares a level", () => {
  const levels = ["basic", "plus", "true"];
  expect(unknownLevels({ levels, other: false }, ["gold", "plus", "TRUE", "gold"])).toEqual(["gold", "gold"]);
  expect(unknownLevels({ levels, other: true }, ["gold"])).toEqual([]);
});

test("a logarithm is taken before the target is standardised, and undone", () => {
  const e = Math.exp(1);
  const table = tableOf("t", { n: [1, 2, 3, 4, 5, 7], y: [1, e, e ** 2, e ** 3, 5.5, 1] });
  const { encoding, splits } = tableData(table, {
    target: "y",
    task: "regression",
    split,
    targetTransform: "log",
  });
  expect(encoding?.target).toMatchObject({ transform: "log", mean: expect.closeTo(1.5, 12) as number });
  expect(Array.from(splits.train.fields.y?.data ?? [])[3]).toBeCloseTo(1.5 / Math.sqrt(1.25), 6);
  expect(decodeQuantity(encoding?.target as never, 1.5 / Math.sqrt(1.25))).toBeCloseTo(e ** 3, 9);
  const zero = tableOf("t", { n: [1, 2, 3, 4, 5, 7], y: [1, 0, 2, 3.5, 4, 5] });
  expect(() => tableData(zero, { target: "y", task: "regression", split, targetTransform: "log" })).toThrow(
    'the target column "y" of t must hold positive numbers for a logarithm, but line 2 has 0',
  );
});
