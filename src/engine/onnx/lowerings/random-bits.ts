import { sizeOf } from "../../../util/host-array.ts";
import type { Emitter } from "../emitter.ts";
import { resultOf } from "../graph.ts";
import type { Lowering } from "./lowering.ts";
import { range, reshaped } from "./tensor.ts";

/**
 * jax-js's `random_bits`: Threefry-2x32 with 20 rounds of the counters (0, 0), (0, 1), … under each of the keys.
 *
 * Some 160 passes over the result: correct, but slow. Programs that are run often take their noise as an input.
 *
 * @see Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011)
 */
export const randomBits: Lowering<"random_bits"> = (operation, to) => {
  const [k0, k1] = operation.inputs;
  const result = resultOf(operation);
  const keys = sizeOf(k0.shape);
  const counters = sizeOf(result.shape.slice(k0.shape.length));
  const column = ({ name }: { name: string }, shape: readonly number[]) =>
    reshaped({ name, shape }, [keys, 1], to).name;
  const [x0, x1] = threefry(
    [column({ name: to.name(k0) }, k0.shape), column({ name: to.name(k1) }, k1.shape)],
    to.constant(range(counters), [1, counters], "uint32"),
    to,
  );
  const { mode } = operation.params;
  const bits = mode === "xor" ? to.node("BitwiseXor", [x0, x1]) : mode === 0 ? x0 : x1;
  to.define(result, "Reshape", [bits, to.ints(...result.shape)]);
};

/** By how many bits each round of a group of four rotates; the groups alternate. */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** The two words of a block whose first counter is zero. */
function threefry(key: readonly [string, string], counter: string, to: Emitter): [string, string] {
  const number = (value: number) => to.scalar(value, "uint32");
  const add = (a: string, b: string) => to.node("Add", [a, b]);
  const xor = (a: string, b: string) => to.node("BitwiseXor", [a, b]);
  const shift = (x: string, by: number, direction: string) =>
    to.node("BitShift", [x, number(by)], { direction });
  const rotate = (x: string, by: number) =>
    to.node("BitwiseOr", [shift(x, by, "LEFT"), shift(x, 32 - by, "RIGHT")]);

  const schedule = [...key, xor(xor(...key), number(0x1bd11bda))];
  let [x0, x1]: [string, string] = [schedule[0] as string, add(counter, schedule[1] as string)];
  for (let group = 0; group < 5; group++) {
    for (const by of rotations[group % 2] as readonly number[]) {
      x0 = add(x0, x1);
      x1 = xor(rotate(x1, by), x0);
    }
    x0 = add(x0, schedule[(group + 1) % 3] as string);
    x1 = add(add(x1, schedule[(group + 2) % 3] as string), number(group + 1));
  }
  return [x0, x1];
}
