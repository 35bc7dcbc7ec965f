import type { TracePoint } from "../../api/trace.ts";
import { LEAST_DIFFERENCE } from "../../tuners/chance.ts";
import { optionText } from "../../util/option-text.ts";
import { formatLoss } from "../format.ts";
import { judgeRival, type JudgedLosses } from "../judge-rival.ts";
import type { RemarkFacts } from "./facts.ts";
import { asLongAgain, longer } from "./longer-run.ts";
import { HYPER, type Remark } from "./remark.ts";

/** How a linear model stands against the better network: that of the run, or of the start held fixed. */
export interface LinearStanding {
  readonly linear: JudgedLosses;
  readonly network: TracePoint;
  /** Whether that network is of the start held fixed. */
  readonly held: boolean;
  readonly standing: "better" | "as good";
}

/**
 * How a linear model stands against the network, that of the run or of the start held fixed, whichever validates better; undefined where it is worse, or as good as the
 * start held fixed.
 */
export function linearStanding(
  best: TracePoint,
  { linear, baseline, rows }: Pick<RemarkFacts, "linear" | "baseline" | "rows">,
): LinearStanding | undefined {
  const held = baseline !== undefined && baseline.valid.loss < best.valid.loss;
  const network = held ? baseline : best;
  const { loss } = network.valid;
  if (!linear || linear.valid.loss >= loss + LEAST_DIFFERENCE * Math.abs(loss)) return undefined;
  const standing = judgeRival(linear, network, rows);
  if (standing === "worse" || (held && standing === "as good")) return undefined;
  return { linear, network, held, standing };
}

/**
 * What a linear model says of the network: one that is better than it, or as good as the run's though it has so many weights less.
 *
 * @param asked the epochs that another remark asks for
 */
export function besideLinear(
  trace: readonly TracePoint[],
  best: TracePoint,
  { linear, network, held, standing }: LinearStanding,
  facts: Pick<RemarkFacts, "rows" | "couldWiden" | "ended">,
  asked: number | undefined,
): Remark {
  const { rows, couldWiden = false } = facts;
  const tests =
    linear.test && network.test
      ? `; in test they are ${formatLoss(linear.test.loss)} and ${formatLoss(network.test.loss)}`
      : "";
  const figures = `its ${best.guard ? "" : "lowest "}validation loss is ${formatLoss(linear.valid.loss)}, ${held ? "that of the start held fixed" : "the network's"} ${formatLoss(network.valid.loss)}${tests}`;
  if (standing === "as good") {
    const judged = rows && rows.valid + (tests === "" ? 0 : (rows.test ?? 0));
    const sure = judged === undefined ? "" : `, as far as ${judged} rows can tell`;
    return { sentence: `A linear model of the same rows does as well${sure}: ${figures}.` };
  }
  const better = `A linear model of the same rows does better: ${figures}.`;
  const end = trace.at(-1) as TracePoint; // best is one of its points
  if (!best.trial && network.step === end.step) {
    const epochs = asked ?? asLongAgain(end);
    const advice = `The network was still learning: give it ${longer(facts, end, epochs)} before you choose.`;
    return { sentence: `${better} ${advice}`, epochs };
  }
  const advice = `Take it (${optionText("model", "linear")}), or let the network ${couldWiden ? `have a linear layer beside its hidden ones (${optionText("model", "wide-and-deep")})` : `start with more regularisation (${HYPER})`}.`;
  return { sentence: `${better} ${advice}` };
}
