import fc from "fast-check";
import { expect, test } from "vitest";

import { csvText } from "./csv-text.ts";

test("fields that hold separators, quotes or line ends are quoted, others stand as they are", () => {
  expect(
    csvText([
      ["a", 'b "c"', "d,e"],
      [1, "two\nlines", [1, 2]],
    ]),
  ).toBe('a,"b ""c""","d,e"\n1,"two\nlines","[1,2]"\n');
});

test("the fields of a row are told apart again", () => {
  const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ") });
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (row) => {
      const text = csvText([row]);
      const fields = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))[,\n]/gy)];
      expect(fields.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain)).toEqual(row);
    }),
  );
});
