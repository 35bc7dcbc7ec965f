import type { Dataset } from "../data/dataset.ts";
import { initRows } from "../nn/row-states.ts";
import { checkProblem } from "../problem/check-problem.ts";
import type { Task } from "../problem/problem.ts";
import { inputError } from "../util/error.ts";
import type { HostTree } from "../util/host-array.ts";
import { demandCarrying } from "./carrying.ts";
import { demandPlateau } from "./follows-plateau.ts";
import { guarded } from "./guard.ts";
import type { StreamName } from "./host.ts";
import { remarksOnLoneRows } from "./lone-rows.ts";
import { demandRestarting } from "./restarts.ts";
import { runSettings, type RunOptions, type RunSettings } from "./run-options.ts";
import type { Snapshot } from "./snapshot.ts";
import type { PreparedTuner, Tuner } from "./tuner.ts";
import { unusedOptions } from "./unused-options.ts";

/** When a run makes its first hyperparameter step. */
export interface FirstTuning {
  /** Training steps that are made before. */
  readonly steps: number;
  /** The least whole number of epochs that have as many. */
  readonly epochs: number;
  /** The epochs of warm-up among them. */
  readonly warmupEpochs: number;
}

/** All that is settled before a run's first step. */
export interface RunPlan {
  readonly task: Task;
  /** The task with the validation rows that hyperparameter steps see. */
  readonly seen: Task;
  /** The validation rows that they do not see, where there are any. */
  readonly guard?: Dataset;
  readonly settings: RunSettings;
  /** The epochs that the run was begun with; absent where only time or gradients limited it. */
  readonly planned?: number;
  /** Training steps; Infinity where only time or gradients limit the run. */
  readonly steps: number;
  readonly prepared: Omit<PreparedTuner, "state">;
  /** The state at first, made anew: kept, it would take as much memory as the state itself. */
  initialState(): Snapshot["state"];
  /** The first hyperparameter step, where the run has ended the warm-up behind so many steps or not at all; nothing where the method makes none. */
  firstTuning(warmedUp?: number): FirstTuning | undefined;
  /** The training steps after which the trained network is what the method is for. */
  readonly resultFrom: number;
  /** What is known before the first step, and that one would not expect. */
  readonly remarks: readonly string[];
}

/**
 * Plans a run, and makes its first state.
 *
 * @param options that keep the rules of `run-options.ts`
 * @throws {HypertrainError} where options, problem and method do not go together.
 */
export function planRun(
  task: Task,
  tuner: Tuner,
  options: RunOptions,
  from?: Snapshot,
): { readonly plan: RunPlan; readonly initial: Snapshot["state"] } {
  const { guard, seen: valid } = guarded(task.data.valid, options.guard ?? 0, options.seed ?? 0);
  const seen: Task = { ...task, data: { ...task.data, valid } };
  const settings = runSettings(options, seen);
  const { stepsPerEpoch } = settings;
  const planned = from ? from.progress.planned : finite(settings.epochs);
  const prepare = () => {
    const length = { epochs: planned ?? Infinity, stepsPerEpoch };
    const { state, ...prepared } = tuner.prepare(task, settings.seed, length);
    return { prepared, initial: { ...state, ...rowsOfStreams(task, prepared.handsOn ?? [], settings) } };
  };
  const { prepared, initial } = prepare();
  demandCarrying(tuner.name, task.problem, initial);
  if (!from) checkProblem(task, settings.batchSize);
  const steps = settings.epochs * stepsPerEpoch;
  const resultFrom = prepared.resultFrom?.(stepsPerEpoch) ?? 0;
  demandLength(tuner.name, steps, resultFrom, stepsPerEpoch);
  if (settings.plateau) demandPlateau(tuner.name, prepared);
  if (settings.restart) demandRestarting(tuner.name, prepared);
  const firstTuning = (warmedUp?: number) => firstTuningOf(prepared, stepsPerEpoch, warmedUp);
  const plan = {
    ...{ task, seen, settings, steps, prepared, resultFrom },
    ...(guard && { guard }),
    ...(planned !== undefined && { planned }),
    initialState: () => prepare().initial,
    firstTuning,
    remarks: [
      ...remarksBefore(tuner.name, steps, firstTuning()),
      ...unusedOptions(tuner.name, prepared, options, task.problem),
      ...remarksOnLoneRows(seen, prepared.handsOn ?? [], settings),
      ...(prepared.remarks ?? []),
    ],
  };
  return { plan, initial };
}

function firstTuningOf(
  { tunesFrom = () => Infinity }: Pick<PreparedTuner, "tunesFrom">,
  stepsPerEpoch: number,
  warmedUp = Infinity,
): FirstTuning | undefined {
  const between = tunesFrom(0); // epochs of no steps have no warm-up
  const steps = Math.min(tunesFrom(stepsPerEpoch), warmedUp + between);
  if (steps === Infinity) return undefined;
  return { steps, epochs: Math.ceil(steps / stepsPerEpoch), warmupEpochs: (steps - between) / stepsPerEpoch };
}

/** What the rows of each stream have left for those behind them: nothing yet. */
const rowsOfStreams = (
  { problem: { rowStates }, data }: Task,
  streams: readonly StreamName[],
  { batchSize, validBatchSize }: RunSettings,
): Readonly<Record<string, HostTree>> =>
  rowStates && data.train.order === "streams"
    ? Object.fromEntries(
        streams.map((stream) => [
          `${stream}Rows`,
          initRows(rowStates, stream === "train" ? batchSize : validBatchSize),
        ]),
      )
    : {};

function demandLength(method: string, steps: number, least: number, stepsPerEpoch: number): void {
  if (Math.ceil(steps) >= least) return;
  throw inputError(
    `a run of ${method} must have at least ${least} steps for all that it does, but has ${Math.ceil(steps)}; give it ${Math.ceil(least / stepsPerEpoch)} epochs, or make its parts shorter`,
  );
}

function remarksBefore(method: string, steps: number, first: FirstTuning | undefined): string[] {
  if (first === undefined || Math.ceil(steps) >= first.steps) return [];
  return [
    `${method} will not tune in this run: its first hyperparameter step follows training step ${first.steps}, but the run has ${Math.ceil(steps)}; give it ${first.epochs} epochs with a warm-up of ${first.warmupEpochs}, or shorten the warm-up or the steps between hyperparameter steps`,
  ];
}

/** Nothing for Infinity, which JSON does not have. */
const finite = (value: number): number | undefined => (value === Infinity ? undefined : value);
