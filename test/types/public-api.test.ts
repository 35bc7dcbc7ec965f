import { describe, expect, expectTypeOf, test } from "vitest";

import {
  choice,
  conditional,
  createRun,
  createSearch,
  createSpace,
  defineProblem,
  deltaStn,
  fixed,
  HostArray,
  integer,
  random,
  real,
  supervised,
  type ChoiceHyper,
  type Engine,
  type Hyper,
  type HyperValues,
  type IntegerHyper,
  type Problem,
  type RealHyper,
  type Run,
  type RunEvent,
  type SelfTuningOptions,
  type Task,
  type TracePoint,
  type Tuner,
  type WithPreset,
} from "hypertrain";
import type { numpy } from "hypertrain/jax";
import { mlp, sgd, type Network, type Optimizer } from "hypertrain/nn";

/** Checked by `npm run types`; running them asserts little more. */
describe("what users see", () => {
  test("hyperparameters keep their kind", () => {
    expectTypeOf(real(0.1, { low: 0, high: 1 })).toEqualTypeOf<RealHyper<readonly []>>();
    expectTypeOf(integer(1, { low: 0, high: 5 })).toEqualTypeOf<IntegerHyper<readonly []>>();
    expectTypeOf(choice("a", { options: ["a", "b"] })).toEqualTypeOf<ChoiceHyper<"a" | "b">>();
    expectTypeOf(real(1, { shape: [3] })).toExtend<Hyper>();
    // @ts-expect-error a start that is none of the options
    expect(() => choice("c", { options: ["a", "b"] })).toThrow("start is one of the options");
  });

  test("suggested values have the types of their hyperparameters", () => {
    const space = createSpace({
      rate: real(0.1, { low: 0, high: 1 }),
      rates: real(0.1, { low: 0, high: 1, shape: [3] }),
      layers: integer(1, { low: 1, high: 3 }),
      kind: choice("a", { options: ["a", "b"] }),
    });
    const search = createSearch(space, random());
    const { values } = search.ask();
    expectTypeOf(values.rate).toEqualTypeOf<number>();
    expectTypeOf(values.rates).toEqualTypeOf<readonly number[]>();
    expectTypeOf(values.layers).toEqualTypeOf<number>();
    expectTypeOf(values.kind).toEqualTypeOf<"a" | "b">();
    // @ts-expect-error a name that is not in the space
    void values.rat;
    search.enqueue({ rate: 0.5, kind: "b" });
    // @ts-expect-error an option that there is not
    expectTypeOf(search.enqueue).toBeCallableWith({ kind: "c" });

    const some = createSearch(conditional(space, { rate: { of: "layers", in: [2, 3] } }), random());
    expectTypeOf(some.ask().values.rate).toEqualTypeOf<number | undefined>();
    expectTypeOf(some.ask().values.layers).toEqualTypeOf<number>();
    expectTypeOf(search.best?.values.kind).toEqualTypeOf<"a" | "b" | undefined>();
  });

  test("spaces whose hyperparameters are not known have values by name", () => {
    const hypers: Record<string, Hyper> = { x: real(1, { low: 0, high: 2 }) };
    expectTypeOf(createSearch(createSpace(hypers), random()).ask().values).toExtend<HyperValues>();
  });

  test("tuners are interchangeable, their options are all optional", () => {
    expectTypeOf(deltaStn).parameter(0).toEqualTypeOf<WithPreset<Partial<SelfTuningOptions>> | undefined>();
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

  test("the functions of a problem know their arguments by name", () => {
    const problem = defineProblem({
      name: "line",
      fields: ["x", "y"],
      space: createSpace({ decay: real(1e-3, { low: 1e-6, high: 1, log: true, perturb: "minibatch" }) }),
      noise: { jitter: { distribution: "normal", shape: [1], per: "example" } },
      init: () => ({ slope: new HostArray(Float64Array.of(0), [1]), deep: { offset: hostZero() } }),
      predict(layers, batch, hypers, noise) {
        expectTypeOf(batch).toEqualTypeOf<Record<"x" | "y", numpy.Array>>();
        expectTypeOf(hypers).toEqualTypeOf<Record<"decay", numpy.Array>>();
        expectTypeOf(noise).toEqualTypeOf<Record<"jitter", numpy.Array>>();
        expectTypeOf(layers.params().deep.offset).toEqualTypeOf<numpy.Array>();
        return { line: batch.x.mul(layers.params().slope) };
      },
      loss(outputs, { y }) {
        expectTypeOf(outputs).toEqualTypeOf<{ line: numpy.Array }>();
        return outputs.line.sub(y);
      },
      // @ts-expect-error a hyperparameter that is not in the space
      penalty: (_, { deacy }) => deacy,
    });
    expectTypeOf(problem).toEqualTypeOf<Problem>();
    expectTypeOf<Problem<{ w: numpy.Array }, "x", "decay">>().toExtend<Problem>();
  });

  test("the kind of an event says what is in it", () => {
    expectTypeOf(createRun).parameter(2).toEqualTypeOf<Engine>();
    expectTypeOf(createRun).returns.toEqualTypeOf<Run>();
    expectTypeOf<Extract<RunEvent, { kind: "epoch" }>["trace"]>().toEqualTypeOf<TracePoint>();
    expectTypeOf<Extract<RunEvent, { kind: "step" }>>().not.toHaveProperty("trace");
  });
});

const hostZero = () => new HostArray(Float64Array.of(0), []);
