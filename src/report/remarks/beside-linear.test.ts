import { expect, test } from "vitest";

import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";
import type { RemarkFacts } from "./facts.ts";

test("a linear model is to be taken where it is better in both parts by more than chance, named where it is as good, and else not", () => {
  const tuned = [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.2), tracePoint(3, 0.3)];
  const linear = (loss: number) => saidAt(tuned, 2, { linear: tracePoint(3, 0.1, validLoss(loss)) });
  expect(linear(0.9)).toEqual([
    expect.stringMatching(/^A linear model .* does better: .* is 0.9000, the network's 1.0000\. Take it/),
  ]);
  expect(linear(0.996)).toEqual([expect.stringMatching(/^A linear model .* does as well/)]);
  expect(linear(1.004)).toEqual([expect.stringMatching(/^A linear model .* does as well/)]);
  expect(linear(1.006)).toEqual([]);
  expect(linear(0.9)[0]).toMatch(/start with more regularisation/);
  const widened = { linear: tracePoint(3, 0.1, validLoss(0.9)), couldWiden: true };
  expect(saidAt(tuned, 2, widened)[0]).toMatch(/`model: "wide-and-deep"`\)\.$/);
  expect(saidAt(tuned, 3, { linear: tracePoint(3, 0.1, validLoss(0.9)) })[0]).toMatch(
    /was still learning: give it 6 epochs \(`epochs: 6`\)/,
  );
  const tested = (linear: number, network: number, valid = 0.9, rows?: RemarkFacts["rows"]) =>
    saidAt(
      [...tuned.slice(0, 2), { ...tracePoint(2, 0.2), test: { loss: network } }, tracePoint(3, 0.3)],
      2,
      {
        linear: { ...tracePoint(3, 0.1), valid: { loss: valid }, test: { loss: linear } },
        rows,
      },
    );
  expect(tested(0.3462, 0.3686)[0]).toMatch(/; in test they are 0\.3462 and 0\.3686\. Take it/);
  expect(tested(0.3686, 0.3462, 0.996)).toEqual([]); // worse over both
  expect(tested(0.37, 0.36)[0]).toMatch(/ does as well: .* in test they are 0\.3700 and 0\.3600\.$/); // the parts contradict each other
  const rows = { valid: 50, test: 50 }; // of which chance makes 5 %
  expect(tested(0.35, 0.36, 0.97, rows)[0]).toMatch(/ does as well, as far as 100 rows can tell: /);
  expect(tested(0.33, 0.36, 0.9, rows)[0]).toMatch(/ does better: /);
  const trials = [tracePoint(0, 0.1), tracePoint(1, 0.2)].map((each, i) => ({
    ...each,
    trial: { number: i, epoch: 1 },
  }));
  expect(saidAt(trials, 1, { linear: tracePoint(3, 0.1, validLoss(0.9)) })[0]).toMatch(/Take it/); // the last training, not its end
});

test("a linear model is held against the start held fixed where that is better than the run", () => {
  const late = [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.2), tracePoint(3, 0.3)];
  const said = (linear: number, held: number, heldAt = 2) =>
    saidAt(late, 2, {
      linear: tracePoint(3, 0.1, validLoss(linear)),
      baseline: tracePoint(heldAt, 0.1, validLoss(held)),
    });
  expect(said(0.8, 0.9)).toEqual([
    expect.stringMatching(/ does better: .* is 0\.8000, that of the start held fixed 0\.9000\. Take it/),
    expect.stringMatching(
      /^Tuning gained nothing: .* is 1\.0000, and 0\.9000 with the start held fixed\. The/,
    ), // one model is to be taken
  ]);
  expect(said(0.8, 0.9, 3)[0]).toMatch(/ was still learning: /);
  for (const linear of [0.9, 0.8, 0.799]) {
    expect(said(linear, 0.8)).toEqual([expect.stringMatching(/^Tuning gained nothing: /)]);
  }
  expect(said(0.9, 1.1)).toEqual([expect.stringMatching(/ is 0\.9000, the network's 1\.0000\. Take it/)]);
});
