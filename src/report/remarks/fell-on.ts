import type { TracePoint } from "../../api/trace.ts";
import { LEAST_DIFFERENCE } from "../../tuners/chance.ts";
import { trainingBegan } from "../../tuners/progress.ts";

/** Whether the validation loss of the start held fixed fell on for longer than the training that led to a run's best point, so that no overfitting ended its fall. */
export const fellOn = (best: TracePoint, baseline: TracePoint | undefined): boolean =>
  baseline !== undefined &&
  baseline.step > best.step - trainingBegan(best) &&
  baseline.valid.loss < best.valid.loss - LEAST_DIFFERENCE * Math.abs(best.valid.loss);
