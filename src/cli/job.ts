import type { Engine } from "../engine/engine.ts";
import type { Config } from "./config.ts";
import { loadTask, openEngine, type LoadOptions, type NamedTask } from "./registry.ts";

/** A configuration with all that its names stand for. */
export interface Job {
  readonly config: Config;
  readonly named: NamedTask;
  readonly engine: Engine;
}

/** Loads the data, and the engine beside it. */
export async function loadJob(config: Config, options: LoadOptions): Promise<Job> {
  const [named, engine] = await Promise.all([loadTask(config, options), openEngine(config)]);
  return { config, named, engine };
}
