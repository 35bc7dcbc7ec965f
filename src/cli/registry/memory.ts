import { outputsOf } from "../../nn/layer.ts";
import { parameterCount } from "../../problem/penalty.ts";
import type { Network } from "../../nn/network.ts";
import { inputError } from "../../util/error.ts";
import { gibibytes } from "../../util/gibibytes.ts";
import { batchSizeOf } from "../config/batch-size.ts";
import type { Config } from "../config/config.ts";
import { isOf } from "../../methods/lookup.ts";

/** What a run's arrays depend on. */
export interface MemoryFacts {
  readonly network: Network;
  /** Numbers in all hyperparameters together. */
  readonly hypers: number;
  /** Rows of the training data, which a minibatch has at most. */
  readonly rows: number;
}

/**
 * The bytes that a run takes at the least: weights and response, each with its gradient and its optimizer's state, and what training keeps of
 * a minibatch behind every layer. A lower bound, so that nothing that might run is refused.
 */
export function leastBytes(config: Config, { network, hypers, rows }: MemoryFacts): number {
  const { method, precision, response = "auto", rank = 10 } = config;
  const weights = parameterCount(network);
  const outputs = network.layers.reduce((sum, layer) => sum + outputsOf(layer), 0);
  const { kept = outputs } = network;
  const responses = {
    auto: weights + hypers * outputs,
    factored: weights + hypers * outputs,
    gate: hypers * outputs,
    dense: hypers * weights,
    "low-rank": rank * (hypers + weights),
  };
  const responding = isOf(method, "self-tuning");
  const held = heldCopies[responding ? (method as keyof typeof heldCopies) : "fixed"];
  const numbers =
    COPIES * (weights + (responding ? responses[response] : 0)) +
    held * Math.min(batchSizeOf(config, rows), rows) * kept;
  return numbers * (precision === "float64" ? 8 : 4);
}

/**
 * How often a step holds what is behind a layer: itself and its activation, of a response along the weights' direction and along the tangent as well.
 * Engines hold more, of vgg16's Delta-STN step 14 times as much.
 */
const heldCopies = { fixed: 2, stn: 3, "centered-stn": 3, "delta-stn": 4 } as const;

/** The number itself, its gradient, and one number of the optimizer. */
const COPIES = 3;

/**
 * Demands that a run can fit into memory.
 *
 * @param limit bytes of the machine
 * @throws {HypertrainError} with the bytes that it would take.
 */
export function demandMemory(config: Config, facts: MemoryFacts, limit: number): void {
  const bytes = leastBytes(config, facts);
  if (bytes <= limit) return;
  const { network } = facts;
  const hidden = network.layers.slice(0, -1).map(outputsOf);
  const sizes = network.opened
    ? [`--hidden ${hidden.join(",")}`]
    : ["--batch-size, or take a smaller network"];
  if (config.response === "low-rank") sizes.push(`--rank ${config.rank}`);
  throw inputError(
    `a run must fit into this machine's memory of ${gibibytes(limit)}, but with ${parameterCount(network)} weights, ${facts.hypers} hyperparameters and ${network.kept ?? "an unknown number of"} numbers behind its layers for each example it takes at least ${gibibytes(bytes)}; lower ${sizes.join(" or ")}`,
  );
}
