import { defaultDevice, grad, init, jit, numpy as np, tree } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import type { ArrayTree } from "../../engine/engine.ts";
import { HostArray, hostVector, hostZeros, type HostTree } from "../../util/host-array.ts";
import { adam } from "./adam.ts";
import { type Optimizer } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { gradientDescent, nesterov, sgd } from "./sgd.ts";

beforeAll(async () => {
  await init("cpu");
  defaultDevice("cpu");
});

const START = [0.5, -1.25, 3];
/** The gradient at each step; the last coordinate's is always 0. */
const GRADIENTS = [
  [0.3, -2, 0],
  [-0.1, 0.4, 0],
  [0.7, 1e-3, 0],
  [0.2, -5, 0],
  [-0.6, 0.25, 0],
];

type Rule = (lr: number, mu: number) => (p: number, g: number, step: number) => number;

/** Each rule from its formula, in plain numbers, one coordinate at a time. */
const golden: [Optimizer, Rule][] = [
  [gradientDescent({ learningRate: 0.1 }), (lr) => (p, g) => p - lr * g],
  [
    sgd({ learningRate: 0.1, momentum: 0.9 }),
    (lr) => {
      const mu = 0.9;
      let m: number;
      return (p, g, step) => {
        m = step === 1 ? g : mu * m + g;
        return p - lr * m;
      };
    },
  ],
  [
    nesterov({ learningRate: 0.1, momentum: 0.7 }),
    (lr) => {
      const mu = 0.7;
      let m: number;
      return (p, g, step) => {
        m = step === 1 ? g : mu * m + g;
        return p - lr * (g + mu * m);
      };
    },
  ],
  [
    adam({ learningRate: 0.05 }),
    (lr) => {
      let [m, v] = [0, 0];
      return (p, g, step) => {
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        const root = Math.sqrt(v) / Math.sqrt(1 - 0.999 ** step);
        return p - ((lr / (1 - 0.9 ** step)) * m) / (root + 1e-8);
      };
    },
  ],
  [
    adam({ learningRate: 0.05, beta1: 0, beta2: 0.5, epsilon: 0.1 }),
    (lr) => {
      let v = 0;
      return (p, g, step) => {
        v = 0.5 * v + 0.5 * g * g;
        return p - (lr * g) / (Math.sqrt(v / (1 - 0.5 ** step)) + 0.1);
      };
    },
  ],
  [
    rmsprop({ learningRate: 0.02 }),
    (lr) => {
      let v = 0;
      return (p, g) => {
        v = 0.99 * v + 0.01 * g * g;
        return p - (lr * g) / (Math.sqrt(v) + 1e-8);
      };
    },
  ],
  [
    rmsprop({ learningRate: 0.02, momentum: 0.8, alpha: 0.9, epsilon: 1e-3 }),
    (lr, mu) => {
      let [v, m] = [0, 0];
      return (p, g) => {
        v = 0.9 * v + 0.1 * g * g;
        m = mu * m + g / (Math.sqrt(v) + 1e-3);
        return p - lr * m;
      };
    },
  ],
];

const vector = (values: readonly number[]): np.Array => np.array([...values], { dtype: np.float64 });

const scalars = (values: Readonly<Record<string, number>>): Record<string, np.Array> =>
  Object.fromEntries(Object.entries(values).map(([name, x]) => [name, np.array(x, { dtype: np.float64 })]));

const loaded = (host: HostTree): ArrayTree =>
  host instanceof HostArray
    ? np.array([...host.data], { dtype: np.float64, shape: [...host.shape] })
    : Object.fromEntries(Object.entries(host).map(([name, child]) => [name, loaded(child)]));

/** The parameters after all of GRADIENTS; the vector is split over two leaves, so that trees are exercised. */
function trained(optimizer: Optimizer, update: Optimizer["update"] = optimizer.update): number[] {
  const split = ([a, b, c]: readonly number[]) => [[a, b] as [number, number], [c as number]] as const;
  const asTree = (values: readonly number[]): ArrayTree => {
    const [head, tail] = split(values);
    return { fc: { weight: vector(head), bias: vector(tail) } };
  };
  let params = asTree(START);
  let state = loaded(optimizer.init({ fc: { weight: hostZeros([2]), bias: hostZeros([1]) } }));
  for (const gradient of GRADIENTS) {
    [params, state] = update(asTree(gradient), state, params, scalars(optimizer.defaults));
  }
  return tree.leaves<np.Array>(params).flatMap((leaf) => [...leaf.dataSync()]);
}

describe.each(golden.map(([optimizer, rule]) => [optimizer.name, optimizer, rule] as const))(
  "%s",
  (_, optimizer, rule) => {
    const expected = START.map((start, i) => {
      const { learningRate, momentum = 0 } = optimizer.defaults as {
        learningRate: number;
        momentum?: number;
      };
      const step = rule(learningRate, momentum);
      return GRADIENTS.reduce((p, gradient, t) => step(p, gradient[i] as number, t + 1), start);
    });

    test("takes the steps of its formula", () => {
      trained(optimizer).forEach((p, i) => expect(p).toBeCloseTo(expected[i] as number, 12));
    });

    test("takes the same steps when compiled", () => {
      const compiled = jit(optimizer.update as never) as unknown as Optimizer["update"];
      trained(optimizer, compiled).forEach((p, i) => expect(p).toBeCloseTo(expected[i] as number, 6));
    });

    test("names each setting and gives it a default", () => {
      expect(Object.keys(optimizer.defaults)).toEqual(optimizer.settings);
    });

    test("keeps the structure of the parameters and of its state", () => {
      const params = { b: vector([1]), a: { c: vector([2, 3]) } };
      const state = loaded(optimizer.init({ b: hostVector([1]), a: { c: hostVector([2, 3]) } }));
      const before = [tree.structure(params), tree.structure(state)].map(String);
      const after = optimizer.update(tree.ref(params), state, params, scalars(optimizer.defaults));
      expect(after.map((part) => String(tree.structure(part)))).toEqual(before);
    });

    test("consumes its arguments and nothing else", () => {
      const grads = vector([1, 2]);
      const params = vector([3, 4]);
      const state = loaded(optimizer.init(hostVector([0, 0])));
      const settings = scalars(optimizer.defaults);
      const all = [grads, params, ...tree.leaves<np.Array>(state), ...Object.values(settings)];
      const [moved, next] = optimizer.update(grads, tree.ref(state), params.ref, tree.ref(settings));
      tree.dispose([moved, next]);
      expect(grads.refCount).toBe(0);
      expect(all.slice(1).map((array) => array.refCount)).toEqual(all.slice(1).map(() => 1));
      tree.dispose([params, state, settings]);
    });

    test("is differentiable in the learning rate, also where a gradient is 0", () => {
      const distance = (learningRate: np.Array): np.Array => {
        let params: ArrayTree = vector(START);
        let state = loaded(optimizer.init(hostVector(START)));
        for (const gradient of GRADIENTS) {
          const settings = { ...scalars(optimizer.defaults), learningRate: learningRate.ref };
          // The gradient depends on the parameters, so that the optimizer's own derivative takes part.
          const grads = vector(gradient).mul((params as np.Array).ref);
          [params, state] = optimizer.update(grads, state, params, settings);
        }
        return (params as np.Array).sum();
      };
      const lr = optimizer.defaults.learningRate as number;
      const at = (x: number) => distance(np.array(x, { dtype: np.float64 })).item();
      const slope = grad(distance)(np.array(lr, { dtype: np.float64 })).item() as number;
      const h = 1e-6;
      const difference = (at(lr + h) - at(lr - h)) / (2 * h);
      expect(Math.abs(slope - difference)).toBeLessThan(1e-6 * Math.abs(difference));
    });
  },
);

test.each([() => adam({ beta1: 1 }), () => adam({ beta2: -0.1 }), () => rmsprop({ alpha: NaN })])(
  "a share outside [0, 1) is refused: %s",
  (make) => expect(make).toThrow("must be a number, at least 0 and below 1, but got"),
);

test.each([
  ["sgd", sgd],
  ["nesterov", nesterov],
  ["rmsprop", rmsprop],
] as const)("the momentum of %s must be a share below 1", (name, make) => {
  for (const momentum of [1, -0.1, NaN]) {
    expect(() => make({ momentum })).toThrow(
      `\`momentum\` of ${name} must be a number, at least 0 and below 1, but got ${momentum}`,
    );
  }
  expect(make({ momentum: 0 }).name).toBe(name);
});
