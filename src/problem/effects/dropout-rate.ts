import { dropout } from "../../nn/dropout.ts";
import type { Effect } from "./effect.ts";

/** What every rate of inverted dropout has, whatever is dropped. */
export const dropoutRate: Pick<Effect, "natural" | "range" | "act"> = {
  natural: { low: 0, high: 1 },
  range: { low: 0, high: 0.95, log: false },
  act: dropout,
};
