import type { Snapshot } from "../../tuners/snapshot.ts";
import { inputError } from "../../util/error.ts";
import { parseConfig, secondsOf, type Config } from "../config/config.ts";
import { flagOf } from "../config/fields.ts";
import { demandUseful } from "../config/useful-fields.ts";
import { count } from "../../util/words.ts";

/** How a run may go on otherwise than it was begun. */
export interface LongerFlags {
  /** How long the run is to be in all: this or `time`; default: as it was. */
  readonly epochs?: number;
  /** How long it is to train in all, such as `60s`. */
  readonly time?: string;
  /** Of the engine onnx, from here on; default: as it was. */
  readonly threads?: number;
}

/**
 * The configuration of a run that goes on from a snapshot, where there is one, to another length or on another number of threads.
 *
 * @throws {HypertrainError} for a length that has been reached, and for flags that are of no use to the run.
 */
export const longerConfig = (config: Config, flags: LongerFlags, from: Snapshot | undefined): Config =>
  onThreads(lengthened(config, flags, from), flags);

/** With another number of threads. */
function onThreads(config: Config, { threads }: LongerFlags): Config {
  if (threads === undefined) return config;
  demandUseful({ threads }, config, [config.method], flagOf);
  return { ...config, threads: parseConfig({ threads }, flagOf).threads };
}

/** With more epochs or time, which then are the only end: other limits would end the run where it stands. */
function lengthened(config: Config, { epochs, time }: LongerFlags, from: Snapshot | undefined): Config {
  if (epochs === undefined && time === undefined) return config;
  if (epochs !== undefined && time !== undefined) {
    throw inputError(
      "--epochs or --time must say how long the run is to be in all, but got both; leave one out",
    );
  }
  const { epochs: before, time: _time, patience: _patience, ...rest } = config;
  if (config.schedule === "cosine" && (epochs === undefined || epochs !== before)) {
    throw inputError(
      `${epochs === undefined ? "--time" : "--epochs"} must be left out for a run with the schedule cosine, which ends where its learning rate does, but got ${epochs ?? time}`,
    );
  }
  const limit = parseConfig({ epochs, time }, flagOf);
  const { seconds = 0, last } = from?.progress ?? {};
  const epoch = last?.epoch ?? 0;
  if (epochs !== undefined && !(epochs > epoch)) {
    throw inputError(
      `--epochs must be more than the ${count(epoch, "epoch")} that ${epoch === 1 ? "is" : "are"} done, but got ${epochs}`,
    );
  }
  if (limit.time !== undefined && !(secondsOf(limit.time) > seconds)) {
    throw inputError(`--time must be more than the ${seconds.toFixed(1)} s that are done, but got ${time}`);
  }
  return { ...rest, ...(epochs === undefined ? { time: limit.time } : { epochs }) };
}
