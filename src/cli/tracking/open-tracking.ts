import { basename, dirname, resolve } from "node:path";

import type { Config } from "../config/config.ts";
import { partOf } from "../config/fields.ts";
import { keptConfig } from "../run/run-config.ts";
import { mlflow } from "./mlflow.ts";
import { tensorboard } from "./tensorboard.ts";
import { allTrackers, type TrackedParam, type Tracker } from "./tracker.ts";

/** What a command tells its trainings to; disposing waits for what is on its way, and notes what could not be told. */
export interface Tracking extends AsyncDisposable {
  /** Absent where nobody asked for one. */
  readonly tracker?: Tracker;
}

/**
 * Opens what a configuration names.
 *
 * @param experiment what MLflow is to call it, unless `MLFLOW_EXPERIMENT_NAME` says so
 * @throws {HypertrainError} for a folder that cannot be made, or an address that is none.
 */
export async function openTracking(
  config: Pick<Config, "tensorboard" | "mlflow">,
  experiment: string,
  note: (line: string) => void,
): Promise<Tracking> {
  const clock = { now: () => Date.now() }; // others show when things happened
  const { env } = process;
  const trackers = [
    ...(config.tensorboard === undefined ? [] : [await tensorboard(config.tensorboard, clock)]),
    ...(config.mlflow === undefined
      ? []
      : [
          mlflow({
            ...{ url: config.mlflow, clock, env },
            experiment: env["MLFLOW_EXPERIMENT_NAME"] || experiment,
          }),
        ]),
  ];
  if (trackers.length === 0) return { async [Symbol.asyncDispose]() {} };
  const tracker = allTrackers(trackers);
  return {
    tracker,
    async [Symbol.asyncDispose]() {
      for (const line of await tracker.close()) note(line);
    },
  };
}

/** What a training in a run folder is called. */
export function trackedName(folder: string, phase = ""): { readonly name: string; readonly parent?: string } {
  const path = resolve(folder);
  if (phase !== "baseline") return { name: basename(path) };
  const parent = basename(dirname(path));
  return { name: `${parent}/${phase}`, parent };
}

/** A configuration by fields, as a tracker shows it. @param lossUnit what its losses are in, where that is not plain */
export function paramsOf(config: Config, lossUnit?: string): Readonly<Record<string, TrackedParam>> {
  const trained = partOf(keptConfig(config) as Partial<Config>, "training", "machine");
  const given = Object.entries(trained).flatMap(([name, value]): [string, TrackedParam][] =>
    value === undefined ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : value]],
  );
  return { ...Object.fromEntries(given), ...(lossUnit !== undefined && { lossUnit }) };
}
