import { isDeepStrictEqual } from "node:util";

import { fromPoint, coordinatesOf, toPoint } from "../../search/coordinates.ts";
import { createSpace, toUnconstrained, type Hyper, type HyperValues, type Space } from "../../space/space.ts";
import type { Storage, StudyActs, StudyReadings, StudyRecord } from "../../storage/storage.ts";
import { decimalOf } from "../../util/decimal.ts";
import { inputError } from "../../util/error.ts";
import { firstOf } from "../../util/first-of.ts";
import { nearest } from "../../util/nearest.ts";
import { oneLine } from "../../util/text.ts";
import { deathWatch } from "./death-watch.ts";
import { hyperLabels } from "./hyper-labels.ts";
import { isAsked, isCompared, readStudyConfig, type StoredStudyConfig } from "./study-config.ts";

/* What people do to studies, from the command line and the dashboard: each act says what came of it in a sentence. */

/** A study by its name. @throws {HypertrainError} where there is none. */
async function demandStudy(storage: StudyReadings, name: string): Promise<StudyRecord> {
  const found = await storage.find(name);
  if (found) return found;
  const names = (await storage.list()).map((study) => study.name);
  throw inputError(
    `a study of ${storage.name} must be named, but got "${name}"${nearest(name, names) || `; it has ${firstOf(names)}`}`,
  );
}

/** A study by its name or, without one, the only one of a store. @throws {HypertrainError} where that is none, or one of several. */
export async function theStudy(storage: StudyReadings, name: string | undefined): Promise<StudyRecord> {
  if (name !== undefined) return demandStudy(storage, name);
  const studies = await storage.list();
  const [only] = studies;
  if (only && studies.length === 1) return only;
  throw inputError(
    `a study of ${storage.name} must be named, but got no name; it has ${firstOf(studies.map((study) => study.name))}`,
  );
}

/** Lets the workers of a study end. */
export async function stopStudy(storage: Storage, name: string): Promise<string> {
  const study = await demandStudy(storage, name);
  if (study.state === "done") return `${name} is done; nothing was changed`;
  const config = readStudyConfig(study);
  await storage.stop(name);
  return isAsked(config)
    ? `${name} is stopped: programs get no more trials, those under way can be told, and creating it again goes on with it`
    : `${name} is stopped; trials under way go to their ends, and ${goesOn(config)}`;
}

/** What goes on with a study of hypertrain's own. */
const goesOn = (config: StoredStudyConfig): string =>
  `\`hypertrain ${isCompared(config) ? "compare" : "tune"}\` goes on with it`;

/** Removes a study. @throws {HypertrainError} while it is worked on. */
export async function deleteStudy(storage: Storage, name: string): Promise<string> {
  await demandStudy(storage, name);
  await deathWatch(storage, name, performance, () => undefined)();
  const held = await storage.held(name);
  if (held.length > 0) {
    throw inputError(
      `a study that is deleted must not be worked on, but ${held.length} of the trials of "${name}" are; stop it and wait for them`,
    );
  }
  const missed = await storage.remove(name);
  const left = `, but artifacts in ${missed.join(", ")} are out of reach: they go with the next change of a study by whoever reaches them`;
  return `${name} is deleted${missed.length > 0 ? left : ""}`;
}

/** Lets a trial to come try values, given as NAME=VALUE. @throws {HypertrainError} for values that the space has not, or a study without trials left. */
export async function enqueueValues(
  storage: Storage,
  name: string,
  assignments: readonly string[],
): Promise<string> {
  const study = await demandStudy(storage, name);
  const config = readStudyConfig(study);
  if (isCompared(config)) {
    throw inputError(
      `a study that tries values must be a search, but "${name}" is a comparison; choose another`,
    );
  }
  const { state } = study;
  const values = valuesOf(assignments, createSpace(config.space));
  const before = await storage.enqueued(name);
  if (state !== "done" && before.some((one) => isDeepStrictEqual(one, values))) {
    return `${name} has these values waiting already; nothing was added`;
  }
  const waiting = await enqueue(storage, name, values);
  const tried = (await storage.trials(name)).find((trial) =>
    isDeepStrictEqual({ ...trial.values, ...values }, trial.values),
  );
  const again = tried ? `, although trial ${tried.number} has them, too` : "";
  const goes = isAsked(config) ? "it is created again" : goesOn(config);
  const when = state === "stopped" ? `when ${goes}` : "in a trial to come";
  return `${name} tries these values ${when}${again}; ${waiting} waiting`;
}

/**
 * Lets a trial to come try values of the study's space.
 *
 * @returns how many wait then
 * @throws {HypertrainError} for a study without trials left.
 */
export async function enqueue(
  storage: Storage,
  name: string,
  values: Readonly<HyperValues>,
): Promise<number> {
  const study = await demandStudy(storage, name);
  const config = readStudyConfig(study);
  const { trials } = config;
  const more = isAsked(config)
    ? "create it with more through `hypertrain serve`"
    : "begin `hypertrain tune` with more --trials";
  if (study.state === "done") {
    throw inputError(
      `a study that tries values must have trials left, but "${oneLine(name)}" is done with its ${trials}; ${more} first`,
    );
  }
  const { added, made, waiting } = await storage.enqueue(name, values, (now) => readStudyConfig(now).trials);
  if (added) return waiting;
  throw inputError(
    `a study that tries values must have trials left, but "${oneLine(name)}" has made ${made} of its ${trials}, and ${waiting} are waited for by other values; ${more} first`,
  );
}

/** Lets a trial that has not ended fail. @throws {HypertrainError} where it has. */
export async function failTrial(
  storage: StudyReadings & StudyActs,
  name: string,
  trial: number,
): Promise<string> {
  const { state } = await demandTrial(storage, name, trial);
  if (!(await storage.fail(name, trial, "it was ended by hand"))) {
    throw inputError(
      `a trial that is ended must wait, run or be paused, but trial ${trial} of "${name}" is ${state}; choose another`,
    );
  }
  return `trial ${trial} has failed${state === "running" ? "; its worker gives it up at the next evaluation" : ""}`;
}

/** Lets a trial that failed be trained once more. @throws {HypertrainError} where it did not fail. */
export async function retryTrial(
  storage: StudyReadings & StudyActs,
  name: string,
  trial: number,
): Promise<string> {
  const { state, checkpoint } = await demandTrial(storage, name, trial);
  if (!(await storage.retry(name, trial))) {
    throw inputError(
      `a trial that is tried again must have failed, but trial ${trial} of "${name}" is ${state}; enqueue its values to try them once more`,
    );
  }
  return `trial ${trial} waits for a worker, ${checkpoint === undefined ? "to start anew" : "to go on from its checkpoint"}`;
}

/** Keeps a note about a study, or about one of its trials; an empty one is removed. @throws {HypertrainError} for what is too long. */
export async function annotate(
  storage: Storage,
  name: string,
  trial: number | undefined,
  text: string,
): Promise<string> {
  if (trial === undefined) await demandStudy(storage, name);
  else await demandTrial(storage, name, trial);
  if (text.length > MOST_NOTE) {
    throw inputError(`a note must have at most ${MOST_NOTE} characters, but has ${text.length}; shorten it`);
  }
  await storage.annotate(name, trial, text.trim());
  return text.trim() === "" ? "the note is removed" : "the note is kept";
}

/** The most characters of a note. */
const MOST_NOTE = 10_000;

async function demandTrial(storage: StudyReadings, name: string, number: number) {
  await demandStudy(storage, name);
  const { trials, of } = await storage.someTrials(name, { numbers: [number] });
  const [trial] = trials;
  if (trial) return trial;
  throw inputError(
    `a trial of "${name}" must be named by its number, but got ${number}; it has ${of === 0 ? "none" : `0 to ${of - 1}`}`,
  );
}

/** Reads `name=value` by the space's kinds, and checks that each value is one of the space. */
function valuesOf(assignments: readonly string[], space: Space): HyperValues {
  const labels = new Map([...hyperLabels(space.names)].map(([name, label]) => [label, name]));
  const values: Record<string, HyperValues[string]> = {};
  for (const text of assignments) {
    const [called = "", ...rest] = text.split("=");
    const name = Object.hasOwn(space.hypers, called)
      ? called
      : (labels.get(called) ?? labels.get(called.replace(/^hyper:/, ""))); // as where a measure is called so
    const value = rest.join("=");
    if (name !== undefined && value === "") {
      throw inputError(
        `values must be given as NAME=VALUE, but "${oneLine(text)}" has no value; write for example ${called}=0.1`,
      );
    }
    if (name === undefined) {
      throw inputError(
        `values must be given as NAME=VALUE with a hyperparameter of the study, but got "${oneLine(text)}"${nearest(called, space.names) || `; it has ${space.names.join(", ")}`}`,
      );
    }
    if (Object.hasOwn(values, name)) {
      throw inputError(`each name must be given once, but got "${oneLine(name)}" twice; leave one out`);
    }
    values[name] = valueIn(value, name, space.hypers[name] as Hyper);
  }
  demandValues(space, values);
  return values;
}

/** Demands that values, maybe of some hyperparameters only, are of a space. @throws {HypertrainError} for the first that is not. */
export function demandValues(space: Space, values: Readonly<HyperValues>): void {
  const middle = fromPoint(space, new Float64Array(coordinatesOf(space).length).fill(0.5));
  const whole = { ...middle, ...values };
  toPoint(space, whole); // which says so where a value is none of the space
  toUnconstrained(space, whole); // and this where it is an end of its range
}

function valueIn(text: string, name: string, hyper: Hyper): HyperValues[string] {
  if (hyper.kind === "choice") return hyper.options.find((option) => String(option) === text) ?? text;
  const value = decimalOf(text);
  if (!Number.isNaN(value)) return value;
  throw inputError(
    `a value of "${oneLine(name)}" must be a number, but got "${oneLine(text)}"; write for example ${name}=${hyper.start}`,
  );
}
