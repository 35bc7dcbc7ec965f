import { expect, test } from "vitest";

import { csvData } from "./table-data.ts";
import type { TableDataOptions } from "./table-options.ts";
import type { RowParts } from "./split.ts";

const read = (text: string, options: TableDataOptions) => csvData(text, { name: "people.csv", ...options });
const lines = (head: string, rows: readonly (readonly (string | number)[])[]): string =>
  [head, ...rows.map((row) => row.join(","))].join("\n");
const xOf = (part: { fields: { x?: { data: ArrayLike<number> } } }) => Array.from(part.fields.x?.data ?? []);

/** The first rows train, then one validates, then one tests. */
const inOrder = (rows: number): RowParts => ({
  train: Uint32Array.from({ length: rows - 2 }, (_, i) => i),
  valid: Uint32Array.of(rows - 2),
  test: Uint32Array.of(rows - 1),
});

test("text becomes one standardised indicator for each level of the training part", () => {
  const text = lines("n,colour,y", [
    [0, "red", "a"],
    [2, "blue", "b"],
    [2, "green", "a"],
    [0, "red", "b"],
  ]);
  const { columns, inputShape, outputs, classes, splits } = read(text, { target: "y", split: inOrder });
  expect(columns).toEqual(["n", "colour=blue", "colour=red"]);
  expect([inputShape, outputs, classes]).toEqual([[3], 2, ["a", "b"]]);
  expect(xOf(splits.train)).toEqual([-1, -1, 1, 1, 1, -1]);
  expect(xOf(splits.valid)).toEqual([1, -1, -1]); // green is unknown
  expect(splits.train.fields.y?.data).toEqual(Int32Array.of(0, 1));
});

test("a feature that is hardly ever other than usual is scaled as though a tenth of the rows were", () => {
  const rows = Array.from({ length: 1002 }, (_, i) => {
    const first = (count: number) => (i < count ? "yes" : "no");
    return [first(100), first(99), first(4), i === 0 ? 900 : i % 10, i % 2];
  });
  const text = lines("tenth,fewer,rare,long,y", rows);
  const [x] = [xOf(read(text, { target: "y", task: "classification", split: inOrder }).splits.train)];
  const ofColumn = (from: number) => x.filter((_, i) => i % 7 === from);
  const largest = (from: number) => Math.max(...ofColumn(from));
  const own = (share: number) => Math.sqrt((1 - share) / share); // where an indicator is 1, in its own deviations
  expect(largest(1)).toBeCloseTo(own(0.1), 5);
  expect(largest(3)).toBeCloseTo(own(0.099) * Math.sqrt(0.099 / 0.1), 5);
  expect(largest(5)).toBeCloseTo(own(0.004) * Math.sqrt(0.004 / 0.1), 5);
  const deviation = Math.sqrt(ofColumn(6).reduce((sum, value) => sum + value ** 2, 0) / 1000);
  expect(deviation).toBeCloseTo(1, 5); // one value far off all others, none of which is usual
});

const targets = (values: readonly (string | number)[]) =>
  lines(
    "x,y",
    values.map((value, i) => [i, value]),
  );
const repeated = Array.from({ length: 40 }, (_, i) => i % 4);

test.each<[string, readonly (string | number)[], "classification" | "regression"]>([
  ["words", repeated.map((i) => `class ${i}`), "classification"],
  ["few whole numbers", repeated, "classification"],
  ["numbers that are not whole", repeated.map((i) => i / 2), "regression"],
  ["more than 20 whole numbers", Array.from({ length: 42 }, (_, i) => i % 21), "regression"],
  ["whole numbers, each once", Array.from({ length: 15 }, (_, i) => i), "regression"],
])("a target of %s is a %3$s task", (_, values, task) => {
  expect(read(targets(values), { target: "y" }).task).toBe(task);
});

test("classes are numbered in ascending order: numbers by size", () => {
  const { classes } = read(targets(repeated.map((i) => [10, 9, -1, 2][i] as number)), { target: "y" });
  expect(classes).toEqual(["-1", "2", "9", "10"]);
});

test("the task can be forced", () => {
  const forced = read(targets(repeated), { target: "y", task: "regression" });
  expect([forced.task, forced.outputs, forced.classes]).toEqual(["regression", 1, undefined]);
  expect(forced.splits.train.fields.y?.shape).toEqual([24, 1]);
  expect(read(targets(repeated.map((i) => i / 2)), { target: "y", task: "classification" }).classes).toEqual([
    "0",
    "0.5",
    "1",
    "1.5",
  ]);
});

test("a regression's targets are standardised, and the scale undoes it", () => {
  const values = Array.from({ length: 30 }, (_, i) => 100 + i / 3);
  const { splits, targetScale } = read(targets(values), { target: "y", split: inOrder });
  const natural = Array.from(
    splits.train.fields.y?.data ?? [],
    (v) => (targetScale?.mean ?? 0) + (targetScale?.sd ?? 0) * v,
  );
  natural.forEach((value, i) => expect(value).toBeCloseTo(values[i] as number, 4));
  expect(splits.train.fields.y?.data).toBeInstanceOf(Float32Array);
});

test("data far from the training part gives a warning with column and count", () => {
  const rows = [
    ...Array.from({ length: 10 }, (_, i) => [i % 2, i, "ab"[i % 2] as string, i / 2]),
    [90, 3, "c", 1.5],
    [-80, 4, "b", 2.5],
  ];
  expect(read(lines("age,n,word,y", rows), { target: "y", split: inOrder }).warnings).toEqual([
    '2 values of people.csv in "age" lie beyond 10 standard deviations of the training part, in the validation or test part',
  ]);
});

test.each<[why: string, text: string, options: TableDataOptions, message: string | RegExp]>([
  [
    "an unknown target",
    "age,name\n1,x\n2,y\n",
    { target: "agee" },
    'the target must be a column of people.csv, but got "agee" and the columns are "age", "name"; did you mean "age"?',
  ],
  [
    "an unknown target without header",
    "1,2\n3,4\n",
    { target: "income" },
    'but got "income" and the columns are "column1", "column2"; name one of them',
  ],
  [
    "no feature",
    "y\n1\n2\n1\n2\n1\n2\n",
    { target: "y" },
    'people.csv must have at least one column beside the target "y" to learn from, but has none; add one or name another separator',
  ],
  [
    "one class only",
    targets(["a", "a", "a"]),
    { target: "y" },
    'the target column "y" of people.csv must hold at least two classes, but every row has "a"; name another target',
  ],
  [
    "one number only",
    targets([1.5, 1.5]),
    { target: "y" },
    'must hold different numbers, but every row has "1.5"',
  ],
  [
    "a class that only the test part has",
    targets(["a", "b", "a", "c"]),
    { target: "y", split: inOrder },
    /^every class of the target column "y" of people\.csv must occur in the training part, but "c" \(line 5\) occurs in the test part only; add rows of that class or remove them$/,
  ],
  [
    "a class that only the validation part has",
    targets(["a", "b", "c", "a"]),
    { target: "y", split: inOrder },
    '"c" (line 4) occurs in the validation part only',
  ],
  [
    "a class that only the last rows have",
    targets(["a", "b", "a", "b", "c"]),
    { target: "y", splitBy: "tail" },
    /add rows of that class, remove them or let more rows train \(`valid`, `test`\)$/,
  ],
  [
    "a number as a class that only the last rows have",
    targets([1, 2, 1, 2, 3]),
    { target: "y", splitBy: "tail", task: "classification" },
    /, let more rows train \(`valid`, `test`\) or take `task: "regression"` if the target is a quantity$/,
  ],
  [
    "one number only in the training part",
    targets([1.5, 1.5, 1.5, 2.5, 3.5]),
    { target: "y", splitBy: "tail" },
    'the target column "y" of people.csv must hold different numbers in the training part, but every row that trains has "1.5"; add rows or split otherwise',
  ],
  [
    "a number of one training row",
    targets([1.5, 2.5, 3.5]),
    { target: "y" },
    "in the training part, but only one row trains; add rows",
  ],
  [
    "words for a regression",
    targets(["a", "b"]),
    { target: "y", task: "regression" },
    'the target column "y" of people.csv must hold numbers for a regression, but line 2 has "a"',
  ],
  [
    "a number among the words of a regression",
    targets(["1.5", "b", "a"]),
    { target: "y", task: "regression" },
    'must hold numbers for a regression, but line 3 has "b"; correct it or take `task: "classification"`',
  ],
  [
    "a word among the numbers of a target",
    targets(["1.5", "2", "a"]),
    { target: "y" },
    'must hold numbers, but line 4 has "a"; correct the column, or take its texts as classes with `keep: ["y"]`',
  ],
  [
    "a word among the numbers of a column",
    lines(
      "a,y",
      [..."12x456"].map((a, i) => [a, "ab"[i % 2] as string]),
    ),
    { target: "y" },
    'must hold numbers, but line 4 has "x"; correct the column, take it as text with `keep: ["a"]`, or leave it out with `ignore: ["a"]`',
  ],
  [
    "a word among the dates of a time column",
    lines("t,y", [
      ["2024-01-01", "a"],
      ["2024-01-02", "b"],
      ["soon", "a"],
      ["2024-01-03", "b"],
    ]),
    { target: "y", timeColumn: "t" },
    'must hold numbers or dates of one format, but line 4 has "soon"; write dates as year-month-day',
  ],
  ["too few rows", targets(["a", "b"]), { target: "y" }, "every part of the data must have at least one row"],
])("%s is an error", (_, text, options, message) => {
  expect(() => read(text, options)).toThrow(message);
});

test.each<[Partial<TableDataOptions>, RegExp]>([
  [{ ignore: ["y"] }, /^`ignore` must name another column than the target, but got "y" for both/],
  [{ group: "y" }, /^`group` must name another column than the target/],
  [{ timeColumn: "y" }, /^`timeColumn` must name another column than the target/],
  [{ targetTransform: "log" }, /^`targetTransform: "log"` must go with a target of numbers/],
])("options that contradict the target are refused: %o", (options, sentence) => {
  const text = lines(
    "x,y",
    [..."abababababab"].map((y, i) => [i, y]),
  );
  expect(() => read(text, { target: "y", split: inOrder, ...options })).toThrow(sentence);
});
