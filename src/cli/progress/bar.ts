import cliProgress from "cli-progress";

import { look } from "./look.ts";
import { follow, isUnderWay, type Progress } from "./progress.ts";

/** A bar with losses and time left, and the hyperparameters in a line below it: for a terminal. */
export const barProgress =
  (stream: NodeJS.WriteStream): Progress =>
  (phase) => {
    const standing = follow(phase);
    const bars = new cliProgress.MultiBar({
      ...look,
      stream,
      autopadding: true,
    });
    const format =
      `${phase.name.padEnd(8)} {bar} {percentage}%  epoch {epoch}  train {trainLoss}  ` +
      "valid {validLoss}  {time}";
    let shown: { readonly bar: cliProgress.SingleBar; readonly hypers: cliProgress.SingleBar } | undefined;
    return {
      see(event) {
        const now = standing(event);
        if (isUnderWay(event)) {
          shown ??= {
            bar: bars.create(1, 0, { ...now }, { format }),
            hypers: bars.create(1, 0, { ...now }, { format: "         {hypers}" }),
          };
        }
        shown?.bar.update(now.done, { ...now });
        shown?.hypers.update(now.done, { ...now });
      },
      close: () => bars.stop(),
    };
  };
