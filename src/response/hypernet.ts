import { nn, numpy as np } from "@jax-js/jax";

import type { ArrayTree } from "../engine/engine.ts";
import { inputError } from "../util/error.ts";
import { ownOptions } from "../util/given.ts";
import {
  flattened,
  HostArray,
  hostVector,
  hostZeros,
  leavesOf,
  sizeOf,
  type HostTree,
} from "../util/host-array.ts";
import { partKey, normalsAt, type RandomKey } from "../util/random.ts";
import { count, flag, fromZero, listOf, objectWith, oneOf, type Rules } from "../util/rule.ts";

/**
 * A hypernetwork: a network whose output is all the weights of another one, as a function of its hyperparameters (Lorraine and
 * Duvenaud 2018, section 2.2).
 *
 * | symbol | meaning | shape |
 * |---|---|---|
 * | λ    | unconstrained hyperparameters; several at once | [samples, size] |
 * | φ    | the hypernetwork's own parameters | a tree |
 * | w(λ) | the weights for each of them, flattened in the order of the model's parameters | [samples, weights] |
 * | U    | the hypernetwork's layers, each `h U + u` | [inputs, outputs] |
 */
export interface Hypernet {
  readonly name: string;
  /**
   * The initial φ.
   *
   * @param size the number of unconstrained hyperparameters
   * @param params the model's own initial parameters
   */
  init(size: number, params: HostTree, key: RandomKey): HostTree;
  /** w(λ) for every row of λ: [samples, weights]. Borrows φ, consumes λ. */
  apply(phi: ArrayTree, hypers: np.Array): np.Array;
  /** The number of its parameters φ for a model with so many weights. */
  parameterCount(size: number, weights: number): number;
}

/** Where the parameters of a hypernetwork start. */
export interface HypernetOptions {
  /** Standard deviation of the initial weights; default 0.01. */
  readonly initialScale?: number;
  /**
   * The last bias, which is the weights that all hyperparameters share: `network` starts it at the model's own initial weights,
   * `random` draws it as everything else (the authors' code). Default `network`, which deep models need.
   */
  readonly initialBias?: "network" | "random";
  /**
   * Whether its input is divided by the square root of the number of hyperparameters, so that a step of Adam moves the outputs no
   * more where thousands move at once; default true, but the paper does not.
   */
  readonly scaleInputs?: boolean;
}

const hypernetRules: Rules<HypernetOptions> = {
  ...{ initialScale: fromZero, initialBias: oneOf("network", "random"), scaleInputs: flag },
};

/** What a hypernetwork must be. */
export const aHypernet = objectWith<Hypernet>("a hypernetwork, such as linearHypernet()", {
  name: "string",
  init: "function",
  apply: "function",
});

/**
 * The linear hypernetwork `w(λ) = λ U + u`: enough where it must be right near one λ only, as in joint training. It has
 * `(size + 1) weights` parameters.
 *
 * @throws {HypertrainError} for options that it does not have, or values that they cannot have.
 */
export const linearHypernet = (options: HypernetOptions = {}): Hypernet =>
  layered("linear", [], (h) => h, ownOptions("linearHypernet", options, hypernetRules));

/** Options of {@link factoredHypernet}. */
export interface FactoredHypernetOptions extends HypernetOptions {
  /** Width k of the bottleneck; default 10. */
  readonly units?: number;
}

/**
 * The linear hypernetwork of rank k, `w(λ) = (λ U1 + u1) U2 + u2`: for as many hyperparameters as weights. It has
 * `(size + 1) k + (k + 1) weights` parameters instead of `(size + 1) weights`.
 *
 * @throws {HypertrainError} for options that it does not have, or values that they cannot have.
 */
export function factoredHypernet(options: FactoredHypernetOptions = {}): Hypernet {
  const { units = 10, ...others } = ownOptions("factoredHypernet", options, {
    ...hypernetRules,
    units: count,
  });
  return layered("factored", [units], (h) => h, others);
}

/** Options of {@link mlpHypernet}. */
export interface MlpHypernetOptions extends HypernetOptions {
  /** Units of each hidden layer; default one of 50. */
  readonly hidden?: readonly number[];
}

/**
 * A multilayer perceptron with ReLU units as hypernetwork: for the best response over a whole range of λ, which one linear
 * function cannot follow. With one hidden layer of n it has `(size + 1) n + (n + 1) weights` parameters.
 *
 * @throws {HypertrainError} for options that it does not have, or values that they cannot have.
 */
export function mlpHypernet(options: MlpHypernetOptions = {}): Hypernet {
  const { hidden = [50], ...others } = ownOptions("mlpHypernet", options, {
    ...hypernetRules,
    hidden: listOf(count),
  });
  return layered("mlp", hidden, (h) => nn.relu(h), others);
}

/**
 * The elementwise hypernetwork `w_i(λ) = u_i + d_i λ_i`, for one hyperparameter a weight: each moves its own weight. Two
 * parameters a weight, which start at the model's own initial weights and at 0.
 *
 * A penalty moves its own weight most. On a linear model with 7,850 of them this one's hypergradient has a cosine of .49 with the
 * exact one, where that of the factored one has .02 (`reproductions/hyper-training-2018`).
 */
export const elementwiseHypernet = (): Hypernet => ({
  name: "elementwise",
  init(size, params) {
    const shared = hostVector(flattened(params));
    if (size !== shared.data.length) {
      throw inputError(
        `the elementwise hypernetwork must have one hyperparameter for each of ${shared.data.length} weights, but got ${size}; tune l2.each or l1.each alone, or take the factored one`,
      );
    }
    return { shared, slope: hostZeros([size]) };
  },
  apply(phi, hypers) {
    const { shared, slope } = phi as Record<"shared" | "slope", np.Array>;
    return hypers.mul(slope.ref).add(shared.ref); // [samples, weights]
  },
  parameterCount: (size, weights) => size + weights,
});

type HypernetLayer = { weight: np.Array; bias: np.Array };

/** A chain of layers with `activation` between them. */
function layered(
  name: string,
  hidden: readonly number[],
  activation: (h: np.Array) => np.Array,
  { initialScale = 0.01, initialBias = "network", scaleInputs = true }: HypernetOptions,
): Hypernet {
  const layerName = (index: number) => `layer${index + 1}`;
  const last = hidden.length;
  return {
    name,
    init(size, params, key) {
      const sizes = [size, ...hidden, weightsOf(params)];
      const layers = sizes.slice(1).map((outputs, i): [string, HostTree] => {
        const part = (what: string, shape: readonly number[]) =>
          normalArray(partKey(key, `${layerName(i)}.${what}`), initialScale, shape);
        const shared = i === last && initialBias === "network";
        return [
          layerName(i),
          {
            weight: part("weight", [sizes[i] as number, outputs]),
            bias: shared ? hostVector(flattened(params)) : part("bias", [outputs]),
          },
        ];
      });
      return Object.fromEntries(layers);
    },
    apply(phi, hypers) {
      const size = hypers.shape[1] as number;
      let h = scaleInputs ? hypers.mul(np.array(1 / Math.sqrt(size), { dtype: hypers.dtype })) : hypers;
      for (let i = 0; i <= last; i++) {
        const { weight, bias } = (phi as Record<string, HypernetLayer>)[layerName(i)] as HypernetLayer;
        h = np.matmul(h, weight.ref).add(bias.ref);
        if (i < last) h = activation(h);
      }
      return h; // [samples, weights]
    },
    parameterCount(size, weights) {
      const sizes = [size, ...hidden, weights];
      return sizes.slice(1).reduce((sum, outputs, i) => sum + ((sizes[i] as number) + 1) * outputs, 0);
    },
  };
}

/** The number of numbers in a tree. */
export const weightsOf = (params: HostTree): number =>
  leavesOf(params).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);

/** The tree with the structure of `like` whose leaves follow each other in a vector [weights], which it consumes. */
export function unflattened(flat: np.Array, like: HostTree): ArrayTree {
  let at = 0;
  const read = (node: HostTree): ArrayTree => {
    if (!(node instanceof HostArray)) {
      return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, read(child)]));
    }
    const from = at;
    at += sizeOf(node.shape);
    return flat.ref.slice([from, at]).reshape([...node.shape]);
  };
  const params = read(like);
  flat.dispose();
  return params;
}

const normalArray = (key: RandomKey, sd: number, shape: readonly number[]): HostArray =>
  new HostArray(
    normalsAt(key, 0, sizeOf(shape)).map((z) => z * sd),
    shape,
  );
