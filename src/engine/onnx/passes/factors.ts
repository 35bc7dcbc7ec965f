import type { Graph, Operation } from "../graph.ts";
import { fill, sameShape, type Value } from "../value.ts";
import { broadcastShape } from "../lowerings/elementwise.ts";
import { prune } from "./prune.ts";
import { rewrite, type Definition, type Emit } from "./rewrite.ts";
import { share } from "./share.ts";
import { usesOf } from "./uses.ts";

/**
 * Multiplies few numbers before many, in images [N, C, H, W] and sums of them, as normalisations have them: a pass over images is what costs.
 * With a and b the same at all places,
 *
 * - `(x a) b` becomes `x (a b)`;
 * - `Σ (x a) (y b)` becomes `a b Σ x y` where both are the same all along the sum, so that sums of one product are one;
 * - `(z + x a) + x a`, as in the gradient of a square, becomes `z + x (2 a)`.
 *
 * The results differ by rounding.
 */
export function factors(graph: Graph): Graph {
  const uses = usesOf(graph);
  const moved = rewrite(graph, (operation, emit, definition) => {
    const substitute = () => {
      switch (operation.primitive) {
        case "mul":
          return scaledTwice(operation, emit, definition);
        case "reduce":
          return sumOfScaled(operation, emit, definition);
        case "add": {
          const [[a, b], [result]] = [operation.inputs, operation.outputs];
          return twice(a, b, result, emit, definition, uses) ?? twice(b, a, result, emit, definition, uses);
        }
        default:
          return undefined;
      }
    };
    const made = substitute();
    return made && [made];
  });
  return share(prune(moved));
}

/** `(x a) b`. */
function scaledTwice(operation: Operation<"mul">, emit: Emit, definition: Definition): Value | undefined {
  const outer = scaledBy(operation);
  const inner = outer && scaledBy(definition(outer.images));
  return inner && emit("mul", [inner.images, product(inner.by, outer.by, emit)], {}, operation.outputs[0]);
}

/** `Σ (x a) (y b)`. */
function sumOfScaled(
  { inputs, params, outputs }: Operation<"reduce">,
  emit: Emit,
  definition: Definition,
): Value | undefined {
  const { op, axis } = params;
  const [summed] = inputs;
  const pulled: Value[] = [];
  const bare = (images: Value): Value => {
    const scaled = scaledBy(definition(images));
    if (!scaled || !axis.every((i) => onImages(scaled.by)[i] === 1)) return images;
    pulled.push(scaled.by);
    return bare(scaled.images);
  };
  if (op !== "Add" || !isImages(summed)) return undefined;
  const whole = bare(summed);
  const by = definition(whole);
  const [x, y] = by?.primitive === "mul" && by.inputs.every(isImages) ? by.inputs : [];
  const terms = x && y && ([bare(x), bare(y)] as const);
  if (pulled.length === 0) return undefined;
  const sum = emit("reduce", [terms ? emit("mul", terms, {}, whole) : whole], params, outputs[0]);
  const factor = pulled.reduce((all, next) => product(all, next, emit));
  const shape = onImages(factor).filter((_, i) => !axis.includes(i));
  return emit("mul", [sum, emit("reshape", [factor], { shape }, { ...factor, shape })], {}, sum);
}

/** `(z + x a) + x a`. */
function twice(
  sum: Value,
  term: Value,
  result: Value,
  emit: Emit,
  definition: Definition,
  uses: ReadonlyMap<Value, number>,
): Value | undefined {
  const [scaled, before] = [scaledBy(definition(term)), definition(sum)];
  if (!scaled || before?.primitive !== "add" || uses.get(sum) !== 1) return undefined;
  const [other, ...more] = before.inputs.filter((input) => input !== term);
  if (!other || more.length > 0) return undefined;
  const doubled = product(scaled.by, fill(2, [], result.dtype), emit);
  return emit("add", [other, emit("mul", [scaled.images, doubled], {}, result)], {}, result);
}

/** Images, and what they are multiplied with at all places alike. */
function scaledBy(operation: Operation | undefined): { images: Value; by: Value } | undefined {
  if (operation?.primitive !== "mul") return undefined;
  const [result] = operation.outputs;
  const [a, b] = operation.inputs;
  if (!isImages(result)) return undefined;
  const pair = isImages(a) ? { images: a, by: b } : { images: b, by: a };
  return sameShape(pair.images.shape, result.shape) && isFlat(pair.by) ? pair : undefined;
}

const isImages = (value: Value): boolean =>
  value.shape.length === 4 && value.dtype === "float32" && !value.constant && !isFlat(value);

/** Whether an array is the same at all places of images. */
const isFlat = (value: Value): boolean =>
  value.dtype === "float32" &&
  value.shape.length <= 4 &&
  onImages(value)
    .slice(2)
    .every((size) => size === 1);

/** The shape in which an array meets images. */
const onImages = ({ shape }: Value): number[] => [...Array<number>(4 - shape.length).fill(1), ...shape];

function product(a: Value, b: Value, emit: Emit): Value {
  return emit("mul", [a, b], {}, { dtype: a.dtype, shape: broadcastShape([a.shape, b.shape]) });
}
