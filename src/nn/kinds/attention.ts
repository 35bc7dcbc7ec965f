import { lax, numpy as np } from "@jax-js/jax";

import { inputError } from "../../util/error.ts";
import { kind, type Step } from "../kind.ts";
import { count, flag } from "../option.ts";

/**
 * The step `attention`: multi-head self-attention over a sequence x: [rows, steps, features],
 *
 *     y = [A_1 v_1, …, A_H v_H] W_out,   A_h = softmax(q_h k_h' / sqrt(D)),
 *
 * where q, k and v are linear in x and have D = features / heads numbers a head. Its four layers, `NAME-query` and so on, respond as all linear layers.
 *
 * @see Vaswani et al., "Attention is all you need", 2017, https://arxiv.org/abs/1706.03762
 */
export const attentionKind = kind({
  about:
    "self-attention of a sequence in `heads` heads; with `causal` a step sees those before it and itself alone",
  options: { heads: count(1), causal: flag(false) },
  prefix: "attention",
  misfit(shape, { heads }) {
    if (shape.length !== 2) return "a sequence [steps, features]";
    return (shape[1] as number) % heads === 0 ? undefined : `a sequence whose features ${heads} heads divide`;
  },
  step(shape, { heads, causal }, { name, title, perStep, inside }) {
    if (perStep && !causal) {
      throw inputError(
        `${title} must have "causal": true where every step of a sequence is predicted from those before it, but its steps would see what they predict; add that`,
      );
    }
    const [steps, features] = shape as readonly [number, number];
    const inner = parts.flatMap((part) =>
      inside([{ layer: "linear", name: `${name}-${part}`, outputs: features }], shape),
    );
    const [query, key, value, output] = inner as [Step, Step, Step, Step];
    const width = features / heads;
    return {
      ...{ shape, inner, kept: heads * steps * steps }, // who hears whom
      apply(x, layers, act) {
        const rows = x.shape[0] as number;
        const split = (part: Step, at: np.Array) =>
          part.apply(at, layers, act).reshape([rows, steps, heads, width]).transpose([0, 2, 1, 3]);
        const q = split(query, x.ref).mul(1 / Math.sqrt(width));
        const k = split(key, x.ref).transpose([0, 1, 3, 2]);
        const scores = np.matmul(q, k); // [rows, heads, steps, steps]
        const seen = causal ? scores.add(future(steps, scores.dtype)) : scores;
        const heard = np.matmul(softmax(seen), split(value, x)); // [rows, heads, steps, width]
        const together = heard.transpose([0, 2, 1, 3]).reshape([rows, steps, features]);
        return output.apply(together, layers, act);
      },
    };
  },
});

const parts = ["query", "key", "value", "output"];

/** Along the last axis. Consumes x. */
function softmax(x: np.Array): np.Array {
  const sides = [...x.shape.slice(0, -1), 1];
  const top = lax.stopGradient(np.max(x.ref, -1));
  const weights = np.exp(x.sub(top.reshape(sides)));
  const total = weights.ref.sum(-1).reshape(sides);
  return weights.div(total);
}

/** 0 where a step sees another, and so little where it does not that exp makes 0 of it: [steps, steps]. */
const future = (steps: number, dtype: np.DType): np.Array =>
  np
    .array(
      Float32Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? -1e9 : 0)),
      { shape: [steps, steps] },
    )
    .astype(dtype);
