import { evaluationBatches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { streamBatches } from "../data/order.ts";
import type { OnHost } from "../engine/engine.ts";
import { initRows } from "../nn/row-states.ts";
import type { Problem } from "../problem/problem.ts";
import type { HostTree } from "../util/host-array.ts";
import type { EvaluationInputs } from "./evaluate.ts";

/**
 * Runs a program over all rows of a part of the data in their order, a batch at a time; what a batch's rows leave as `rowsLeft` is fed to the next as
 * `rowsBefore`, where the problem has rows hand something on.
 */
export async function* overRows<Outputs extends { readonly rowsLeft?: HostTree }>(
  { rowStates }: Problem,
  data: Dataset,
  batchSize: number,
  run: (inputs: OnHost<EvaluationInputs>) => Promise<Outputs>,
): AsyncGenerator<Omit<Outputs, "rowsLeft">, void> {
  const batches =
    rowStates && data.order === "streams" ? streamBatches(data) : evaluationBatches(data, batchSize);
  let rowsBefore: HostTree | undefined;
  for (const { fields, weight } of batches) {
    if (rowStates) rowsBefore ??= initRows(rowStates, weight.shape[0] as number);
    const { rowsLeft, ...outputs } = await run({
      ...{ batch: fields, weight },
      ...(rowsBefore && { rowsBefore }),
    });
    rowsBefore = rowsLeft;
    yield outputs;
  }
}
