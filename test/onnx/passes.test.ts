import { init, jit, lax, nn, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { compile, lower, optimize } from "../../src/engine/onnx/compile.ts";
import type { Graph, Operation } from "../../src/engine/onnx/graph.ts";
import { fill, value, type Value } from "../../src/engine/onnx/value.ts";
import { describe as textOf, type OnnxNode } from "../../src/engine/onnx/model.ts";
import { broadcasts } from "../../src/engine/onnx/passes/broadcasts.ts";
import { commonFactors } from "../../src/engine/onnx/passes/common-factors.ts";
import { contract } from "../../src/engine/onnx/passes/contract.ts";
import { factors } from "../../src/engine/onnx/passes/factors.ts";
import { filterGradients } from "../../src/engine/onnx/passes/filter-gradients.ts";
import { flattenWindows } from "../../src/engine/onnx/passes/flatten-windows.ts";
import { fuse } from "../../src/engine/onnx/passes/fuse.ts";
import { masks } from "../../src/engine/onnx/passes/masks.ts";
import { prune } from "../../src/engine/onnx/passes/prune.ts";
import { scatterOnto } from "../../src/engine/onnx/passes/scatter-onto.ts";
import { share } from "../../src/engine/onnx/passes/share.ts";
import { simplify } from "../../src/engine/onnx/passes/simplify.ts";
import { stack } from "../../src/engine/onnx/passes/stack.ts";
import { transposeConvolutions } from "../../src/engine/onnx/passes/transpose-convolutions.ts";
import { trace, type Argument, type Traceable } from "../../src/engine/onnx/trace.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { derivative, gradientsOf, withGradients, type Numeric } from "./derivatives.ts";
import { runJax, runOnnx, type Sample } from "./run.ts";

const float32 = (...shape: number[]): Argument => ({ dtype: "float32", shape });

const sampled = ({ dtype, shape }: Argument, k: number): Sample => ({
  dtype,
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(3 * i + 5 * k + 1))),
});

const count = ({ operations }: Graph, primitive: Operation["primitive"]): number =>
  operations.filter((operation) => operation.primitive === primitive).length;

const operators = (f: Traceable, args: readonly Argument[]): string[] =>
  compile(f, args).model.nodes.map(({ operator }: OnnxNode) => operator);

/** A network with one hidden layer: x [batch, in], u [in, hidden], b [hidden], v [hidden, out]. */
const network = (x: np.Array, u: np.Array, b: np.Array, v: np.Array): np.Array =>
  np.matmul(np.tanh(np.matmul(x, u).add(b)), v); // [batch, out]

const loss: Numeric = (x, u, b, v) => np.square(network(x, u, b, v)).mean();

const networkArgs = [float32(8, 5), float32(5, 6), float32(6), float32(6, 3)];

/** The loss and its gradients by the weights. */
const training: Traceable = (...args) => withGradients(loss, 1, 2, 3)(...args).flat();

/** The network's derivative in a direction of the last weights only. */
const partial: Traceable = (...at) =>
  derivative(
    network as Numeric,
    at,
    at.map((a, i) => (i === 3 ? np.cos(a.ref) : np.zerosLike(a.ref))),
  );

/** The gradients of a convolution with strides. */
const convolution = gradientsOf((x, w) => np.square(lax.conv(x, w, [2, 2], "SAME")).sum(), 0, 1);
const convolutionArgs = [float32(2, 3, 8, 8), float32(4, 3, 3, 3)];

/** The gradient of a max-pooling. */
const pooling = gradientsOf(
  (x) => np.square((lax.reduceWindow as unknown as Pool)(x, (at) => np.max(at), [2, 2], [2, 2])).sum(),
  0,
);
type Pool = (x: np.Array, f: (window: np.Array) => np.Array, size: number[], strides: number[]) => np.Array;

/** A layer's step of gradient descent with momentum. */
const momentum: Traceable = (x, error, m) => [m.mul(0.9).add(np.matmul(np.transpose(x), error))];
const momentumArgs = [float32(8, 5), float32(8, 3), float32(5, 3)];

/** The gradients of a normalisation of images over the batch, by the images, the gain and the shift; the residue gives all of them weight. */
const normalization: Traceable = (x, gain, shift, residue) => {
  const energy: Numeric = (images, gamma, beta) => {
    const centred = images.ref.sub(np.mean(np.mean(images, [2, 3]), 0).reshape([1, -1, 1, 1]));
    const variance = np.mean(np.mean(np.square(centred.ref), [2, 3]), 0).reshape([1, -1, 1, 1]);
    const normal = centred.div(np.sqrt(variance.add(0.1)));
    const y = normal.mul(gamma.reshape([-1, 1, 1])).add(beta.reshape([-1, 1, 1]));
    return y.mul(residue).sum();
  };
  return withGradients(energy, 0, 1, 2)(x, gain, shift).flat();
};
const normalizationArgs = [float32(2, 3, 4, 5), float32(3), float32(3), float32(2, 3, 4, 5)];

beforeAll(async () => {
  await init("cpu");
  await init("wasm");
});

const programs: Readonly<Record<string, readonly [Traceable, readonly Argument[]]>> = {
  training: [training, networkArgs],
  partial: [partial, networkArgs],
  momentum: [momentum, momentumArgs],
  convolution: [convolution, convolutionArgs],
  pooling: [pooling, [float32(2, 3, 5, 4)]],
  normalization: [normalization, normalizationArgs],
};

const passes = {
  ...{ transposeConvolutions, filterGradients, simplify, prune, share },
  ...{ flattenWindows, masks, contract, commonFactors, broadcasts, factors, scatterOnto, fuse, optimize },
};

describe.each(Object.entries(passes))("%s", (_, pass) => {
  test.each(Object.entries(programs))("does not change what %s computes", async (name, [f, args]) => {
    const samples = args.map(sampled);
    const expected = await runJax(f, samples, "cpu");
    for (const graph of [pass(trace(f, args)), pass(contract(trace(f, args))), pass(pass(trace(f, args)))]) {
      expectClose(await runOnnx(lower(graph), samples), expected, 32, name);
    }
  });
});

describe("simplify", () => {
  test("follows known zeros: of a derivative only the products with a direction are left", () => {
    const traced = trace(partial, networkArgs);
    expect(count(traced, "dot")).toBe(6); // x u and h v, and two for the derivative of each
    expect(count(optimize(traced), "contract")).toBe(3); // x u, h v, h dv
  });

  test("leaves nothing of what is subtracted from itself, as of a response at the point where it is anchored", () => {
    const response: Traceable = (x, v, at) => [np.matmul(x, v).mul(at.ref.sub(lax.stopGradient(at)))];
    const graph = optimize(trace(response, [float32(8, 5), float32(5, 6), float32(1, 6)]));
    expect(graph.operations).toEqual([]);
  });

  test("leaves nothing of what is multiplied by zero", () => {
    const f: Traceable = (x) => [np.matmul(x.ref.mul(0), np.exp(x)).add(1)];
    const graph = optimize(trace(f, [float32(3, 3)]));
    expect(graph.operations).toEqual([]);
    expect(graph.outputs).toEqual([fill(1, [3, 3], "float32")]);
  });

  test("does arithmetic on known numbers as jax-js does it", () => {
    const f: Traceable = () => {
      const x = np.full([2], 0.1);
      return [np.exp(x.ref.mul(3)).add(np.sqrt(x)).reshape([2, 1])];
    };
    const [output] = simplify(trace(f, [])).outputs;
    expect(output?.constant).toEqual({
      kind: "fill",
      value: Math.fround(
        Math.fround(Math.exp(Math.fround(3 * Math.fround(0.1)))) + Math.fround(Math.sqrt(Math.fround(0.1))),
      ),
    });
  });

  test("takes out pairs of transposes and what keeps the order of elements", () => {
    const f: Traceable = (x) => [
      np.transpose(np.transpose(x.ref).add(0)),
      np.transpose(x.reshape([1, 2, 3]), [1, 0, 2]),
    ];
    expect(count(optimize(trace(f, [float32(2, 3)])), "transpose")).toBe(0);
  });
});

describe("share", () => {
  test("computes once what is written twice", () => {
    const f: Traceable = (x) => [np.tanh(x.ref.mul(2)), np.tanh(x.mul(2)).neg()];
    const traced = simplify(trace(f, [float32(3)]));
    const twice = traced.operations.length - 1; // without the last negation
    expect(prune(share(traced)).operations.length - 1).toBe(twice / 2);
  });

  test("keeps apart what differs only in a parameter or in the sign of a zero", () => {
    const f: Traceable = (x) => [
      x.ref.sum(0),
      x.ref.sum(1),
      x.ref.mul(np.full([2, 2], 0.5)),
      x.mul(np.full([2, 2], -0.5)),
    ];
    const traced = trace(f, [float32(2, 2)]);
    expect(share(traced).operations.length).toBe(traced.operations.length);
  });
});

describe("prune", () => {
  test("takes out what no result needs", () => {
    const { inputs, operations, outputs } = trace(training, networkArgs);
    const forward = prune({ inputs, operations, outputs: outputs.slice(0, 1) });
    expect(count(forward, "dot")).toBe(2);
    expect(count({ inputs, operations, outputs }, "dot")).toBeGreaterThan(2);
  });
});

describe("transposeConvolutions", () => {
  test("takes the filters of the gradient of a convolution as the convolution itself does", () => {
    const byImages = gradientsOf((x, w) => np.square(lax.conv(x, w, [2, 2], "SAME")).sum(), 0);
    const left = operators(byImages, convolutionArgs);
    expect(left.filter((operator) => operator === "ConvTranspose").length).toBe(1);
    expect(left).not.toContain("Pad"); // no zeros between elements
    expect(left).not.toContain("Slice"); // no reflection
  });

  test("leaves float64 alone, for which onnxruntime has no such operator", () => {
    const args = convolutionArgs.map(({ shape }): Argument => ({ dtype: "float64", shape }));
    expect(operators(convolution, args)).not.toContain("ConvTranspose");
  });
});

describe("contract", () => {
  test("makes of the products in a gradient flags: no Transpose is left", () => {
    const left = operators(training, networkArgs);
    expect(left.filter((operator) => operator === "Gemm").length).toBe(5); // x u, h v, and the gradients of u, h and v
    expect(left).not.toContain("Transpose");
    expect(left).not.toContain("MatMul");
  });

  test("sums over all leading axes at once in the gradient of a layer of sequences", () => {
    const f = gradientsOf((x, w) => np.square(np.matmul(x, w)).sum(), 0, 1);
    const left = operators(f, [float32(3, 5, 4), float32(4, 6)]).filter((operator) => operator !== "Reshape");
    expect(left).toEqual(["Gemm", "Add", "Gemm", "Gemm"]);
  });

  test("does not store an operand that is only repeated", () => {
    const f: Traceable = (a, b) => [np.einsum("ij,kj->ik", a, b)];
    expect(operators(f, [float32(7, 4), float32(5, 4)])).toEqual(["Gemm"]);
  });
});

describe("broadcasts", () => {
  test("leaves repeating to operators that meet something as large as their result, and only to these", async () => {
    const f: Traceable = (x, row, column, number) => [
      x.ref.mul(np.broadcastTo(row.ref, [2, 3, 4])), // [4]
      x.ref.sub(np.broadcastTo(column, [2, 3, 4])), // [3, 1]
      np.maximum(x, np.broadcastTo(number.ref, [2, 3, 4])), // []
      np.broadcastTo(row, [2, 3, 4]).add(np.broadcastTo(number, [2, 3, 4])),
    ];
    const args = [float32(2, 3, 4), float32(4), float32(3, 1), float32()];
    expect(operators(f, args).toSorted()).toEqual([
      "Add",
      "Expand",
      "Expand",
      "Max",
      "Mul",
      "Reshape",
      "Reshape",
      "Reshape",
      "Sub",
    ]);
    const samples = args.map(sampled);
    expectClose(await runOnnx(compile(f, args), samples), await runJax(f, samples, "cpu"), 1, "broadcasts");
  });
});

describe("factors", () => {
  const images = [float32(2, 3, 4, 5), float32(2, 3, 4, 5), float32(3, 1, 1), float32(2, 1, 1, 1)];
  const samples = images.map(sampled);
  /** Operations on whole images. */
  const passesOver = (f: Traceable, args = images): string[] =>
    optimize(trace(f, args))
      .operations.filter(({ inputs }) => inputs.some(({ shape }) => sizeOf(shape) === 120))
      .map(({ primitive }) => primitive);

  test("are multiplied with each other before they meet images", async () => {
    const f: Traceable = (x, y, a, b) => [x.mul(a).mul(b), y];
    expect(passesOver(f)).toEqual(["mul"]);
    expectClose(await runOnnx(compile(f, images), samples), await runJax(f, samples, "cpu"), 4, "factors");
  });

  test("come out of sums along which they are the same, and sums of one product are one", async () => {
    const f: Traceable = (x, y, a, b) => [
      np.sum(x.ref.mul(y.ref.mul(a.ref)), [0, 2, 3]), // [3], a is the same along it
      np.sum(y.ref.mul(x.ref), [0, 2, 3]),
      np.sum(x.mul(y.mul(b)), [0, 2, 3]), // b is not
      a,
    ];
    expect(passesOver(f)).toEqual(["mul", "reduce", "mul", "mul", "reduce"]);
    expectClose(await runOnnx(compile(f, images), samples), await runJax(f, samples, "cpu"), 20, "sums");
  });

  test("are doubled instead of what is added twice", async () => {
    const f: Traceable = (x, y, a, b) => [y.add(x.ref.mul(a.ref)).add(x.mul(a)), b];
    expect(passesOver(f)).toEqual(["mul", "add"]);
    expectClose(await runOnnx(compile(f, images), samples), await runJax(f, samples, "cpu"), 4, "twice");
  });

  test("leave eight operations on images to the gradient of a normalisation, besides those of its value", () => {
    const value: Traceable = (...args) => (normalization(...args) as [np.Array]).slice(0, 1);
    const [all, own] = [normalization, value].map((f) => passesOver(f, normalizationArgs).length) as [
      number,
      number,
    ];
    expect([own, all - own]).toEqual([8, 8]);
  });
});

describe("fuse", () => {
  test("makes momentum one Gemm", () => {
    const { nodes } = compile(momentum, momentumArgs).model;
    expect(nodes.map(({ operator }) => operator)).toEqual(["Gemm"]);
    expect(nodes[0]?.attributes).toEqual({ transA: 1, beta: { float: Math.fround(0.9) } });
  });

  test("makes a bias the third input of its product", () => {
    const f: Traceable = (x, w, b) => [np.matmul(x, w).add(b)];
    expect(operators(f, [float32(8, 5), float32(5, 3), float32(3)])).toEqual(["Gemm"]);
  });

  test("repeats no bias for all steps of sequences", async () => {
    const f: Traceable = (x, w, b) => [np.matmul(x, w).add(b)];
    const args = [float32(4, 3, 5), float32(5, 6), float32(6)];
    expect(operators(f, args).toSorted()).toEqual(["Gemm", "Reshape", "Reshape"]);
    expectClose(
      await runOnnx(compile(f, args), args.map(sampled)),
      await runJax(f, args.map(sampled), "cpu"),
      8,
      "bias",
    );
  });

  test("leaves a product alone that is needed elsewhere", () => {
    const f: Traceable = (x, w, b) => {
      const product = np.matmul(x, w);
      return [product.ref, product.add(b)];
    };
    expect(operators(f, [float32(8, 5), float32(5, 3), float32(3)])).toEqual(["Gemm", "Add"]);
  });

  test("takes an error's subtraction and the doubling in its gradient into what is there", () => {
    const f: Traceable = (x, w, y) => [np.matmul(x, w).sub(y)];
    expect(operators(f, [float32(8, 5), float32(5, 3), float32(8, 3)])).toEqual(["Gemm"]);
    const twice: Traceable = (x) => [x.ref.mul(0.3).add(np.multiply(0.3, x))];
    expect(operators(twice, [float32(3)])).toEqual(["Mul"]);
  });

  test("subtracts instead of adding the opposite", () => {
    const f: Traceable = (a, b) => [a.sub(b)];
    expect(operators(f, [float32(3), float32(3)])).toEqual(["Sub"]);
  });

  test("does not take the opposite of an unsigned number for that of a fraction", async () => {
    const f: Traceable = (a, b) => [a.add(b.neg())];
    const args: Sample[] = [sampled(float32(2), 0), { dtype: "uint32", shape: [2], data: [1, 2] }];
    expectClose(await runOnnx(compile(f, args), args), await runJax(f, args, "cpu"), 1, "a + -b");
  });

  test("divides instead of multiplying with an inverse that is as large", async () => {
    const f: Traceable = (x, y) => [x.ref.div(np.square(y).add(1)), x.div(2)];
    const args = [float32(8, 5), float32(8, 5)];
    expect(operators(f, args)).not.toContain("Reciprocal");
    const samples = args.map(sampled);
    expectClose(await runOnnx(compile(f, args), samples), await runJax(f, samples, "cpu"), 2, "quotient");
  });

  test("makes numbers for the channels of images the third input of their convolution", async () => {
    const biased: Traceable = (x, w, b, c) => {
      const images = lax.conv(x, w, [1, 1], "SAME"); // [2, 4, 6, 6]
      const rows = np.broadcastTo(b.ref, [2, 4]).reshape([2, 4, 1, 1]);
      return [images.ref.add(b.reshape([4, 1, 1])), images.ref.mul(2).add(rows), images.add(c)];
    };
    const once: Traceable = (x, w, b, c) => {
      const rows = np.broadcastTo(b, [2, 4]).reshape([2, 4, 1, 1]);
      return [lax.conv(x, w, [1, 1], "SAME").add(rows), c];
    };
    const args = [float32(2, 3, 6, 6), float32(4, 3, 3, 3), float32(4), float32(6)];
    const samples = args.map(sampled);
    expect(operators(once, args)).not.toContain("Add");
    expect(operators(biased, args).filter((operator) => operator === "Conv").length).toBe(1); // which three results share
    for (const f of [biased, once]) {
      expectClose(await runOnnx(compile(f, args), samples), await runJax(f, samples, "cpu"), 20, "bias");
    }
  });
});

describe("masks", () => {
  const args = [float32(64, 64), float32(64, 64)];
  const samples = args.map(sampled);

  test("hide sums of products, as in the gradient of a network with ReLU and dropout", async () => {
    const rectified: Numeric = (x, w) => {
      const rate = np.mean(np.square(w.ref)).mul(0.5);
      const kept = x.ref.greater(rate.ref).astype(np.float32).div(np.subtract(1, rate)); // as dropout at a rate that is computed
      return np.square(np.matmul(nn.relu(np.matmul(x, w.ref)).mul(kept), w)).mean();
    };
    const gradient = gradientsOf(rectified, 0, 1);
    expect(operators(gradient, args)).not.toContain("Where");
    expectClose(
      await runOnnx(compile(gradient, args), samples),
      await runJax(gradient, samples, "wasm"),
      2000,
      "relu",
    );
  });

  test("hide nothing that may be infinite", async () => {
    const guarded: Traceable = (x, w) => {
      const y = np.matmul(x.ref, w);
      const sums = np.maximum(x.ref, 0); // some are 0
      return [
        np.where(x.ref.greater(0), np.log(x.ref), 0),
        np.where(sums.ref.greater(0), y.ref.div(sums.ref), 0),
        np.where(np.square(sums.ref).greater(0), y.ref.div(sums), 0),
        np.where(x.ref.greater(0), y.div(np.sqrt(np.maximum(x, 0))), 0),
      ];
    };
    const own = await runOnnx(compile(guarded, args), samples);
    expect(own.flatMap(({ data }) => data).every(Number.isFinite)).toBe(true);
    expectClose(own, await runJax(guarded, samples, "wasm"), 200, "guarded");
  });

  test("of what differs and of what does not are one", () => {
    const both: Traceable = (x, w) => {
      const y = np.matmul(x.ref, w.ref);
      return [np.where(x.ref.notEqual(w.ref), 0, y.ref), np.where(x.equal(w), y, 0)];
    };
    expect(operators(both, args).toSorted()).toEqual(["Cast", "Equal", "Gemm", "Mul"]);
  });
});

describe("a factor that is to be transposed", () => {
  const gradients: Traceable = (x, g, h) => {
    const rows = np.transpose(x);
    return [np.matmul(rows.ref, g), np.matmul(rows, h)];
  };

  test("is transposed once for all wide products with it", async () => {
    const args = [float32(8, 5), float32(8, 256), float32(8, 300)];
    expect(operators(gradients, args)).toEqual(["Transpose", "Gemm", "Gemm"]);
    const samples = args.map(sampled);
    const expected = await runJax(gradients, samples, "wasm");
    expectClose(await runOnnx(compile(gradients, args), samples), expected, 50, "products");
  });

  test("is left to narrow products", () => {
    const { nodes } = compile(gradients, [float32(8, 5), float32(8, 3), float32(8, 255)]).model;
    expect(nodes.map(({ operator, attributes }) => [operator, attributes])).toEqual([
      ["Gemm", { transA: 1 }],
      ["Gemm", { transA: 1 }],
    ]);
  });
});

describe("a model as text", () => {
  test("a linear layer's step of gradient descent with momentum", async () => {
    const step: Traceable = (x, y, w, m, rate) => {
      const error: Numeric = (at) => np.square(np.matmul(x, at).sub(y)).mean();
      const [gradient] = gradientsOf(error, 0)(w.ref) as [np.Array];
      const velocity = m.mul(0.9).add(gradient);
      return [w.sub(velocity.ref.mul(rate)), velocity];
    };
    const args = [float32(8, 5), float32(8, 3), float32(5, 3), float32(5, 3), float32()];
    await expect(textOf(compile(step, args).model)).toMatchFileSnapshot("snapshots/momentum.txt");
  });

  test("dropout by numbers that are an input", async () => {
    const dropout = jit((x: np.Array, uniform: np.Array, rate: np.Array): np.Array => {
      const kept = np.greaterEqual(uniform, rate.ref);
      return np.where(kept, x.div(np.subtract(1, rate)), 0);
    });
    const f: Traceable = (x, uniform, rate) => [dropout(x as never, uniform as never, rate as never)]; // its types want arrays that are not traced
    await expect(textOf(compile(f, [float32(8, 5), float32(8, 5), float32()]).model)).toMatchFileSnapshot(
      "snapshots/dropout.txt",
    );
  });

  test("the gradients of a convolution with strides", async () => {
    await expect(textOf(compile(convolution, convolutionArgs).model)).toMatchFileSnapshot(
      "snapshots/convolution.txt",
    );
  });
});

describe("commonFactors", () => {
  const args = [float32(4, 2, 5), float32(4, 2, 5), float32(5, 6), float32(6)];
  const products = (f: Traceable) => count(commonFactors(contract(trace(f, args))), "contract");

  test("multiplies once what is added behind two products with one matrix, whatever else is added", async () => {
    const f: Traceable = (x, y, a, b) => {
      const [first, second] = [np.matmul(x, a.ref).add(b.ref), b.add(np.matmul(y, a))];
      return [first.add(second)];
    };
    expect(products(f)).toBe(1);
    const samples = args.map(sampled);
    expectClose(await runOnnx(compile(f, args), samples), await runJax(f, samples, "cpu"), 8, "sum");
  });

  test("sums over the steps of a sequence before what is done to each of them", async () => {
    const cell: Numeric = (gain, h, x) => {
      let state = np.cos(x.ref);
      for (let step = 0; step < 4; step++) {
        const amounts = np.matmul(h.ref, gain.ref); // [1, 6], as those of a response
        state = np.tanh(state.add(x.ref)).mul(amounts); // [4, 6]
      }
      return np.square(state).sum();
    };
    const f = gradientsOf(cell, 0);
    const args = [float32(3, 6), float32(1, 3), float32(4, 6)];
    const graph = optimize(trace(f, args));
    const asLargeAsGain = graph.operations.filter(({ outputs }) => sizeOf(outputs[0].shape) === 18);
    expect(asLargeAsGain).toHaveLength(1);
    expect(count(graph, "reduce")).toBe(1); // over rows, once for all steps
    const samples = args.map(sampled);
    expectClose(await runOnnx(compile(f, args), samples), await runJax(f, samples, "cpu"), 32, "gradient");
  });

  test("joins sums over an axis, negatives and views, and nothing that is not linear", () => {
    const joined = (each: (x: np.Array) => np.Array, primitive: Operation["primitive"]) =>
      count(commonFactors(trace((x, y) => [each(x).add(each(y))], args.slice(0, 2))), primitive);
    expect(joined((x) => x.sum(1), "reduce")).toBe(1);
    expect(joined((x) => np.max(x, 1), "reduce")).toBe(2);
    expect(joined((x) => x.neg(), "neg")).toBe(1);
    expect(joined((x) => x.reshape([-1]), "reshape")).toBe(1);
    expect(joined((x) => np.transpose(x), "transpose")).toBe(1);
    expect(joined(np.exp, "exp")).toBe(2);
    expect(joined((x) => x.reshape([40]).sum().mul(3), "mul")).toBe(1);
  });

  test("leaves products that have fewer columns than their factors", () => {
    const f: Traceable = (x, y, a) => [np.matmul(x, a.ref).add(np.matmul(y, a))];
    const narrow = [float32(800, 50), float32(800, 50), float32(50, 2)];
    expect(count(commonFactors(contract(trace(f, narrow))), "contract")).toBe(2);
  });

  test("leaves a product that is needed elsewhere, and products with different matrices", () => {
    const needed: Traceable = (x, y, a) => {
      const first = np.matmul(x, a.ref);
      return [first.ref, first.add(np.matmul(y, a))];
    };
    const different: Traceable = (x, y, a) => [np.matmul(x, a.ref).add(np.matmul(y, np.cos(a)))];
    expect(products(different)).toBe(2);
    const kept = commonFactors(contract(trace(needed, args)));
    const last = kept.operations.find(({ outputs }) => outputs[0] === kept.outputs[1]);
    expect(last?.primitive).toBe("add");
  });

  test("looks at each term of a long sum once, not at each pair of them", () => {
    let looks = 0;
    const sumOfRows = { op: "Add", axis: [0] } as const;
    const params = { ...sumOfRows, toJSON: () => (looks++, sumOfRows) };
    const inputs = Array.from({ length: 200 }, (_, i) => value([i + 1, 2], "float32")); // of which no two are alike
    const operations: Operation[] = inputs.map((x) => ({
      primitive: "reduce",
      inputs: [x],
      params,
      outputs: [value([2], "float32")],
    }));
    const sum = operations
      .map(({ outputs }): Value => outputs[0])
      .reduce((a, b) => {
        const outputs = [value([2], "float32")] as const;
        operations.push({ primitive: "add", inputs: [a, b], params: {}, outputs });
        return outputs[0];
      });
    expect(count(commonFactors({ inputs, operations, outputs: [sum] }), "reduce")).toBe(200);
    expect(looks).toBe(200);
  });
});

describe("scatterOnto", () => {
  /** Elements of a table, some twice, and the gradient of what is summed over them and over the whole table. */
  const gradient = gradientsOf((table, weights) => {
    const [rows, columns] = [
      np.array([1, 3, 1], { dtype: np.int32 }),
      np.array([0, 0, 2], { dtype: np.int32 }),
    ];
    const picked = np.take(table.ref, rows, 0).mul(weights).sum(); // [3, 4]
    const single = np.take(table.ref.reshape([-1]), columns).sum();
    return picked.add(np.square(table).sum()).add(single);
  }, 0);
  const args = [float32(5, 4), float32(3, 4)];

  test("adds what is scattered to what else there is, through a view, without zeros", async () => {
    const scattered = scatterOnto(contract(optimize(trace(gradient, args))));
    expect([count(scattered, "scatter"), count(scattered, "scatter_onto")]).toEqual([0, 2]);
    const samples = args.map(sampled);
    expectClose(
      await runOnnx(compile(gradient, args), samples),
      await runJax(gradient, samples, "cpu"),
      8,
      "sum",
    );
  });

  test("leaves a scatter alone that is needed elsewhere", () => {
    const f: Traceable = (x, updates) => {
      const [sums] = gradientsOf(
        (at) =>
          np
            .take(at, np.array([1, 1, 2], { dtype: np.int32 }), 0)
            .mul(updates.ref)
            .sum(),
        0,
      )(x.ref);
      return [(sums as np.Array).ref, (sums as np.Array).add(x)];
    };
    const kept = scatterOnto(optimize(trace(f, args)));
    expect([count(kept, "scatter"), count(kept, "scatter_onto")]).toEqual([1, 0]);
  });
});

describe("stack", () => {
  /** Two products with one large matrix, a third that follows from the first, and one with another matrix. */
  const f: Traceable = (x, y, a, b) => {
    const first = np.matmul(x, a.ref);
    const third = np.matmul(np.tanh(first.ref), a.ref);
    return [first, np.matmul(y.ref, a), third, np.matmul(y, b)];
  };
  const args = [float32(2, 720), float32(3, 720), float32(720, 720), float32(720, 720)];

  test("multiplies at once what meets the same large matrix, unless one needs the other", async () => {
    const graph = stack(contract(trace(f, args)));
    const products = graph.operations.filter(({ primitive }) => primitive === "contract");
    expect(products.map(({ outputs }) => outputs[0]?.shape[0]).sort()).toEqual([2, 3, 5]);
    const samples = args.map(sampled);
    expectClose(await runOnnx(lower(graph), samples), await runJax(f, samples, "wasm"), 500, "products");
  });

  test("never makes operations need each other in a circle", async () => {
    // u a before v b, but w b before z a: stacked both ways each would have to come before the other
    const crossed: Traceable = (x, a, b) => {
      const before = np.matmul(x.ref, a.ref);
      const after = np.matmul(np.tanh(before.ref), b.ref);
      const other = np.matmul(x, b);
      return [before, after, np.matmul(np.tanh(other.ref), a), other];
    };
    const large = [float32(2, 720), float32(720, 720), float32(720, 720)];
    const graph = stack(contract(trace(crossed, large)));
    expect(count(graph, "contract")).toBe(3);
    const samples = large.map(sampled);
    expectClose(
      await runOnnx(lower(graph), samples),
      await runJax(crossed, samples, "wasm"),
      500,
      "products",
    );
  });

  test("leaves small matrices alone", () => {
    const small = [float32(2, 5), float32(3, 5), float32(5, 5), float32(5, 5)];
    expect(count(stack(contract(trace(f, small))), "contract")).toBe(4);
  });
});

describe("graphs as deep as no call stack is", () => {
  const DEPTH = 20_000;
  const rows = (count: number): Value => value([count, 720], "float32");
  const product = (x: Value, matrix: Value): Operation<"contract"> => ({
    ...{ primitive: "contract", inputs: [x, matrix] },
    ...{ params: { left: [0, 1], right: [1, 2], out: [0, 2] }, outputs: [rows(x.shape[0] as number)] },
  });
  /** Operations each of which takes what the one before makes. */
  const chain = (from: Value, link: (before: Value, made: Value) => Operation): Operation[] => {
    let last = from;
    return Array.from({ length: DEPTH }, () => link(last, (last = rows(from.shape[0] as number))));
  };
  const negative = (before: Value, made: Value): Operation => ({
    ...{ primitive: "neg", inputs: [before], params: {}, outputs: [made] },
  });
  const endOf = (operations: readonly Operation[]): Value => operations.at(-1)?.outputs[0] as Value;

  test("have their products stacked", () => {
    const [x, y, matrix] = [rows(2), rows(3), value([720, 720], "float32")];
    const first = product(x, matrix);
    const behind = chain(first.outputs[0], negative);
    const before = chain(y, negative);
    const second = product(endOf(before), matrix);
    const graph = stack({
      inputs: [x, y, matrix],
      operations: [first, ...behind, ...before, second],
      outputs: [endOf(behind), second.outputs[0]],
    });
    expect([count(graph, "contract"), graph.operations.length]).toEqual([1, 2 * DEPTH + 3]);
  });

  test("have their sums masked", () => {
    const [x, matrix] = [rows(8), value([720, 720], "float32")];
    const first = product(x, matrix);
    const [term] = first.outputs;
    const sums = chain(term, (before, made) => ({
      ...{ primitive: "add", inputs: [before, term], params: {}, outputs: [made] },
    }));
    const zeros = fill(0, x.shape, "float32");
    const condition = value(x.shape, "bool");
    const asked: Operation = {
      ...{
        primitive: "compare",
        inputs: [x, zeros],
        params: { op: "less", dtype: "float32" },
        outputs: [condition],
      },
    };
    const hidden = rows(8);
    const where: Operation = {
      ...{ primitive: "where", inputs: [condition, zeros, endOf(sums)], params: {}, outputs: [hidden] },
    };
    const operations = [first, ...sums, asked, where];
    const graph = masks({ inputs: [x, matrix], operations, outputs: [hidden] });
    expect([count(graph, "add"), count(graph, "mul")]).toEqual([DEPTH, 1]);
  });
});
