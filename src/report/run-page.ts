import type { ResultPoint } from "../api/result.ts";
import type { RunDocument } from "../api/run-document.ts";
import type { HyperPoint, Score, TracePoint } from "../api/trace.ts";
import type { Goals } from "../search/goals.ts";
import { isBetter, type Judgement } from "../tuners/best.ts";
import { mapValues } from "../util/record.ts";
import { meanOf, quantilesOf } from "../util/statistics.ts";

/** A run as a page shows it. */
export interface RunPage {
  /** Its folder. */
  readonly run: string;
  readonly config: unknown;
  readonly trace: readonly TracePoint[];
  /** Of the same training with the hyperparameters held; empty where there was none. */
  readonly baseline: readonly Pick<TracePoint, "epoch" | "valid">[];
  /** What a search followed besides the lowest loss. */
  readonly goals?: Goals;
  /** The run whose training and validation rows it has trained on together, where it is a refit. */
  readonly refitted?: string;
  /** What it says of itself. */
  readonly document?: RunDocument;
  /** Why that is not there, in one sentence. */
  readonly missing?: string;
}

/**
 * A run without what fills a page and is not shown: points between others, single elements of a hyperparameter with many, tables of classes
 * but the best point's, and digits beyond the seventh.
 *
 * @param most how many points of a trace, beside the best and the last of each training
 */
export const thinnedPage = ({ trace, baseline, document, ...rest }: RunPage, most = 1000): RunPage => ({
  ...rest,
  trace: thinned(trace, most).map(shownOf),
  baseline: thinned(baseline, most).map(({ epoch, valid }) => ({
    epoch,
    valid: { loss: rounded(valid.loss) },
  })),
  ...(document && { document: thinnedDocument(document) }),
});

/** Seven digits, which say more than a screen shows; what is no number comes out of JSON as null. */
const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(7)) : value);

/** Every so-manieth point, the first, and of each training the best and the last. */
function thinned<Point extends Judgement & Pick<TracePoint, "trial">>(
  trace: readonly Point[],
  most: number,
): readonly Point[] {
  const stride = Math.ceil(trace.length / most);
  const [best, last] = [new Map<number | undefined, Point>(), new Map<number | undefined, Point>()];
  for (const point of trace) {
    const training = point.trial?.number;
    const least = best.get(training);
    if (!least || isBetter(point, least)) best.set(training, point);
    last.set(training, point);
  }
  const kept = new Set([...best.values(), ...last.values()]);
  return trace.filter((point, i) => i === 0 || (trace.length - 1 - i) % stride === 0 || kept.has(point));
}

const shownOf = ({ hyperparameters, train, valid, test, seconds, ...point }: TracePoint): TracePoint => ({
  ...{ ...point, seconds: rounded(seconds), valid: shownScore(valid) },
  ...(train && { train: { loss: rounded(train.loss), penalty: rounded(train.penalty) } }),
  ...(test && { test: shownScore(test) }),
  hyperparameters: mapValues(hyperparameters, shownPoint),
});

const shownScore = ({ loss, metric }: Score): Score => ({
  loss: rounded(loss),
  ...(metric && { metric: { name: metric.name, value: rounded(metric.value) } }),
});

/** Of many elements their mean, with the middle eight tenths of them for a band. */
function shownPoint({ value, elements, band }: HyperPoint): HyperPoint {
  if (typeof value === "object") {
    const { q10, q90 } = quantilesOf(value);
    return { value: rounded(meanOf(value)), band: [rounded(q10), rounded(q90)] };
  }
  const [low, high] = elements ? [elements.q10, elements.q90] : (band ?? []);
  return {
    value: typeof value === "number" ? rounded(value) : value,
    ...(low !== undefined && high !== undefined && { band: [rounded(low), rounded(high)] }),
  };
}

const thinnedDocument = ({ result, ...document }: RunDocument): RunDocument => ({
  ...document,
  result: {
    ...result,
    start: { hyperparameters: mapValues(result.start.hyperparameters, meanAlone) },
    ...{ best: thinnedPoint(result.best), final: thinnedPoint(result.final) },
    ...(result.baseline && {
      baseline: { ...thinnedPoint(result.baseline), run: result.baseline.run },
    }),
  },
});

const thinnedPoint = (point: ResultPoint): ResultPoint => ({
  ...point,
  hyperparameters: mapValues(point.hyperparameters, ({ value }) => ({
    value: meanAlone(value),
    scale: null,
  })),
});

/** A list of the mean alone, which is still told as a mean. */
const meanAlone = (value: HyperPoint["value"]): HyperPoint["value"] =>
  typeof value === "object" ? [meanOf(value)] : value;
