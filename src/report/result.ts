import type { ResultHyper, ResultPoint, TuneResult } from "../api/result.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import type { Warning } from "../api/warning.ts";
import { startValues, type Space } from "../space/space.ts";
import { demandGiven } from "../util/given.ts";
import { mapValues } from "../util/record.ts";
import { objectWith } from "../util/rule.ts";
import { frontOfTrace } from "./front.ts";
import type { RunFacts } from "./run-facts.ts";
import { saidOf } from "./said.ts";
import { begunIn, lostIn } from "./trainings.ts";

/** What the result of a run is made of. */
export interface ResultInput extends RunFacts {
  /** The run folder. */
  readonly run: string;
  /** Where the report is or will be. */
  readonly report: string;
  readonly method: string;
  /** Why it is that method, where a user left the choice to a rule. */
  readonly auto?: string | undefined;
  /** The network in a line, where it is known. */
  readonly network?: string | undefined;
  readonly engine: string;
  readonly seed: number;
  /** What the losses are in, where that is not plain: see `lossUnitOf`. */
  readonly lossUnit?: string | undefined;
  /** What is odd in the data, and in the options that were given; default none. */
  readonly warnings?: readonly Warning[];
}

/** The result of a finished run: what `--json` prints and the report shows. */
export function resultOf(input: ResultInput): TuneResult {
  demandGiven("resultOf", { input }, { input: resultInput });
  const { run, report, method, engine, seed, space, trace, end, baseline, linear, warnings = [] } = input;
  const { step: steps, seconds } = end.final;
  const failed = end.failed ?? lostIn(trace);
  const trainings = begunIn(trace, failed);
  const front = frontOfTrace(trace, input.goals);
  return {
    run,
    method,
    ...(input.holdsHypers && { held: true }),
    ...(input.auto !== undefined && { auto: input.auto }),
    ...(input.network !== undefined && { network: input.network }),
    engine,
    seed,
    steps,
    seconds,
    stepsPerSecond: steps / seconds,
    ended: end.reason as TuneResult["ended"], // an interrupted run has no result
    ...(trainings > 0 && { trainings, failed: failed.length }),
    ...(front && { front }),
    start: { hyperparameters: startOf(space, trace) },
    best: pointOf(end.best),
    final: pointOf(end.final),
    ...(baseline && { baseline: { run: baseline.run, ...pointOf(baseline.end.best) } }),
    ...(linear && { linear: pointOf(linear) }),
    report,
    ...(input.data && { data: input.data }),
    ...(input.lossUnit !== undefined && { lossUnit: input.lossUnit }),
    ...saidOf(input, { trainings, failed, front }),
    warnings,
  };
}

/** Where the hyperparameters started: a search says where it would have, had it not looked elsewhere. */
export function startOf(
  space: Space,
  [first]: readonly TracePoint[],
): TuneResult["start"]["hyperparameters"] {
  if (!first || first.trial) return startValues(space);
  return mapValues(first.hyperparameters, ({ value }) => value);
}

const pointOf = ({
  epoch,
  trial,
  train,
  valid,
  test,
  hyperparameters,
}: TracePoint | ResultPoint): ResultPoint => ({
  epoch,
  ...(trial && { trial }),
  ...(train && { train }),
  valid,
  ...(test && { test }),
  hyperparameters: mapValues<HyperPoint | ResultHyper, ResultHyper>(
    hyperparameters,
    ({ value, scale = null }) => ({
      value,
      scale,
    }),
  ),
});

const resultInput = objectWith<ResultInput>("what a result is made of, { run, space, trace, end, … }", {
  run: "string",
  space: "object",
  trace: "object",
  end: "object",
});
