import { readFileSync } from "node:fs";

/** Counts the buffers that jax-js's backends hold. */
export interface LiveBuffers {
  /** Buffers allocated since counting began that are not yet free. */
  count(): number;
}

interface Backend {
  malloc(size: number, data?: Uint8Array): number;
  incRef(slot: number): void;
  decRef(slot: number): void;
}

/**
 * Begins to count the buffers of one of jax-js's devices.
 *
 * jax-js shows no such number, so this reaches into its bundle: it finds the module that holds the backends, where
 * `getBackend` has a minified name, and listens to the one backend's reference counts.
 */
export async function liveBuffers(device: "wasm" | "cpu"): Promise<LiveBuffers> {
  const main = import.meta.resolve("@jax-js/jax");
  const [, names = "", file = ""] =
    /import \{([^}]*\bas getBackend\b[^}]*)\} from "(\.\/backend-[^"]+)"/.exec(
      readFileSync(new URL(main), "utf8"),
    ) ?? [];
  const [, minified = ""] = /(\w+) as getBackend\b/.exec(names) ?? [];
  const module = (await import(new URL(file, main).href)) as Record<string, (device: string) => Backend>;
  const backend = (module[minified] as (device: string) => Backend)(device);
  const references = new Map<number, number>();
  const { malloc, incRef, decRef } = backend;
  backend.malloc = (...args) => {
    const slot = malloc.apply(backend, args);
    references.set(slot, 1);
    return slot;
  };
  const change = (slot: number, by: number) => {
    const count = references.get(slot);
    if (count === undefined) return; // allocated before counting began
    if (count + by === 0) references.delete(slot);
    else references.set(slot, count + by);
  };
  backend.incRef = (slot) => {
    incRef.call(backend, slot);
    change(slot, 1);
  };
  backend.decRef = (slot) => {
    decRef.call(backend, slot);
    change(slot, -1);
  };
  return { count: () => references.size };
}
