import type { Splits } from "../../src/data/dataset.ts";
import { readDigits, rowsOf } from "./elementary.ts";
import { decoded } from "./few-images.ts";

/** The first `rows` images each of the training, the validation and the test part, as figure 5 has 10,000, as numbers. */
export async function digitParts(dataDir: string, rows: number): Promise<Required<Splits>> {
  const { train, valid, test } = await readDigits(dataDir);
  const part = (data: typeof train) => decoded(rowsOf(data, 0, rows));
  return { train: part(train), valid: part(valid), test: part(test) };
}
