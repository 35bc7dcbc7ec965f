import { expect, expectTypeOf, test } from "vitest";

import { withArrays, type Operation } from "./graph.ts";
import { value } from "./value.ts";

const [x, y, z] = [value([2], "float32"), value([2], "float32"), value([2], "float32")];
const sum: Operation<"add"> = { primitive: "add", inputs: [x, y], params: {}, outputs: [z] };

test("an operation takes other arrays only if they are as many as before", () => {
  expect(withArrays(sum, [y, x])).toEqual({ ...sum, inputs: [y, x] });
  expect(() => withArrays(sum, [x])).toThrow(/^internal: "add" must keep as many arrays/);
  expect(() => withArrays(sum, [x, y, z])).toThrow(/^internal: "add" must keep as many arrays/);
  expect(() => withArrays(sum, [x, y], [])).toThrow(/^internal: "add" must keep as many arrays/);
});

test("what an operation takes is in its type: two or three arrays of a product, and no parameter of a sum", () => {
  expectTypeOf<Operation<"contract">["inputs"]["length"]>().toEqualTypeOf<2 | 3>();
  expectTypeOf<Operation<"conv">["inputs"]["length"]>().toEqualTypeOf<2 | 3>();
  expectTypeOf<keyof Operation<"reduce">["params"]>().toEqualTypeOf<"axis" | "op">();
  // @ts-expect-error a sum has no parameters
  expect(sum.params.axis).toBeUndefined();
});
