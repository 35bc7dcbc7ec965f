import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { gradient, linearization } from "../engine/transform.ts";
import type { StepConfig } from "../nn/kinds.ts";
import { initCarried, withCarried } from "../nn/carried.ts";
import { wholeOf } from "../nn/kind.ts";
import { outputsOf, plainLayers, initLayers, type Layer } from "../nn/layer.ts";
import { stepOf } from "../nn/sequential.ts";
import { dense } from "../response/dense.ts";
import { factored } from "../response/factored.ts";
import { HostArray, mapTree, sizeOf, type HostTree } from "../util/host-array.ts";
import { randomKey, randomNormal, randomUniform } from "../util/random.ts";
import { demand, demandSame, type ContractCase } from "./contract.ts";
import { demandGiven } from "../util/given.ts";
import { named } from "../util/rule.ts";

/**
 * What networks and responses rely on in every kind of step. Needs an initialised jax-js that has float64.
 *
 * @param config a step of the kind
 * @param input the shape of an example that it fits
 * @throws {HypertrainError} for what is no step.
 */
export function layerContract(config: StepConfig, input: readonly number[]): ContractCase[] {
  demandGiven("layerContract", { config }, { config: named("a step") });
  const step = stepOf(config, input);
  const { layer } = step;
  const parts = wholeOf(step);
  const leaves = parts.flatMap(({ carried }) => carried ?? []);
  const weights = initLayers(
    randomKey(1, "layer"),
    parts.flatMap((part) => part.layer ?? []),
  );
  const carried = initCarried(leaves) as Record<string, Record<string, HostArray>>;
  const params = withCarried(
    normalLike("params", weights),
    leaves,
    (layer, name) => (carried[layer] as Record<string, HostArray>)[name] as HostArray,
  );
  const tokens = layer?.kind === "embedding" ? layer.weight.shape[0] : undefined;
  const x = tokens === undefined ? normal("x", [ROWS, ...input]) : drawn("x", [ROWS, ...input], tokens);
  /** y for x, with plain weights; consumes x. */
  const applied = (at: np.Array) => step.apply(at, plainLayers(toDevice(params)), (_, value) => value);

  const cases: ContractCase[] = [
    {
      name: "gives examples of the shape that it names",
      async run() {
        const y = applied(toArray(x));
        demandShape(y.shape, [ROWS, ...step.shape], "y");
        y.dispose();
      },
    },
    {
      name: "treats every example alone",
      async run() {
        const all = toHost(applied(toArray(x)));
        const width = all.data.length / ROWS;
        const per = sizeOf(input);
        for (let row = 0; row < ROWS; row++) {
          const one = new HostArray(x.data.slice(row * per, (row + 1) * per), [1, ...input]);
          const expected = new HostArray(all.data.slice(row * width, (row + 1) * width), [1, ...step.shape]);
          demandSame(toHost(applied(toArray(one))), expected, `row ${row} alone`, 1e-12);
        }
      },
    },
    {
      name: "has the derivative of central differences by x, forwards and backwards",
      async run() {
        const direction = normal("direction", x.shape);
        const [at, along] = [toArray(x), toArray(direction)];
        const value = applied(at.ref);
        const tangent = (linearization((z) => applied(z), at.ref, along.ref) as np.Array).sub(value);
        const difference = applied(at.ref.add(along.ref.mul(STEP)))
          .sub(applied(at.ref.sub(along.ref.mul(STEP))))
          .div(2 * STEP);
        demandSame(toHost(tangent.ref), toHost(difference), "the forward derivative", 1e-6);
        const weights = toArray(normal("weights", tangent.shape));
        const pulled = gradient((z: np.Array) => applied(z).mul(weights.ref).sum(), at);
        const [forwards, backwards] = [tangent.mul(weights).sum(), pulled.mul(along).sum()].map(numberOf);
        demand(
          Math.abs((forwards as number) - (backwards as number)) < 1e-9 * (1 + Math.abs(forwards as number)),
          `<J v, u> must be <v, J' u>, but they are ${forwards} and ${backwards}`,
        );
      },
    },
  ];
  const own = tokens === undefined ? cases : cases.slice(0, -1); // tokens have no derivative
  return layer ? [...own, ...weightCases(layer, x)] : own;
}

/** What responses and initial draws rely on in a layer with weights. */
function weightCases(layer: Layer, x: HostArray): ContractCase[] {
  const { shape, outputAxis, fanIn } = layer.weight;
  const outputs = outputsOf(layer);
  const axisOf = (y: np.Array) => (layer.outputsLast ? y.ndim - 1 : 1);
  const mapped = (weight: np.Array) => {
    const y = layer.map(weight, toArray(x));
    weight.dispose();
    return y;
  };
  return [
    {
      name: "is linear in its weight, with its outputs on the axis that it names",
      async run() {
        const [one, two] = ["one", "two"].map((name) => toArray(normal(name, shape))) as [np.Array, np.Array];
        const apart = mapped(one.ref).mul(0.7).add(mapped(two.ref).mul(-1.3));
        const axis = axisOf(apart);
        demand(
          apart.shape[axis] === outputs,
          `axis ${axis} must hold ${outputs} outputs, but has ${apart.shape[axis]}`,
        );
        demandSame(toHost(mapped(one.mul(0.7).sub(two.mul(1.3)))), toHost(apart), "a mixture", 1e-11);
      },
    },
    {
      name: "keeps the weights of different outputs apart, each a sum over its fan-in",
      async run() {
        demand(
          fanIn === sizeOf(shape) / outputs,
          `fan-in must be ${sizeOf(shape) / outputs}, but is ${fanIn}`,
        );
        const chosen = shape.map((length, axis) => (axis === outputAxis ? length : 1));
        const mask = new HostArray(
          Float64Array.from({ length: outputs }, (_, o) => Number(o === 0)),
          chosen,
        );
        const y = mapped(toArray(normal("weight", shape)).mul(toArray(mask)));
        const others =
          outputs === 1
            ? np.zeros([1])
            : y.ref.slice(
                ...y.shape.map((n, axis): [number, number] => (axis === axisOf(y) ? [1, n] : [0, n])),
              );
        demand(numberOf(np.abs(others).max()) === 0, "other outputs must be 0 where their weights are");
        demand(numberOf(np.abs(y).max()) > 0, "an output must move with its weights");
      },
    },
    {
      name: "takes several numbers for each output",
      async run() {
        const many = toArray(
          normal(
            "many",
            shape.map((n, axis) => (axis === outputAxis ? n * SIZE : n)),
          ),
        );
        const together = mapped(many.ref);
        const at = axisOf(together);
        const split = together.reshape(
          together.shape.flatMap((n, axis) => (axis === at ? [outputs, SIZE] : [n])),
        );
        for (let k = 0; k < SIZE; k++) {
          const own = many.ref
            .reshape(shape.flatMap((n, axis) => (axis === outputAxis ? [n, SIZE] : [n])))
            .slice(...shape.flatMap((_, axis): ([] | number)[] => (axis === outputAxis ? [[], k] : [[]])));
          demandSame(
            toHost(split.ref.slice(...split.shape.map((_, axis): [] | number => (axis === at + 1 ? k : [])))),
            toHost(mapped(own)),
            `number ${k}`,
            1e-12,
          );
        }
        tree.dispose([many, split]);
      },
    },
    {
      name: "responds with gains and directions as with the whole Jacobian that they stand for",
      async run() {
        const params = initLayers(randomKey(1, "layer"), [layer]);
        const theta = normalLike("theta", factored.init([layer], params, SIZE, randomKey(1, "response")));
        const h = toArray(normal("h", [ROWS, SIZE]));
        const base = toDevice(params);
        const arrays = toDevice(theta) as Record<string, Record<string, np.Array>>;
        const part = (what: string) => (arrays[layer.name] as Record<string, np.Array>)[what];
        const whole = (what: string) =>
          (part(`${what}Gain`) as np.Array).ref.mul((part(`${what}Direction`) as np.Array).ref);
        const jacobian = { weight: whole("weight"), ...(layer.bias && { bias: whole("bias") }) };
        const [own, full] = [
          factored.layers(base, arrays, h),
          dense.layers(base, { [layer.name]: jacobian }, h),
        ];
        demandSame(
          toHost(own.apply(layer, toArray(x))),
          toHost(full.apply(layer, toArray(x))),
          "the factored response",
          1e-11,
        );
        demandSame(
          toHost(own.squaredNorm(layer)),
          toHost(full.squaredNorm(layer)),
          "its squared norm",
          1e-11,
        );
      },
    },
  ];
}

const ROWS = 3;
const SIZE = 2;
const STEP = 1e-5;

const normal = (name: string, shape: readonly number[]): HostArray =>
  new HostArray(randomNormal(randomKey(11, name), 0, sizeOf(shape)), shape);

const normalLike = (name: string, like: HostTree): HostTree =>
  mapTree(like, ({ shape }, path) => normal(`${name} ${path}`, shape));

/** Whole numbers below `count`. */
const drawn = (name: string, shape: readonly number[], count: number): HostArray =>
  new HostArray(
    Int32Array.from(randomUniform(randomKey(11, name), 0, sizeOf(shape)), (u) => Math.floor(u * count)),
    shape,
  );

const toArray = ({ data, shape }: HostArray): np.Array =>
  data instanceof Int32Array
    ? np.array([...data], { shape: [...shape], dtype: np.int32 })
    : np.array(Float64Array.from(data), { shape: [...shape], dtype: np.float64 });

const toDevice = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? toArray(host)
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, toDevice(child)]));

/** Consumes the array. */
const toHost = (array: np.Array): HostArray => {
  const { shape } = array;
  return new HostArray(Float64Array.from(array.dataSync()), [...shape]);
};

/** Consumes a scalar. */
const numberOf = (scalar: np.Array): number => scalar.dataSync()[0] as number;

const demandShape = (shape: readonly number[], expected: readonly number[], what: string): void =>
  demand(
    shape.join() === expected.join(),
    `${what} must have the shape [${expected.join(", ")}], but has [${shape.join(", ")}]`,
  );
