import { numpy as np, tree } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { initLayers, plainLayers, type Layer, type Layers } from "../nn/layer.ts";
import { aResponse, type Response } from "../response/response.ts";
import { HypertrainError } from "../util/error.ts";
import { HostArray, leavesOf, mapTree, type HostTree } from "../util/host-array.ts";
import { randomKey, randomNormal } from "../util/random.ts";
import { demand, demandSame, demandSameShapes, type ContractCase } from "./contract.ts";
import { demandGiven, ownOptions } from "../util/given.ts";
import { flag } from "../util/rule.ts";

/** Which of the things that a response may leave out it does. */
export interface ResponseContractOptions {
  /** Whether every example can have its own response; default true. */
  readonly perExample?: boolean;
}

/** A layer, and the shape of an example that it can be applied to. */
export interface LayerExample {
  readonly layer: Layer;
  readonly input: readonly number[];
}

/**
 * What the tuners rely on in every response model. Needs an initialised jax-js.
 *
 * @param examples layers of all kinds, of different names
 * @throws {HypertrainError} for what is no response, or another option.
 */
export function responseContract(
  response: Response,
  examples: readonly [LayerExample, ...LayerExample[]],
  options: ResponseContractOptions = {},
): ContractCase[] {
  demandGiven("responseContract", { response }, { response: aResponse });
  const { perExample = true } = ownOptions("responseContract", options, { perExample: flag });
  const layers = examples.map(({ layer }) => layer);
  const [first] = examples;
  const params = initLayers(randomKey(2, "params"), layers);
  const initial = response.init(layers, params, SIZE, randomKey(2, "response"));
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
        const weights = await weightsAt(random, h);
        await borrowed(params, random, [h], (responding) => {
          for (const example of examples) {
            demandSame(answers(responding, example), answersOf(weights, example), example.layer.kind, 1e-10);
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
            (responding: Layers) => responding.squaredNorm(first.layer),
            (responding: Layers) => responding.apply(first.layer, xOf(first)),
          ]) {
            demand(await refused(borrowed(params, random, rows, use)), "rows of h must be refused");
          }
          return;
        }
        const weights = await Promise.all(rows.map((h) => weightsAt(random, h)));
        await borrowed(params, random, rows, (responding) => {
          for (const example of examples) {
            const all = answers(responding, example);
            weights.forEach((at, i) => {
              const alone = answersOf(at, example);
              demandSame(rowOf(all.y, i), rowOf(alone.y, i), `row ${i} of ${example.layer.kind}`, 1e-10);
              const [norm, expected] = [all.norm.data[i] as number, alone.norm.data[0] as number];
              demand(
                Math.abs(norm - expected) < 1e-10 * expected,
                `row ${i} of squaredNorm of ${example.layer.kind} must be ${expected}, not ${norm}`,
              );
            });
          }
        });
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
            ...examples.map((example) => answers(layers, example)),
          ];
          const [first, second] = [twice(), twice()];
          first.forEach((tree, i) => demandSame(second[i] as HostTree, tree, "what layers give again"));
        });
        const arrays = [
          toDevice(params),
          toDevice(random),
          toDevice(normal("h", [1, SIZE])) as np.Array,
        ] as const;
        const responding = response.layers(...arrays);
        const given = examples.flatMap((example) => [
          responding.apply(example.layer, xOf(example)),
          responding.squaredNorm(example.layer),
        ]);
        tree.dispose([responding.params(), ...given]);
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

/** The rows that a layer is applied to. */
function xOf({ layer, input }: LayerExample): np.Array {
  const values = normal(`x of ${layer.name}`, [2, ...input]);
  if (layer.kind !== "embedding") return toDevice(values) as np.Array;
  const words = layer.weight.shape[0] as number;
  const places = Array.from(values.data, (z) => Math.floor(Math.abs(z) * 100) % words);
  return np.array(places, { shape: [...values.shape], dtype: np.int32 });
}

/** What layers make of a layer's rows, and its squared norms. */
function answers(layers: Layers, { layer, ...example }: LayerExample) {
  return {
    y: toHost(layers.apply(layer, xOf({ layer, ...example }))) as HostArray,
    norm: toHost(layers.squaredNorm(layer).reshape([-1])) as HostArray,
  };
}

/** The same of plain weights. */
function answersOf(weights: HostTree, example: LayerExample) {
  const arrays = toDevice(weights);
  const found = answers(plainLayers(arrays), example);
  tree.dispose(arrays);
  return found;
}

const rowOf = ({ data, shape: [rows, ...shape] }: HostArray, i: number): HostArray => {
  const length = data.length / (rows as number);
  return new HostArray(data.slice(i * length, (i + 1) * length), shape);
};

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
