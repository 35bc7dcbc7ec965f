import { describe, expect, test } from "vitest";

import type { TracePoint } from "../api/trace.ts";
import { createSpace } from "../space/space.ts";
import { real } from "../space/real.ts";
import { remarksOn, type RemarkFacts } from "./remarks.ts";

const space = createSpace({ l2: real(0.1, { low: 1e-8, high: 1e4, log: true }) });

const point = (epoch: number, l2: number, more: Partial<TracePoint> = {}): TracePoint => ({
  ...{ step: 10 * epoch, epoch, examples: 0, gradientEvaluations: 0, seconds: 0 },
  ...{ hyperparameters: { l2: { value: l2, scale: 1 } }, valid: { loss: 1 } },
  ...more,
});

const at = (trace: readonly TracePoint[], index: number, facts: Partial<RemarkFacts> = {}) =>
  remarksOn(trace, trace[index] as TracePoint, { space, ...facts }).map(({ sentence }) => sentence);

const valid = (loss: number) => ({ valid: { loss } });

test("a run that tuned needs no remark", () => {
  expect(at([point(0, 0.1), point(1, 0.1), point(2, 0.2)], 2)).toEqual([]);
});

test("a best point before the hyperparameters moved is said, with both epochs", () => {
  const [remark, ...others] = at([point(0, 0.1), point(1, 0.1), point(2, 0.2), point(3, 0.3)], 1);
  expect(remark).toMatch(/^Tuning gained nothing. .* came at epoch 1, .* moved \(by epoch 2\)/);
  expect(others).toEqual([]);
});

test("hyperparameters that never moved are said, with the epochs that a first move takes", () => {
  const still = [point(0, 0.1), point(1, 0.1)];
  expect(at(still, 1)[0]).toMatch(/^The hyperparameters never moved/);
  expect(at(still, 1, { firstTuning: { steps: 22, epochs: 3, warmupEpochs: 2 } })).toEqual([
    expect.stringMatching(
      /ended after step 10, .* follows step 22\. It tunes in the same time with a warm-up of 0\.2 epochs \(`warmupEpochs: 0\.2`\), or give it 3 epochs \(`epochs: 3` `warmupEpochs: 2`\)/,
    ),
  ]);
  expect(at(still, 1, { firstTuning: { steps: 12, epochs: 2, warmupEpochs: 0 } })[0]).toMatch(
    / Give it 2 epochs \(`epochs: 2` `warmupEpochs: 0`\) and the time for them\.$/,
  );
  expect(at(still, 1, { firstTuning: { steps: 2, epochs: 1, warmupEpochs: 0 } })[0]).toMatch(
    /although .* steps were made/,
  );
});

test("a run that is no better than its fixed start says why, by how far the hyperparameters moved", () => {
  const slow = [point(0, 0.1, valid(3)), point(1, 0.1, valid(2)), point(3, 0.11, valid(1))];
  const verdict = (loss: number, held: number, trace = slow, best = 2) =>
    at(
      [
        ...trace.slice(0, best),
        { ...(trace[best] as TracePoint), valid: { loss } },
        ...trace.slice(best + 1),
      ],
      best,
      {
        baseline: point(3, 0.1, valid(held)),
      },
    );
  // from epoch 1 on, .0953 in 2 epochs: 1 takes 21, and 1 came before
  expect(verdict(1, 0.99)).toEqual([
    expect.stringMatching(
      /^Tuning gained nothing: .* is 1.0000, and 0.9900 with .* l2 from 0.1 to 0.11 the most\. At this pace one has moved far after some 22 epochs: give it 22 epochs \(`epochs: 22`\)\.$/,
    ),
  ]);
  expect(verdict(1, 1)[0]).toMatch(/^Tuning changed nothing: the lowest validation loss is 1.0000/);
  const guarded = { ...point(3, 0.11, valid(1)), guard: { rows: 40, seen: 1, loss: 1 } };
  expect(at([...slow.slice(0, 2), guarded], 2, { baseline: point(3, 0.1, valid(1)) })[0]).toMatch(
    /^Tuning changed nothing: the validation loss at the epoch with the lowest loss on the guard is 1.0000, and/,
  );
  const guardedSoon = [slow[0] as TracePoint, { ...guarded, ...point(1, 0.1) }, point(2, 0.2), point(3, 0.3)];
  expect(at(guardedSoon, 1, { linear: point(3, 0.1, valid(0.9)) })).toEqual([
    expect.stringMatching(/ does better: its validation loss is 0.9000, /),
    expect.stringMatching(/ The lowest loss on the guard came at epoch 1, /),
  ]);
  const tested = { test: { loss: 0.5 } };
  expect(
    at([...slow.slice(0, 2), { ...point(3, 0.11, valid(1)), ...tested }], 2, {
      baseline: { ...point(3, 0.1, valid(0.99)), test: { loss: 0.6 } },
    })[0],
  ).toMatch(/and 0.9900 with the start held fixed \(in test 0.5000 and 0.6000\)\./);
  expect(verdict(1, 1.004)[0]).toMatch(/^Tuning gained next to nothing/);
  expect(verdict(1, 1.006)).toEqual([]);
  expect(verdict(-1, -1.001)[0]).toMatch(/^Tuning gained nothing/);
  expect(verdict(-1, -0.9)).toEqual([]);
  const far = [point(0, 0.1), point(1, 0.1), point(2, 0.11), point(3, 0.9)];
  expect(verdict(1, 1, far, 2)[0]).toMatch(
    /before the hyperparameters had moved far\. The network overfits .* smaller network \(`width` or `hidden`, whichever it has\)\.$/,
  );
  expect(verdict(1, 1, far, 3)[0]).toMatch(/did move, l2 from 0.1 to 0.9 the most, but/);
});

test("a rate that stays near its bound has hardly moved, whatever the factor", () => {
  const rates = createSpace({ rate: real(0.001, { low: 0, high: 0.5 }) });
  const rate = (epoch: number, value: number) => point(epoch, 0, { hyperparameters: { rate: { value } } });
  const moved = (value: number) =>
    at([rate(0, 0.001), rate(1, 0.001), rate(3, value)], 2, {
      space: rates,
      baseline: point(3, 0.1, valid(0.9)),
    });
  expect(moved(0.01)[0]).toMatch(
    / had hardly moved by the end, rate from 0.001 to 0.01 the most\. At this pace/,
  );
  expect(moved(0.02)[0]).toMatch(/ did move, rate from 0.001 to 0.02 the most, but/); // .045 of .026, a factor of 1.73
});

test("a search that found nothing better than the start says so", () => {
  const trial = (number: number) => ({ trial: { number, epoch: 1 } });
  const trace = [point(0, 0.1, trial(0)), point(1, 0.2, trial(1))];
  expect(at(trace, 1, { baseline: point(1, 0.1, valid(0.9)) })).toEqual([
    expect.stringMatching(/^Tuning gained nothing: .* None of its 2 trainings /),
  ]);
  expect(at(trace, 1, { baseline: point(1, 0.1, valid(1.1)) })).toEqual([]);
});

test("a scale that moves alone is no tuning", () => {
  const wider = { hyperparameters: { l2: { value: 0.1, scale: 2 } } };
  expect(at([point(0, 0.1), point(1, 0.1, wider)], 1)[0]).toMatch(/never moved/);
});

test("one element of many is enough", () => {
  const each = (last: number) => ({ hyperparameters: { l2: { value: [0.1, last] } } });
  expect(at([point(0, 0.1, each(0.1)), point(1, 0.1, each(0.2))], 1)).toEqual([]);
});

test("a search without a fixed start beside it is not judged; a problem without hyperparameters says so", () => {
  const trial = { trial: { number: 0, epoch: 0 } };
  expect(at([point(0, 0.1, trial), point(1, 0.1, trial)], 0)).toEqual([]);
  expect(at([point(0, 0.1, { hyperparameters: {} })], 0)).toEqual([expect.stringMatching(/nothing to tune/)]);
});

test("a search of one training that gained nothing says how it goes on", () => {
  const trial = { trial: { number: 0, epoch: 0 } };
  const [remark] = at([point(0, 0.1, trial)], 0, { baseline: point(0, 0.1, valid(0.5)) });
  expect(remark).toMatch(
    / Its one training had no better hyperparameters: give it more trainings \(`epochs`, also of hypertrain resume\)/,
  );
});

test("a training that began anew is said, with where it had been best before", () => {
  const loss = (valid: number, restartedAt?: number) => ({
    valid: { loss: valid },
    ...(restartedAt !== undefined && { restartedAt }),
  });
  const trace = [
    ...[point(0, 0.1, loss(3)), point(1, 0.1, loss(2)), point(2, 0.2, loss(2.5)), point(4, 0.3, loss(2.6))],
    ...[point(5, 0.3, loss(1.5, 40)), point(6, 0.3, loss(1.7, 40))],
  ];
  expect(at(trace, 4)).toEqual([
    expect.stringMatching(
      /^Training began anew at epoch 4, .*, since the lowest validation loss was that of epoch 1\.$/,
    ),
  ]);
  expect(at(trace, 1)).toEqual([
    expect.stringMatching(/^Tuning gained nothing/),
    expect.stringMatching(/^Training began anew/),
  ]);
});

test("where the start held fixed fell on, neither what is said of a restart nor of tuning calls it overfitting", () => {
  const loss = (epoch: number, value: number) => ({
    valid: { loss: value },
    ...(epoch > 4 && { restartedAt: 40 }),
  });
  const trace = [
    point(0, 0.1, valid(3)),
    ...[2, 2.5, 2.6, 2.7, 2.4, 2.3].map((value, i) => point(i + 1, i < 2 ? 0.1 : i, loss(i + 1, value))),
  ];
  const held = { baseline: point(6, 0.1, valid(1)), baselineRun: "runs/x/baseline" };
  const said = at(trace, 1, held);
  expect(said.join(" ")).not.toMatch(/The network overfits/);
  expect(said).toEqual([
    expect.stringMatching(
      /held fixed, in runs\/x\/baseline\. .* with the start held it fell on until epoch 6: the hyperparameters went where it is higher/,
    ),
    expect.stringMatching(
      /^Training began anew .*it fell on until epoch 6, so that this was no overfitting: `restart: "never"`/,
    ),
  ]);
  expect(at(trace, 1, { baseline: point(1, 0.1, valid(2)) }).join(" ")).toMatch(
    /The network overfits sooner/,
  );
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
      point(epoch, epoch <= 40 ? 0.1 * (1 + epoch / 400) : 0.5, anew(epoch, loss)),
    );
  const said = (ends: number, held: TracePoint) => at(run(ends), 4, { baseline: held }).join(" ");
  const came = "lowest validation loss came at epoch 40, 10 epochs into the training that began anew, before";
  expect(said(59, point(8, 0.1, valid(1.5)))).toMatch(
    new RegExp(
      `${came} the hyperparameters had moved far\\. The network overfits .* Training began anew at epoch 30`,
    ),
  );
  expect(said(59, point(8, 0.1, valid(1.4)))).toMatch(/The network overfits/);
  expect(said(59, point(12, 0.1, valid(1.4)))).toMatch(
    new RegExp(`${came} .* with the start held it fell on until epoch 12: the hyperparameters went where`),
  );
  expect(said(44, point(8, 0.1, valid(1.5)))).not.toMatch(/The network overfits/);
});

test("a run that ended soon behind its best point has not overfitted", () => {
  const trace = [point(0, 0.1), point(10, 0.1), point(11, 0.1), point(12, 0.2, { seconds: 7 })];
  expect(at(trace, 1, { ended: "time" })).toEqual([
    expect.stringMatching(
      /came at epoch 10, .*, and the run ended soon after, at epoch 12: give it some 14 s \(`time: "14s"`\)\.$/,
    ),
  ]);
  expect(at(trace, 1)[0]).toMatch(/give it 24 epochs \(`epochs: 24`\)\.$/);
  expect(at(trace, 1, { ended: "patience" })[0]).toMatch(/give it more patience \(`patience`\)\.$/);
});

test("a run whose time ended before its first hyperparameter step says what time it takes, as one of which a fifth is warm-up", () => {
  const trace = [point(0, 0.1), point(1, 0.1, { seconds: 4 })];
  const firstTuning = { steps: 15, epochs: 2, warmupEpochs: 1.5 };
  expect(at(trace, 1, { firstTuning, ended: "time" })[0]).toMatch(
    / It tunes in the same time with .* \(`warmupEpochs: 0\.\d`\), or give it some 30 s \(`time: "30s"`\), of which a fifth goes before that step\.$/,
  );
  expect(at([trace[0] as TracePoint], 0, { firstTuning, ended: "time" })[0]).toMatch(
    / after step 0, .* Give it more time \(`time`\), or shorten the warm-up/,
  );
  const slow = [point(0, 0.1), point(0.1, 0.1, { seconds: 4 })];
  expect(at(slow, 1, { firstTuning, ended: "time" })[0]).toMatch(
    / after step 1, .* Give it some 300 s \(`time: "300s"`\), .*, or less, since the first steps take the longest, or shorten/,
  );
  const faster = [...slow, point(0.2, 0.1, { seconds: 5 })]; // a second a step behind the first
  expect(at(faster, 1, { firstTuning: { ...firstTuning, steps: 30 }, ended: "time" })[0]).toMatch(
    / Give it some 153 s /,
  );
});

test("hyperparameters that moved in vain are told by what the response and the start held fixed say", () => {
  const trace = [point(0, 0.1), point(1, 0.1), point(2, 0.5), point(3, 0.9, valid(0.8))];
  const said = (held: number, more: Partial<RemarkFacts> = {}) =>
    at(trace, 3, { baseline: point(3, 0.1, valid(held)), ...more })[0];
  expect(said(0.8)).toMatch(/hardly depends on them here/);
  expect(said(0.7)).toMatch(
    /^Tuning gained nothing: .* Take the model of the start held fixed\. .* went where it is higher/,
  );
  expect(said(0.79, { rows: { valid: 100 } })).toMatch(/ That is within chance\. .*hardly depends/);
  for (const why of [{ trust: "wrong" }, { gainHolds: false }] as const)
    expect(said(0.8, why)).toMatch(
      /^Tuning changed nothing: [^.]*\.8000, and [^.]*\.8000 with the start held fixed\.$/,
    ); // another sentence says why
});

test("a table whose network overfits soon is told of folds first, unless it has them or cannot", () => {
  const late = [point(0, 0.1), point(1, 0.1), point(2, 0.2), point(3, 0.3)];
  expect(at(late, 1, { couldFold: true })).toEqual([
    expect.stringMatching(
      /^Tuning gained nothing.* overfits sooner than it is tuned: train several .*`folds: 5`/,
    ),
  ]);
  expect(at(late, 1)[0]).not.toMatch(/folds/);
  expect(at(late, 3, { couldFold: true })).toEqual([]); // it tuned
});

test("where few rows validate, several networks are to share them, instead of more epochs", () => {
  const folded = (valid: number) => ({ couldFold: true, rows: { valid } });
  const soon = [point(0, 0.1), point(10, 0.1), point(11, 0.1), point(12, 0.2)];
  const slow = [point(0, 0.1), point(1, 0.1), point(2, 0.103, { valid: { loss: 0.9 } })];
  const told = /: train several networks that validate each other's rows \(`folds: 5`\)\.$/;
  for (const [trace, best] of [[soon, 1] as const, [slow, 2] as const]) {
    const baseline = trace.at(-1) as TracePoint;
    const said = (valid: number) => at(trace, best, { baseline, ...folded(valid) });
    expect(said(99)).toEqual([expect.stringMatching(told)]);
    expect(said(99)[0]).toMatch(/\. Too few rows validate to tune by \(99\): /);
    expect(said(9)[0]).toMatch(/\. Too few rows validate to tune by \(9\): what helps is more rows\.$/);
    expect(said(99)[0]).not.toMatch(/epochs:/);
    expect(said(100)[0]).toMatch(/ give it \d+ epochs /);
    expect(at(trace, best, { baseline, rows: { valid: 99 } })[0]).toMatch(/ give it \d+ epochs /);
  }
});

test("why no training began anew is said where that was asked for", () => {
  const run = (losses: readonly number[], moves: number) =>
    losses.map((loss, i) => point(i, i > 1 ? 0.1 + moves : 0.1, valid(loss)));
  const restart = { epochs: 12 };
  const said = (trace: readonly TracePoint[], facts: Partial<RemarkFacts> = { restart }) =>
    at(trace, 1, facts).filter((sentence) => sentence.startsWith("Training did not begin anew"));
  const rising = [3, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.1];
  const told = (why: string) => [
    `Training did not begin anew (\`restart: "auto"\`): between a half and two thirds of the run ${why}.`,
  ];
  expect(said(run(rising, 0.01))).toEqual(
    told("no hyperparameter had moved far since an early lowest validation loss"),
  );
  const flat = rising.map((_, i) => (i === 0 ? 3 : i === 1 ? 0.99 : 1));
  expect(said(run(flat, 0.9))).toEqual(told("the loss had not risen since an early lowest validation loss"));
  const falling = rising.map((_, i) => 3 - 0.1 * i);
  expect(said(run(falling, 0.9))).toEqual(
    told("the lowest validation loss never lay in the first half of the steps until then"),
  );
  const atFour = rising.map((loss, i) => (i === 4 ? 0.9 : loss));
  expect(said(run(atFour, 0.01))).toEqual(
    told("no hyperparameter had moved far since an early lowest validation loss"), // looked at at epoch 8 alone
  );
  expect(said(run(rising, 0.9))).toEqual([]); // as of a run that was longer then
  expect(said(run(rising, 0.01), { restart: { epochs: 100 } })).toEqual([]); // its patience ended it
  expect(said(run(rising, 0.01).slice(0, 9))).toEqual([]); // a warning says so before it begins
  expect(said(run(rising, 0.01), {})).toEqual([]);
});

test("where few rows are on the guard that decides, that is said instead of a verdict", () => {
  const guard = (rows: number) => ({ guard: { rows, seen: 1, loss: 1 } });
  const late = (rows: number) => [0.1, 0.1, 0.2, 0.3].map((l2, epoch) => point(epoch, l2, guard(rows)));
  const said = (rows: number, valid = 200) => at(late(rows), 1, { couldFold: true, rows: { valid } })[0];
  expect(said(9)).toMatch(
    / on the guard came at epoch 1, .*\. Too few rows are on the guard to choose by \(9\): keep more there, or none \(`guard: 0`\)\.$/,
  );
  expect(said(10)).toMatch(/ overfits sooner than it is tuned: /);
  expect(said(2, 6)).toMatch(/ Too few rows validate to tune by \(6\): what helps is more rows\.$/);
});

describe("a gain and its absence are held against chance", () => {
  const steered = [point(0, 0.1), point(1, 0.1), point(2, 0.5), point(3, 0.9)];
  const search = steered.map((each, number) => ({ ...each, trial: { number, epoch: 1 } }));
  /** Against 1 in either part. */
  const said = (trace: readonly TracePoint[], valid: number, test: number, facts: Partial<RemarkFacts>) => {
    const best = { ...(trace[3] as TracePoint), valid: { loss: valid }, test: { loss: test } };
    const baseline = { ...point(3, 0.1, { valid: { loss: 1 } }), test: { loss: 1 } };
    return at([...trace.slice(0, 3), best], 3, { baseline, ...facts });
  };
  const rows = (each: number) => ({ rows: { valid: each, test: each } }); // chance makes half a loss over the root of both parts' rows

  test.each([
    ["a run", steered, /hardly depends on them/],
    ["a search", search, /None of its 4 trainings came upon better/],
  ])("of %s", (_, trace, why) => {
    expect(said(trace, 0.94, 0.94, rows(50))).toEqual([]); // 5 %
    expect(said(trace, 0.96, 0.96, rows(50))).toEqual([
      expect.stringMatching(
        /^Tuning gained no more than chance may make: [^.]*0\.9600, and .* \(in test .*\)\. More validation and test rows would tell\.$/,
      ),
    ]);
    expect(said(trace, 1.04, 1.04, rows(50))).toEqual([
      expect.stringMatching(/^Tuning gained nothing: .* That is within chance\./),
    ]);
    expect(said(trace, 1.04, 1.04, rows(50))[0]).toMatch(why);
    expect(said(trace, 1.06, 1.06, rows(50))).toEqual([
      expect.stringMatching(/^Tuning gained nothing: .* Take the model of the start held fixed\./),
    ]);
  });

  test.each([steered, search])("few rows are said in every corner but that of a sure gain", (...trace) => {
    const few = / Too few rows validate to tune by \(\d+\): what helps is more rows\.$/;
    for (const loss of [0.1, 0.94, 1, 1.06, 3])
      expect(said(trace, loss, loss, { rows: { valid: 4, test: 5 } })).toEqual([expect.stringMatching(few)]);
    expect(said(trace, 0.5, 0.5, { rows: { valid: 9, test: 9 } })).toEqual([]);
    expect(said(trace, 0.96, 0.96, { ...rows(50), couldFold: true })[0]).toMatch(
      /\(50\): train several .*`folds: 5`/,
    );
    expect(said(trace, 0.99, 0.99, { ...rows(100), couldFold: true })[0]).toMatch(
      / More rows would tell, .*`folds: 5`/,
    );
  });

  test("a gain that test rows do not confirm is said to be of the validation rows alone", () => {
    expect(said(steered, 0.9, 1.01, rows(400))).toEqual([
      expect.stringMatching(/^Tuning gained on the validation rows alone: .* tune fewer hyperparameters/),
    ]);
    expect(said(steered, 0.9, 0.99, rows(400))).toEqual([]);
  });
});

test("a run is told one number of epochs, whatever asks for a longer one", () => {
  const slow = [point(0, 0.1), point(1, 0.1), point(2, 0.103, { valid: { loss: 0.9 } })];
  const facts = { baseline: point(2, 0.1, valid(0.9)), linear: point(2, 0.1, valid(0.5)) };
  expect(at(slow, 2, facts)).toEqual([
    expect.stringMatching(/ was still learning: give it 35 epochs \(`epochs: 35`\) before you choose\.$/),
    expect.stringMatching(/ after some 35 epochs: give it 35 epochs /),
  ]);
});

test("a linear model is to be taken where it is better in both parts by more than chance, named where it is as good, and else not", () => {
  const tuned = [point(0, 0.1), point(1, 0.1), point(2, 0.2), point(3, 0.3)];
  const linear = (loss: number) => at(tuned, 2, { linear: point(3, 0.1, valid(loss)) });
  expect(linear(0.9)).toEqual([
    expect.stringMatching(/^A linear model .* does better: .* is 0.9000, the network's 1.0000\. Take it/),
  ]);
  expect(linear(0.996)).toEqual([expect.stringMatching(/^A linear model .* does as well/)]);
  expect(linear(1.004)).toEqual([expect.stringMatching(/^A linear model .* does as well/)]);
  expect(linear(1.006)).toEqual([]);
  expect(linear(0.9)[0]).toMatch(/start with more regularisation/);
  const widened = { linear: point(3, 0.1, valid(0.9)), couldWiden: true };
  expect(at(tuned, 2, widened)[0]).toMatch(/`model: "wide-and-deep"`\)\.$/);
  expect(at(tuned, 3, { linear: point(3, 0.1, valid(0.9)) })[0]).toMatch(
    /was still learning: give it 6 epochs \(`epochs: 6`\)/,
  );
  const tested = (linear: number, network: number, valid = 0.9, rows?: RemarkFacts["rows"]) =>
    at([...tuned.slice(0, 2), { ...point(2, 0.2), test: { loss: network } }, point(3, 0.3)], 2, {
      linear: { ...point(3, 0.1), valid: { loss: valid }, test: { loss: linear } },
      rows,
    });
  expect(tested(0.3462, 0.3686)[0]).toMatch(/; in test they are 0\.3462 and 0\.3686\. Take it/);
  expect(tested(0.3686, 0.3462, 0.996)).toEqual([]); // worse over both
  expect(tested(0.37, 0.36)[0]).toMatch(/ does as well: .* in test they are 0\.3700 and 0\.3600\.$/); // the parts contradict each other
  const rows = { valid: 50, test: 50 }; // of which chance makes 5 %
  expect(tested(0.35, 0.36, 0.97, rows)[0]).toMatch(/ does as well, as far as 100 rows can tell: /);
  expect(tested(0.33, 0.36, 0.9, rows)[0]).toMatch(/ does better: /);
  const trials = [point(0, 0.1), point(1, 0.2)].map((each, i) => ({
    ...each,
    trial: { number: i, epoch: 1 },
  }));
  expect(at(trials, 1, { linear: point(3, 0.1, valid(0.9)) })[0]).toMatch(/Take it/); // the last training, not its end
});

test("a linear model is held against the start held fixed where that is better than the run", () => {
  const late = [point(0, 0.1), point(1, 0.1), point(2, 0.2), point(3, 0.3)];
  const said = (linear: number, held: number, heldAt = 2) =>
    at(late, 2, { linear: point(3, 0.1, valid(linear)), baseline: point(heldAt, 0.1, valid(held)) });
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

test("hyperparameters far too slow for any length of run are to take larger steps, not more epochs", () => {
  const long = (epoch: number, l2: number, loss = 0.9) =>
    point(epoch, l2, { step: 100 * epoch, ...valid(loss) });
  const said = (end: number) =>
    at([long(0, 0.1), long(1, 0.1), long(2, end)], 2, { baseline: point(2, 0.1, valid(0.9)) });
  expect(said(0.103)[0]).toMatch(/ some 35 epochs: give it 35 epochs .*, or let it take larger steps /);
  expect(said(0.10001)).toEqual([
    expect.stringMatching(
      / hardly moved by the end, .* more epochs do not mend: let them take larger steps \(`hyperLr`\)/,
    ),
  ]);
  expect(said(0.10001)[0]).not.toMatch(/give it|At this pace/);
});

test("no pace is read off fewer than a hundred hyperparameter steps, which a run of more epochs is to make", () => {
  const said = (epochs: number, facts: Partial<RemarkFacts> = {}) =>
    at([point(0, 0.1), point(1, 0.1), point(epochs, 0.10001, valid(0.9))], 2, {
      baseline: point(2, 0.1, valid(0.9)),
      ...facts,
    })[0];
  const few =
    /hardly moved by the end, .*, in too few hyperparameter steps to tell their pace: give it (\d+) epochs/;
  expect(few.exec(said(2) as string)?.[1]).toBe("10"); // 20 steps, of which no more were of hyperparameters
  expect(said(10)).toMatch(/more epochs do not mend/);
  const firstTuning = { steps: 14, epochs: 2, warmupEpochs: 1 }; // after 10 steps of warm-up each 4 steps
  expect(few.exec(said(3, { firstTuning }) as string)?.[1]).toBe("60"); // at 14, 18, 22, 26 and 30: 5 of 100
  expect(said(40, { firstTuning })).toMatch(few); // 97
  expect(said(41, { firstTuning })).toMatch(/more epochs do not mend/); // 100
  const restartedAt = 200; // 47 until then, and 50 behind it, which has a warm-up of its own
  const anew = point(41, 0.10001, { ...valid(0.9), restartedAt });
  const trace = [point(0, 0.1), point(1, 0.1), anew];
  expect(at(trace, 2, { baseline: point(2, 0.1, valid(0.9)), firstTuning })[0]).toMatch(few);
});

test("a search by a hypernetwork is told by what it chose, not by hyperparameter steps that it does not take", () => {
  const unfit = { unfit: true as const };
  const said = (l2: number, held: number, end: Partial<TracePoint> = {}) =>
    at([point(0, 0.1, unfit), point(1, 0.1, unfit), point(2, l2, end)], 2, {
      baseline: point(2, 0.1, valid(held)),
    });
  expect(said(0.1, 1)).toEqual([
    expect.stringMatching(/^Tuning changed nothing: .* It chose the start itself, /),
  ]);
  expect(said(0.1, 1.1)).toEqual([expect.stringMatching(/^It chose the start itself, /)]);
  expect(said(0.1, 1, unfit)[0]).toMatch(
    / ended before it trained what it chose: give it more epochs \(`epochs`\)\.$/,
  );
  expect(said(0.11, 0.9)).toEqual([
    expect.stringMatching(/^Tuning gained nothing: .* What it chose is no better here: .* \(`candidates`\)/),
  ]);
  expect(said(0.11, 1.1)).toEqual([]);
});
