/*
 * What the job of a run must have in common with it even where it goes on by force, with a problem, a network or data that are not what they were.
 */
import type { Origin } from "../../artifacts/origin.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { listed } from "../../data/quote.ts";
import { isSearch } from "../../methods/lookup.ts";
import type { Snapshot } from "../../tuners/snapshot.ts";
import { inputError } from "../../util/error.ts";
import { HostArray, sizeOf, type HostTree } from "../../util/host-array.ts";
import type { Job } from "./job.ts";
import type { RunContext } from "./record-training.ts";
import { demandSameModule, otherModule } from "./same-module.ts";

/**
 * A problem that was changed may have other hyperparameters than those whose values are kept.
 *
 * @throws {HypertrainError}
 */
export function demandSameHypers(path: string, { config, named }: Job, { progress }: Snapshot): void {
  if (isSearch(config.method)) return; // whose own history must fit
  const then = Object.keys(progress.last.hyperparameters);
  const now = Object.keys(named.task.problem.space.hypers);
  const odd = [...then.filter((name) => !now.includes(name)), ...now.filter((name) => !then.includes(name))];
  if (odd.length === 0) return;
  throw inputError(
    `the hyperparameters of ${config.problem ?? config.model} must be those of ${path}, but ${listed(odd)} ${odd.length === 1 ? "is" : "are"} of one of the two alone; restore that file`,
  );
}

/**
 * A network that was changed may have no place for the weights of before.
 *
 * @throws {HypertrainError}
 */
export function demandSameLayers(path: string, { config, named }: Job, weights: HostTree): void {
  const { layers, models = 1 } = named.task.problem;
  const odd = layers?.find(({ name, weight }) => {
    const own = (weights as Readonly<Record<string, { readonly weight?: HostTree } | undefined>>)[name]
      ?.weight;
    return !(own instanceof HostArray) || own.data.length !== models * sizeOf(weight.shape);
  });
  if (!odd) return;
  throw inputError(
    `the layers of ${config.problem ?? config.model} must be those that ${path} has trained, but "${odd.name}" is not among these in its shape; restore that file`,
  );
}

/**
 * Weights are worth nothing to a network that does otherwise with them. Another problem goes on by force, which is told.
 *
 * @throws {HypertrainError}
 */
export async function demandKnownModule(
  folder: RunFolder,
  origin: Origin | undefined,
  job: Job,
  { force, note }: { readonly force: boolean } & Pick<RunContext, "note">,
): Promise<void> {
  const isProblem = job.config.problem !== undefined;
  const mend = isProblem ? ", or go on all the same with --force" : "";
  if (!force) return demandSameModule(folder, origin, job, mend);
  const other = await otherModule(origin, job);
  if (!other) return;
  if (!isProblem) throw other;
  note(`warning: ${other.message.split("; ")[0]}; going on with it all the same`);
}
