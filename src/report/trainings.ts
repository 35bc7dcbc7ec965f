import type { TracePoint } from "../api/trace.ts";
import { dataTable } from "./data-table.ts";
import { formatHyper, formatLoss } from "./format.ts";
import { html, type Html } from "./html.ts";

/** A training of a search, at its lowest validation loss. */
export interface SearchTraining {
  readonly number: number;
  /** How long it was trained in all. */
  readonly epochs: number;
  readonly best: TracePoint;
}

/** The trainings of a search from the lowest validation loss; none of a run that is no search. */
export function trainingsOf(trace: readonly TracePoint[]): SearchTraining[] {
  const found = new Map<number, SearchTraining>();
  for (const point of trace) {
    if (!point.trial) continue;
    const { number, epoch } = point.trial;
    const before = found.get(number)?.best;
    const best = before && before.valid.loss <= point.valid.loss ? before : point;
    found.set(number, { number, epochs: epoch, best });
  }
  return [...found.values()].sort((a, b) => a.best.valid.loss - b.best.valid.loss || a.number - b.number);
}

/** Rows that are shown, and hyperparameters that have a column. */
const [ROWS, COLUMNS] = [20, 12];

/** A table of the best trainings; nothing for a run that is no search. */
export function trainingsSection(trace: readonly TracePoint[]): Html {
  const trainings = trainingsOf(trace);
  const [first] = trainings;
  if (!first) return html``;
  const names = Object.keys(first.best.hyperparameters).slice(0, COLUMNS);
  const cells = ({ number, epochs, best: { valid, test, hyperparameters } }: SearchTraining): string[] => [
    String(number),
    String(Math.round(epochs * 100) / 100),
    formatLoss(valid.loss),
    ...(first.best.test ? [formatLoss(test?.loss)] : []),
    ...names.map((name) => {
      const point = hyperparameters[name];
      return point ? formatHyper(point) : "–";
    }),
  ];
  const headings = [
    "Training",
    "Epochs",
    "Validation loss",
    ...(first.best.test ? ["Test loss"] : []),
    ...names,
  ];
  const shown = Math.min(ROWS, trainings.length);
  return html`<section>
    <h2>Trainings</h2>
    <p class="caption">
      The best ${shown} of ${trainings.length}, each at its lowest validation loss. All are in metrics.jsonl.
    </p>
    ${dataTable(headings, trainings.slice(0, ROWS).map(cells))}
  </section>`;
}
