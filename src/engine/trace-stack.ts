import { jvp, tree, type numpy as np } from "@jax-js/jax";

import { disposeInTurn } from "./dispose-in-turn.ts";

/**
 * Takes off jax-js's stack of traces what a program that takes gradients leaves there: each gradient forgets to remove its own, on which the
 * whole traced program then hangs for as long as the process lives (docs/jax-js-faults.md, 9).
 *
 * @param program is only called while it is traced
 */
export const leavingNoTrace =
  <Args extends readonly unknown[], Result>(program: (...args: Args) => Result) =>
  (...args: Args): Result => {
    const [like] = tree.leaves(args as never) as np.Array[];
    if (!like) return program(...args);
    const probe = like.ref;
    const before = top(probe);
    try {
      disposeInTurn(probe);
      return program(...args);
    } finally {
      const main = top(probe);
      for (let level = main.level; level > before.level; level--) main[Symbol.dispose]();
      probe.dispose();
    }
  };

/** What jax-js keeps of a trace; disposing of any takes the topmost off the stack. */
interface MainTrace extends Disposable {
  readonly level: number;
}

/** The trace that would be begun now, which has ended; its level is the height of the stack. Borrows. */
function top(like: np.Array): MainTrace {
  let main: MainTrace | undefined;
  const look = (x: np.Array): np.Array => {
    main = (x as unknown as { readonly _trace: { readonly main: MainTrace } })._trace.main; // not in its declarations
    return x;
  };
  const product = jvp as unknown as (f: typeof look, at: [np.Array], direction: [np.Array]) => np.Array[];
  for (const result of product(look, [like.ref], [like.ref])) result.dispose();
  return main as MainTrace;
}
