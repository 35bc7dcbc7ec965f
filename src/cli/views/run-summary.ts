import { readOverview, type RunOverview } from "../../artifacts/overview.ts";
import type { Score } from "../../api/trace.ts";
import { shortLossUnit } from "../../report/loss-unit.ts";
import { HypertrainError } from "../../util/error.ts";

/** A run folder in a few words, as `hypertrain list --json` tells it. */
export interface RunSummary {
  /** The run folder. */
  readonly run: string;
  readonly state: RunOverview["state"] | "damaged";
  /** The data set, the file, or the module with the problem. */
  readonly data: string | null;
  readonly method: string | null;
  readonly seed: number | null;
  /** Epochs that are done. */
  readonly epochs: number | null;
  /** Epochs after which it ends; null where only something else ends it. */
  readonly of: number | null;
  /** The run that this one is a refit of, whose validation rows it has trained on; null of any other. */
  readonly refitted: string | null;
  /** Of the epoch whose network is kept, the best; of a refit the last. */
  readonly valid: Score | null;
  readonly test: Score | null;
  /** What the losses are in; null where that is plain, as cross-entropies are of classes that count alike by their rows. */
  readonly lossUnit: string | null;
  /** When its folder was last written to, as an ISO date. */
  readonly changed: string | null;
  readonly bytes: number | null;
  /** Why the folder cannot be read, where it is damaged. */
  readonly damage?: string;
}

/** A run folder in a few words. */
export function summaryOf({ folder, config, ...overview }: RunOverview): RunSummary {
  const { state, refitted = null, best, last, changed, files } = overview;
  const fields = config as Readonly<Record<string, unknown>>; // it is an object
  const { data, problem, method, seed, epochs } = fields;
  return {
    run: folder.path,
    state,
    data: textOr(problem) ?? textOr(data),
    method: textOr(method),
    seed: numberOr(seed),
    epochs: last?.epoch ?? null,
    of: numberOr(epochs),
    refitted,
    valid: best?.valid ?? null,
    test: best?.test ?? null,
    lossUnit: (best && shortLossUnit(best.valid, fields)) ?? null,
    changed,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The summary of a folder, also of one that cannot be read. */
export async function summaryAt(path: string): Promise<RunSummary> {
  try {
    return summaryOf(await readOverview(path));
  } catch (error) {
    if (!(error instanceof HypertrainError)) throw error;
    const nothing = { data: null, method: null, seed: null, epochs: null, of: null, refitted: null };
    return {
      run: path,
      state: "damaged",
      ...{ ...nothing, valid: null, test: null },
      lossUnit: null,
      changed: null,
      bytes: null,
      damage: error.message,
    };
  }
}

const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null);

const numberOr = (value: unknown): number | null => (typeof value === "number" ? value : null);
