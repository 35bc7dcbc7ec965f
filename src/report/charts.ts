import type { HyperPoint, TracePoint } from "../api/trace.ts";
import { leastOf, meanOf, mostOf, quantilesOf } from "../util/statistics.ts";
import { drawSvg, type ChartSize, type ChartSpec } from "./draw.ts";

/** What the chart of losses shows. */
export interface LossPoints {
  readonly trace: readonly TracePoint[];
  readonly baseline: readonly TracePoint[];
  readonly bestEpoch: number;
}

/** The names of the curves in the chart of losses: columns of the page's numbers. */
export const lossColumns = (trace: readonly TracePoint[]): string[] => [
  "training",
  "validation",
  ...(isSearch(trace) ? ["best so far"] : []),
  "test",
  "fixed start",
];

/** The scale on which losses are read: those that span more than a factor of 8 on a logarithmic one, those that touch 0 cannot be. */
export function lossScaleOf({ trace, baseline }: LossPoints): {
  first: AxisScale;
  others: readonly AxisScale[];
} {
  const losses = lossesOf({ trace, baseline }).map(({ loss }) => loss);
  const [least, most] = [leastOf(losses), mostOf(losses)];
  if (!(least > 0)) return { first: "linear", others: [] };
  return most / least > 8 ? { first: "log", others: ["linear"] } : { first: "linear", others: ["log"] };
}

/** How an axis runs. */
export type AxisScale = "log" | "linear";

const isSearch = (trace: readonly TracePoint[]): boolean => trace.some(({ trial }) => trial);

function lossesOf({ trace, baseline }: Pick<LossPoints, "trace" | "baseline">): LossAt[] {
  return [
    ...series("training", trace, ({ train }) => train?.loss),
    ...series("validation", trace, ({ valid }) => valid.loss),
    ...(isSearch(trace) ? bestSoFar(trace) : []),
    ...series("test", trace, ({ test }) => test?.loss),
    ...series("fixed start", baseline, ({ valid }) => valid.loss),
  ];
}

/** The lowest validation loss of all trainings until each point. */
function bestSoFar(trace: readonly TracePoint[]): LossAt[] {
  let best = Infinity;
  const lows = trace.map(({ trial: _, ...point }) => ({
    ...point,
    valid: { loss: (best = Math.min(best, point.valid.loss)) },
  }));
  return series("best so far", lows, ({ valid }) => valid.loss);
}

/** Training, validation and test loss over the epochs, and the baseline's validation loss, as SVG. */
export function lossChart(points: LossPoints, scale: AxisScale, size: ChartSize): Promise<string> {
  const { bestEpoch } = points;
  const values = lossesOf(points);
  const all = values.map(({ loss }) => loss);
  const shown = lossSeries.filter(({ name }) => values.some((value) => value.series === name));
  const last = mostOf(values.map(({ epoch }) => epoch));
  const color = {
    field: "series",
    type: "nominal",
    scale: { domain: shown.map(({ name }) => name), range: shown.map((one) => one.color) },
    legend: { orient: "top", direction: "horizontal", title: null, columns: size.width < 500 ? 2 : 4 },
  };
  const spec: ChartSpec = {
    data: { values },
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        title: "epoch",
        scale: { domain: [0, last], nice: false },
        axis: { tickMinStep: 1 },
      },
      y: { field: "loss", type: "quantitative", title: null, ...lossAxis(all, scale) },
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.75, interpolate: "linear", strokeJoin: "round" },
        encoding: {
          color,
          detail: { field: "training", type: "nominal" },
          strokeDash: {
            field: "series",
            type: "nominal",
            scale: { domain: shown.map(({ name }) => name), range: shown.map(({ dash }) => dash) },
            legend: color.legend,
          },
        },
      },
      {
        transform: [{ filter: `datum.series === 'validation' && datum.epoch === ${bestEpoch}` }],
        mark: {
          type: "point",
          size: 90,
          filled: false,
          opacity: 1,
          stroke: "var(--valid)",
          strokeWidth: 2.25,
          fill: "var(--paper)",
        },
      },
    ],
  };
  return drawSvg(spec, size, "Training, validation and test loss over the epochs");
}

/** The value at an epoch of a hyperparameter that is no choice. */
export type HyperAt = Omit<HyperPoint, "value"> & {
  readonly value: number | readonly number[];
  readonly epoch: number;
  /** The training of a search, each of which is a line of its own. */
  readonly training: number;
};

/** What a chart of a hyperparameter shows beside its points. */
export interface HyperChartOptions {
  readonly log: boolean;
  readonly bestEpoch: number;
  /** Where it started, in natural units; of many elements their mean. */
  readonly start: number;
}

/** One hyperparameter over the epochs, with its scale as a band, as SVG; of many elements their mean and quantiles. */
export function hyperChart(
  points: readonly HyperAt[],
  { log, bestEpoch, start }: HyperChartOptions,
  size: ChartSize,
): Promise<string> {
  const values = thinned(points, bestEpoch).map((point) => ({
    ...{ epoch: point.epoch, training: point.training },
    ...rangeOf(point),
  }));
  const last = values.at(-1)?.epoch ?? 1;
  const spec: ChartSpec = {
    data: { values },
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        title: null,
        scale: { domain: [0, last], nice: false },
        axis: { tickCount: 4, tickMinStep: 1, grid: false },
      },
    },
    layer: [
      {
        mark: { type: "area", fill: "var(--band)", fillOpacity: 1 },
        encoding: {
          detail: { field: "training", type: "nominal" },
          y: {
            field: "low",
            type: "quantitative",
            title: null,
            scale: log ? { type: "log", nice: true } : { zero: false, nice: true },
            axis: { tickCount: 4, format: log ? ".0e" : "~g", ...(log && { values: decades(values) }) },
          },
          y2: { field: "high" },
        },
      },
      {
        mark: { type: "rule", stroke: "var(--faint)", strokeDash: [2, 3], strokeWidth: 1 },
        data: { values: [{ start, from: 0, last }] },
        encoding: {
          x: { field: "from", type: "quantitative" },
          x2: { field: "last" },
          y: { field: "start", type: "quantitative" },
        },
      },
      {
        mark: { type: "line", stroke: "var(--valid)", strokeWidth: 1.75, strokeJoin: "round" },
        encoding: {
          detail: { field: "training", type: "nominal" },
          y: { field: "value", type: "quantitative" },
        },
      },
      {
        transform: [{ filter: `datum.epoch === ${bestEpoch}` }],
        mark: {
          type: "point",
          size: 55,
          stroke: "var(--valid)",
          strokeWidth: 2,
          fill: "var(--paper)",
          filled: false,
          opacity: 1,
        },
        encoding: { y: { field: "value", type: "quantitative" } },
      },
    ],
  };
  return drawSvg(spec, size, "The hyperparameter over the epochs");
}

const lossSeries = [
  { name: "training", color: "var(--train)", dash: [1, 0] },
  { name: "validation", color: "var(--valid)", dash: [1, 0] },
  { name: "best so far", color: "var(--best)", dash: [1, 0] },
  { name: "test", color: "var(--test)", dash: [1, 0] },
  { name: "fixed start", color: "var(--fixed)", dash: [5, 4] },
] as const;

interface LossAt {
  readonly series: string;
  readonly epoch: number;
  readonly loss: number;
  /** The training of a search, each of which is a line of its own; 0 for a line that goes over all of them. */
  readonly training: number;
}

const series = (
  name: string,
  trace: readonly TracePoint[],
  lossOf: (point: TracePoint) => number | undefined,
): LossAt[] =>
  thinned(trace, bestOf(trace)).flatMap((point) => {
    const loss = lossOf(point);
    const training = (point.trial?.number ?? -1) + 1;
    return loss === undefined ? [] : [{ series: name, epoch: point.epoch, loss, training }];
  });

const bestOf = (trace: readonly TracePoint[]): number =>
  trace.reduce<TracePoint | undefined>(
    (best, point) => (best === undefined || point.valid.loss < best.valid.loss ? point : best),
    undefined,
  )?.epoch ?? 0;

/** At most some hundred points, which is more than the eye can tell apart; the best epoch stays. */
function thinned<P extends { readonly epoch: number }>(points: readonly P[], bestEpoch: number): P[] {
  const stride = Math.ceil(points.length / 500);
  return points.filter(
    (point, i) => i % stride === 0 || i === points.length - 1 || point.epoch === bestEpoch,
  );
}

function lossAxis(losses: readonly number[], scale: AxisScale): object {
  const least = leastOf(losses);
  const most = mostOf(losses);
  if (scale === "linear") return { scale: { zero: false, nice: true }, axis: { tickCount: 5 } };
  const domain = [least / 1.15, most * 1.15] as const;
  return {
    scale: { type: "log", domain, nice: false },
    axis: { values: roundNumbers(...domain), format: "~g" },
  };
}

/** 1, 3, 10, 30, … within a range: about equal steps on a logarithmic axis. */
function roundNumbers(low: number, high: number): number[] {
  const from = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => 10 ** (from + i));
  const steps = decades.length > 5 ? [1] : [1, 3];
  return decades.flatMap((decade) => steps.map((step) => step * decade)).filter((x) => low <= x && x <= high);
}

interface Range {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function rangeOf({ value, band, elements }: HyperAt): Range {
  if (elements && typeof value === "number") return { value, low: elements.q10, high: elements.q90 };
  if (typeof value === "number") return { value, low: band?.[0] ?? value, high: band?.[1] ?? value };
  const { q10: low, q90: high } = quantilesOf(value);
  return { value: meanOf(value), low, high };
}

/** Powers of ten across the values, at most five of them. */
function decades(values: readonly Range[]): number[] {
  const from = Math.floor(Math.log10(leastOf(values.map(({ low }) => low))));
  const to = Math.ceil(Math.log10(mostOf(values.map(({ high }) => high))));
  const stride = Math.ceil((to - from) / 5) || 1;
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, i) => 10 ** (from + i * stride));
}
