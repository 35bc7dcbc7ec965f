import { expect, test } from "vitest";

import { HypertrainError } from "../../util/error.ts";
import {
  checkedSchedule,
  constant,
  cosine,
  inverseTime,
  linearWarmup,
  stepDecay,
  type Schedule,
} from "./schedule.ts";

const expectValues = (schedule: Schedule, values: Record<number, number>): void => {
  for (const [step, value] of Object.entries(values)) expect(schedule(Number(step))).toBeCloseTo(value, 14);
};

test("constant stays at 1", () => {
  expectValues(constant(), { 0: 1, 7: 1, 1e6: 1 });
});

test("step decay multiplies from each step on that it names", () => {
  expectValues(stepDecay({ at: [3, 5], factor: 0.2 }), { 0: 1, 2: 1, 3: 0.2, 4: 0.2, 5: 0.04, 99: 0.04 });
});

test("inverse time falls as one over the steps, behind those at 1", () => {
  expectValues(inverseTime({ after: 3 }), { 0: 1, 2: 1, 3: 0.75, 5: 0.5, 299: 0.01 });
});

test("linear warm-up grows in equal steps to 1", () => {
  expectValues(linearWarmup({ steps: 4 }), { 0: 0.25, 1: 0.5, 2: 0.75, 3: 1, 4: 1, 100: 1 });
});

test("cosine falls from 1 over one half to 0", () => {
  const third = (1 + Math.cos(Math.PI / 4)) / 2;
  expectValues(cosine({ steps: 8 }), { 0: 1, 2: third, 4: 0.5, 6: 1 - third, 8: 0, 20: 0 });
});

test("cosine falls after its warm-up", () => {
  expectValues(cosine({ steps: 10, warmup: 2 }), { 0: 0.5, 1: 1, 2: 1, 6: 0.5, 10: 0, 11: 0 });
});

test.each([
  [() => linearWarmup({ steps: 0 }), "`steps` of linearWarmup must be a whole number, at least 1, but got 0"],
  [() => cosine({ steps: 5, warmup: 5 }), "for cosine, but got steps=5, warmup=5"],
  [() => cosine({ steps: 5.5 }), "`steps` of cosine must be a whole number, at least 1, but got 5.5"],
  [
    () => cosine({ steps: 5, warmup: -1 }),
    "`warmup` of cosine must be a whole number, at least 0, but got -1",
  ],
])("a length that cannot be is refused: %s", (make, message) => {
  expect(make).toThrow(HypertrainError);
  expect(make).toThrow(message);
});

test.each([[-1], ["1"], [NaN], [Infinity], [undefined]])(
  "a schedule that returns %j is refused where it is called",
  (factor) => {
    const checked = checkedSchedule("hyperSchedule", (step) => (step < 3 ? 0 : (factor as number)));
    expect(checked(2)).toBe(0);
    expect(() => checked(3)).toThrow(
      `\`hyperSchedule\` must return a number, at least 0, for every step, but returned ${typeof factor === "string" ? '"1"' : factor} for step 3; correct it`,
    );
  },
);
