import { unitSentences, type NamedUnit } from "../../src/report/loss-unit.ts";
import type { Series } from "../chart.tsx";

/*
 * What views have in common.
 */

/** The names of lines beside their colours. */
export const Legend = ({ series }: { series: readonly Series[] }) => (
  <p class="legend">
    {series
      .filter(({ name }) => name !== undefined)
      .map(({ name, color, dash }) => (
        <span key={name}>
          <i class={dash ? "dashed" : undefined} style={{ color: `var(--${color})` }} /> {name}
        </span>
      ))}
  </p>
);

/** What the losses of a table are in, where that is not plain. */
export const Units = ({ of }: { of: readonly NamedUnit[] }) => (
  <>
    {unitSentences(of).map((sentence) => (
      <p class="caption" key={sentence}>
        {sentence}
      </p>
    ))}
  </>
);

/** A state as a word with a colour. */
export const State = ({ state }: { state: string }) => <span class={`state ${state}`}>{state}</span>;

/** A box to tick. */
export const Check = ({ label, is, set }: { label: string; is: boolean; set: (is: boolean) => void }) => (
  <label>
    <input type="checkbox" checked={is} onChange={(event) => set(event.currentTarget.checked)} /> {label}
  </label>
);

/** The most that have a colour of their own. */
export const COLORS = 8;
