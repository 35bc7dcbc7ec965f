import { describe, expectTypeOf, test } from "vitest";

import {
  fixed,
  hostScalar,
  hostVector,
  jaxEngine,
  preparedTuner,
  type ArrayTree,
  type Host,
  type HostArray,
  type HostTree,
  type NoArrays,
  type OnHost,
  type PreparedTuner,
  type Program,
  type ProgramRunner,
  type Session,
  type StateOf,
  type Tuner,
  type TunerPrograms,
} from "hypertrain";
import type { numpy as np } from "hypertrain/jax";

type Counted = { count: np.Array; kept: { deep: ArrayTree } };

const add: Program<Counted, { by: np.Array }, { sum: np.Array; most?: np.Array }> = ({ count }, { by }) => {
  const next = count.add(by);
  return [{ count: next.ref }, { sum: next.sum() }];
};
const look: Program<Counted, NoArrays, { kept: Counted["kept"] }> = ({ kept }) => [{}, { kept }];
const scaled: Program<{ count: np.Array; scales?: np.Array }, NoArrays, NoArrays> = ({ count, scales }) => [
  { count: scales ? count.mul(scales) : count },
  {},
];
const untyped: Program = (state, inputs) => [
  { count: (state.count as np.Array).add(inputs.by as np.Array) },
  { seen: state.kept as ArrayTree },
];

/** Checked by `npm run types`; what is called is never run but in the first test. */
describe("programs", () => {
  test("a session takes the inputs of its programs and gives their outputs, by name", async () => {
    const state = { count: hostVector([1, 2]), kept: { deep: hostScalar(7) } };
    const session = (await jaxEngine()).open({ add, look, scaled, untyped }, state, "float64");
    const { sum, most } = await session.run("add", { by: hostScalar(1) });
    expectTypeOf(sum).toEqualTypeOf<HostArray>();
    expectTypeOf(most).toEqualTypeOf<HostArray | undefined>();
    expectTypeOf((await session.run("look", {})).kept).toEqualTypeOf<{ readonly deep: HostTree }>();
    expectTypeOf((await session.run("untyped", { by: hostScalar(1) })).seen).toEqualTypeOf<
      HostTree | undefined
    >();
    session.dispose();
  });

  test("a name that is misspelt does not compile", () => {
    const _ = async (session: Session<{ add: typeof add; look: typeof look }>) => {
      // @ts-expect-error a program that there is not
      await session.run("ad", { by: hostScalar(1) });
      // @ts-expect-error an input that is missing
      await session.run("add", {});
      // @ts-expect-error an input that the program does not take
      await session.run("add", { by: hostScalar(1), too: hostScalar(1) });
      // @ts-expect-error an input of a program without any
      await session.run("look", { by: hostScalar(1) });
      // @ts-expect-error an array in the place of a tree
      await session.run("add", { by: { x: hostScalar(1) } });
      // @ts-expect-error an output that the program does not give
      void (await session.run("add", { by: hostScalar(1) })).total;
    };
    // @ts-expect-error a part of the state that the program does not know
    const _misspelt: typeof add = ({ cuont }) => [{}, { sum: cuont }];
    // @ts-expect-error an output that is missing
    const _missing: typeof add = ({ count }) => [{ count }, {}];
  });

  test("a session reads the parts of the state that its programs name", () => {
    const _ = async (
      session: Session<{ add: typeof add; scaled: typeof scaled; untyped: typeof untyped }>,
    ) => {
      const { count, scales } = await session.read(["count", "scales"]);
      expectTypeOf(count).toEqualTypeOf<HostArray>();
      expectTypeOf(scales).toEqualTypeOf<HostArray | undefined>();
      expectTypeOf((await session.read()).kept).toEqualTypeOf<{ readonly deep: HostTree }>();
      // @ts-expect-error a part that is misspelt
      await session.read(["cuont"]);
      // @ts-expect-error a part that was not asked for
      void (await session.read(["count"])).scales;
      // @ts-expect-error a part that is misspelt, of the whole state
      void (await session.read()).cuont;
    };
    const _tuned = async (session: Session<TunerPrograms>) => {
      const { hypers, scales, params } = await session.read(["hypers", "scales", "params"]);
      expectTypeOf(hypers).toEqualTypeOf<HostArray>();
      expectTypeOf(scales).toEqualTypeOf<HostArray | undefined>();
      expectTypeOf(params).toEqualTypeOf<HostTree>();
      // @ts-expect-error a part that is misspelt
      await session.read(["hyper"]);
    };
    const _untyped = async (session: Session) => {
      expectTypeOf((await session.read(["count"])).count).toEqualTypeOf<HostTree | undefined>();
      expectTypeOf(await session.read()).toEqualTypeOf<Readonly<Record<string, HostTree>>>();
    };
    expectTypeOf<StateOf<TunerPrograms>>().toExtend<Readonly<Record<string, HostTree>>>();
  });

  test("whoever needs some programs takes a session of more, and any session is one of any programs", () => {
    expectTypeOf<Session<{ add: typeof add; look: typeof look }>>().toExtend<
      Session<{ look: typeof look }>
    >();
    expectTypeOf<Session<{ look: typeof look }>>().not.toExtend<
      Session<{ add: typeof add; look: typeof look }>
    >();
    expectTypeOf<Session<{ look: typeof look }>>().not.toExtend<ProgramRunner<{ add: typeof add }>>();
    expectTypeOf<Session>().not.toExtend<ProgramRunner<{ add: typeof add }>>();
    expectTypeOf<Session<{ add: typeof add }>>().toExtend<Session>();
    expectTypeOf(add).toExtend<Program>();
  });

  test("trees of arrays are trees of host arrays on the host, nothing of them any", () => {
    expectTypeOf<OnHost<np.Array>>().toEqualTypeOf<HostArray>();
    expectTypeOf<OnHost<ArrayTree>>().toEqualTypeOf<HostTree>();
    expectTypeOf<OnHost<{ a: np.Array; b?: { c: ArrayTree } }>>().toEqualTypeOf<{
      readonly a: HostArray;
      readonly b?: { readonly c: HostTree };
    }>();
    expectTypeOf<Awaited<ReturnType<Session["run"]>>>().not.toBeAny();
  });

  test("a prepared tuner's advance knows its programs", () => {
    const _own = ({ evaluate, weights }: Pick<TunerPrograms, "evaluate" | "weights">): PreparedTuner =>
      preparedTuner({
        state: {},
        programs: { add, look, evaluate, weights },
        learningRates: () => ({}),
        async advance(host) {
          const { sum } = await host.run("add", { by: hostScalar(1) });
          expectTypeOf(sum).toEqualTypeOf<HostArray>();
          expectTypeOf((await host.run("weights", {})).params).toEqualTypeOf<HostTree>();
          // @ts-expect-error a program that there is not
          await host.run("ad", { by: hostScalar(1) });
          // @ts-expect-error an input that is missing
          await host.run("evaluate", { batch: {} });
          return { loss: 0, penalty: 0, gradientEvaluations: 1 };
        },
      });
  });

  test("a tuner written without types is a tuner", () => {
    const _own: Tuner = {
      name: "own",
      prepare: (task, seed, length) => ({
        ...fixed().prepare(task, seed, length),
        async advance(host, step) {
          expectTypeOf(host).toEqualTypeOf<Host<TunerPrograms>>();
          const { loss } = await host.run("train", {
            ...(await host.trainInputs(step)),
            rate: hostScalar(0.1),
          });
          expectTypeOf(loss).toEqualTypeOf<HostTree | undefined>();
          return { loss: 0, penalty: 0, gradientEvaluations: 1 };
        },
      }),
    };
  });
});
