import { sameShape } from "./value.ts";
import type { OnnxConstant, OnnxModel, OnnxNode, TensorInfo } from "./model.ts";

/** A model that was traced for so many rows. */
export interface ModelForRows {
  readonly rows: number;
  readonly model: OnnxModel;
}

/**
 * One model for any number of rows, from models of the same function for different numbers.
 *
 * The tracer knows fixed shapes only, so what depends on the number of rows is what differs between the models. Sizes of inputs
 * and outputs that differ become open. A list of whole numbers that differs is a shape or a range: where only `Reshape` takes it
 * and one entry is open, that entry becomes -1; else it is computed from the number of rows, of which every entry must be an
 * affine function. No other difference can be opened.
 *
 * @param traced at least three: two settle an affine function, the others check it
 * @returns nothing where the models differ by more than sizes
 */
export function openRows(traced: readonly ModelForRows[]): OnnxModel | undefined {
  const models = traced.map(({ model }) => model);
  const rows = traced.map((one) => one.rows);
  const texts = models.map(({ nodes }) => JSON.stringify(nodes));
  const inputs = merged(
    models.map((model) => model.inputs),
    (same) => openInfo(rows, same),
  );
  const outputs = merged(
    models.map((model) => model.outputs),
    (same) => openInfo(rows, same),
  );
  const constants = merged(
    models.map((model) => model.constants),
    (same) => openConstant(rows, same),
  );
  if (!inputs || !outputs || !constants || texts.some((text) => text !== texts[0])) return undefined;
  return assembled(inputs, outputs, constants, (models[0] as OnnxModel).nodes);
}

/** Lists of one length, merged entry by entry; nothing where they are not, or where entries have no common form. */
function merged<T, U>(
  lists: readonly (readonly T[])[],
  merge: (same: readonly T[]) => U | undefined,
): U[] | undefined {
  const [first] = lists as [readonly T[], ...(readonly T[])[]];
  if (lists.some((list) => list.length !== first.length)) return undefined;
  const entries = first.map((_, i) => merge(lists.map((list) => list[i] as T)));
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

/** A whole number that depends on the number of rows n: `factor n + offset`. */
interface Affine {
  readonly factor: number;
  readonly offset: number;
}

/** The affine function through all values, if there is one with whole numbers. */
function affineThrough(rows: readonly number[], values: readonly number[]): Affine | undefined {
  const [n0, n1] = rows as [number, number];
  const [v0, v1] = values as [number, number];
  const factor = (v1 - v0) / (n1 - n0);
  const offset = v0 - factor * n0;
  const fits = values.every((v, i) => v === factor * (rows[i] as number) + offset);
  return fits && Number.isInteger(factor) ? { factor, offset } : undefined;
}

function openInfo(rows: readonly number[], same: readonly TensorInfo[]): TensorInfo | undefined {
  const sizes = merged(
    same.map(({ shape }) => shape as readonly number[]), // traced: no size has a name yet
    (values) => affineThrough(rows, values),
  );
  return sizes && { ...(same[0] as TensorInfo), shape: sizes.map(nameOfSize) };
}

/** The name of the open axis. */
const ROWS = "rows";

/** A size that is fixed, or the name of one that is open: `rows`, `2 rows`, `rows + 1`. */
function nameOfSize({ factor, offset }: Affine): number | string {
  if (factor === 0) return offset;
  const multiple = factor === 1 ? ROWS : `${factor} ${ROWS}`;
  return offset === 0 ? multiple : `${multiple} + ${offset}`;
}

/** A list of whole numbers of which some depend on the number of rows. */
interface OpenList {
  readonly name: string;
  readonly entries: readonly Affine[];
}

function openConstant(
  rows: readonly number[],
  same: readonly OnnxConstant[],
): OnnxConstant | OpenList | undefined {
  const [first] = same as [OnnxConstant, ...OnnxConstant[]];
  if (!same.every(({ shape }) => sameShape(shape, first.shape))) return undefined;
  if (same.every(({ data }) => sameNumbers(data, first.data))) return first;
  if (first.dtype !== "int64" || first.shape.length !== 1) return undefined;
  const entries = merged(
    same.map(({ data }) => Array.from(data)),
    (values) => affineThrough(rows, values),
  );
  return entries && { name: first.name, entries };
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** The model of these parts; what must be computed from the number of rows comes first. */
function assembled(
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  constants: readonly (OnnxConstant | OpenList)[],
  nodes: readonly OnnxNode[],
): OnnxModel | undefined {
  const known = constants.map((constant) =>
    isOpen(constant) && onlyReshapes(constant, nodes) ? inferred(constant) : constant,
  );
  const lists = known.filter(isOpen).map(computed);
  const counted = countedInput(inputs, nodes);
  if (lists.length > 0 && !counted) return undefined;
  return {
    inputs,
    outputs,
    constants: [
      ...known.filter((c): c is OnnxConstant => !isOpen(c)),
      ...lists.flatMap((list) => list.constants),
    ],
    nodes: [
      ...(counted && lists.length > 0 ? [countOf(counted.name)] : []),
      ...lists.flatMap((list) => list.nodes),
      ...nodes,
    ],
  };
}

/** The input whose rows are counted: one that is needed anyway, where there is one, so that no other is. */
function countedInput(inputs: readonly TensorInfo[], nodes: readonly OnnxNode[]): TensorInfo | undefined {
  const open = inputs.filter(({ shape }) => shape[0] === ROWS);
  return open.find(({ name }) => nodes.some((node) => node.inputs.includes(name))) ?? open[0];
}

const isOpen = (constant: OnnxConstant | OpenList): constant is OpenList => "entries" in constant;

/** Whether a list of one open entry is a shape for `Reshape` and nothing else. */
const onlyReshapes = ({ name, entries }: OpenList, nodes: readonly OnnxNode[]): boolean =>
  entries.filter(({ factor }) => factor !== 0).length === 1 &&
  nodes.every(({ operator, inputs }) => operator === "Reshape" || !inputs.includes(name));

/** A shape whose one open entry follows from all the others. */
const inferred = ({ name, entries }: OpenList): OnnxConstant => ({
  name,
  dtype: "int64",
  shape: [entries.length],
  data: entries.map(({ factor, offset }) => (factor === 0 ? offset : -1)),
});

/** The name of the number of rows within a model. */
const COUNT = "row count";

const countOf = (input: string): OnnxNode => ({
  operator: "Shape",
  inputs: [input],
  outputs: [COUNT],
  attributes: { start: 0, end: 1 },
});

/** A list made from the number of rows by a multiplication and an addition. */
function computed({ name, entries }: OpenList): Pick<OnnxModel, "constants" | "nodes"> {
  const list = (suffix: string, data: readonly number[]): OnnxConstant => ({
    name: `${name} ${suffix}`,
    dtype: "int64",
    shape: [data.length],
    data,
  });
  const factors = list(
    "factors",
    entries.map(({ factor }) => factor),
  );
  const offsets = list(
    "offsets",
    entries.map(({ offset }) => offset),
  );
  const product = `${name} multiple`;
  return {
    constants: [factors, offsets],
    nodes: [
      { operator: "Mul", inputs: [COUNT, factors.name], outputs: [product], attributes: {} },
      { operator: "Add", inputs: [product, offsets.name], outputs: [name], attributes: {} },
    ],
  };
}
