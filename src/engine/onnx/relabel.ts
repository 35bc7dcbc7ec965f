import type { OnnxModel } from "./model.ts";

/**
 * A model with other names.
 *
 * @param labels what arrays are to be called; others keep their names. Where a name is taken, a number comes behind it; inputs and
 *   outputs have the first choice.
 */
export function relabel(
  { inputs, outputs, constants, nodes, texts, ...rest }: OnnxModel,
  labels: ReadonlyMap<string, string>,
): OnnxModel {
  const nameOf = createNames(labels);
  const named = <T extends { readonly name: string }>(arrays: readonly T[]): T[] =>
    arrays.map((array) => ({ ...array, name: nameOf(array.name) }));
  return {
    ...rest,
    inputs: named(inputs),
    outputs: named(outputs),
    constants: named(constants),
    ...(texts && { texts: named(texts) }),
    nodes: nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(nameOf),
      outputs: node.outputs.map(nameOf),
    })),
  };
}

/** From an array's own name to its new one, given out in the order in which they are asked for. */
function createNames(labels: ReadonlyMap<string, string>): (own: string) => string {
  const names = new Map([["", ""]]); // an absent input
  const taken = new Set<string>();
  return (own) => {
    const known = names.get(own);
    if (known !== undefined) return known;
    const wanted = labels.get(own) ?? own;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}.${number}`;
    taken.add(name);
    names.set(own, name);
    return name;
  };
}
