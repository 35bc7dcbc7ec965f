import { PassThrough } from "node:stream";

import { expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { barProgress } from "./bar.ts";
import type { Phase } from "./progress.ts";

test("the bars of all phases begin below each other, the hyperparameters below them", () => {
  const names: readonly Phase["name"][] = ["tuning", "training", "baseline", "linear model"];
  const columns = names.map((name) => {
    const screen = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns: 120 });
    const { progress } = barProgress(screen as unknown as NodeJS.WriteStream, () => {});
    const view = progress({ name, timeLimit: Infinity });
    view.see({ kind: "start", trace, steps: 10, stepsPerEpoch: 5 });
    view.see({ kind: "step", step: 1, seconds: 1, loss: 2 });
    view.close();
    const lines = (screen.read() as string).split("\n");
    const columnOf = (mark: RegExp) => lines.map((line) => plain(line).search(mark)).find((at) => at >= 0);
    return [columnOf(/[━─]/), columnOf(/l2 0\.5/)];
  });
  expect(columns).toEqual(columns.map(() => [13, 13]));
});

/** Without what moves a cursor. */
const plain = (line: string): string => line.replace(/\u001b\[[\d;?]*[a-zA-Z]/g, "");

const trace: TracePoint = {
  ...{ step: 0, epoch: 0, examples: 0, gradientEvaluations: 0, seconds: 0 },
  ...{ hyperparameters: { l2: { value: 0.5 } }, valid: { loss: 1 } },
};
