import type { TuneResult } from "../api/result.ts";
import type { TracePoint } from "../api/trace.ts";
import { frontOf, leastLoss, measuresOf, type Goals, type TrialMeasures } from "../search/goals.ts";
import { isOfCurve } from "../search/measures.ts";
import { isBetter } from "../tuners/best.ts";
import type { FailedTraining } from "../tuners/run.ts";
import { dataTable } from "./data-table.ts";
import { formatHyper, formatLoss, formatValue } from "./format.ts";
import { html, type Html } from "./html.ts";
import { HYPER } from "./remarks/remark.ts";

/** A training of a search, at its lowest validation loss. */
export interface SearchTraining {
  readonly number: number;
  /** How long it was trained in all. */
  readonly epochs: number;
  readonly best: TracePoint;
  /** What it has measured, in a search with objectives. */
  readonly measures?: TrialMeasures | undefined;
}

/** The trainings of a search from the best; none of a run that is no search. */
export function trainingsOf(trace: readonly TracePoint[]): SearchTraining[] {
  const found = new Map<number, SearchTraining>();
  for (const point of trace) {
    if (!point.trial) continue;
    const { number, epoch, measures } = point.trial;
    const before = found.get(number)?.best;
    const best = before && !isBetter(point, before) ? before : point;
    found.set(number, { number, epochs: epoch, best, measures });
  }
  return [...found.values()].sort(
    (a, b) => Number(isBetter(b.best, a.best)) - Number(isBetter(a.best, b.best)) || a.number - b.number,
  );
}

/** A training of a search that failed, with what it was trained with where that is known. */
export type LostTraining = Pick<FailedTraining, "number"> & Partial<FailedTraining>;

/** How many trainings a search has begun; those that failed may have no point in its trace. */
export const begunIn = (trace: readonly TracePoint[], failed: readonly LostTraining[] = []): number =>
  Math.max(0, ...[...trace.flatMap(({ trial }) => trial ?? []), ...failed].map(({ number }) => number + 1));

/** The trainings that must have failed, as far as a trace alone tells: those before its last that have no point after a step. */
export function lostIn(trace: readonly TracePoint[]): readonly LostTraining[] {
  const told = trace.flatMap(({ trial }) => trial ?? []);
  const trained = new Set(told.flatMap(({ number, epoch }) => (epoch > 0 ? [number] : [])));
  return Array.from({ length: Math.max(0, begunIn(trace) - 1) }, (_, number) => ({ number })).filter(
    ({ number }) => !trained.has(number),
  );
}

/** How many trainings failed, where, and what to do, in a sentence; undefined where none did. */
export function failedSentence(
  trace: readonly TracePoint[],
  failed: readonly LostTraining[],
): string | undefined {
  if (failed.length === 0) return undefined;
  const begun = begunIn(trace, failed);
  const [shown, others] = [failed.slice(0, NAMED), failed.length - NAMED];
  const names = `${failed.length === 1 ? "training" : "trainings"} ${shown.map(({ number }) => number).join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
  const said = `${failed.length} of ${begun} trainings diverged (${names})`;
  const apart = whereFailed(trace, failed);
  if (apart !== undefined)
    return `${said}, ${failed.length === 1 ? "" : "all "}with ${apart}: narrow its range (${HYPER}).`;
  return 2 * failed.length < begun
    ? `${said}.`
    : `${said}: narrow the ranges of the hyperparameters (${HYPER}).`;
}

/** What tells the trainings that failed from the others: a learning rate above theirs, or else the one hyperparameter that does, where this is hardly chance. */
function whereFailed(trace: readonly TracePoint[], failed: readonly LostTraining[]): string | undefined {
  const numbers = new Set(failed.map(({ number }) => number));
  const finite = trace.filter(({ trial }) => trial && trial.epoch > 0 && !numbers.has(trial.number));
  const names = Object.keys(failed[0]?.values ?? {});
  const found = names.flatMap((name): readonly (readonly [name: string, text: string])[] => {
    const own = finite.map(({ hyperparameters }) => Number(hyperparameters[name]?.value ?? NaN));
    const lost = failed.map(({ values }) => Number(values?.[name] ?? NaN));
    const [least, most] = [Math.min(...lost), Math.max(...lost)];
    if (own.length === 0) return [];
    if (least > Math.max(...own)) return [[name, `${name} of ${formatHyper({ value: least }, 4)} or more`]];
    if (most < Math.min(...own)) return [[name, `${name} of ${formatHyper({ value: most }, 4)} or less`]];
    return [];
  });
  const rate = found.find(([name, text]) => name === "lr" && text.endsWith("more"));
  if (rate) return rate[1];
  const others = new Set(finite.map(({ trial }) => trial?.number)).size;
  const isSure = Math.min(failed.length, others) >= SURE;
  return isSure && found.length === 1 ? found[0]?.[1] : undefined;
}

/** Trainings on both sides by which a hyperparameter tells them apart by chance in one case of ten, at most. */
const SURE = 3;

/** How many trainings a sentence names. */
const NAMED = 8;

/** Rows that are shown, and hyperparameters that have a column. */
const [ROWS, COLUMNS] = [20, 12];

/**
 * A table of the best trainings; nothing for a run that is no search. Where it follows more than the loss, each measure has a column, and
 * of several objectives those on the front stand first.
 *
 * @param counts how many trainings the search has begun, and how many of them failed
 */
export function trainingsSection(
  trace: readonly TracePoint[],
  goals: Goals = leastLoss,
  { trainings: begun = begunIn(trace), failed = 0 }: Pick<TuneResult, "trainings" | "failed"> = {},
): Html {
  const { front, trainings } = frontFirst(trainingsOf(trace), goals);
  const [first] = trainings;
  if (!first) return html``;
  const names = Object.keys(first.best.hyperparameters).slice(0, COLUMNS);
  const followed = measuresOf(goals).filter((name) => !isOfCurve(name));
  const hasTest = first.best.test !== undefined;
  const cells = ({ number, epochs, measures, best }: SearchTraining): string[] => [
    String(number),
    String(Math.round(epochs * 100) / 100),
    formatLoss(best.valid.loss),
    ...(hasTest ? [formatLoss(best.test?.loss)] : []),
    ...followed.map((name) => formatValue(measures?.[name])),
    ...names.map((name) => {
      const point = best.hyperparameters[name];
      return point ? formatHyper(point) : "–";
    }),
  ];
  const headings = ["Training", "Epochs", "Validation loss", ...(hasTest ? ["Test loss"] : [])];
  const shown = Math.min(ROWS, trainings.length);
  const order =
    front > 0 ? `The ${front} on the front first, then by the loss: ${shown}` : `The best ${shown}`;
  return html`<section>
    <h2>Trainings</h2>
    <p class="caption">
      ${order} of ${trainings.length}, each at its lowest validation
      loss${failed > 0 ? `; ${failed} of all ${begun} diverged` : ""}. All are in metrics.jsonl.
    </p>
    ${dataTable([...headings, ...followed, ...names], trainings.slice(0, ROWS).map(cells))}
  </section>`;
}

/** Trainings with those on the front of several objectives before the others, and how many these are. */
function frontFirst(
  trainings: readonly SearchTraining[],
  goals: Goals,
): { readonly front: number; readonly trainings: readonly SearchTraining[] } {
  if (goals.objectives.length < 2) return { front: 0, trainings };
  const measured = trainings.filter(({ measures }) => measures);
  const front = frontOf(measured, ({ measures = {} }) => measures, goals);
  return { front: front.length, trainings: [...front, ...trainings.filter((one) => !front.includes(one))] };
}
