import { dirname, join } from "node:path";

import { coordinateNames, type Space } from "../../space/space.ts";
import { transformOf, type TunableHyper } from "../../space/transform.ts";
import { responseCurve, type ResponsePoint } from "../../tuners/response-curve.ts";
import { inputError } from "../../util/error.ts";
import type { HostArray, HostTree } from "../../util/host-array.ts";
import { nearest } from "../../util/nearest.ts";
import { formatNumber } from "../../util/format-number.ts";
import { formatLoss, formatTable } from "../../report/format.ts";
import { oneLine } from "../../util/text.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import { INTERRUPTED, listenForInterrupt } from "../terminal/interrupt.ts";
import { loadJob, stepsPerEpochOf } from "../run/job.ts";
import { isSearch } from "../../methods/lookup.ts";
import { tunerOf } from "../registry/tuners.ts";
import { drawResponse } from "../views/response-chart.ts";
import { readCheckpoint } from "../../artifacts/checkpoint.ts";
import { makeFolder, writeWhole } from "../../artifacts/disk.ts";
import { readOrigin } from "../../artifacts/origin.ts";
import { openConfiguredRun } from "../run/run-config.ts";
import { demandSameData, withFoundData, type DataFlags } from "../run/run-data.ts";
import { withTrustedModule, type ModuleFlags } from "../run/run-module.ts";
import { demandSameModule } from "../run/same-module.ts";
import { demandWritable, type WriteNamed } from "../files/written-file.ts";
import { encodeTensors } from "../../util/safetensors.ts";

/** What `hypertrain response` accepts, as it was typed. */
export interface ResponseFlags extends ModuleFlags, DataFlags {
  /** The hyperparameter that varies; of one with many elements all, or one of them as `l2.each[3]`. */
  readonly hyper?: string;
  /** Natural units. */
  readonly from?: number;
  readonly to?: number;
  /** Default 25. */
  readonly points?: number;
  /** A file for the predicted weights. */
  readonly weights?: string;
  /** Writes over files that are there. */
  readonly force?: boolean;
  /** A folder for the curve; default `response` in the run folder. */
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * Predicts the losses over one hyperparameter from a run's response, the others held where the run ended, and plots them.
 *
 * @returns the exit code
 */
export async function response(path: string, flags: ResponseFlags): Promise<number> {
  const { weights, out, force } = flags;
  const write = await demandWritable(
    { "--weights": weights, "--out": out === undefined ? out : { folder: out, files: curveFiles(flags) } },
    { force, run: path },
  );
  const { folder, config: written } = await openConfiguredRun(path);
  const origin = await readOrigin(folder);
  const trusted = await withTrustedModule(folder, origin, written, flags, {
    doing: "its response",
    always: "--trust",
  });
  const config = withFoundData(folder, trusted, flags);
  if (isSearch(config.method)) {
    throw inputError(
      `${path} must be a run with a response, but it is a search (${config.method}); tune with delta-stn or hyper-training`,
    );
  }
  const checkpoint = await readCheckpoint(folder.checkpoint);
  if (!checkpoint) {
    throw inputError(`${path} must hold a checkpoint, but its run was stopped before the first; resume it`);
  }
  using interrupt = listenForInterrupt(note);
  const job = await loadJob(config, { signal: interrupt.signal, onFallback: note });
  await demandSameData(folder, origin, config, () => job.named, flags);
  await demandSameModule(folder, origin, job);
  const { task } = job.named;
  if (checkpoint.warning !== undefined) note(`warning: ${checkpoint.warning}`);
  const { state } = checkpoint.snapshot;
  const current = Array.from((state.hypers as HostArray).data);
  const range = rangeOf(flags, task.problem.space);
  const tuner = await tunerOf(job.config, stepsPerEpochOf(job.config, job.named));

  const places = gridOf(range).map((value) => ({ value, at: movedTo(current, range, value) }));
  const curve: CurvePoint[] = [];
  const { precision, seed } = config;
  const points = places.map(({ at }) => at);
  const options = { precision, seed, weights: weights !== undefined };
  const predictions = responseCurve(task, tuner, job.engine, state, points, options);
  for await (const prediction of predictions) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    curve.push({ value: (places[curve.length] as { value: number }).value, ...prediction });
  }
  const lossUnit = job.named.supervised && lossUnitOf(job.named.supervised);
  const place =
    out === undefined ? { folder: join(folder.path, "response"), write: writeWhole } : { folder: out, write };
  await present({ curve, range, current, lossUnit, place }, flags);
  if (weights !== undefined) await writeWeights(weights, curve, write);
  return 0;
}

/** The prediction at one value of the hyperparameter that varies. */
type CurvePoint = ResponsePoint & { readonly value: number };

interface Range {
  readonly name: string;
  readonly hyper: TunableHyper;
  /** The coordinates that take the value. */
  readonly coordinates: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

const note = (line: string) => void process.stderr.write(`${line}\n`);

function rangeOf({ hyper: given, from, to, points = 25 }: ResponseFlags, space: Space): Range {
  const known = space.names.join(", ");
  if (given === undefined)
    throw inputError(
      `--hyper must name the hyperparameter that varies, but is missing; name one of ${known}`,
    );
  const [, name = given, element] = /^(.*?)(?:\[(\d+)\])?$/.exec(given) ?? [];
  const hyper = Object.hasOwn(space.hypers, name) ? space.hypers[name] : undefined;
  if (!hyper || hyper.kind === "choice") {
    throw inputError(
      `--hyper must be one of ${known}, but got "${oneLine(given)}"${nearest(given, space.names)}`,
    );
  }
  if (from === undefined || to === undefined) {
    throw inputError(
      `--from and --to must say between which values ${name} varies, but ${from === undefined ? "--from" : "--to"} is missing; add it`,
    );
  }
  if (!(from < to)) {
    throw inputError(
      `--from < --to must hold in units of ${name}, but got ${from} and ${to}; swap or change them`,
    );
  }
  if (!Number.isInteger(points) || points < 2) {
    throw inputError(`--points must be an integer of at least 2, but got ${points}`);
  }
  const all = coordinateNames(space).flatMap((other, i) => (other === name ? [i] : []));
  const one = element === undefined ? all : all.slice(Number(element), Number(element) + 1);
  if (one.length === 0) {
    throw inputError(
      `--hyper must name an element from 0 to ${all.length - 1} of ${name}, but got ${element}`,
    );
  }
  for (const end of [from, to]) {
    if (!Number.isFinite(transformOf(hyper).inverse(end))) {
      const { low = -Infinity, high = Infinity } = hyper;
      throw inputError(
        `--from and --to must lie strictly between ${hyper.kind === "real" && hyper.log ? Math.max(low, 0) : low} and ${high}, the range of ${name}, but got ${end}`,
      );
    }
  }
  return { name: given, hyper, coordinates: one, from, to, points };
}

/** Even steps from one end to the other, of the logarithm on a log scale. */
function gridOf({ hyper, from, to, points }: Range): number[] {
  const share = (i: number) => i / (points - 1);
  const at = hyper.log
    ? (i: number) => Math.exp(Math.log(from) + share(i) * (Math.log(to) - Math.log(from)))
    : (i: number) => from + share(i) * (to - from);
  return Array.from({ length: points }, (_, i) => (i === 0 ? from : i === points - 1 ? to : at(i)));
}

const movedTo = (current: readonly number[], { hyper, coordinates }: Range, value: number): number[] => {
  const u = transformOf(hyper).inverse(value);
  const moved = [...current];
  for (const i of coordinates) moved[i] = u;
  return moved;
};

interface Presented {
  readonly curve: readonly CurvePoint[];
  readonly range: Range;
  readonly current: readonly number[];
  readonly lossUnit: string | undefined;
  readonly place: { readonly folder: string; readonly write: WriteNamed };
}

/** What the files of a curve are called: its numbers and its plot. */
function curveFiles({ hyper = "" }: Pick<ResponseFlags, "hyper">): readonly [string, string] {
  const name = hyper.replace(/[^\w.-]+/g, "-");
  return [`${name}.json`, `${name}.svg`];
}

async function present(
  { curve, range, current, lossUnit, place: { folder, write } }: Presented,
  flags: ResponseFlags,
): Promise<void> {
  const here = transformOf(range.hyper).forward(current[range.coordinates[0] as number] as number);
  const points = curve.map(({ value, train, valid, test }) => ({
    value,
    train: train.loss,
    penalty: train.penalty,
    valid: valid.loss,
    ...(test && { test: test.loss }),
  }));
  const best = points.reduce((a, b) => (b.valid < a.valid ? b : a));
  await makeFolder(folder);
  const [numbers, plot] = curveFiles(flags).map((name) => join(folder, name)) as [string, string];
  const document = `${JSON.stringify({ hyper: range.name, current: here, best, points, lossUnit })}\n`;
  const drawn = await drawResponse(points, { name: range.name, log: range.hyper.log, here });
  await write(numbers, document);
  await write(plot, `${drawn}\n`);
  const unit = lossUnit === undefined ? "" : `\n\n  ${lossUnit}`;
  const table = `${describe(points, range.name, best.value, here)}${unit}`;
  process.stdout.write(flags.json ? document : `${table}\n\n  plot   ${plot}\n`);
  if (flags.json) note(table);
}

function describe(
  points: readonly { value: number; train: number; penalty: number; valid: number; test?: number }[],
  name: string,
  best: number,
  here: number,
): string {
  const rows = points.map(({ value, train, penalty, valid, test }) => [
    formatNumber(value),
    formatLoss(train),
    formatLoss(penalty),
    formatLoss(valid),
    ...(test === undefined ? [] : [formatLoss(test)]),
    ...(value === best ? ["← lowest"] : []),
  ]);
  const heading = [name, "training loss", "penalty", "validation loss"];
  const test = points[0]?.test === undefined ? [] : ["test loss"];
  return `\n${formatTable([[...heading, ...test], ...rows])}\n\n  the run ended at ${formatNumber(here)}; far from where it trained, these are extrapolations`;
}

async function writeWeights(file: string, curve: readonly CurvePoint[], write: WriteNamed): Promise<void> {
  await makeFolder(dirname(file));
  const tensors = Object.fromEntries(curve.map(({ weights }, i) => [`point-${i}`, weights as HostTree]));
  const notes = { values: JSON.stringify(curve.map(({ value }) => value)) };
  await write(file, encodeTensors({ tensors, notes }));
  note(`the weights are in ${oneLine(file)}`);
}
