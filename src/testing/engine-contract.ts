import type { numpy as np } from "@jax-js/jax";
import { tree } from "@jax-js/jax";

import type { ArrayTree, Engine, NoArrays, Precision, Program, Programs, Session } from "../engine/engine.ts";
import { gradients, mapArrays, valueAndPushForward } from "../engine/transform.ts";
import { plainLayers } from "../nn/layer.ts";
import { mlp } from "../nn/mlp.ts";
import { crossEntropy } from "../nn/loss.ts";
import { HostArray, hostScalar, hostVector, leavesOf, type HostTree } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { demand, demandSame, type ContractCase } from "./contract.ts";
import { demandGiven } from "../util/given.ts";
import { functionOf } from "../util/rule.ts";

const maker = functionOf("that makes an engine");

/**
 * What the run loop and the tuners rely on in every engine.
 *
 * @param makeEngine makes the engine under test; called anew in each case
 * @param makeReference makes the engine whose numbers it must reach
 * @throws {HypertrainError} for what is no function.
 */
export function engineContract(
  makeEngine: () => Promise<Engine>,
  makeReference: () => Promise<Engine>,
): ContractCase[] {
  const makers = { makeEngine, makeReference };
  demandGiven("engineContract", makers, { makeEngine: maker, makeReference: maker });
  const opened = async <P extends Programs>(
    programs: P,
    state: Readonly<Record<string, HostTree>>,
    precision: Precision = "float64",
  ) => (await makeEngine()).open(programs, state, precision);
  const counted = { count: hostVector([1, 2]), kept: { deep: hostScalar(7) } };

  return [
    {
      name: "replaces the parts of the state that a program changed and keeps the others",
      async run() {
        const session = await opened({ add }, counted);
        for (const by of [1, 10]) await session.run("add", { by: hostScalar(by) });
        demandSame(await session.read(), { ...counted, count: hostVector([12, 13]) }, "the state");
        session.dispose();
      },
    },
    {
      name: "returns a program's outputs, and its state where it only looks",
      async run() {
        const session = await opened({ add, total }, counted);
        const { sum, seen } = await session.run("total", {});
        demandSame(sum, hostScalar(3), "the output");
        demandSame(seen, counted.kept, "an output that is part of the state");
        demandSame(await session.read(), counted, "the state");
        session.dispose();
      },
    },
    {
      name: "keeps a part of the state that has no numbers",
      async run() {
        const session = await opened({ add }, { ...counted, none: hostVector([]) });
        await session.run("add", { by: hostScalar(1) });
        demandSame(
          await session.read(),
          { ...counted, count: hostVector([2, 3]), none: hostVector([]) },
          "the state",
        );
        session.dispose();
      },
    },
    {
      name: "runs programs in turn on one state",
      async run() {
        const session = await opened({ add, total }, counted);
        await session.run("add", { by: hostScalar(1) });
        const { sum } = await session.run("total", {});
        demandSame(sum, hostScalar(5), "the sum after a step");
        session.dispose();
      },
    },
    {
      name: "sees what it is fed, whether it has seen that array before or not",
      async run() {
        const session = await opened({ add }, counted);
        const [one, ten] = [hostScalar(1), hostScalar(10)];
        for (const by of [one, one, ten, one]) await session.run("add", { by });
        demandSame(await session.read(["count"]), { count: hostVector([14, 15]) }, "the state");
        session.dispose();
      },
    },
    {
      name: "refuses a program that it was not given",
      async run() {
        const session = await opened({ add }, counted);
        const refused = await (session as Session).run("nothing", {}).then(
          () => false,
          () => true,
        );
        demand(refused, "a program's name must be known");
        session.dispose();
      },
    },
    {
      name: "reads the named parts, without those that the state lacks",
      async run() {
        const session = await opened({ add }, counted);
        const untyped: Session = session; // whose programs do not say what the state lacks
        demandSame(await untyped.read(["count", "scales"]), { count: counted.count }, "two parts");
        demandSame(await session.read([]), {}, "no parts");
        session.dispose();
      },
    },
    {
      name: "reads copies, and copies what it is given",
      async run() {
        const given = hostVector([1, 2]);
        const session = await opened({ add }, { count: given });
        given.data[0] = 99;
        const { count } = await session.read();
        demandSame(count, hostVector([1, 2]), "the state");
        count.data[0] = 99;
        demandSame(await session.read(), { count: hostVector([1, 2]) }, "the state read again");
        session.dispose();
      },
    },
    {
      name: "goes on from parts that are written",
      async run() {
        const session = await opened({ add }, counted);
        await session.run("add", { by: hostScalar(1) });
        session.write({ count: hostVector([-1, -2]) });
        await session.run("add", { by: hostScalar(0.5) });
        demandSame(await session.read(), { ...counted, count: hostVector([-0.5, -1.5]) }, "the state");
        session.dispose();
      },
    },
    {
      name: "writes back what was read, bit for bit",
      async run() {
        for (const precision of ["float32", "float64"] as const) {
          const state = { count: hostVector([Math.PI, 1e-8]), kept: { deep: hostScalar(1 / 3) } };
          const session = await opened({ add }, state, precision);
          const read = await session.read();
          session.write(read);
          demandSame(await session.read(), read, "the state written and read");
          session.dispose();
        }
      },
    },
    {
      name: "keeps integers and converts other numbers to the precision",
      async run() {
        const state = {
          single: new HostArray(Float32Array.of(0.1), [1]),
          double: new HostArray(Float64Array.of(0.1), [1]),
          signed: new HostArray(Int32Array.of(-3, 2 ** 30 + 1), [2]),
          unsigned: new HostArray(Uint32Array.of(2 ** 31 + 1), [1]),
        };
        for (const [precision, Data] of [
          ["float32", Float32Array],
          ["float64", Float64Array],
        ] as const) {
          const session = await opened({}, state, precision);
          const read = (await session.read()) as Record<string, HostArray>;
          demand(
            read.single?.data instanceof Data && read.double?.data instanceof Data,
            `floating-point leaves must be ${precision}`,
          );
          demandSame(read.signed as HostTree, state.signed, "int32 leaves");
          demandSame(read.unsigned as HostTree, state.unsigned, "uint32 leaves");
          demand(
            read.signed?.data instanceof Int32Array && read.unsigned?.data instanceof Uint32Array,
            "integer leaves must keep their type",
          );
          session.dispose();
        }
      },
    },
    {
      name: "computes in the precision that it was opened with",
      async run() {
        for (const [precision, expected] of [
          ["float32", 0],
          ["float64", 1e-10],
        ] as const) {
          const session = await opened({ add }, { count: hostVector([1]) }, precision);
          await session.run("add", { by: hostScalar(1e-10) });
          const { count } = await session.read();
          const moved = count.data[0] as number;
          demand(
            Math.abs(moved - 1 - expected) < 1e-14,
            `1 + 1e-10 in ${precision} must be 1 + ${expected}, but is ${moved}`,
          );
          session.dispose();
        }
      },
    },
    {
      name: "keeps two sessions apart",
      async run() {
        const engine = await makeEngine();
        const [one, two] = [
          engine.open({ add }, counted, "float64"),
          engine.open({ add }, counted, "float64"),
        ];
        await one.run("add", { by: hostScalar(5) });
        one.dispose();
        await two.run("add", { by: hostScalar(1) });
        demandSame(await two.read(), { ...counted, count: hostVector([2, 3]) }, "the second session's state");
        two.dispose();
      },
    },
    ...(["float64", "float32"] as const).map((precision) => ({
      name: `takes a training step of a network as the reference engine does, in ${precision}`,
      async run() {
        const stepOf = async (make: () => Promise<Engine>) => {
          const session = (await make()).open({ step: networkStep }, { params: initialNetwork }, precision);
          const outputs = await session.run("step", networkInputs);
          const state = await session.read();
          session.dispose();
          return { ...state, ...outputs };
        };
        const expected = await stepOf(makeReference);
        demand(
          leavesOf(expected).every(([, { data }]) => data.every(Number.isFinite)),
          "the reference engine's numbers must be finite",
        );
        const tolerance = precision === "float64" ? 1e-6 : 1e-5; // engines may approximate exp and log
        demandSame(await stepOf(makeEngine), expected, "the step's result", tolerance);
      },
    })),
  ];
}

type Counted = { count: np.Array; kept: ArrayTree };

/** Changes one of two parts. */
const add: Program<Counted, { by: np.Array }, NoArrays> = ({ count, kept }, { by }) => {
  tree.dispose(kept);
  return [{ count: count.add(by) }, {}];
};

/** Changes nothing; one of its outputs is part of the state. */
const total: Program<Counted, NoArrays, { sum: np.Array; seen: ArrayTree }> = ({ count, kept }) => [
  {},
  { sum: count.sum(), seen: kept },
];

const network = mlp({ inputs: 5, hidden: [7], outputs: 3 });
const initialNetwork = network.init(randomKey(1, "network"));
const networkInputs = {
  x: new HostArray(randomNormal(randomKey(1, "inputs"), 0, 30), [6, 5]),
  direction: new HostArray(randomNormal(randomKey(1, "inputs"), 1, 30), [6, 5]),
  y: new HostArray(Int32Array.of(0, 1, 2, 2, 1, 0), [6]),
  rate: hostScalar(0.1),
};

/** A step of gradient descent, and a forward-mode product through the same network: what the tuners are made of. */
const networkStep: Program<
  { params: ArrayTree },
  Record<"x" | "direction" | "y" | "rate", np.Array>,
  { loss: np.Array; derivative: np.Array }
> = ({ params }, { x, direction, y, rate }) => {
  const outputs = (weights: ArrayTree, at: np.Array) =>
    network.apply(plainLayers(weights), at, (_, value) => value);
  const [value, derivative] = valueAndPushForward((at) => outputs(params, at), [x.ref], [direction]);
  value.dispose();
  const { grads, reported } = gradients((weights: ArrayTree): [np.Array, { loss: np.Array }] => {
    const loss = crossEntropy(outputs(weights, x), y).mean();
    return [loss.ref, { loss }];
  }, tree.ref(params));
  const moved = mapArrays((p, g) => p.sub(rate.ref.mul(g)), params, grads[0]);
  rate.dispose();
  return [{ params: moved }, { ...reported, derivative }];
};
