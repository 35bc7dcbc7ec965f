import { init, lax, nn, numpy as np } from "@jax-js/jax";
import { expect, test, vi } from "vitest";

import { linearization, stopped } from "../../src/engine/transform.ts";
import { gradientsOf } from "./derivatives.ts";
import { trace, type Traceable } from "../../src/engine/onnx/trace.ts";

test("no zero tangent of what a derivative closes over is computed while it is traced", async () => {
  await init("cpu");
  const f: Traceable = (x, w, v, h) => {
    const loss = (second: np.Array): np.Array => {
      const network = (at: np.Array): np.Array => {
        const hidden = nn.relu(np.matmul(x.ref, stopped(w.ref) as np.Array));
        return hidden.add(np.matmul(x.ref, second.ref).mul(at));
      };
      const values = linearization(
        network,
        np.zerosLike(h.ref).add(lax.stopGradient(h.ref) as np.Array),
        h.ref,
      );
      return np.square(values as np.Array).sum();
    };
    return gradientsOf(loss, 0)(v);
  };
  const shapes = [[4, 30], [30, 20], [30, 20], [20]];
  const read = vi.spyOn(np.Array.prototype, "dataSync");
  try {
    trace(
      f,
      shapes.map((shape) => ({ dtype: "float32" as const, shape })),
    );
    const large = read.mock.contexts
      .map((array) => (array as np.Array).shape)
      .filter((shape) => shape.length > 1);
    expect(large).toEqual([]);
  } finally {
    read.mockRestore();
  }
});
