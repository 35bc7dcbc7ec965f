import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import type { LinearParams } from "../nn/linear.ts";
import { mlp } from "../nn/mlp.ts";
import type { Response } from "../response/response.ts";
import { HypertrainError } from "../util/error.ts";
import { HostArray, leavesOf, mapTree, type HostTree } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { demand, demandSame, demandSameShapes, type ContractCase } from "./contract.ts";

/** Which of the things that a response may leave out it does. */
export interface ResponseContractOptions {
  /** Whether every example can have its own response; default true. */
  readonly perExample?: boolean;
}

/** What the tuners rely on in every response model. Needs an initialised jax-js. */
export function responseContract(
  response: Response,
  { perExample = true }: ResponseContractOptions = {},
): ContractCase[] {
  const params = network.init(randomKey(2, "params"));
  const initial = response.init(params, SIZE, randomKey(2, "response"));
  const random = mapTree(initial, ({ shape }, path) => normal(path, shape));

  /** The weights of the response at one h, in full. */
  const weightsAt = (theta: HostTree, h: readonly number[]): Promise<HostTree> =>
    borrowed(params, theta, [h], (layers) => toHost(layers.params()));
  const borrowed = async <T>(
    base: HostTree,
    theta: HostTree,
    h: readonly (readonly number[])[],
    use: (layers: ReturnType<Response["layers"]>) => T,
  ): Promise<T> => {
    const arrays = [
      toDevice(base),
      toDevice(theta),
      np.array(h as number[][], { dtype: np.float64 }),
    ] as const;
    try {
      return use(response.layers(...arrays));
    } finally {
      for (const array of tree.leaves<np.Array>(arrays as never)) array.dispose();
    }
  };

  return [
    {
      name: "has a name that commands can spell",
      async run() {
        demand(
          /^[a-z][a-z0-9-]*$/.test(response.name),
          `a name must be in kebab case, not "${response.name}"`,
        );
      },
    },
    {
      name: "starts from a response of 0",
      async run() {
        demandSame(await weightsAt(initial, [0.3, -2, 5]), params, "w(h) at first", 1e-7);
      },
    },
    {
      name: "gives w0 at h = 0",
      async run() {
        demandSame(await weightsAt(random, [0, 0, 0]), params, "w(0)", 1e-12);
      },
    },
    {
      name: "is affine in h, and moves",
      async run() {
        const one = await weightsAt(random, [0.3, -2, 5]);
        const two = await weightsAt(random, [1, 0.25, -3]);
        const mixed = await weightsAt(random, [0.3 * 0.6 + 0.4, -2 * 0.6 + 0.1, 5 * 0.6 - 1.2]);
        demandSame(mixed, combined(0.6, one, 0.4, two), "w at a mixture of two h", 1e-10);
        const shift = Math.max(
          ...leavesOf(combined(1, one, -1, two)).flatMap(([, { data }]) => Array.from(data, Math.abs)),
        );
        demand(shift > 0.1, "a response with numbers in it must move the weights");
      },
    },
    {
      name: "keeps the structure of the parameters",
      async run() {
        demandSameShapes(await weightsAt(random, [1, 2, 3]), params, "w(h)");
      },
    },
    {
      name: "gives layers that are those of its weights",
      async run() {
        const h = [0.3, -0.4, 0.5];
        const weights = (await weightsAt(random, h)) as Record<string, Record<keyof LinearParams, HostArray>>;
        await borrowed(params, random, [h], (layers) => {
          for (const { name } of network.layers) {
            const { x, expected, squares } = layerOf(weights[name] as Record<keyof LinearParams, HostArray>);
            const y = layers.linear(name, toDevice(x) as np.Array);
            demandSame(toHost(y), expected, `linear("${name}")`, 1e-10);
            const norm = layers.squaredNorm(name).dataSync()[0] as number;
            demand(
              Math.abs(norm - squares) < 1e-10 * squares,
              `squaredNorm("${name}") must be ${squares}, not ${norm}`,
            );
          }
        });
      },
    },
    {
      name: perExample ? "gives each example its own response" : "asks for one response per minibatch",
      async run() {
        const rows = [
          [0.3, -0.4, 0.5],
          [-1, 0.2, 0.7],
        ];
        if (!perExample) {
          for (const use of [
            (layers: ReturnType<Response["layers"]>) => layers.squaredNorm("fc1"),
            (layers: ReturnType<Response["layers"]>) =>
              layers.linear("fc1", toDevice(normal("x", [2, 4])) as np.Array),
          ]) {
            demand(await refused(borrowed(params, random, rows, use)), "rows of h must be refused");
          }
          return;
        }
        for (const { name } of network.layers) {
          for (const [i, h] of rows.entries()) {
            const all = (await weightsAt(random, h)) as Record<string, Record<keyof LinearParams, HostArray>>;
            const { x, expected, squares } = layerOf(all[name] as Record<keyof LinearParams, HostArray>);
            await borrowed(params, random, rows, (layers) => {
              const y = toHost(layers.linear(name, toDevice(x) as np.Array)) as HostArray;
              const norm = layers.squaredNorm(name).dataSync()[i] as number;
              const width = expected.shape[1] as number;
              demandSame(
                new HostArray(y.data.slice(i * width, (i + 1) * width), [width]),
                new HostArray(expected.data.slice(i * width, (i + 1) * width), [width]),
                `row ${i} of linear("${name}")`,
                1e-10,
              );
              demand(
                Math.abs(norm - squares) < 1e-10 * squares,
                `row ${i} of squaredNorm("${name}") must be ${squares}, not ${norm}`,
              );
            });
          }
        }
      },
    },
    {
      name: "refuses to give one set of weights for many examples",
      async run() {
        const rows = [
          [1, 0, 0],
          [0, 1, 0],
        ];
        demand(
          await refused(borrowed(params, random, rows, (layers) => layers.params())),
          "params() must be refused where h differs by example",
        );
      },
    },
    {
      name: "borrows the caller's arrays",
      async run() {
        await borrowed(params, random, [[1, 2, 3]], (layers) => {
          const twice = () => [
            toHost(layers.params()),
            toHost(layers.linear("fc1", toDevice(normal("x", [2, 4])) as np.Array)),
            toHost(layers.squaredNorm("fc1")),
          ];
          const [first, second] = [twice(), twice()];
          first.forEach((tree, i) => demandSame(second[i] as HostTree, tree, "what layers give again"));
        });
        const arrays = [
          toDevice(params),
          toDevice(random),
          toDevice(normal("h", [1, SIZE])) as np.Array,
        ] as const;
        const layers = response.layers(...arrays);
        tree.dispose([layers.params(), layers.squaredNorm("fc1")] as never);
        const leaves = tree.leaves<np.Array>(arrays as never);
        const counts = leaves.map(({ refCount }) => refCount);
        demand(
          counts.every((count) => count === 1),
          `every array must be left with one reference, but they have ${counts.join(", ")}`,
        );
        for (const leaf of leaves) leaf.dispose();
      },
    },
  ];
}

const SIZE = 3;
const network = mlp({ inputs: 4, hidden: [3], outputs: 2 });

const normal = (name: string, shape: readonly number[]): HostArray => {
  const count = shape.reduce((product, n) => product * n, 1);
  return new HostArray(randomNormal(randomKey(7, name), 0, count), shape);
};

const combined = (a: number, one: HostTree, b: number, two: HostTree): HostTree => {
  const others = new Map(leavesOf(two));
  return mapTree(one, ({ data, shape }, path) => {
    const other = (others.get(path) as HostArray).data;
    return new HostArray(
      Float64Array.from(data, (v, i) => a * v + b * (other[i] as number)),
      shape,
    );
  });
};

/** What a layer with these weights makes of two random rows, and the sum of its squared weights, in plain numbers. */
function layerOf({ weight, bias }: Record<keyof LinearParams, HostArray>) {
  const [inputs, outputs] = weight.shape as [number, number];
  const x = normal(`x ${inputs}`, [2, inputs]);
  const y = Float64Array.from({ length: 2 * outputs }, (_, k) => {
    const [row, o] = [Math.floor(k / outputs), k % outputs];
    let sum = bias.data[o] as number;
    for (let i = 0; i < inputs; i++)
      sum += (x.data[row * inputs + i] as number) * (weight.data[i * outputs + o] as number);
    return sum;
  });
  return {
    x,
    expected: new HostArray(y, [2, outputs]),
    squares: Array.from(weight.data).reduce((sum, w) => sum + w * w, 0),
  };
}

const refused = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => false,
    (error) => error instanceof HypertrainError,
  );

const toDevice = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? np.array(Float64Array.from(host.data), { shape: [...host.shape], dtype: np.float64 })
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, toDevice(child)]));

/** Consumes the arrays. */
const toHost = (arrays: ArrayTree): HostTree =>
  arrays instanceof np.Array
    ? new HostArray(Float64Array.from(arrays.dataSync()), [...arrays.shape])
    : Object.fromEntries(Object.entries(arrays).map(([name, child]) => [name, toHost(child)]));
