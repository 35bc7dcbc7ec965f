import fc from "fast-check";
import { expect, test } from "vitest";

import type { ResponseCheck, TracePoint } from "../../src/api/trace.ts";
import { resultOf, type ResultInput } from "../../src/report/result.ts";
import type { RunEnd } from "../../src/report/run-facts.ts";
import { sentencesOf } from "../../src/report/sentences.ts";
import { createSpace } from "../../src/space/space.ts";
import { real } from "../../src/space/real.ts";
import { bestPoint } from "../../src/tuners/best.ts";

const space = createSpace({ l2: real(0.1, { low: 1e-8, high: 1e4, log: true }) });
const START = 0.1;

/** A share of a loss, from what nobody sees to what nobody overlooks. */
const ratio = fc.constantFrom(0.3, 0.8, 0.96, 0.99, 0.998, 1, 1.002, 1.01, 1.04, 1.2, 3);

const checks: fc.Arbitrary<ResponseCheck | undefined> = fc.constantFrom(
  undefined,
  { predicted: -1, seen: -1, opposite: 1, noise: 0.01, cosine: 0.9 },
  { predicted: -1, seen: 1, opposite: -1, noise: 0.01, cosine: -0.9 },
);

const losses = fc.record({ seen: ratio, guard: ratio, test: ratio });

/** What a run is made of: its rows, its epochs, where its hyperparameters moved, its training diverged or began anew, and what it is compared with. */
const parts = fc.record({
  valid: fc.integer({ min: 1, max: 400 }),
  test: fc.option(fc.integer({ min: 1, max: 400 })),
  kept: fc.constantFrom(0, 0, 0.3, 0.5),
  epochs: fc.oneof(...[10, 24].map((maxLength) => fc.array(losses, { minLength: 2, maxLength }))),
  moves: fc.option(fc.integer({ min: 1, max: 10 })),
  to: fc.constantFrom(0.10001, 0.11, 0.15, 0.9),
  diverges: fc.option(fc.integer({ min: 1, max: 10 }), { freq: 3 }),
  restarts: fc.option(fc.integer({ min: 2, max: 8 }), { freq: 2 }),
  baseline: fc.option(fc.record({ at: fc.nat(9), losses }), { freq: 4 }),
  linear: fc.option(losses),
  ended: fc.constantFrom("epochs", "time", "patience", "diverged", "epochs", "epochs"),
  check: checks,
  plateau: fc.boolean(),
  search: fc.boolean(),
  couldFold: fc.boolean(),
  restart: fc.boolean(),
});

type Parts = typeof parts extends fc.Arbitrary<infer Value> ? Value : never;

function runOf(of: Parts): ResultInput & { readonly trace: readonly TracePoint[] } {
  const guardRows = Math.min(of.valid - 1, Math.round(of.kept * of.valid));
  const lossesOf = ({ seen, guard, test }: Parts["epochs"][number]) => ({
    valid: { loss: (guardRows * guard + (of.valid - guardRows) * seen) / of.valid },
    ...(of.test !== null && { test: { loss: test } }),
    ...(guardRows > 0 && { guard: { rows: guardRows, loss: guard, seen } }),
  });
  const at = (epoch: number, loss: Parts["epochs"][number], l2 = START): TracePoint => ({
    ...{ step: 200 * epoch, epoch, examples: 0, gradientEvaluations: 400 * epoch, seconds: epoch },
    ...{ hyperparameters: { l2: { value: l2, scale: 1 } } },
    ...lossesOf(loss),
  });
  const { moves, diverges, restarts } = of;
  const trace = of.epochs.map((loss, i): TracePoint => ({
    ...at(i, loss, moves !== null && i >= moves ? of.to : START),
    ...(i > 0 && { train: { loss: diverges !== null && i >= diverges ? 1e9 : 0.5, penalty: 0 } }),
    ...(!of.search && restarts !== null && i > restarts && { restartedAt: 200 * restarts }),
    ...(of.check && i > 0 && !of.search && { check: of.check }),
    ...(of.plateau && !of.search && { rateFactor: i > 3 ? 0.5 : 1 }),
    ...(of.search && { trial: { number: i, epoch: 1 } }),
  }));
  const [best, final] = [bestPoint(trace), trace.at(-1)] as [TracePoint, TracePoint]; // there are two at least
  const held = of.baseline && at(of.baseline.at, of.baseline.losses);
  return {
    ...{ run: "r", report: "r.html", method: "own", engine: "jax", seed: 0, space, trace },
    end: { reason: of.ended as RunEnd["reason"], best, final },
    ...(held && { baseline: { run: "r/baseline", end: { reason: "epochs", best: held, final: held } } }),
    ...(of.linear && { linear: at(5, of.linear) }),
    rows: { valid: of.valid, test: of.test ?? undefined },
    ...{ learnsResponse: !of.search, couldFold: of.couldFold, couldWiden: false },
    ...(of.restart && !of.search && { restart: { epochs: of.epochs.length - 1 } }),
    firstTuning: { steps: 200, epochs: 2, warmupEpochs: 0.5 },
  };
}

const says = {
  noGain:
    /^Tuning (changed nothing|gained (nothing|next to nothing|no more than chance|on the validation rows alone))/,
  holds: /^The gain holds/,
  fails: /^The gain does not hold/,
  few: /Too few rows validate to tune by/,
  overfits: /overfits sooner than it is tuned/,
  level: /has not risen since by more than chance/,
  notRisen: /^Training did not begin anew .* the loss had not risen yet /,
  diverged: /^Training diverged/,
  stillLearning: /was still learning/,
  takeHeld: /Take the model of the start held fixed/,
  takeLinear: /Take it \(/,
  never: /never moved/,
  since: /^Since the hyperparameters began to move/,
  slow: /had hardly moved/,
  moved: /did move/,
  larger: /larger steps/,
  smaller: /smaller steps/,
  hardlyDepends: /hardly depends on them/,
  wrong: /^The response is wrong/,
  right: /^The response is right/,
  longer: /give it (\d+|some \d+) (epochs|s)\b(?!.* before you choose)/,
  anew: /Training began anew/,
  plateau: /plateau/,
  held: /start held/,
  linear: /linear model/,
  kept: /kept from|on the guard/,
  tests: /in test/,
  trainings: /its (one|\d+) trainings?/i,
} as const;

type Said = keyof typeof says;

/** What no run may say together. */
const contradictions: readonly (readonly [Said, Said])[] = [
  ["noGain", "holds"],
  ["few", "holds"],
  ["hardlyDepends", "holds"],
  ["never", "holds"],
  ["never", "since"],
  ["never", "moved"],
  ["slow", "moved"],
  ["few", "overfits"],
  ["stillLearning", "overfits"],
  ["level", "overfits"],
  ["hardlyDepends", "overfits"],
  ["slow", "overfits"],
  ["takeHeld", "takeLinear"],
  ["takeHeld", "stillLearning"],
  ["larger", "smaller"],
  ["wrong", "slow"],
  ["wrong", "hardlyDepends"],
  ["wrong", "right"],
  ["fails", "longer"],
];

/** Whether one of the last five evaluations of the training that a best point is of lies above it by a share. */
function isAbove(best: TracePoint, trace: readonly TracePoint[], share: number): boolean {
  const anew = trace.find(({ restartedAt }) => restartedAt !== undefined)?.restartedAt ?? Infinity;
  const lossOf = ({ guard, valid }: TracePoint) => guard?.loss ?? valid.loss;
  const own = trace.filter(({ step }) => step > best.step && step > anew === best.step > anew);
  return own.slice(-5).some((point) => lossOf(point) > lossOf(best) * (1 + share));
}

/** Tries a law on generated runs, of what each says first and besides. */
const runs = (law: (input: ReturnType<typeof runOf>, said: readonly string[], of: Parts) => void) => {
  fc.assert(
    fc.property(parts, (of) => {
      const input = runOf(of);
      const result = resultOf(input);
      const { first, others } = sentencesOf(result);
      expect(first.length).toBeLessThanOrEqual(result.guard ? 3 : 2);
      law(input, [...first, ...others], of);
    }),
    { numRuns: 1000 },
  );
};

const isSaid = (said: readonly string[], what: Said): boolean => said.some((text) => says[what].test(text));

test("no two sentences of a run contradict each other, and it is told one length", () => {
  runs((_, said) => {
    for (const [one, other] of contradictions)
      expect([one, other].filter((what) => isSaid(said, what as Said))).not.toEqual([one, other]);
    const lengths = said.flatMap((text) =>
      [...text.matchAll(/`epochs: (\d+)`/g)].map(([, epochs]) => epochs),
    );
    expect(new Set(lengths).size).toBeLessThanOrEqual(1);
  });
});

test("no sentence of a run speaks of what did not happen", () => {
  runs(({ trace, end: { best, reason }, baseline, linear, rows }, said, of) => {
    const isAnother = ({ hyperparameters: { l2 } }: TracePoint) => l2?.value !== START;
    const moved = trace.findIndex(isAnother);
    const held = baseline?.end.best;
    const lower = (point: Pick<TracePoint, "valid"> | undefined, than: TracePoint | undefined) =>
      point !== undefined && than !== undefined && point.valid.loss < than.valid.loss;
    const could: Partial<Record<Said, boolean>> = {
      noGain: held !== undefined || !isAnother(best),
      holds: lower(best, held) && (of.search || isAnother(best)),
      since: held === undefined && !of.search && isAnother(best) && best.guard !== undefined,
      few: (rows?.valid ?? 0) < 100,
      overfits: !of.search && isAbove(best, trace, 0.5 / Math.sqrt(best.guard?.rows ?? rows?.valid ?? 0)),
      level: !of.search && (trace.at(-1)?.step ?? 0) > best.step,
      notRisen: of.restart && !of.search && trace.length > 9,
      diverged:
        reason === "diverged" ||
        trace.some(({ step, train }) => step > best.step && (train?.loss ?? 0) > 1e8),
      never: moved < 0,
      moved: isAnother(best),
      takeHeld: lower(held, best),
      takeLinear: lower(linear, best) && (held === undefined || lower(linear, held)),
      anew: trace.some(({ restartedAt }) => restartedAt !== undefined),
      plateau: of.plateau,
      held: held !== undefined,
      linear: linear !== undefined,
      kept: best.guard !== undefined,
      tests: best.test !== undefined,
      trainings: of.search,
      wrong: (of.check?.seen ?? 0) > 0,
    };
    for (const [what, did] of Object.entries(could))
      if (!did) expect([what, ...said.filter((text) => says[what as Said].test(text))]).toEqual([what]);
  });
});

test("a run that diverged says so, and nothing else; one whose gain is not sure always says something", () => {
  runs(({ trace, end: { best, reason }, baseline, rows }, said, of) => {
    const diverged =
      !of.search &&
      (reason === "diverged" ||
        trace.some(({ step, train }) => step > best.step && (train?.loss ?? 0) > 1e8));
    if (diverged) expect(said).toEqual([expect.stringMatching(says.diverged)]);
    if (diverged || !baseline) return;
    const judged = (rows?.valid ?? 0) + (rows?.test ?? 0);
    const chance = judged < 10 ? Infinity : 0.5 / Math.sqrt(judged);
    const [{ loss }, { loss: held }] = [best.valid, baseline.end.best.valid];
    const [test, heldTest] = [best.test?.loss ?? 0, baseline.end.best.test?.loss ?? 0];
    if (held - loss <= chance * held && heldTest - test <= chance * heldTest)
      expect(said.some((text) => says.noGain.test(text) || says.never.test(text))).toBe(true);
  });
});
