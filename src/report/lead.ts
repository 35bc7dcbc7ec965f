import type { TuneResult } from "../api/result.ts";
import { epochText, formatEpochs, formatLoss } from "./format.ts";
import { capital } from "../util/words.ts";
import { html, type Html } from "./html.ts";

/** What came of a run, in one sentence. */
export function lead({ best, final, baseline, ended, guard, refit }: TuneResult, methodTitle: string): Html {
  const loss = html`<strong>${formatLoss(best.valid.loss)}</strong>`;
  if (ended === "running") {
    return html`The run goes on; after epoch ${formatEpochs(final.epoch)} the lowest validation loss is
    ${loss}, at epoch ${epochText(best)}.`;
  }
  if (refit) {
    const how = refit.hold ? "with the hyperparameters of its best epoch held" : "along its schedule";
    return html`The network of <code>${refit.from}</code> was trained anew ${how}, on its training and
      validation rows together; only the test part is new to it.`;
  }
  if (!baseline && guard) {
    return html`The validation loss was ${loss} at epoch ${epochText(best)}, which has the lowest loss on the
    guard.`;
  }
  if (!baseline) return html`The lowest validation loss was ${loss}, at epoch ${epochText(best)}.`;
  const distance = distanceFrom(baseline.valid.loss, best.valid.loss);
  return html`${capital(methodTitle)} reached a validation loss of ${loss}, <strong>${distance}</strong> the
    same training with the starting hyperparameters held fixed (${formatLoss(baseline.valid.loss)}).`;
}

/** How far a loss lies from a rival's: a share of that, where it is above 0. */
function distanceFrom(rival: number, loss: number): string {
  const size = rival > 0 ? Math.abs(100 * (1 - loss / rival)).toFixed(0) : formatLoss(Math.abs(rival - loss));
  if (Number(size) === 0) return "as low as";
  return `${rival > 0 ? `${size} %` : size} ${loss < rival ? "below" : "above"}`;
}
