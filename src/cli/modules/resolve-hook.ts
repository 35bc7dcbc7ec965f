import { registerHooks } from "node:module";

let registered = false;

/**
 * Makes `hypertrain` and `@jax-js/jax` mean the copies of this running package in every module loaded from now on.
 *
 * A user's problem module may lie anywhere: in a folder where neither is installed, or beside other copies of them. Arrays
 * of two copies of jax-js do not mix, so there must be one. Call it before importing the module; further calls do nothing.
 * It holds for the calling thread alone: a worker thread calls it for itself.
 */
export function registerResolveHook(): void {
  if (registered) return;
  registered = true;
  const ours = ownModules();
  registerHooks({
    resolve(specifier, context, next) {
      const url = ours.get(specifier);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}

/** What each bare specifier stands for: this file's neighbours in `src/` or, once built, in `dist/`. */
function ownModules(): ReadonlyMap<string, string> {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const neighbour = (path: string): string => new URL(`../../${path}${extension}`, import.meta.url).href;
  return new Map([
    ["hypertrain", neighbour("index")],
    ["hypertrain/jax", neighbour("jax")],
    ["hypertrain/nn", neighbour("nn/index")],
    ["hypertrain/data", neighbour("data/index")],
    ["hypertrain/artifacts", neighbour("artifacts/index")],
    ["hypertrain/report", neighbour("report/index")],
    ["hypertrain/client", neighbour("client/index")],
    ["hypertrain/onnx", neighbour("engine/onnx/index")],
    ["hypertrain/testing", neighbour("testing/index")],
    ["@jax-js/jax", import.meta.resolve("@jax-js/jax")],
  ]);
}
