/** Trace points of a run with one hyperparameter, and what is said of them. */
import type { TracePoint } from "../../src/api/trace.ts";
import { remarksOn } from "../../src/report/remarks.ts";
import type { RemarkFacts } from "../../src/report/remarks/facts.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";

const space = createSpace({ l2: real(0.1, { low: 1e-8, high: 1e4, log: true }) });

/** At the end of an epoch of ten steps. */
export const tracePoint = (epoch: number, l2: number, more: Partial<TracePoint> = {}): TracePoint => ({
  ...{ step: 10 * epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: 0 },
  ...{ hyperparameters: { l2: { value: l2, scale: 1 } }, valid: { loss: 1 } },
  ...more,
});

/** What is said of a run whose best point is that of an index. */
export const saidAt = (
  trace: readonly TracePoint[],
  index: number,
  facts: Partial<RemarkFacts> = {},
): string[] =>
  remarksOn(trace, trace[index] as TracePoint, { space, ...facts }).map(({ sentence }) => sentence);

/** What a trace point says of a validation loss. */
export const validLoss = (loss: number): Pick<TracePoint, "valid"> => ({ valid: { loss } });
