import { init, lax, numpy as np } from "@jax-js/jax";
import { beforeAll, describe, expect, test } from "vitest";

import { channelBlock, type Evaluate } from "../../src/engine/onnx/blocked-probe.ts";
import { compile, lower, optimize } from "../../src/engine/onnx/compile.ts";
import type { DType } from "../../src/engine/onnx/value.ts";
import type { Numbers } from "../../src/engine/onnx/protocol.ts";
import { trace, type Traceable } from "../../src/engine/onnx/trace.ts";
import { sizeOf } from "../../src/util/host-array.ts";
import { expectClose } from "./close.ts";
import { derivative, gradientsOf, type Numeric } from "./derivatives.ts";
import { evaluate, runJax, runOnnx, type Sample } from "./run.ts";

const sampled = (dtype: DType, shape: readonly number[], k: number): Sample => ({
  dtype,
  shape,
  data: Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(Math.sin(3 * i + 5 * k + 1))),
});

/** A convolution, and what it is of. */
interface Case {
  readonly images: readonly number[];
  readonly filters: readonly number[];
  readonly strides?: number[];
  readonly padding?: [number, number][];
  readonly dilation?: number[];
  readonly groups?: number;
}

const cases: Readonly<Record<string, Case>> = {
  "as large as its images": { images: [3, 2, 4, 4], filters: [5, 2, 4, 4] },
  "larger than its images": {
    images: [3, 5, 2, 2],
    filters: [5, 5, 3, 3],
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  "of one example, odd sizes and few channels": { images: [1, 3, 7, 5], filters: [4, 3, 3, 2] },
  "with padding": {
    images: [3, 6, 5, 6],
    filters: [4, 6, 3, 3],
    padding: [
      [1, 1],
      [2, 0],
    ],
  },
  "with strides that leave a rest": {
    images: [2, 5, 8, 7],
    filters: [4, 5, 3, 3],
    strides: [2, 3],
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  "with strides, of one channel": { images: [5, 1, 9, 8], filters: [3, 1, 3, 2], strides: [2, 2] },
  "with dilated filters": { images: [2, 5, 9, 8], filters: [4, 5, 3, 2], dilation: [2, 3] },
  "with dilated filters and strides, of two channels": {
    images: [2, 2, 9, 8],
    filters: [3, 2, 2, 2],
    strides: [2, 1],
    dilation: [3, 2],
  },
  "with negative padding": {
    images: [2, 5, 9, 9],
    filters: [4, 5, 3, 3],
    padding: [
      [-1, -2],
      [2, -1],
    ],
  },
  "in groups": {
    images: [2, 6, 6, 5],
    filters: [4, 3, 3, 3],
    groups: 2,
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  "of one place": { images: [3, 5, 4, 4], filters: [6, 5, 1, 1], strides: [2, 2] },
  "along one axis": { images: [3, 5, 11], filters: [4, 5, 3], strides: [2], padding: [[1, 0]] },
  "along three axes": { images: [2, 5, 4, 3, 5], filters: [3, 5, 2, 2, 2] },
};

const convolution =
  ({ strides, padding, dilation, groups, filters }: Case): Numeric =>
  (x, w) => {
    const sizes = filters.slice(2);
    return lax.convGeneralDilated(
      x,
      w,
      strides ?? sizes.map(() => 1),
      padding ?? sizes.map((): [number, number] => [0, 0]),
      { ...(dilation && { rhsDilation: dilation }), ...(groups && { featureGroupCount: groups }) },
    );
  };

/** A convolution between smooth functions: its value, its gradients, and its derivative forwards. */
const derivatives =
  (conv: Numeric): Traceable =>
  (x, w, dx, dw) => {
    const [, forwards] = derivative(conv, [x.ref, w.ref], [dx, dw]);
    const energy: Numeric = (a, b) => np.square(np.tanh(conv(np.sin(a), b).mul(0.25))).sum();
    return [conv(x.ref, w.ref), forwards, ...gradientsOf(energy, 0, 1)(x, w)];
  };

const block = await channelBlock(evaluate);

beforeAll(async () => {
  await init("cpu", "wasm");
});

describe("a convolution", () => {
  test.each(Object.entries(cases))("%s: value and derivatives are jax-js's", async (_, conv) => {
    const f = derivatives(convolution(conv));
    const shapes = [conv.images, conv.filters, conv.images, conv.filters];
    for (const dtype of ["float32", "float64"] as const) {
      const args = shapes.map((shape, k) => sampled(dtype, shape, k));
      expectClose(
        await runOnnx(compile(f, args), args),
        await runJax(f, args, dtype === "float32" ? "wasm" : "cpu"),
        64,
        dtype,
      );
    }
  });
});

describe("the gradient of a convolution by its filters", () => {
  const byFilters = (conv: Case): Traceable =>
    gradientsOf((x, w) => np.square(convolution(conv)(x, w)).sum(), 1);
  const wide = { images: [16, 24, 12, 12], filters: [8, 24, 5, 5] };

  test("is products of matrices, without an exchange of the batch and the channels", () => {
    const args = [wide.images, wide.filters].map((shape, k) => sampled("float32", shape, k));
    const graph = optimize(trace(byFilters(wide), args));
    expect(graph.operations.map(({ primitive }) => primitive)).toEqual(["conv", "add", "conv_filters"]);
  });

  test("is not taken for a convolution of images smaller than its filters", () => {
    const args = [
      [7, 6, 2, 2],
      [5, 6, 3, 3],
    ].map((shape, k) => sampled("float32", shape, k));
    const graph = optimize(trace((x, w) => [lax.conv(x, w, [1, 1], "SAME")], args));
    expect(graph.operations.map(({ primitive }) => primitive)).toEqual(["conv"]);
  });

  test("is summed up in parts where its columns are large", async () => {
    const args = [wide.images, wide.filters].map((shape, k) => sampled("float32", shape, k));
    const compiled = compile(byFilters(wide), args);
    const count = (wanted: string) =>
      compiled.model.nodes.filter(({ operator }) => operator === wanted).length;
    expect([count("Gemm"), count("Gather"), count("Conv")]).toEqual([1, 1, 1]);
    const many = args.map(({ shape: [rows, ...rest], dtype }, k) =>
      sampled(dtype, k === 0 ? [5 * (rows as number), ...rest] : [rows as number, ...rest], k),
    );
    const parted = compile(byFilters(wide), many);
    expect(parted.model.nodes.filter(({ operator }) => operator === "Gemm").length).toBeGreaterThan(1);
    const direct = lower(trace(byFilters(wide), many)); // as jax-js wrote it
    expectClose(await runOnnx(parted, many), await runOnnx(direct, many), 4000, "sum of parts");
  });
});

const blockedCases: Readonly<Record<string, Case>> = {
  "of one example": { images: [1, 16, 7, 5], filters: [32, 16, 3, 2] },
  "with padding": {
    images: [3, 32, 5, 6],
    filters: [16, 32, 3, 3],
    padding: [
      [1, 1],
      [2, 0],
    ],
  },
  "with strides and dilated filters": {
    images: [2, 16, 12, 11],
    filters: [16, 16, 3, 2],
    strides: [2, 1],
    dilation: [1, 3],
    padding: [
      [0, 1],
      [1, 1],
    ],
  },
  "with negative padding": {
    images: [2, 16, 9, 9],
    filters: [16, 16, 3, 3],
    padding: [
      [-1, -2],
      [2, -1],
    ],
  },
};

describe.skipIf(block === undefined)("a convolution of blocks of channels", () => {
  test.each(Object.entries(blockedCases))("%s: value and derivatives are those of Conv", async (_, conv) => {
    const f = derivatives(convolution(conv));
    const shapes = [conv.images, conv.filters, conv.images, conv.filters];
    const args = shapes.map((shape, k) => sampled("float32", shape, k));
    const blocked = compile(f, args, { channelBlock: block });
    const own = blocked.model.nodes.filter(({ operator }) => operator === "com.microsoft.nchwc.Conv");
    expect(own.length).toBeGreaterThanOrEqual(3); // the value, and two products of the derivative forwards
    expectClose(await runOnnx(blocked, args), await runOnnx(compile(f, args), args), 200, "blocked");
  });

  test.each([
    ["of one channel", { images: [16, 1, 7, 6], filters: [16, 1, 3, 2] }],
    [
      "with padding",
      {
        images: [32, 3, 6, 5],
        filters: [32, 3, 5, 3],
        padding: [
          [2, 1],
          [1, 1],
        ],
      },
    ],
    [
      "with strides that leave a rest",
      { images: [16, 16, 14, 13], filters: [16, 16, 3, 3], strides: [2, 3] },
    ],
    [
      "with dilated filters and negative padding",
      {
        images: [16, 2, 12, 9],
        filters: [32, 2, 2, 3],
        strides: [2, 1],
        dilation: [3, 2],
        padding: [
          [-1, 2],
          [0, -1],
        ],
      },
    ],
  ] satisfies [string, Case][])(
    "%s: its gradient by the filters is one of examples and channels exchanged",
    async (_, conv) => {
      const f = gradientsOf((x, w) => np.square(convolution(conv)(np.sin(x), w)).sum(), 1);
      const args = [conv.images, conv.filters].map((shape, k) => sampled("float32", shape, k));
      expect(optimize(trace(f, args)).operations.at(-1)?.primitive).toBe("conv_filters");
      const blocked = compile(f, args, { channelBlock: block });
      expect(blocked.model.nodes.filter(({ operator }) => operator === "Gemm")).toEqual([]);
      expectClose(await runOnnx(blocked, args), await runOnnx(compile(f, args), args), 500, "blocked");
    },
  );

  test("has a gradient by its filters that is left to products of matrices where channels are many, or examples fill no block", () => {
    const products = (images: number[], filters: number[]) => {
      const args = [images, filters].map((shape, k) => sampled("float32", shape, k));
      const f = gradientsOf((x, w) => np.square(lax.conv(x, w, [1, 1], "SAME")).sum(), 1);
      return compile(f, args, { channelBlock: block }).model.nodes.filter(
        ({ operator }) => operator === "Gemm",
      ).length;
    };
    expect(products([16, 2, 5, 5], [16, 2, 3, 3])).toBe(0);
    expect(products([16, 80, 5, 5], [16, 80, 3, 3])).toBe(1);
    expect(products([12, 2, 5, 5], [16, 2, 3, 3])).toBe(1);
  });

  test("has such a gradient by its images, whose filters are not reflected element by element", () => {
    const f = gradientsOf((x, w) => np.square(lax.conv(x, w, [1, 1], "SAME")).sum(), 0);
    const args = [
      [2, 16, 5, 5],
      [32, 16, 3, 3],
    ].map((shape, k) => sampled("float32", shape, k));
    const operators = compile(f, args, { channelBlock: block }).model.nodes.map(({ operator }) => operator);
    expect(operators.filter((operator) => operator === "com.microsoft.nchwc.Conv").length).toBe(2);
    expect(operators).not.toContain("Slice");
  });

  test.each([
    ["of whole blocks", 16],
    ["of few channels", 3],
  ])("%s: takes a number for each channel within it", async (_, channels) => {
    const f: Traceable = (x, w, b) => [lax.conv(x, w, [1, 1], "SAME").add(b.reshape([32, 1, 1]))];
    const shapes = [[2, channels, 5, 4], [32, channels, 3, 3], [32]];
    const args = shapes.map((shape, k) => sampled("float32", shape, k));
    const blocked = compile(f, args, { channelBlock: block });
    const operators = blocked.model.nodes.map(({ operator }) => operator);
    expect([operators.includes("com.microsoft.nchwc.Conv"), operators.includes("Add")]).toEqual([
      true,
      false,
    ]);
    expectClose(await runOnnx(blocked, args), await runJax(f, args, "wasm"), 64, "with a bias");
  });

  test("is left to Conv where channels do not fill blocks, and in other types", () => {
    const operators = (dtype: DType, channels: number) => {
      const args = [
        [2, channels, 5, 5],
        [16, channels, 3, 3],
      ].map((shape, k) => sampled(dtype, shape, k));
      const f: Traceable = (x, w) => [lax.conv(x, w, [1, 1], "SAME")];
      return compile(f, args, { channelBlock: block }).model.nodes.map(({ operator }) => operator);
    };
    expect(operators("float32", 16)).toContain("com.microsoft.nchwc.Conv");
    expect(operators("float32", 3)).toContain("com.microsoft.nchwc.Conv"); // images that fill none may stay as they are
    expect(operators("float32", 20)).toContain("Conv");
    expect(operators("float64", 16)).not.toContain("com.microsoft.nchwc.Conv");
  });
});

describe("the probe for blocks of channels", () => {
  const domain = "com.microsoft.nchwc";
  const mentions = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes).includes(domain);

  test("finds none where onnxruntime has no such operators", async () => {
    const without: Evaluate = (args) =>
      mentions(args.bytes) ? Promise.reject(new Error("no such operator")) : evaluate(args);
    expect(await channelBlock(without)).toBeUndefined();
  });

  test("finds none where they compute something else", async () => {
    const wrong: Evaluate = async (args) => {
      const [maps] = await evaluate(args);
      return [mentions(args.bytes) ? Float32Array.from(maps as Numbers).reverse() : (maps as Numbers)];
    };
    expect(await channelBlock(wrong)).toBeUndefined();
  });
});
