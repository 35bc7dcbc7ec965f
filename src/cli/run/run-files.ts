import type { Refit, ResultPoint, TuneResult } from "../../api/result.ts";
import type { TracePoint } from "../../api/trace.ts";
import { writeWhole } from "../../artifacts/disk.ts";
import { pageAssets } from "../../artifacts/page-assets.ts";
import type { RecordedRun } from "../../artifacts/record.ts";
import { writeResult } from "../../artifacts/result-file.ts";
import { runFolder, type RunFolder } from "../../artifacts/run-folder.ts";
import { scheduleOf } from "../../artifacts/schedule.ts";
import { readTrace } from "../../artifacts/trace-file.ts";
import { writeTrainedModel } from "../../artifacts/trained-model.ts";
import type { Splits } from "../../data/dataset.ts";
import { holdsHypers, isSearch, learnsResponse, methodOf } from "../../methods/lookup.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import { renderReport } from "../../report/report.ts";
import { resultOf, startOf } from "../../report/result.ts";
import { runDocumentOf } from "../../report/run-document.ts";
import type { Run } from "../../tuners/run.ts";
import type { Config } from "../config/config.ts";
import type { Job } from "./job.ts";
import { allInFlags } from "../terminal/in-flags.ts";
import { networkInWords } from "../networks/network-names.ts";
import { versions } from "./origin.ts";
import { couldFold } from "../registry/folds.ts";
import { decaysWithEnd } from "../../tuners/largest-decay.ts";
import { weightsRateOf } from "../registry/tuners.ts";
import { refitCommand, reproduction } from "../config/reproduction.ts";
import { isBeyond } from "../study/is-beyond.ts";
import { studyGoals } from "../study/study-goals.ts";

/** Writes the trained network, with what it says of itself. */
export const writeModel = (
  { config, named, engine }: Job,
  folder: RunFolder,
  { best, weights }: Pick<RecordedRun, "best" | "weights">,
  note: (line: string) => void,
): Promise<void> => {
  const { method, precision } = config;
  return writeTrainedModel(
    folder,
    {
      ...{ task: named.task, method, precision, engine, params: weights, best },
      ...(named.supervised && { supervised: named.supervised }),
      facts: { split: splitOf(config, named.task.data), versions: versions() },
    },
    note,
  );
};

/** How many rows each part has, and how a table's were told apart. */
function splitOf(
  { seed, folds, splitBy, group, timeColumn, stratify }: Config,
  { train, valid, test }: Splits,
): Record<string, string | number | boolean> {
  return {
    ...{ train: train.rows, valid: valid.rows, test: test?.rows ?? 0, seed },
    ...(folds !== undefined && { folds }),
    ...(splitBy !== undefined && { splitBy }),
    ...(group !== undefined && { group }),
    ...(timeColumn !== undefined && { timeColumn }),
    ...(stratify !== undefined && { stratify }),
  };
}

/** Writes the schedule of every hyperparameter. */
export async function writeSchedule(
  { named }: Job,
  { hyperparameters, metrics }: RunFolder,
  { best, final }: RecordedRun,
): Promise<void> {
  const trace = await readTrace(metrics);
  const schedule = scheduleOf(trace, best, final, startOf(named.task.problem.space, trace));
  await writeWhole(hyperparameters, `${JSON.stringify(schedule, null, 2)}\n`);
}

/** What a run is compared with. */
export interface Rivals {
  readonly baseline?: RecordedRun;
  /** The best point of a linear model. */
  readonly linear?: TracePoint | ResultPoint;
}

/** What a run says of itself besides. */
export interface ToldBesides {
  readonly refit?: Refit;
  /** What comes before all other remarks. */
  readonly remark?: string;
}

/** Writes the schedule, the result and the report. @returns the result */
export async function writeSummary(
  job: Job,
  folder: RunFolder,
  tuned: RecordedRun,
  { baseline, linear, run, refit, remark }: Rivals & { readonly run?: Run } & ToldBesides,
): Promise<TuneResult> {
  await writeSchedule(job, folder, tuned);
  const trace = await readTrace(folder.metrics);
  const { config, engine, named } = job;
  const { space } = named.task.problem;
  const rate = weightsRateOf(config);
  const goals = isSearch(config.method) ? studyGoals(config, named.task.problem) : undefined;
  const found = allInFlags(
    resultOf({
      run: folder.path,
      report: runFolder(folder.path).report,
      method: config.method,
      auto: job.auto,
      network: networkInWords(config, tuned.best.hyperparameters),
      engine: engine.name,
      seed: config.seed,
      space,
      trace,
      end: tuned,
      ...(baseline && {
        baseline: {
          ...{ run: runFolder(folder.baseline).path, end: baseline },
          beyond: goals !== undefined && (await isBeyond(baseline, named.task, goals)),
        },
      }),
      ...(linear && { linear }),
      rows: { valid: named.task.data.valid.rows, test: named.task.data.test?.rows },
      holdsHypers: holdsHypers(config.method),
      learnsResponse: learnsResponse(config.method),
      carries: named.task.problem.carried !== undefined,
      learningRate: rate,
      heldDecays: rate === undefined ? undefined : decaysWithEnd(named.task, rate),
      firstTuning: run?.firstTuning,
      ...(config.restart === "auto" && { restart: { epochs: config.epochs } }),
      couldFold: named.report !== undefined && couldFold(config),
      couldWiden: config.model === "mlp",
      inStore: config.store !== undefined,
      isRefit: refit !== undefined,
      weighsClasses: named.supervised?.classWeights === "balanced",
      lossUnit: named.supervised && lossUnitOf(named.supervised),
      goals,
      warnings: named.warnings,
      ...(named.report && { data: named.report }),
    }),
  );
  const result: TuneResult = {
    ...found,
    ...(refit && { refit }),
    remarks: remark === undefined ? found.remarks : [remark, ...found.remarks],
  };
  const told = {
    ...{ result, space, title: named.name, methodTitle: methodOf(config.method).title },
    command: refit ? refitCommand(refit) : reproduction(config),
  };
  await writeResult(folder, runDocumentOf(told));
  const held = baseline ? await readTrace(runFolder(folder.baseline).metrics) : [];
  const report = renderReport({ ...told, config, trace, baseline: held, goals }, await pageAssets());
  await writeWhole(folder.report, report);
  return result;
}
