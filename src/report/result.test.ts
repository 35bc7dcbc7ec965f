import { expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { resultOf } from "./result.ts";
import { runDocumentOf } from "./run-document.ts";
import { runTables } from "./run-markup.ts";

const space = createSpace({ l2: real(0.5, { low: 0, high: 1 }) });
const trace = [0, 1].map((epoch): TracePoint => ({
  ...{ step: epoch, epoch, examples: epoch, gradientEvaluations: epoch, seconds: epoch },
  ...{ valid: { loss: 2 - epoch }, hyperparameters: { l2: { value: 0.5 } } },
}));
const last = trace[1] as TracePoint;

test.each([
  [true, /Starting hyperparameters held.*At the end/s, /Tuned/],
  [false, /Tuned by own.*Tuned, at the end/s, /held/],
])(
  "a report says of a method of any name whether it held the hyperparameters: %j",
  (holdsHypers, told, never) => {
    const result = resultOf({
      ...{
        run: "r",
        report: "r/report.html",
        method: "own",
        engine: "jax",
        seed: 0,
        space,
        trace,
        holdsHypers,
      },
      end: { reason: "epochs", best: last, final: last },
    });
    const { markup } = runTables(runDocumentOf({ result, space, title: "t" }), { config: {}, trace });
    expect(markup).toMatch(told);
    expect(markup).not.toMatch(never);
    expect(result.held).toBe(holdsHypers || undefined);
  },
);

test("a run that diverged says so, and which decays were held until then", () => {
  const at = (step: number, l2: number) => ({
    ...last,
    step,
    epoch: step,
    hyperparameters: { l2: { value: l2 } },
  });
  const said = (heldDecays: readonly string[]) =>
    resultOf({
      ...{
        run: "r",
        report: "r/report.html",
        method: "own",
        engine: "jax",
        seed: 0,
        space,
        learningRate: 0.2,
      },
      ...{ trace: [at(0, 1), at(1, 5), at(2, 5)], heldDecays },
      end: { reason: "diverged", best: at(1, 5), final: at(2, 5) },
    }).remarks;
  const diverged = expect.stringMatching(/^Training diverged: /) as string;
  expect(said([])).toEqual([diverged]);
  expect(said(["l2"])).toEqual([diverged, expect.stringMatching(/^l2 was held at 5, /)]);
});

test("classes that are missed are told of a network that has learned for a while, and of no refit", () => {
  const said = (step: number, isRefit = false) => {
    const confusion = [
      [50, 0, 0],
      [0, 40, 0],
      [3, 2, 0],
    ];
    const at = { ...last, step, valid: { loss: 1, confusion } };
    const named = { run: "r", report: "r/report.html", method: "own", engine: "jax", seed: 0, space };
    const end = { reason: "epochs", best: at, final: at } as const;
    const { remarks } = resultOf({ ...named, trace: [trace[0] as TracePoint, at], end, isRefit });
    return remarks.filter((each) => each.startsWith("No row is taken for"));
  };
  expect(said(100)).toHaveLength(1);
  expect(said(99)).toEqual([]);
  expect(said(100, true)).toEqual([]);
});

test("a run that is told how long it should be is not told another length for a check of its response", () => {
  const trust = (steps: number) => {
    const firstTuning = { steps, epochs: steps, warmupEpochs: 1 };
    const named = { run: "r", report: "r/report.html", method: "own", engine: "jax", seed: 0, space, trace };
    const end = { reason: "epochs", best: last, final: last } as const;
    return resultOf({ ...named, end, learnsResponse: true, firstTuning });
  };
  const short = trust(2); // its remark asks for 2 epochs
  expect(short.remarks).toEqual([expect.stringMatching(/ Give it 2 epochs /)]);
  expect(short.trust?.sentence).toMatch(/ is too short to pay for it\.$/);
  expect(trust(1).trust?.sentence).toMatch(/ is too short to pay for it; `epochs: \d+` /);
});
