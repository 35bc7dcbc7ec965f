import { quasiRandom } from "../search/quasi-random.ts";
import {
  budgetOf,
  type Decision,
  type ScheduledTrial,
  type Scheduler,
} from "../search/schedulers/scheduler.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace, toUnconstrained, type HyperValues } from "../space/space.ts";
import { HypertrainError } from "../util/error.ts";
import { demand, type ContractCase } from "./contract.ts";
import { demandGiven } from "../util/given.ts";
import { functionOf } from "../util/rule.ts";

/**
 * What studies rely on in every scheduler.
 *
 * @param make makes the scheduler, new each time, for trainings of so many epochs
 * @throws {HypertrainError} for what is no function.
 */
export function schedulerContract(make: (budget: number) => Scheduler): ContractCase[] {
  demandGiven("schedulerContract", { make }, { make: functionOf("that makes a scheduler") });
  return [
    {
      name: "has a name that commands can spell",
      async run() {
        const { name } = make(R);
        demand(/^[a-z][a-z0-9-]*$/.test(name), `a scheduler's name must be in kebab case, but is "${name}"`);
      },
    },
    ...[1, 4].map((workers) => ({
      name: `decides what can be done, with ${workers} at work`,
      async run() {
        driven(make(R), { decisions: 120, workers });
      },
    })),
    {
      name: "goes on where trials fail, and never with one that failed",
      async run() {
        driven(make(R), { decisions: 120, workers: 1, fails: (number) => number % 3 === 1 });
        driven(make(R), { decisions: 40, workers: 1, fails: () => true });
      },
    },
    {
      name: "decides whatever losses are like",
      async run() {
        for (const odd of [NaN, Infinity, -Infinity, 1e308, -1e308, 0]) {
          for (const share of [1, 2, 3]) {
            const loss = (trial: ScheduledTrial, budget: number, usual: number) =>
              (trial.number + Math.ceil(budget)) % share === 0 ? odd : usual;
            driven(make(R), { decisions: 60, workers: 2, loss });
          }
        }
      },
    },
    {
      name: "goes on where trainings pause at whole steps only, a little later than was asked for",
      async run() {
        for (const budget of [0.5, 1, 3, R]) driven(make(budget), { decisions: 60, workers: 1, steps: 3 });
      },
    },
    {
      name: "trains a trial to the whole budget before sixty of them are spent",
      async run() {
        const { trials, spent } = driven(make(R), { decisions: Infinity, workers: 1, enough: R * 60 });
        demand(
          trials.some((trial) => budgetOf(trial) >= R - 1e-9),
          `a trial must come to ${R} epochs, but none has after ${spent}`,
        );
      },
    },
    {
      name: "decides the same from the same trials, in any order, restored from JSON, and whatever it decided before",
      async run() {
        const used = make(R);
        for (const decisions of [0, 7, 30, 61]) {
          const { trials } = driven(make(R), { decisions, workers: 1 });
          const expected = JSON.stringify(make(R).decide(trials, facts));
          const restored = JSON.parse(JSON.stringify(trials)) as ScheduledTrial[];
          for (const [how, decision] of [
            ["in another order", make(R).decide(trials.toReversed(), facts)],
            ["restored from JSON", make(R).decide(restored, facts)],
            ["by a scheduler in use", used.decide(trials, facts)],
          ] as const) {
            demand(
              JSON.stringify(decision) === expected,
              `the decision ${how} must be ${expected}, but is ${JSON.stringify(decision)} after ${decisions}`,
            );
          }
        }
      },
    },
    {
      name: "leaves the trials as they are",
      async run() {
        const { trials } = driven(make(R), { decisions: 30, workers: 1 });
        const before = JSON.stringify(trials);
        make(R).decide(trials, facts);
        demand(JSON.stringify(trials) === before, "a scheduler must not change the trials");
      },
    },
    {
      name: "refuses a budget that is none",
      async run() {
        for (const budget of [0, -1, NaN, Infinity]) {
          let refused: unknown;
          try {
            make(budget);
          } catch (error) {
            refused = error;
          }
          demand(
            refused instanceof HypertrainError && refused.code === "input",
            `a scheduler must refuse a budget of ${budget} as wrong input, but gave ${String(refused)}`,
          );
        }
      },
    },
  ];
}

/** Epochs of a training that goes to its end. */
const R = 9;

const space = createSpace({
  rate: real(0.01, { low: 1e-4, high: 1, log: true }),
  drop: real(0.1, { low: 0, high: 0.9 }),
  units: integer(8, { low: 1, high: 64, log: true }),
});

const facts = { space, seed: 5 };

interface Drive {
  readonly decisions: number;
  /** Trials that train at once. */
  readonly workers: number;
  /** Epochs of all trials after which no more is decided. */
  readonly enough?: number;
  /** Whether a trial fails as soon as it is begun. */
  fails?(number: number): boolean;
  /** What becomes of a usual loss. */
  loss?(trial: ScheduledTrial, budget: number, usual: number): number;
  /** Of an epoch, if trainings pause at whole ones only. */
  readonly steps?: number;
}

/** Carries out what a scheduler decides, and demands of each decision that it can be carried out. */
function driven(
  scheduler: Scheduler,
  {
    decisions,
    workers,
    enough = Infinity,
    fails = () => false,
    loss = (_, __, usual) => usual,
    steps,
  }: Drive,
): { trials: ScheduledTrial[]; spent: number } {
  const trials: ScheduledTrial[] = [];
  const running: { readonly number: number; readonly to: number }[] = [];
  const finish = (): void => {
    const { number, to: asked } = running.shift() as (typeof running)[number];
    const to = steps === undefined ? asked : Math.ceil(asked * steps) / steps;
    const trial = trials[number] as ScheduledTrial;
    const added = curveOf(trial, to).map((point) => ({
      ...point,
      loss: loss(trial, point.budget, point.loss),
    }));
    const curve = [...trial.curve, ...added];
    trials[number] = fails(number) ? { ...trial, state: "failed" } : { ...trial, curve, state: "paused" };
    spent += to - budgetOf(trial);
  };
  let spent = 0;
  for (let i = 0; i < decisions && spent < enough; i++) {
    const decision = scheduler.decide(trials, facts);
    demandPossible(decision, trials, scheduler);
    if (decision.kind === "wait") {
      demand(running.length > 0, "a scheduler must not wait where nothing runs");
      finish();
      continue;
    }
    const number = decision.kind === "start" ? trials.length : decision.trial;
    trials[number] = { ...readied(decision, trials), state: "running" };
    running.push({ number, to: decision.to });
    if (running.length === workers) finish();
  }
  while (running.length > 0) finish();
  return { trials, spent };
}

function readied(
  decision: Exclude<Decision, { kind: "wait" }>,
  trials: readonly ScheduledTrial[],
): ScheduledTrial {
  if (decision.kind === "start") {
    const number = trials.length;
    const values = decision.values ?? quasiRandom().suggest({ space, trials: [], seed: 1, number });
    return { number, values, curve: [], state: "paused" };
  }
  const trial = trials[decision.trial] as ScheduledTrial;
  if (decision.kind === "continue") return trial;
  const { from, values } = decision;
  const budget = budgetOf(trials[from] as ScheduledTrial);
  const curve = trial.curve.filter((point) => point.budget <= budget);
  return { ...trial, values, curve, copies: [...(trial.copies ?? []), { budget, from }] };
}

function demandPossible(
  decision: Decision,
  trials: readonly ScheduledTrial[],
  { budget = Infinity }: Scheduler,
): void {
  const what = JSON.stringify(decision);
  if (decision.kind === "wait") return;
  const { to } = decision;
  demand(to > 0 && to <= R + 1e-9, `a trial must be trained to at most ${R} epochs, but ${what}`);
  if ("values" in decision && decision.values) toUnconstrained(space, decision.values);
  if (decision.kind === "start") return;
  const trial = trials[decision.trial];
  demand(trial !== undefined && trial.state !== "running", `a trial must be there and stand still: ${what}`);
  const source = decision.kind === "clone" ? trials[decision.from] : trial;
  demand(source?.state === "paused", `only what has not failed can be trained on: ${what}`);
  demand(
    decision.kind !== "clone" || decision.from !== decision.trial,
    `a copy is of another trial: ${what}`,
  );
  demand(budgetOf(source) < to - 1e-9, `training must go on from ${budgetOf(source)}: ${what}`);
  demand(budgetOf(source) < budget, `a trial that has had ${budget} epochs has no weights any more: ${what}`);
}

/** The losses of every epoch on the way to a budget: a decay to what the values are worth. */
function curveOf(trial: ScheduledTrial, to: number): { budget: number; loss: number }[] {
  const seen = budgetOf(trial);
  const worth = worthOf(trial.values);
  const whole = Array.from({ length: Math.ceil(to) }, (_, i) => i + 1).filter((t) => t > seen && t < to);
  return [...whole, to].map((budget) => ({ budget, loss: worth + 1 / (1 + budget) }));
}

const worthOf = (values: Readonly<HyperValues>): number =>
  toUnconstrained(space, values).reduce((sum, u) => sum + Math.tanh(u - 0.3) ** 2, 0.1);
