import { describe, expectTypeOf, test } from "vitest";

import {
  createRun,
  deltaStn,
  fixed,
  integer,
  real,
  supervised,
  type Engine,
  type IntegerHyper,
  type RealHyper,
  type Run,
  type RunEvent,
  type SelfTuningOptions,
  type Task,
  type TracePoint,
  type Tuner,
} from "hypertrain";
import { mlp, sgd, type Network, type Optimizer } from "hypertrain/nn";

/** Checked by `npm run types`; running them asserts nothing more. */
describe("what users see", () => {
  test("hyperparameters keep their kind", () => {
    expectTypeOf(real(0.1, { low: 0, high: 1 })).toEqualTypeOf<RealHyper>();
    expectTypeOf(integer(1, 0, 5)).toEqualTypeOf<IntegerHyper>();
  });

  test("tuners are interchangeable, their options are all optional", () => {
    expectTypeOf(deltaStn).parameter(0).toEqualTypeOf<SelfTuningOptions | undefined>();
    expectTypeOf([deltaStn(), fixed()]).toEqualTypeOf<Tuner[]>();
    expectTypeOf(deltaStn({ optimizer: sgd({ momentum: 0.5 }) })).toEqualTypeOf<Tuner>();
  });

  test("a network and data make a task", () => {
    expectTypeOf(mlp({ inputs: 2, hidden: [], outputs: 1 })).toEqualTypeOf<Network>();
    expectTypeOf(sgd()).toEqualTypeOf<Optimizer>();
    expectTypeOf(supervised).returns.toEqualTypeOf<Task>();
    // @ts-expect-error a loss that does not exist
    expectTypeOf(supervised).toBeCallableWith({ loss: "hinge" });
  });

  test("the kind of an event says what is in it", () => {
    expectTypeOf(createRun).parameter(2).toEqualTypeOf<Engine>();
    expectTypeOf(createRun).returns.toEqualTypeOf<Run>();
    expectTypeOf<Extract<RunEvent, { kind: "epoch" }>["trace"]>().toEqualTypeOf<TracePoint>();
    expectTypeOf<Extract<RunEvent, { kind: "step" }>>().not.toHaveProperty("trace");
  });
});
