import type { Compilation } from "../../engine/onnx/compilation.ts";
import type { MachineFacts } from "./machine.ts";
import type { Operations } from "./operations.ts";
import { ratiosByRound, spreadOf, type Spread } from "./statistics.ts";
import { PRODUCT_SIZE, type Measurement } from "./subject.ts";

/** The document of `hypertrain bench step --json`. Times are in milliseconds. */
export interface StepBenchReport extends StepFacts {
  readonly kind: "step";
  readonly results: readonly StepResult[];
  /** The first engine's steps are compared with everyone else's. */
  readonly ratios: readonly StepRatio[];
}

/** What the figures of a report are about. */
export interface StepFacts {
  readonly method: string;
  readonly sizes: readonly number[];
  /** The network's name, where it has one. */
  readonly network?: string;
  readonly batch: number;
  /** The names of the hyperparameters. */
  readonly hypers: readonly string[];
  readonly operations: Operations;
  readonly date: string;
  readonly machine: MachineFacts;
  readonly versions: Readonly<Record<string, string>>;
  /** The threads of PyTorch and of its matrix products, where it took part. */
  readonly peerThreads?: Readonly<Record<string, number>>;
  /** Milliseconds of processor time that it took to compile each program, where an engine tells; the evaluation is that of the validation data. */
  readonly compilations?: readonly Compilation[];
  /** The most memory that a process ever held, in MiB; `hypertrain` is all engines and the data together. */
  readonly peakResidentMiB: Readonly<Record<string, number>>;
}

/** The times of one kind of step, and what they come to. */
export interface StepResult extends Measurement, Spread {
  /** Multiplications and additions per second that a product shows, in units of 10^9; for products. */
  readonly gflops?: number;
  /** What the step's operations take at the rate of the same program's products. */
  readonly floor?: number;
  /** The median divided by the floor. */
  readonly timesFloor?: number;
}

/** How many times as long a step takes as the first engine's, pair by pair of the same round. */
export interface StepRatio {
  readonly of: string;
  readonly to: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: readonly number[];
}

/** The report of measurements: pure arithmetic. */
export function stepReport(facts: StepFacts, measurements: readonly Measurement[]): StepBenchReport {
  const results = measurements.map((one) => resultOf(one, measurements, facts.operations));
  return { kind: "step", ...facts, results, ratios: ratiosOf(measurements) };
}

/** What a step is called, for example `onnx train` or `pytorch train, double-backward`. */
export const titleOf = ({ by, step, variant }: Measurement): string =>
  `${by} ${step}${variant === undefined ? "" : `, ${variant}`}`;

function resultOf(one: Measurement, all: readonly Measurement[], operations: Operations): StepResult {
  const spread = spreadOf(one.rounds.flat());
  if (one.step === "product") return { ...one, ...spread, gflops: rateOf(one) };
  const work = one.step === "tune" ? operations.tune : operations.train;
  const product = all.find(({ by, step }) => by === one.by && step === "product");
  if (work === undefined || !product) return { ...one, ...spread };
  const floor = work / rateOf(product) / 1e6;
  return { ...one, ...spread, floor, timesFloor: spread.median / floor };
}

/** 10^9 operations a second, at the median. */
const rateOf = (product: Measurement): number =>
  (2 * PRODUCT_SIZE ** 3) / spreadOf(product.rounds.flat()).median / 1e6;

/** Others' steps by those of the first engine; its training loop by its bare training step, and others' training by its loop. */
function ratiosOf(measurements: readonly Measurement[]): StepRatio[] {
  const first = measurements[0]?.by;
  const references = measurements.filter(({ by, step }) => by === first && step !== "product");
  return references.flatMap((reference) =>
    measurements.filter((one) => comparable(one, reference)).map((one) => ratioOf(one, reference)),
  );
}

const comparable = (one: Measurement, reference: Measurement): boolean =>
  one.by === reference.by
    ? one.step === "loop" && reference.step === "train"
    : one.step === reference.step || (one.step === "train" && reference.step === "loop");

function ratioOf(one: Measurement, reference: Measurement): StepRatio {
  const rounds = ratiosByRound(one.rounds, reference.rounds);
  const { median, min, max } = spreadOf(rounds);
  return { of: titleOf(one), to: titleOf(reference), median, min, max, rounds };
}
