import { expect, test } from "vitest";

import { parseCsv } from "./csv.ts";
import { rowRemarks } from "./row-remarks.ts";
import { csvData } from "./table-data.ts";
import { columnTypesOf } from "./table-encoding.ts";
import type { TableDataOptions } from "./table-options.ts";

const ROWS = 60;
const columns: Readonly<Record<string, (i: number) => string | number>> = {
  "": (i) => i,
  customer_id: (i) => 5000 + 7 * i,
  note: (i) => `text ${i}`,
  joined: (i) => `2024-0${(i % 9) + 1}-11`,
  town: (i) => (i % 4 === 0 ? "ulm" : "Ulm"),
  floor: (i) => (i % 6 === 0 ? "NA" : i % 5),
  flat: () => 7,
  echo: (i) => `level ${i % 3}`,
  noise: (i) => (i * 17) % 23,
};
const table = (names = Object.keys(columns)) =>
  [
    [...names, "y"].join(";"),
    ...Array.from({ length: ROWS }, (_, i) =>
      [...names.map((name) => columns[name]?.(i)), i === 5 ? "" : "abc"[i % 3]].join(";"),
    ),
  ].join("\n");
const read = (options: Partial<TableDataOptions> = {}, names?: string[]) =>
  csvData(table(names), { name: "people.csv", target: "y", ...options });

test("a report has few sentences, the worst first", () => {
  const { report, warnings, encoding } = read();
  expect(warnings).toEqual([
    'column "echo" of people.csv alone predicts the target "y" all but perfectly; leave it out with `ignore` if it is not known when a prediction is wanted',
    '1 of 60 rows of people.csv lacks the target "y" and is left out',
    expect.stringMatching(
      /^4 columns of people\.csv are left out: "column1" \(an unnamed count of rows\), "customer_id" \(identifiers\), "note" \(\d+ different texts in \d+ rows\), "joined" \(dates; `dates: "parts"` takes their parts\); `keep` takes one in$/,
    ),
    '10 values of people.csv are missing in 1 column ("floor" 10): numbers get the median of the training part and an indicator, text a level of its own',
    'values of people.csv in "town" differ by case only, such as "Ulm", "ulm"; they are taken as different',
    '1 column of people.csv is constant in the training part and counts as 0 everywhere: "flat"',
  ]);
  expect(report).toEqual(JSON.parse(JSON.stringify(report)));
  expect(report?.classes).toEqual([
    { name: "a", rows: 20 },
    { name: "b", rows: 20 },
    { name: "c", rows: 19 },
  ]);
  expect(report?.columns.find(({ name }) => name === "floor")).toEqual({
    name: "floor",
    kind: "number",
    missing: 10,
    distinct: 5,
    range: [0, 4],
    becomes: "number and an indicator of missing values",
    warnings: ["missing values"],
  });
  expect(encoding?.columns.map(({ name }) => name)).toEqual(["town", "floor", "flat", "echo", "noise"]);
});

test("keep takes a column in, ignore leaves one out, and a wrong name is told", () => {
  const { encoding, report } = read({ keep: ["customer_id", "joined"], ignore: ["echo", "note"] });
  expect(encoding?.columns.map(({ name, kind }) => [name, kind])).toEqual([
    ["customer_id", "number"],
    ["joined", "date"],
    ["town", "category"],
    ["floor", "number"],
    ["flat", "number"],
    ["noise", "number"],
  ]);
  expect(report?.columns.find(({ name }) => name === "echo")?.becomes).toBe("left out: to be ignored");
  expect(() => read({ ignore: ["nois"] })).toThrow(
    /^`ignore` must be a column of people\.csv, but got "nois" .*; did you mean "noise"\?$/,
  );
});

test("a wrong target is told before anything else", () => {
  expect(() => csvData("age,n\n10-19,1\n20-29,", { name: "t.csv", target: "m", missing: "error" })).toThrow(
    'the target must be a column of t.csv, but got "m"',
  );
});

test("all missing values are told at once where they are refused", () => {
  expect(() => read({ missing: "error" })).toThrow(
    'every row of people.csv must have all values, but columns lack some: "floor" 10 (first in line 2), "y" 1 (first in line 7); fill them in, remove the rows, or leave `missing: "error"` out',
  );
});

test("a column of digits and signs is refused by name, not one-hot, unless it is kept or ignored", () => {
  const text = [
    "age,n,y",
    ...Array.from({ length: 30 }, (_, i) => `${10 * (i % 3)}-${10 * (i % 3) + 9},${i % 7},${(i * 5) % 2}`),
  ].join("\n");
  const ages = (options: Partial<TableDataOptions> = {}) =>
    csvData(text, { name: "t.csv", target: "y", ...options });
  expect(() => ages()).toThrow(
    'column "age" of t.csv must hold numbers in one notation, but line 2 has "0-9"',
  );
  expect(ages({ keep: ["age"] }).columns).toEqual(["age=0-9", "age=10-19", "age=20-29", "n"]);
  expect(ages({ ignore: ["age"] }).columns).toEqual(["n"]);
});

test("numbers that only copy the target are named, noise is not", () => {
  const rows = Array.from({ length: 80 }, (_, i) => [10 * ((i * 37) % 80), 10 * ((i * 13) % 80), i]);
  const text = [
    "pounds,noise,euros",
    ...rows.map(([p, n]) => `${p},${n},${1.17 * (p as number) + 0.5}`),
  ].join("\n");
  expect(csvData(text, { name: "t.csv", target: "euros" }).warnings[0]).toMatch(
    /^column "pounds" of t\.csv alone/,
  );
  const cut = [
    "x,noise,big",
    ...rows.map(([p, n]) => `${p},${n},${(p as number) > 400 ? "yes" : "no"}`),
  ].join("\n");
  expect(csvData(cut, { name: "t.csv", target: "big" }).warnings).toEqual([
    expect.stringMatching(/^column "x" of t\.csv alone/),
  ]);
});

test("a group stays together, a time goes forward, and neither is an input", () => {
  const text = [
    "house,day,n,y",
    ...Array.from(
      { length: 100 },
      (_, i) => `h${i % 20},2024-01-${String((i % 25) + 1).padStart(2, "0")},${i % 7},${(i * 31) % 17}.5`,
    ),
  ].join("\n");
  const of = (options: Partial<TableDataOptions>) =>
    csvData(text, { name: "t.csv", target: "y", ...options });
  const grouped = of({ group: "house" });
  expect([grouped.splits.train.rows, grouped.splits.valid.rows, grouped.splits.test?.rows]).toEqual([
    60, 20, 20,
  ]);
  expect(grouped.columns).toEqual(["n"]);
  const timed = of({ timeColumn: "day" });
  expect([timed.splits.train.rows, timed.splits.valid.rows, timed.splits.test?.rows]).toEqual([60, 20, 20]);
  expect(() => of({ timeColumn: "house" })).toThrow(
    'the time column "house" of t.csv must hold numbers or dates of one format, but line 2 has "h0"',
  );
});

test("a class far below an even share of the rows is told, with what helps", () => {
  const warningsOf = (rare: number, rows: number, options: Partial<TableDataOptions> = {}) => {
    const lines = Array.from({ length: rows }, (_, i) => `${(i * 37) % 101},${i < rare ? "yes" : "no"}`);
    const { warnings } = csvData(["x,y", ...lines].join("\n"), { name: "t.csv", target: "y", ...options });
    return warnings.filter((warning) => warning.includes('"y"'));
  };
  const advice =
    'judge by the balanced accuracy, make all classes count alike with `classWeights: "balanced"`';
  expect(warningsOf(60, 301)).toEqual([`1 class of "y" in t.csv is small, of 301 rows "yes" 60; ${advice}`]);
  expect(warningsOf(62, 301)).toEqual([]); // a fifth
  expect(warningsOf(150, 1000)).toEqual([
    expect.stringMatching(`${advice}, and give it its share of every part with \`stratify\`$`),
  ]);
  expect(warningsOf(150, 1000, { stratify: true })).toEqual([expect.stringMatching(`${advice}$`)]);
  expect(warningsOf(8, 300)).toEqual([
    expect.stringMatching(/fewer than 10 rows \("yes"\).*; add rows of it, or join classes$/),
  ]);
});

test("what spreadsheets add to a table is told: totals, marks of missing values, truths, counted days", () => {
  const remarksOf = (head: string, lineOf: (i: number) => string, last = "") => {
    const lines = Array.from({ length: 60 }, (_, i) => lineOf(i));
    const text = [head, ...lines, last].join("\n");
    return csvData(text, { name: "t.csv", target: "y" }).warnings.filter((one) => !one.includes("predicts"));
  };
  const y = (i: number) => `${(i * 37) % 61}.5`;
  const sum = (of: (i: number) => number) =>
    Array.from({ length: 60 }, (_, i) => of(i)).reduce((a, b) => a + b);
  const amount = (i: number) => 10 + ((i * 7) % 13);
  expect(
    remarksOf("x,y", (i) => `${amount(i)},${y(i)}`, `${sum(amount)},${sum((i) => Number(y(i)))}`)[0],
  ).toBe('line 62 of t.csv seems to hold totals, since "x", "y" are the sums of the rows above; remove it');
  expect(remarksOf("x,y", (i) => `${amount(i)},${y(i)}`, `${amount(60)},60.5`)).toEqual([]);
  expect(remarksOf("age,y", (i) => `${i % 20 === 7 ? -999 : 20 + (i % 40)},${y(i)}`)).toEqual([
    'numbers of t.csv lie far from all others and may stand for missing values: -999 in "age" (3 rows); if they do, leave these cells empty',
  ]);
  expect(remarksOf("age,y", (i) => `${60 + (i % 40)},${y(i)}`)).toEqual([]); // 99 among others
  expect(remarksOf("smokes,y", (i) => `${["yes", "No", "Y", "no"][(i * 7) % 4]},${y(i)}`)).toEqual([
    '"smokes" of t.csv says yes and no in several spellings, such as "No", "Y", "no", "yes", which are taken as different; write them alike',
  ]);
  expect(remarksOf("smokes,y", (i) => `${["Ja", "Nein", "yes", "TRUE"][(i * 7) % 4]},${y(i)}`)).toEqual([
    expect.stringMatching(
      /^"smokes" of t\.csv says yes and no in several spellings, such as "Ja", "Nein", "TRUE", "yes",/,
    ),
  ]);
  expect(remarksOf("sold_date,y", (i) => `${44927 + ((i * 17) % 60)},${y(i)}`)).toEqual([
    expect.stringMatching(/^"sold_date" of t\.csv seems to hold dates as a spreadsheet counts days/),
  ]);
});

test("numbers behind a sign that counts or names are identifiers, or a few texts", () => {
  for (const sign of ["#", "# ", "№", "No. ", "Nº "]) {
    const lines = Array.from({ length: ROWS }, (_, i) => `${sign}${i + 1};${(i * 17) % 23};${"ab"[i % 2]}`);
    const { warnings } = csvData(["id;x;y", ...lines].join("\n"), { name: "t.csv", target: "y" });
    expect(warnings.join(" "), sign).toMatch(/left out: "id" \(\d+ different texts in \d+ rows\)/);
  }
  const few = Array.from({ length: ROWS }, (_, i) => `#${i % 3};${(i * 17) % 23};${"ab"[i % 2]}`);
  const { encoding } = csvData(["id;x;y", ...few].join("\n"), { name: "t.csv", target: "y" });
  expect(encoding?.columns.find(({ name }) => name === "id")).toMatchObject({ levels: ["#0", "#1", "#2"] });
  const mixed = [...few.slice(1), "#x;1;a"].join("\n");
  expect(csvData(`id;x;y\n${mixed}`, { name: "t.csv", target: "y" }).encoding?.columns.length).toBe(2);
});

test("codes are told, with what makes them numbers, and refused as the target of a regression", () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${["01234", "1234", "94105"][i % 3]},${i % 7}.5,${["007", "9"][i % 2]}`,
  );
  const text = ["zip,n,agent", ...rows].join("\n");
  const told = (options: Partial<Parameters<typeof csvData>[1]> = {}) =>
    csvData(text, { name: "people.csv", target: "agent", ...options });
  const { report, encoding } = told();
  expect(report?.warnings).toEqual([
    '"zip", "agent" of people.csv hold whole numbers of which some begin with 0, such as "01234"; they are taken as codes, so as text; where they are quantities, take them as numbers with `types: {"zip":"number"}`',
  ]);
  expect(report?.classes?.map(({ name }) => name)).toEqual(["007", "9"]);
  expect(encoding?.columns[0]).toMatchObject({ kind: "category", levels: ["01234", "1234", "94105"] });
  expect(told({ types: { zip: "number", agent: "text" } }).warnings).toEqual([]);
  expect(told({ types: { agent: "number" }, ignore: ["zip"], task: "regression" }).warnings).toEqual([]);
  expect(() => told({ task: "regression" })).toThrow(
    'the target column "agent" of people.csv must hold numbers for a regression, but line 2 has "007", a code; take them as numbers with `types: {"agent":"number"}` or take `task: "classification"`',
  );
  expect(() => told({ timeColumn: "zip" })).toThrow(
    'must hold numbers or dates of one format, but line 2 has "01234"; take them as numbers with `types: {"zip":"number"}`',
  );
  expect(() => told({ types: { zap: "text" } })).toThrow(
    '`types` must be a column of people.csv, but got "zap" and the columns are "zip", "n", "agent"; did you mean "zip"?',
  );
});

test("new rows meet the codes of training as text", () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${["007", "7", "08"][i % 3]},${["a", "b"][(i >> 1) % 2]}`,
  );
  const { encoding } = csvData(["code,y", ...rows].join("\n"), { name: "people.csv", target: "y" });
  if (!encoding) throw new Error("a table has an encoding");
  const fresh = parseCsv("code\n8\n08\n7\n", {
    name: "new.csv",
    header: true,
    types: columnTypesOf(encoding),
  });
  expect(fresh.columns[0]?.values).toEqual(["8", "08", "7"]);
  expect(rowRemarks(encoding, fresh)).toEqual([
    expect.stringContaining('was not in the training part ("8")'),
  ]);
});

test("dates far from those of training are told with new rows, months that it lacked are not", () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `2024-0${(i % 3) + 1}-1${i % 10},${i % 7},${(i * 5) % 11}.5`,
  );
  const { encoding } = csvData(["day,n,y", ...rows].join("\n"), {
    name: "a.csv",
    target: "y",
    dates: "parts",
  });
  if (!encoding) throw new Error("a table has an encoding");
  const toldOf = (...lines: string[]) =>
    rowRemarks(
      encoding,
      parseCsv(["day,n", ...lines].join("\n"), { name: "new.csv", types: columnTypesOf(encoding) }),
    );
  const far = "beyond 10 standard deviations of the training part; check their";
  expect(toldOf("2024-06-01,3", "2023-11-01,3")).toEqual([]);
  expect(toldOf("2034-02-01,3", "2024-02-01,3")).toEqual([`1 value of new.csv in "day" lies ${far} years`]);
  expect(toldOf("2034-02-01,300")).toEqual([`2 values of new.csv in "day", "n" lie ${far} units and years`]);
  expect(toldOf("2024-02-01,300")).toEqual([`1 value of new.csv in "n" lies ${far} units`]);
});

test("columns that lack most values of new rows, and none of the training rows, are told once a file", () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i % 7},${i % 5 === 0 ? "" : i % 3},${["red", "blue"][i % 2]},${(i * 5) % 11}.5`,
  );
  const { encoding } = csvData(["weight,gaps,colour,y", ...rows].join("\n"), { name: "a.csv", target: "y" });
  if (!encoding) throw new Error("a table has an encoding");
  const toldOf = (...lines: string[]) =>
    rowRemarks(
      encoding,
      parseCsv(["weight,gaps,colour", ...lines].join("\n"), {
        name: "new.csv",
        header: true,
        types: columnTypesOf(encoding),
      }),
    );
  const lack = "are missing, of which the training part lacks none, and count as";
  const doubt = "; fill them in, or doubt the answers";
  expect(toldOf(",,", ",,")).toEqual([
    `all values of new.csv in "weight", "colour" ${lack} the medians of the training part or none of the known levels${doubt}`,
  ]);
  expect(toldOf(",1,red", ",1,red", "3,1,blue")).toEqual([
    `most values of new.csv in "weight" ${lack} the medians of the training part${doubt}`,
  ]);
  expect(toldOf(",1,red", "3,,blue")).toEqual([]);
});

/** Rows of 16 pixels, from black to a tone in each row. */
const pixelLines = (label: string, tones: readonly number[]): string =>
  [
    [label, ...Array.from({ length: 16 }, (_, i) => `pixel${i}`)].filter(Boolean).join(","),
    ...tones.map((tone, row) =>
      [
        ...(label ? [row % 2] : []),
        ...Array.from({ length: 16 }, (_, i) => (tone * ((i + row) % 16)) / 15),
      ].join(","),
    ),
  ].join("\n");

test.each<[string, number, readonly number[], string | undefined]>([
  ["bytes", 255, [200, 255], undefined],
  ["bytes, but dark", 255, [100, 17], undefined],
  [
    "tones to 16",
    255,
    [3, 16],
    "no pixel of new.csv is above 16, where those of the training part go from 0 for black to 255 for white; if 16 is white in them, multiply them by 15.9375",
  ],
  [
    "tones to 15",
    255,
    [3, 15],
    "no pixel of new.csv is above 15, where those of the training part go from 0 for black to 255 for white; if 15 is white in them, multiply them by 17",
  ],
  [
    "shares",
    255,
    [0.5, 0.98],
    "no pixel of new.csv is above 0.98, where those of the training part go from 0 for black to 255 for white; if 1 is white in them, multiply them by 255",
  ],
  [
    "shares",
    16,
    [1],
    "no pixel of new.csv is above 1, where those of the training part go from 0 for black to 16 for white; if 1 is white in them, multiply them by 16",
  ],
  ["tones to 15", 16, [15], undefined],
  ["shares, but dark", 1, [0.25], undefined],
  [
    "bytes",
    65_535,
    [255],
    "no pixel of new.csv is above 255, where those of the training part go from 0 for black to 65535 for white; if 255 is white in them, multiply them by 257",
  ],
  ["nothing lit", 255, [0, 0], undefined],
  [
    "standardised numbers",
    255,
    [-1.5, 2],
    "pixels of new.csv go down to -1.5, where those of the training part go from 0 for black to 255 for white; bring them to that scale",
  ],
])("pixels that are %s where white was %d in training", (_, white, tones, remark) => {
  const { encoding, images } = csvData(
    pixelLines(
      "y",
      Array.from({ length: 60 }, () => white),
    ),
    {
      name: "a.csv",
      target: "y",
    },
  );
  if (!encoding) throw new Error("a table has an encoding");
  expect(images?.white).toBe(white);
  const fresh = parseCsv(pixelLines("", tones), { name: "new.csv", types: columnTypesOf(encoding) });
  expect(rowRemarks(encoding, fresh, white)).toEqual(remark === undefined ? [] : [remark]);
});

test.each([6, 12, 40])("identifiers by their name are left out in %i rows, too", (rows) => {
  const lines = Array.from({ length: rows }, (_, i) => `${i},${100 + i},${i % 2},${(i * 7) % 5}.5`);
  const read = (options: Partial<TableDataOptions> = {}) =>
    csvData([",id,n,y", ...lines].join("\n"), { name: "a.csv", target: "y", ...options }).encoding;
  expect(read()?.columns.map(({ name }) => name)).toEqual(["n"]);
  expect(read()?.unused.map(({ why }) => why)).toEqual(["an unnamed count of rows", "identifiers"]);
  expect(read({ keep: ["id"] })?.columns.map(({ name }) => name)).toEqual(["id", "n"]);
});

test("dates in the order of the rows suggest a split by time, unless one is asked for or rows follow already", () => {
  const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + Math.floor(i / 2))).toISOString().slice(0, 10);
  const said = (dayOf: (i: number) => string, options: Partial<TableDataOptions> = {}) => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${dayOf(i)},${(i * 17) % 23},${(i * 5) % 9},${(i * 37) % 61}.5`,
    );
    const { warnings } = csvData(["day,x,z,y", ...rows].join("\n"), {
      name: "sales.csv",
      target: "y",
      ...options,
    });
    return warnings.filter((each) => each.includes("one way"));
  };
  const told = [
    'the dates "day" of sales.csv go one way from row to row, and rows are drawn from all of them; where later rows are to be predicted, let the latest validate and test (`timeColumn: "day"`)',
  ];
  expect(said(day)).toEqual(told);
  expect(said((i) => day(59 - i))).toEqual(told); // the latest first
  expect(said((i) => day((i * 7) % 60))).toEqual([]);
  expect(said((i) => day(i === 30 ? 0 : i))).toEqual([]);
  expect(said((i) => day(2 * Math.floor(i / 6)))).toEqual([]); // nine moves
  expect(said(day, { folds: 3 })[0]).toMatch(/ \(`timeColumn: "day"`, without `folds`\)$/);
  const classes = { task: "classification", stratify: true } as const;
  const both = said(day, { ...classes, target: "z", folds: 3 })[0];
  expect(both).toMatch(/ \(`timeColumn: "day"`, without `folds` and `stratify`\)$/);
  expect(said(day, { timeColumn: "day" })).toEqual([]);
  expect(said(day, { splitBy: "tail" })).toEqual([]);
  expect(said(day, { group: "x" })).toEqual([]);
});
