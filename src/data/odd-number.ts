import { HostArray } from "../util/host-array.ts";
import type { Splits } from "./dataset.ts";

/** The first number of some data that is NaN or infinite, as a message tells it: `"x" of data.train is NaN in row 3 (the first is row 0)`; undefined where none is. */
export function oddNumber(splits: Splits): string | undefined {
  for (const [part, dataset] of Object.entries(splits)) {
    for (const [name, field] of Object.entries<unknown>(dataset.fields)) {
      if (!(field instanceof HostArray)) continue;
      const at = field.data.findIndex((number) => !Number.isFinite(number));
      if (at === -1) continue;
      const row = Math.floor(at / (field.data.length / dataset.rows));
      return `"${name}" of data.${part} is ${field.data[at]} in row ${row} (the first is row 0)`;
    }
  }
  return undefined;
}
