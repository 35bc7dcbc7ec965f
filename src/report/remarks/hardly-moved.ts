import type { TracePoint } from "../../api/trace.ts";
import { farthestWay, NEAR, type HyperWay } from "../../space/distance.ts";
import { optionText } from "../../util/option-text.ts";
import type { RemarkFacts } from "./facts.ts";
import { wayText } from "./moved-in-vain.ts";
import type { Remark } from "./remark.ts";

/** Of a gain that hyperparameters which stayed where they were cannot have made; nothing where they moved, be it there and back. */
export function hardlyMoved(
  trace: readonly TracePoint[],
  best: TracePoint,
  { space }: RemarkFacts,
): Remark | undefined {
  const start = trace[0] as TracePoint; // it was looked at before
  if (start.trial || start.unfit) return undefined;
  const ways = trace
    .filter(({ step }) => step <= best.step)
    .map(({ hyperparameters }) => farthestWay(start.hyperparameters, hyperparameters, space) as HyperWay); // there are some
  const farthest = ways.reduce((most, way) => (most.distance >= way.distance ? most : way));
  if (farthest.distance >= NEAR) return undefined;
  return {
    sentence: `Until its best epoch the hyperparameters hardly moved, ${wayText(farthest)} the most, so that the gain may be chance: other seeds would tell (${optionText("seed")}).`,
  };
}
