import { describe, expect, test } from "vitest";

import type { TracePoint } from "../../api/trace.ts";
import { saidAt, tracePoint, validLoss } from "../../../test/report/trace-point.ts";
import type { RemarkFacts } from "./facts.ts";

test("a best point before the hyperparameters moved is said, with both epochs", () => {
  const [remark, ...others] = saidAt(
    [tracePoint(0, 0.1), tracePoint(1, 0.1), tracePoint(2, 0.2), tracePoint(3, 0.3)],
    1,
  );
  expect(remark).toMatch(/^Tuning gained nothing. .* came at epoch 1, .* moved \(by epoch 2\)/);
  expect(others).toEqual([]);
});

test("a best point of a training that began anew is told by its epochs, as are the overfitting and the baseline beside it", () => {
  const anew = (epoch: number, loss: number) => ({
    valid: { loss },
    ...(epoch > 30 && { restartedAt: 300 }),
  });
  const run = (ends: number) =>
    [
      [0, 3],
      [5, 2],
      [20, 2.4],
      [30, 2.5],
      [40, 1.5],
      [ends, 1.9],
    ].map(([epoch = 0, loss = 0]) =>
      tracePoint(epoch, epoch <= 40 ? 0.1 * (1 + epoch / 400) : 0.5, anew(epoch, loss)),
    );
  const said = (ends: number, held: TracePoint) => saidAt(run(ends), 4, { baseline: held }).join(" ");
  const came = "lowest validation loss came at epoch 40, 10 epochs into the training that began anew, before";
  expect(said(59, tracePoint(8, 0.1, validLoss(1.5)))).toMatch(
    new RegExp(
      `${came} the hyperparameters had moved far, and by epoch 59 it had risen by 27 %\\. The network overfits .* Training began anew at epoch 30`,
    ),
  );
  expect(said(59, tracePoint(8, 0.1, validLoss(1.4)))).toMatch(/The network overfits/);
  expect(said(59, tracePoint(12, 0.1, validLoss(1.4)))).toMatch(
    new RegExp(`${came} .* with the start held it fell on until epoch 12: the hyperparameters went where`),
  );
  expect(said(44, tracePoint(8, 0.1, validLoss(1.5)))).not.toMatch(/The network overfits/);
});

test("a network overfits only where its training loss fell meanwhile, over several evaluations", () => {
  const at = (epoch: number, loss: number, train: number) =>
    tracePoint(epoch, epoch < 2 ? 0.1 : 1, { ...validLoss(loss), train: { loss: train, penalty: 0 } });
  const begun = [tracePoint(0, 0.1, validLoss(2)), at(1, 1, 0.8)];
  expect(saidAt([...begun, at(2, 1.5, 0.5)], 1)[0]).toMatch(
    /came at epoch 1, .* and the run ended soon after, at epoch 2: give it 4 epochs/,
  );
  expect(saidAt([...begun, at(2, 1.2, 0.5), at(3, 1.5, 0.4)], 1)[0]).toMatch(/The network overfits/);
  expect(saidAt([...begun, at(2, 1.2, 0.9), at(3, 1.5, 1)], 1)[0]).toMatch(
    /by epoch 3 it had risen by 50 %, though the training loss did not fall: take smaller steps .*\(`lr`\) .* \(`hyperLr`\)\.$/,
  );
});

test("a run that ended soon behind its best point has not overfitted", () => {
  const trace = [
    tracePoint(0, 0.1),
    tracePoint(10, 0.1),
    tracePoint(11, 0.1),
    tracePoint(12, 0.2, { seconds: 7 }),
  ];
  expect(saidAt(trace, 1, { ended: "time" })).toEqual([
    expect.stringMatching(
      /came at epoch 10, .*, and the run ended soon after, at epoch 12: give it some 14 s \(`time: "14s"`\)\.$/,
    ),
  ]);
  expect(saidAt(trace, 1)[0]).toMatch(/give it 24 epochs \(`epochs: 24`\)\.$/);
  expect(saidAt(trace, 1, { ended: "patience" })[0]).toMatch(/give it more patience \(`patience`\)\.$/);
});

test("a table whose network overfits soon is told of folds first, unless it has them or cannot", () => {
  const late = [
    tracePoint(0, 0.1),
    tracePoint(1, 0.1),
    tracePoint(2, 0.2),
    tracePoint(3, 0.3, validLoss(1.2)),
  ];
  expect(saidAt(late, 1, { couldFold: true })).toEqual([
    expect.stringMatching(
      /^Tuning gained nothing.* overfits sooner than it is tuned: train several .*`folds: 5`/,
    ),
  ]);
  expect(saidAt(late, 1)[0]).not.toMatch(/folds/);
  expect(saidAt(late, 3, { couldFold: true })).toEqual([]); // it tuned
});

describe("a loss that has not risen by more than chance is not called overfitting", () => {
  /** Of a table of 2,000 rows with much label noise, after each epoch from the first on. */
  const level = [
    ...[0.631, 0.6368, 0.6391, 0.6233, 0.6203, 0.622, 0.6189, 0.6215, 0.6266, 0.621],
    ...[0.6188, 0.6165, 0.6232, 0.6249, 0.6156, 0.6177, 0.6179, 0.62, 0.6212, 0.6201],
    ...[0.6201, 0.6203, 0.6174, 0.6175, 0.6217, 0.6183, 0.6171, 0.6196, 0.6172, 0.618],
  ];
  const traceOf = (losses: readonly number[], l2At: (epoch: number) => number) => [
    tracePoint(0, 0.1, validLoss(0.6947)),
    ...losses.map((loss, i) => tracePoint(i + 1, l2At(i + 1), validLoss(loss))),
  ];
  const far = (epoch: number) => 0.1 * 1.1 ** Math.max(0, epoch - 12);
  const facts: Partial<RemarkFacts> = { rows: { valid: 400 }, couldFold: true };
  const held = { baseline: tracePoint(15, 0.1, validLoss(0.6154)) };

  test("where one low evaluation is the lowest of a level loss", () => {
    const came =
      "The lowest validation loss came at epoch 15, before the hyperparameters had moved far, and it has not risen since by more than chance makes\\.";
    expect(saidAt(traceOf(level, far), 15, { ...facts, ...held })).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Tuning gained nothing: .* ${came} By the end the hyperparameters had moved, l2 from 0.1 to 0.556 the most, but the validation loss hardly depends on them here: `,
        ),
      ),
    ]);
    const rises = level.map((loss, i) => loss + 0.002 * Math.max(0, i - 14));
    expect(saidAt(traceOf(rises, far), 15, { ...facts, ...held })[0]).toMatch(
      / had moved far, and by epoch 30 it had risen by 4\.\d %\. The network overfits sooner than it is tuned: train several /,
    );
  });

  test("a rise to more than twice is told in whole numbers", () => {
    const rises = level.map((loss, i) => (i > 20 ? 2.5 * loss : loss));
    expect(saidAt(traceOf(rises, far), 15, { ...facts, ...held })[0]).toMatch(/ had risen by 150 %\. /);
  });

  test("where the hyperparameters have hardly moved by the end, which then is what is told", () => {
    const near = (epoch: number) => 0.1 + 0.0005 * Math.max(0, epoch - 15);
    expect(saidAt(traceOf(level, near), 15, facts)).toEqual([
      expect.stringMatching(
        /^Tuning gained nothing\. .* came at epoch 15, before the hyperparameters moved \(by epoch 16\), and it has not risen since by more than chance makes\. The hyperparameters had hardly moved by the end, /,
      ),
    ]);
  });

  test("where a wrong response says why nothing was gained, which is all", () => {
    expect(
      saidAt(
        traceOf(level, (epoch) => (epoch > 15 ? 0.3 : 0.1)),
        15,
        { ...facts, trust: "wrong" },
      ),
    ).toEqual([expect.stringMatching(/ more than chance makes\.$/)]);
  });
});

describe("where no epoch validates below the untrained network", () => {
  const trace = (trained: readonly number[]) => [
    tracePoint(0, 0.1),
    ...trained.map((loss, i) =>
      tracePoint(i + 1, 0.1 * (i + 1), { ...validLoss(1.2), train: { loss, penalty: 0 } }),
    ),
  ];
  const said = (trained: number, facts: Partial<RemarkFacts> = {}) =>
    saidAt(trace([trained, trained, trained]), 0, facts);
  const none = "Tuning gained nothing. No epoch has a lower validation loss than the untrained network";

  test("that is said, with what helps by what became of the training loss", () => {
    expect(said(0.5)).toEqual([
      `${none}, although the training loss fell: what it learns of the training rows does not hold for others. More rows would help, or a lower learning rate (\`lr\`).`,
    ]);
    expect(said(1.5)).toEqual([`${none}, and the training loss rose: take a lower learning rate (\`lr\`).`]);
    expect(said(1.004)).toEqual([
      `${none}, and the training loss hardly changed: take another learning rate, a higher one first (\`lr\`).`,
    ]);
  });

  test("what became of the training loss is told by itself, where its rows cost less or more than those that validate", () => {
    const ownWay = (...trained: number[]) => saidAt(trace(trained), 0, {})[0];
    expect(ownWay(3, 2.5, 2)).toMatch(/ although the training loss fell: /);
    expect(ownWay(0.5, 0.6, 0.8)).toMatch(/ and the training loss rose: /);
    const anew = trace([1, 1, 2, 1.5]).map((point) =>
      point.epoch > 2 ? { ...point, restartedAt: 20 } : point,
    );
    expect(saidAt(anew, 0, {})[0]).toMatch(/ although the training loss fell: /);
  });

  test("few rows that validate are told only where the network learns", () => {
    const facts = { rows: { valid: 60 } };
    expect(said(0.5, facts)[0]).toMatch(
      / does not hold for others\. Too few rows validate to tune by \(60\): what helps is more validation rows\.$/,
    );
    expect(said(1.5, facts)[0]).toMatch(/ take a lower learning rate /);
  });

  test("unless the start held fixed learns", () => {
    const baseline = tracePoint(3, 0.1, validLoss(0.5));
    expect(said(0.5, { baseline })[0]).toMatch(/ with the start held it fell on until epoch 3: /);
  });
});
