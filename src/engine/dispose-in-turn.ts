import { tree, vjp, type numpy as np } from "@jax-js/jax";

/**
 * Keeps jax-js (0.1.25) from running out of stack where it drops what a gradient has recorded: each operation disposes of those that it
 * read inside its own call, so that a chain of some thousand, as an LSTM of long rows is, nests as many calls (docs/jax-js-faults.md, 11).
 * Here they wait for each other instead. To be called while a program is traced that takes its trace off the stack; borrows the array.
 */
export function disposeInTurn(like: np.Array): void {
  if (mended) return;
  mended = true;
  const prototype = prototypeOfRecords(like);
  const { dispose } = prototype;
  const waiting: Disposes[] = [];
  let busy = false;
  prototype.dispose = function (): void {
    waiting.push(this);
    if (busy) return;
    busy = true;
    try {
      for (let next = waiting.pop(); next; next = waiting.pop()) dispose.call(next);
    } finally {
      busy = false;
      waiting.length = 0; // where one has thrown
    }
  };
}

let mended = false;

type Disposes = { dispose(): void };

/** Of the arrays that record what a gradient needs, whose class jax-js does not export: the direction of a forward product inside one. */
function prototypeOfRecords(like: np.Array): Disposes {
  let found: Disposes | undefined;
  const [value, pullback] = vjp(
    (x: np.Array) => {
      const { tangent } = x as unknown as { readonly tangent: Disposes }; // not in its declarations
      found = Object.getPrototypeOf(tangent) as Disposes;
      return x;
    },
    [like.ref],
  );
  tree.dispose(value);
  pullback.dispose();
  return found as Disposes;
}
