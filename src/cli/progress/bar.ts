import cliProgress from "cli-progress";

import { neutralised } from "../../util/text.ts";
import { paint } from "../terminal/paint.ts";
import { look } from "./look.ts";
import { follow, isUnderWay, type OpenView } from "./progress.ts";

/**
 * A bar with losses and time left, and the hyperparameters in a line below it: for a terminal.
 *
 * @param write for remarks where there is no bar; beside one they go above it, since it is drawn again and again
 */
export function barProgress(
  stream: NodeJS.WriteStream,
  write: (line: string) => void,
): { readonly progress: OpenView; note(line: string): void } {
  let note = write;
  const progress: OpenView = (phase) => {
    const standing = follow(phase);
    const bars = new cliProgress.MultiBar({
      ...look,
      stream,
      autopadding: true,
    });
    const format =
      `${phase.name.padEnd(WIDTH)} {bar} {percentage}%  epoch {epoch}  train {trainLoss}  ` +
      "valid {validLoss}  {time}";
    let shown: { readonly bar: cliProgress.SingleBar; readonly hypers: cliProgress.SingleBar } | undefined;
    return {
      see(event) {
        const now = standing(event);
        if (isUnderWay(event)) {
          shown ??= {
            bar: bars.create(1, 0, { ...now }, { format }),
            hypers: bars.create(1, 0, { ...now }, { format: `${"".padEnd(WIDTH)} {hypers}` }),
          };
          note = (line) => bars.log(`${paint(neutralised(line), stream)}\n`);
        }
        shown?.bar.update(now.done, { ...now });
        shown?.hypers.update(now.done, { ...now });
      },
      close() {
        if (shown) bars.update(); // with the remarks that wait
        bars.stop();
        note = write;
      },
    };
  };
  return { progress, note: (line) => note(line) };
}

/** The width of the longest name of a phase. */
const WIDTH = "linear model".length;
