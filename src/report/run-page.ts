import type { ResultPoint } from "../api/result.ts";
import type { RunDocument } from "../api/run-document.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { mapValues } from "../util/record.ts";
import { meanOf, quantilesOf } from "../util/statistics.ts";

/** A run as a page shows it. */
export interface RunPage {
  /** Its folder. */
  readonly run: string;
  readonly config: unknown;
  readonly trace: readonly TracePoint[];
  /** Of the same training with the hyperparameters held; empty where there was none. */
  readonly baseline: readonly TracePoint[];
  /** What it says of itself. */
  readonly document?: RunDocument;
  /** Why that is not there, in one sentence. */
  readonly missing?: string;
}

/** The most points of a trace, beside the best of each training. */
const MOST_POINTS = 1000;

/** A run without what fills a page and is not shown: points between others, single elements of a hyperparameter with many, tables of classes but the best point's. */
export const thinnedPage = ({ trace, baseline, document, ...rest }: RunPage): RunPage => ({
  ...rest,
  ...{ trace: thinned(trace), baseline: thinned(baseline) },
  ...(document && { document: thinnedDocument(document) }),
});

/** Every so-manieth point, the first, the last, and the best of each training. */
function thinned(trace: readonly TracePoint[]): readonly TracePoint[] {
  const stride = Math.ceil(trace.length / MOST_POINTS);
  const best = new Map<number | undefined, TracePoint>();
  for (const point of trace) {
    const least = best.get(point.trial?.number);
    if (!least || point.valid.loss < least.valid.loss) best.set(point.trial?.number, point);
  }
  const kept = new Set(best.values());
  return trace
    .filter((point, i) => i === 0 || (trace.length - 1 - i) % stride === 0 || kept.has(point))
    .map(({ hyperparameters, valid, test, ...point }) => ({
      ...{ ...point, valid: withoutTables(valid) },
      ...(test && { test: withoutTables(test) }),
      hyperparameters: mapValues(hyperparameters, shownPoint),
    }));
}

const withoutTables = ({ loss, metric }: TracePoint["valid"]): TracePoint["valid"] => ({
  loss,
  ...(metric && { metric }),
});

/** Of many elements their mean, with the middle eight tenths of them for a band. */
function shownPoint({ value, elements, band }: HyperPoint): HyperPoint {
  if (typeof value === "object") {
    const { q10, q90 } = quantilesOf(value);
    return { value: meanOf(value), band: [q10, q90] };
  }
  return { value, ...(elements ? { band: [elements.q10, elements.q90] } : band && { band }) };
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
