import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeTable, encodeTable, type WireColumn } from "./columns.ts";

test("a table is read as it was written, whatever its texts and numbers are", () => {
  const column = (rows: number): fc.Arbitrary<WireColumn> =>
    fc.record(
      {
        name: fc.string(),
        values: fc.oneof(
          fc.float64Array({ minLength: rows, maxLength: rows }),
          fc.float32Array({ minLength: rows, maxLength: rows }),
          fc.uint32Array({ minLength: rows, maxLength: rows }),
          fc.uint8Array({ minLength: rows, maxLength: rows }),
        ),
        log: fc.boolean(),
        options: fc.array(fc.string()),
      },
      { requiredKeys: ["name", "values"] },
    );
  const table = fc.nat({ max: 9 }).chain((rows) =>
    fc.record({
      note: fc.string(),
      rows: fc.constant(rows),
      columns: fc.array(column(rows), { maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(table, (given) => void expect(decodeTable(encodeTable(given).buffer)).toEqual(given)),
  );
});
