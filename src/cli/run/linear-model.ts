import type { TracePoint } from "../../api/trace.ts";
import { mlp } from "../../nn/mlp.ts";
import type { Environment, RunOptions } from "../../tuners/run.ts";
import { HypertrainError } from "../../util/error.ts";
import { sizeOf } from "../../util/host-array.ts";
import type { Config, SizedConfig } from "../config/config.ts";
import { hypersOf } from "../config/hypers.ts";
import type { Job } from "./job.ts";
import { methodRun } from "./method-run.ts";
import { sizesOf } from "../registry/networks.ts";
import { linearDecay } from "./linear-decay.ts";
import type { OpenView } from "../progress/progress.ts";
import { plainTask } from "../registry/tasks.ts";
import { configOfRival } from "./run-options.ts";

/** Whether the network has hidden layers, without which it would be a linear model. */
const hasHiddenLayers = ({ model, hidden }: Config): boolean =>
  (model === "mlp" || model === "wide-and-deep") && hidden?.length !== 0;

/**
 * The best point of a linear model on the rows of a table, trained as its network was with a weight decay held (`linearDecay`): what a
 * network must beat to be worth its weights.
 *
 * @returns nothing where the data is no table, where the network is linear itself, or where the training was interrupted or diverged
 */
export async function linearModel(
  job: Job,
  options: RunOptions,
  { clock, signal, progress }: Environment & { readonly signal: AbortSignal; readonly progress: OpenView },
): Promise<TracePoint | undefined> {
  const { config, named, engine } = job;
  const { supervised, report } = named;
  if (!supervised || !report || !hasHiddenLayers(config)) return undefined;
  const { data, loss, classWeights } = supervised;
  const network = mlp({ inputs: sizeOf(data.inputShape), hidden: [], outputs: data.outputs });
  const hypers = hypersOf(network, { "l2.*": linearDecay(sizesOf(data)) });
  const task = plainTask(config, { data, network, hypers, loss, ...(classWeights && { classWeights }) });
  const { hidden: _hidden, hyper: _hyper, ...others } = configOfRival(job);
  const held: SizedConfig = { ...others, model: "linear" };
  try {
    const run = await methodRun(held, { ...named, task }, engine, options, { clock, signal });
    const view = progress({ name: "linear model", timeLimit: Infinity });
    try {
      for await (const event of run.events()) {
        view.see(event);
        if (event.kind === "end") return event.reason === "interrupted" ? undefined : event.best;
      }
    } finally {
      view.close();
      run.dispose();
    }
  } catch (error) {
    if (!(error instanceof HypertrainError && error.code === "work")) throw error; // it diverged
  }
  return undefined;
}
