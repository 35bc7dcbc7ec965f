import type { DataReport } from "../api/data-report.ts";
import type { Guard, ResultHyper, ResultPoint, TuneResult } from "../api/result.ts";
import type { HyperPoint, TracePoint } from "../api/trace.ts";
import type { Warning } from "../api/warning.ts";
import type { Goals } from "../search/goals.ts";
import { startValues, type Space } from "../space/space.ts";
import type { EndReason, FailedTraining, FirstTuning } from "../tuners/run.ts";
import { mapValues } from "../util/record.ts";
import { divergenceSentence } from "./divergence.ts";
import { frontOfTrace, frontSentence } from "./front.ts";
import { gainOver, isUntuned } from "./gain.ts";
import { guardOf } from "./guard.ts";
import { remarksOn } from "./remarks.ts";
import type { RemarkFacts } from "./remarks/facts.ts";
import type { JudgedRows } from "./judge-rival.ts";
import { metricSentence } from "./metric-sentence.ts";
import { missedClassesSentence } from "./missed-classes.ts";
import { heldDecaySentence } from "./held-decay.ts";
import { rateSentence } from "./rate-sentence.ts";
import { trustOf } from "./trust.ts";
import { untrainedSentence } from "./untrained-sentence.ts";
import { begunIn, failedSentence, lostIn, type LostTraining } from "./trainings.ts";
import { lastUntuned } from "./untuned.ts";
import { demandGiven } from "../util/given.ts";
import { objectWith } from "../util/rule.ts";

/** How a run ended, and its points that matter: what its last event tells. */
export interface RunEnd {
  readonly reason: EndReason | "diverged" | "unfit" | "stopped" | "running";
  readonly best: TracePoint;
  readonly final: TracePoint;
  /** Of a search: its trainings that failed, where that is known; default those that have no loss after a step. */
  readonly failed?: readonly FailedTraining[] | undefined;
}

/** What the result of a run is made of. */
export interface ResultInput {
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
  readonly space: Space;
  readonly trace: readonly TracePoint[];
  readonly end: RunEnd;
  /** The same training with the hyperparameters held, where there was one. */
  readonly baseline?: {
    readonly run: string;
    readonly end: RunEnd;
    /** Whether it breaks the bounds of the search; default false. */
    readonly beyond?: boolean;
  };
  /** The best point of a linear model on the same rows, where there was one. */
  readonly linear?: TracePoint | ResultPoint;
  /** Rows of the validation and the test part, by which chance is told; without them every difference that can be seen counts. */
  readonly rows?: JudgedRows;
  /** Whether the method holds the hyperparameters at their start; default false. */
  readonly holdsHypers?: boolean;
  /** Whether the method learns a response, whose checks the trace tells; default false. */
  readonly learnsResponse?: boolean;
  /** Whether training carries running statistics (`Problem.carried`). */
  readonly carries?: boolean;
  /** The learning rate of the weights, where it is known. */
  readonly learningRate?: number;
  /** The weight decays that its tuner holds at 1 / learning rate; default none. */
  readonly heldDecays?: readonly string[] | undefined;
  /** When the run makes its first hyperparameter step, where that is known. */
  readonly firstTuning?: FirstTuning | undefined;
  /** As in `RemarkFacts`. */
  readonly restart?: RemarkFacts["restart"];
  /** Whether `folds` could be asked for; default false. */
  readonly couldFold?: boolean;
  /** Whether it is of a search in a store; default false. */
  readonly inStore?: boolean;
  /** Whether the network could have a linear layer beside its hidden ones; default false. */
  readonly couldWiden?: boolean;
  /** Whether it is trained on training and validation rows together; default false. */
  readonly isRefit?: boolean;
  /** Whether the losses weigh classes alike, rare or frequent; default false. */
  readonly weighsClasses?: boolean;
  /** What the losses are in, where that is not plain: see `lossUnitOf`. */
  readonly lossUnit?: string | undefined;
  /** What a search followed besides the lowest loss. */
  readonly goals?: Goals | undefined;
  /** What is odd in the data, and in the options that were given; default none. */
  readonly warnings?: readonly Warning[];
  /** The data report, where the data is a table. */
  readonly data?: DataReport;
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
    ...saidOf(input, front, trainings, failed),
    warnings,
  };
}

/** Training steps behind which it tells something that a network misses a class. */
const STEPS_TO_LEARN = 100;

/** What a run says of itself: of one that diverged that, and which decays were held. */
function saidOf(
  input: ResultInput,
  front: TuneResult["front"],
  trainings: number,
  failed: readonly LostTraining[],
): Pick<TuneResult, "trust" | "guard" | "remarks"> {
  const { space, trace, end, baseline, linear, firstTuning, learningRate, holdsHypers = false } = input;
  const ended = end.reason;
  const decay = heldDecaySentence(trace, { decays: input.heldDecays, learningRate });
  const diverged = divergenceSentence(trace, end.best, { ended, learningRate, firstTuning });
  if (diverged !== undefined) return { remarks: decay === undefined ? [diverged] : [diverged, decay] };
  const judged = !holdsHypers && ended !== "running";
  const rates = rateSentence(trace);
  const lost = failedSentence(trace, failed);
  const missed =
    end.best.step >= STEPS_TO_LEARN && !input.isRefit
      ? missedClassesSentence(end.best, {
          names: input.data?.classes?.map(({ name }) => name),
          weighsClasses: input.weighsClasses,
        })
      : undefined;
  const untrained = trainings > 0 || holdsHypers ? untrainedSentence(trace, ended) : undefined; // who tunes in a run says when that begins
  const guard = holdsHypers ? undefined : guardOn(input);
  const trustIn = (lengthTold: boolean) =>
    input.learnsResponse
      ? trustOf(trace, { firstTuning, carries: input.carries, lengthTold, ended })
      : undefined;
  const facts = {
    ...{ space, linear, rows: input.rows, ended, firstTuning },
    ...{
      baseline: baseline?.end.best,
      baselineRun: baseline?.run,
      baselineBeyond: baseline?.beyond,
      trust: trustIn(false)?.verdict,
    },
    ...{
      couldFold: input.couldFold,
      inStore: input.inStore,
      couldWiden: input.couldWiden,
      restart: input.restart,
      gainHolds: guard?.holds,
    },
  };
  const said = judged ? remarksOn(trace, end.best, facts) : [];
  const trust = trustIn(said.some(({ epochs }) => epochs !== undefined));
  return {
    ...(trust && { trust }),
    ...(guard && { guard }),
    remarks: [
      ...[lost, untrained, metricSentence(trace)].filter((sentence) => sentence !== undefined),
      ...(judged && front?.length && input.goals ? [frontSentence(front, trainings, input.goals)] : []), // what such a search is for
      ...said.map(({ sentence }) => sentence),
      ...(ended === "running" ? [] : [missed, decay, rates]).filter((sentence) => sentence !== undefined),
    ],
  };
}

/** Without a baseline nothing is told of a search, nor of a run whose best point came before its hyperparameters moved. */
function guardOn({ trace, end: { best }, baseline, rows }: ResultInput): Guard | undefined {
  if (baseline) {
    const held = baseline.end.best;
    const gain = isUntuned(trace, best) ? "untuned" : gainOver(held, best, rows);
    return guardOf(best, held, "the start held fixed", gain);
  }
  return best.trial || isUntuned(trace, best) ? undefined : guardOf(best, lastUntuned(trace));
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
