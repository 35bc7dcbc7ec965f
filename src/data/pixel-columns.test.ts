import { expect, test } from "vitest";

import { imageSides, whiteOf } from "./pixel-columns.ts";
import { csvData } from "./table-data.ts";
import type { ColumnEncoding, TableEncoding } from "./table-encoding.ts";
import type { Table } from "./table.ts";

const sidesOf = (names: readonly string[]) =>
  imageSides(names.map((name) => ({ kind: "number", name, features: [] }) as unknown as ColumnEncoding));
const row = (n: number, name: (i: number) => string) => Array.from({ length: n }, (_, i) => name(i));

test.each<[string, readonly string[], readonly number[] | undefined]>([
  ["Kaggle's digits", row(784, (i) => `pixel${i}`), [28, 28]],
  ["OpenML's digits", row(784, (i) => `pixel${i + 1}`), [28, 28]],
  ["scikit-learn's digits", row(64, (i) => `pixel_${Math.floor(i / 8)}_${i % 8}`), [8, 8]],
  ["rows and columns", row(24, (i) => `${Math.floor(i / 6) + 1}x${(i % 6) + 1}`), [4, 6]],
  ["no square", row(20, (i) => `pixel${i}`), undefined],
  ["another order", row(16, (i) => `pixel${15 - i}`), undefined],
  ["column after column", row(24, (i) => `${(i % 4) + 1}x${Math.floor(i / 4) + 1}`), undefined],
  ["a gap", row(25, (i) => `pixel${i < 7 ? i : i + 1}`), undefined],
  ["other numbers", row(16, (i) => `x${i}`), undefined],
  ["too few", row(9, (i) => `pixel${i}`), undefined],
])("%s", (_, names, sides) => {
  expect(sidesOf(names)).toEqual(sides);
});

test.each<[string, readonly number[], number | undefined]>([
  ["of bytes", [0, 7, 255], 255],
  ["of bytes without the brightest", [0, 7, 200], 255],
  ["of tones as printers have them", [3, 16, 0], 16],
  ["from 0 to 1", [0, 0.25, 0.99], 1],
  ["that leave every usual scale", [0, 70_000], 70_000],
  ["with gaps", [NaN, 0, 9], 15],
  ["standardised", [-1, 0, 1], undefined],
  ["of which none is lit", [0, 0], undefined],
])("what is white among pixels %s", (_, values, white) => {
  const columns = values.map((_, j) => ({ kind: "number", name: `pixel${j}`, features: [] }));
  const train = {
    rows: 1,
    columns: values.map((value, j) => ({ kind: "numbers", name: `pixel${j}`, values: [value] })),
  };
  expect(whiteOf({ columns } as unknown as TableEncoding, train as unknown as Table)).toBe(white);
});

test("a table of pixels is one of images, which have one scale", () => {
  const names = row(16, (i) => `pixel${i}`);
  const rows = row(10, (r) => [r % 2, ...names.map((_, i) => (r < 6 ? (i === 3 ? 16 : 0) : 5))].join(","));
  const { images, inputShape, encoding, report } = csvData(
    [["label", ...names].join(","), ...rows].join("\n"),
    {
      ...{ name: "train.csv", target: "label" },
      split: () => ({
        train: Uint32Array.of(0, 1, 2, 3, 4, 5),
        valid: Uint32Array.of(6, 7),
        test: Uint32Array.of(8, 9),
      }),
    },
  );
  // One of 16 pixels is 16, the others 0: mean 1, variance 16 - 1.
  const scale = { mean: 1, sd: Math.sqrt(15) };
  expect({ images, inputShape }).toEqual({
    images: { shape: [1, 4, 4], scale, white: 16 },
    inputShape: [16],
  });
  expect(encoding?.columns.map(({ features: [feature] }) => feature)).toEqual(
    names.map((name) => ({ name, ...scale })),
  );
  expect(report?.warnings).toContain(
    '16 columns of train.csv, "pixel0" to "pixel15", are the pixels of images of 4 x 4, 0 for black to 16 for white, and have one scale; `model: "simple-cnn"` takes them as such',
  );
});
