import type { Config, SizedConfig } from "./config.ts";
import { imageNetworkNames } from "../networks/network-names.ts";

/** Examples of a training minibatch unless a configuration says so, and there are enough of them. */
export const USUAL_BATCH_SIZE = 128;

/** What a network of images takes of few of them, and the steps that an epoch is to have for more. */
const [FEW, LEAST_STEPS] = [32, 8];

/**
 * Examples of a training minibatch: 128 unless a configuration says so. A network of images, whose step takes most of its time for each row, takes 64 where an epoch of 128 would have fewer than eight
 * steps, and 32 where one of 64 would. With 32 it ends level with 128 after as many steps, in less time; with 16 and 8 its test loss is higher (bench/README.md, "Few images").
 *
 * @param rows of the training data
 */
export function batchSizeOf(
  { batchSize, model, problem }: Pick<Config, "batchSize" | "model" | "problem">,
  rows: number,
): number {
  if (batchSize !== undefined) return batchSize;
  if (problem !== undefined || !imageNetworkNames.includes(model)) return USUAL_BATCH_SIZE;
  return [USUAL_BATCH_SIZE, USUAL_BATCH_SIZE / 2].find((size) => rows >= LEAST_STEPS * size) ?? FEW;
}

/** With the size of a minibatch for so many rows of training data. */
export const sizedConfig = (config: Config, rows: number): SizedConfig => ({
  ...config,
  batchSize: batchSizeOf(config, rows),
});
