import { expect, test } from "vitest";

import { csvData } from "../data/table-data.ts";
import { tableModel } from "./table-model.ts";

const { encoding } = csvData("age,y\n31,1\n40,2\n25,1\n44,2\n29,1\n38,2", {
  name: "people.csv",
  target: "y",
});
const network = {} as never; // which is not asked for what is no table
const model = tableModel({ encoding } as never, network);

test.each([
  [{ age: 3 }, '{"age":3}'],
  [[{ age: 3 }], '[{"age":3}]'],
  ["people.csv", '"people.csv"'],
  [undefined, undefined],
])("%j is no table and has no values by column, which predict says", async (rows, got) => {
  await expect(model.predict(rows as never)).rejects.toThrow(
    `\`rows\` of predict must be a table, such as tableOf() or parseCsv() makes, or lists of values by column, such as { age: [31, 40] }, but ${got === undefined ? "is missing" : `got ${got}`}`,
  );
});
