import { basename, dirname, resolve } from "node:path";

import type { Refit } from "../../api/result.ts";
import type { TracePoint } from "../../api/trace.ts";
import { readCheckpoint, writeCheckpoint } from "../../artifacts/checkpoint.ts";
import { hyperPath, ratePath } from "../../artifacts/hyper-path.ts";
import { demandUnlocked, lockRunFolder } from "../../artifacts/lock.ts";
import type { Origin } from "../../artifacts/origin.ts";
import {
  createRunFolder,
  demandEmpty,
  removeAtOnce,
  removeRunFolder,
  type RunFolder,
} from "../../artifacts/run-folder.ts";
import { appendTrace, beginTrace, readTrace } from "../../artifacts/trace-file.ts";
import { readOnce } from "../../data/node/keep.ts";
import { refitSentence, worseSentence } from "../../report/refit.ts";
import { warningsOn } from "../../report/warnings.ts";
import { createRun, type Run } from "../../tuners/run.ts";
import { inputError } from "../../util/error.ts";
import { sizedConfig } from "../config/batch-size.ts";
import { optimizerOf, type Config, type SizedConfig } from "../config/config.ts";
import { INTERRUPTED, listenForInterrupt } from "../terminal/interrupt.ts";
import { stepsPerEpochOf, trialEpochsOf, type Job } from "../run/job.ts";
import { demandNotRefitted, keepOrigin, originOf } from "../run/origin.ts";
import type { LoadOptions } from "../data-sets/data-set-by-name.ts";
import type { ProgressView } from "../progress/progress.ts";
import { loadTask, type NamedTask } from "../registry/tasks.ts";
import { openEngine } from "../registry/engines.ts";
import { tunerOf } from "../registry/tuners.ts";
import { keptConfig, openConfiguredRun } from "../run/run-config.ts";
import { demandSameData, withFoundData, type DataFlags } from "../run/run-data.ts";
import { withTrustedModule, type ModuleFlags } from "../run/run-module.ts";
import { demandSameModule } from "../run/same-module.ts";
import { refitLength } from "../run/refit-length.ts";
import { epochsOf, trainingOptions } from "../run/run-options.ts";
import { openTerminal } from "../terminal/terminal.ts";
import { demandOutsideRuns } from "../files/written-file.ts";
import { present } from "../run/finish-run.ts";

/** What `hypertrain refit` accepts. */
export interface RefitFlags extends ModuleFlags, DataFlags {
  /** Holds the hyperparameters at the values of the best epoch. */
  readonly hold?: boolean;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * Trains once more on training and validation data together, along the hyperparameters that a run found.
 *
 * @returns the exit code
 */
export async function refit(path: string, flags: RefitFlags): Promise<number> {
  const { hold = false, out, json = false, quiet = false } = flags;
  if (out !== undefined) {
    await demandOutsideRuns("--out", out);
    await demandEmpty(out); // no run begins in it, whatever goes on there
  }
  const found = await openFound(path, flags);
  const { folder: from, origin, best } = found;
  const terminal = await openTerminal({ json, quiet });
  using interrupt = listenForInterrupt(terminal.note);
  const { progress, note } = terminal;
  const { signal } = interrupt;
  const { before, job } = await joinedJob(found.config, best, signal, (own) =>
    demandSameData(from, origin, found.config, () => own, flags),
  );
  await demandSameModule(from, origin, job);
  const { run, epochs, trained } = await followingRun(found, job, { hold, before, signal });

  const place = out === undefined ? { name: `${nameOf(from.path)}-refit` } : { out };
  const folder = await createRunFolder(keptConfig({ ...job.config, epochs }), place);
  await using lock = await lockRunFolder(folder);
  interrupt.beforeEnd(() => removeAtOnce(folder));
  await keepOrigin(folder, job, { refitted: from.path, hold });
  const view = progress({ name: "training", timeLimit: Infinity });
  const ended = await record(run, folder, view).finally(() => run.dispose());
  if (!ended) {
    await removeRunFolder(folder);
    terminal.stopped("stopped; nothing is left behind");
    return INTERRUPTED;
  }
  const recorded = { reason: "epochs", best: ended.final, advanced: true, ...ended } as const;
  const { test: after } = ended.final;
  const gain: Refit = {
    from: from.path,
    hold,
    ...(best.test && { before: best.test }),
    ...(after && { after }),
    trained,
  };
  const worse = best.test && after && worseSentence(best.test, after);
  const result = await present(
    job,
    folder,
    recorded,
    { progress, note, signal, clock: performance, lock },
    { refit: gain, ...(worse && { remark: worse }) },
  );
  terminal.result(result);
  if (!json) process.stdout.write(`  ${refitSentence(gain)}\n`);
  return 0;
}

/** A run that is refitted. */
interface FoundRun {
  readonly folder: RunFolder;
  readonly origin: Origin | undefined;
  /** With its data and its module where they lie by now. */
  readonly config: Config;
  readonly best: TracePoint;
}

/** Opens a run that can be refitted. @throws {HypertrainError} for any other */
async function openFound(path: string, flags: RefitFlags): Promise<FoundRun> {
  const { folder, config: written } = await openConfiguredRun(path);
  const origin = await originOf(folder);
  demandNotRefitted(folder, origin, "be refitted");
  await demandUnlocked(folder);
  if (written.folds !== undefined) {
    throw inputError(
      `a run must be one without --folds to be refitted, but ${path} has ${written.folds} networks, which together have trained on all rows that are no test rows; use its model as it is`,
    );
  }
  const trusted = await withTrustedModule(folder, origin, written, flags, {
    doing: "its refit",
    always: "--trust",
  });
  const config = withFoundData(folder, trusted, flags);
  return { folder, origin, config, best: await bestOf(path, folder, config) };
}

/**
 * The run along the hyperparameters and the learning rates that were found, stretched to its own length.
 *
 * @param options.before rows that trained when they were found
 */
async function followingRun(
  { folder, best }: FoundRun,
  { config, named, engine }: Job,
  { hold, before, signal }: { readonly hold: boolean; readonly before: number; readonly signal: AbortSignal },
): Promise<{ readonly run: Run; readonly epochs: number; readonly trained: NonNullable<Refit["trained"]> }> {
  const { task } = named;
  const trace = await readTrace(folder.metrics);
  const way = hyperPath(task.problem.space, hold ? [] : trace, best);
  const factorAt = ratePath(trace, best);
  const trained = refitLength(Math.round(way.epochs * foundEpochSteps(best)), config.batchSize, {
    before,
    after: task.data.train.rows,
  });
  const stepsPerFoundEpoch = trained.steps / way.epochs;
  const tuner = await tunerOf(config, stepsPerFoundEpoch, {
    hypersAt: (step) => way.at(step / stepsPerFoundEpoch),
    rateFactorAt: (step) => factorAt(step / stepsPerFoundEpoch),
  });
  const stepsPerEpoch = stepsPerEpochOf(config, named);
  const epochs = epochsOf(trained.steps, stepsPerEpoch);
  const { plateau: _plateau, ...training } = trainingOptions(config, stepsPerEpoch); // the rates are those of the run
  const options = { ...training, epochs, restart: false, keepBest: false };
  return { run: createRun(task, tuner, engine, options, { clock: performance, signal }), epochs, trained };
}

/** What a run folder is called; a baseline lies in the folder of its run. */
function nameOf(path: string): string {
  const whole = resolve(path);
  const name = basename(whole);
  return name === "baseline" ? `${basename(dirname(whole))}-${name}` : name;
}

/** The point to train up to. @throws {HypertrainError} for a run that has none. */
async function bestOf(path: string, { checkpoint }: RunFolder, { problem }: Config): Promise<TracePoint> {
  if (problem !== undefined) {
    throw inputError(
      `${path} must be a run on a data set to be trained on two of its parts, but is one of a problem of your own; join the parts in ${problem}`,
    );
  }
  const best = (await readCheckpoint(checkpoint))?.snapshot.progress.best;
  if (best && best.step > 0) return best;
  throw inputError(
    `${path} must have become better in training to be trained anew like that, but ${best ? "its start is its best epoch" : "has no checkpoint"}; go on with \`hypertrain resume ${path}${best ? " --epochs N" : ""}\``,
  );
}

/** How many rows train a run, whose task nobody holds on to. @param look what is demanded of that task */
async function rowsOf(
  found: Config,
  options: LoadOptions,
  look: (own: NamedTask) => Promise<void>,
): Promise<number> {
  const own = await loadTask(found, options);
  await look(own);
  return own.task.data.train.rows;
}

/** The steps of an epoch of the run that is refitted. */
const foundEpochSteps = ({ step, epoch }: TracePoint): number => step / epoch;

/**
 * The job of a run with its validation rows among the training rows, for plain training, and how many rows trained before.
 *
 * @param look what is demanded of the run's own task
 */
async function joinedJob(
  found: Config,
  best: TracePoint,
  signal: AbortSignal,
  look: (own: NamedTask) => Promise<void>,
): Promise<{ readonly before: number; readonly job: Job }> {
  const options = { signal, kept: readOnce() };
  const before = await rowsOf(found, options, look);
  const [loaded, engine] = await Promise.all([
    loadTask(found, { ...options, joined: true }),
    openEngine(found),
  ]);
  const warning = "the validation rows were trained on, so that the validation loss says nothing of new rows";
  const ofData = loaded.warnings.filter(({ about }) => about === "data"); // nothing is tuned
  const named = { ...loaded, warnings: [...ofData, ...warningsOn("options", [warning])] };
  const epochs = best.trial ? trialEpochsOf(found, foundEpochSteps(best)) : found.epochs;
  const { guard: _guard, ...kept } = found; // nothing is tuned on the validation rows
  const { train, valid } = loaded.task.data;
  const config: SizedConfig = {
    ...sizedConfig(kept, train.rows - valid.rows),
    ...{ method: "fixed", baseline: false, optimizer: optimizerOf(found) },
    ...(epochs !== undefined && { epochs }),
  };
  return { before, job: { config, named, engine } };
}

/** Trains to the end and keeps the last weights; nothing where it was interrupted. */
async function record(run: Run, folder: RunFolder, view: ProgressView) {
  try {
    for await (const event of run.events()) {
      if (event.kind === "start") await beginTrace(folder.metrics, event.trace);
      if (event.kind === "epoch") await appendTrace(folder.metrics, event.trace);
      view.see(event);
      if (event.kind !== "end") continue;
      if (event.reason === "interrupted") return undefined;
      const snapshot = await run.snapshot();
      await writeCheckpoint(folder.checkpoint, snapshot);
      return { final: event.final, weights: await run.weights("last") };
    }
    throw new Error("internal: a run must tell its end");
  } finally {
    view.close();
  }
}
