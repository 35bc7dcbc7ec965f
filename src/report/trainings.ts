import type { TracePoint } from "../api/trace.ts";
import { frontOf, leastLoss, measuresOf, type Goals, type TrialMeasures } from "../search/goals.ts";
import { isOfCurve } from "../search/measures.ts";
import { isBetter } from "../tuners/best.ts";
import { dataTable } from "./data-table.ts";
import { formatHyper, formatLoss, formatValue } from "./format.ts";
import { html, type Html } from "./html.ts";

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

/**
 * How many trainings a search has begun: a training that came to no finite loss has no point in its trace.
 *
 * @param settled those that the search itself knows of, where it told: the last ones may have no point
 */
export const begunIn = (trace: readonly TracePoint[], settled = 0): number =>
  trace.reduce((begun, { trial }) => (trial ? Math.max(begun, trial.number + 1) : begun), settled);

/**
 * The trainings that came to no finite loss after a step, by their numbers; of the last one that is not known while it has no more than its start.
 *
 * @param begun how many there are
 */
export function lostIn(trace: readonly TracePoint[], begun = begunIn(trace)): readonly number[] {
  const told = trace.flatMap(({ trial }) => trial ?? []);
  const trained = new Set(told.flatMap(({ number, epoch }) => (epoch > 0 ? [number] : [])));
  const isUnderWay = (i: number) => i === begun - 1 && told.some(({ number }) => number === i);
  return Array.from({ length: begun }, (_, i) => i).filter((i) => !trained.has(i) && !isUnderWay(i));
}

/** The same in a sentence; undefined where there are none. */
export function lostSentence(trace: readonly TracePoint[], begun = begunIn(trace)): string | undefined {
  const lost = lostIn(trace, begun);
  if (lost.length === 0) return undefined;
  const numbers = lost.slice(0, NAMED).join(", ");
  const others = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : "";
  const named = lost.length === 1 ? `training ${numbers}` : `trainings ${numbers}${others}`;
  return `Of ${begun} trainings ${lost.length} came to no finite loss: ${named}. What is told of the search leaves them out.`;
}

/** How many trainings a sentence names. */
const NAMED = 8;

/** Rows that are shown, and hyperparameters that have a column. */
const [ROWS, COLUMNS] = [20, 12];

/**
 * A table of the best trainings; nothing for a run that is no search. Where it follows more than the loss, each measure has a column, and
 * of several objectives those on the front stand first.
 *
 * @param begun how many trainings the search has begun
 */
export function trainingsSection(
  trace: readonly TracePoint[],
  goals: Goals = leastLoss,
  begun = begunIn(trace),
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
  const lost = lostIn(trace, begun).length;
  const order =
    front > 0 ? `The ${front} on the front first, then by the loss: ${shown}` : `The best ${shown}`;
  return html`<section>
    <h2>Trainings</h2>
    <p class="caption">
      ${order} of ${trainings.length}, each at its lowest validation
      loss${lost > 0 ? `, and ${lost} more that came to no finite loss after a step` : ""}. All are in
      metrics.jsonl.
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
