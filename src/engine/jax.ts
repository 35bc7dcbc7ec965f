import { blockUntilReady, defaultDevice, init, jit, numpy as np, tree } from "@jax-js/jax";

import { inputError } from "../util/error.ts";
import { HostArray, type HostData, type HostTree } from "../util/host-array.ts";
import { guardJit } from "./guard-jit.ts";
import { leavingNoTrace } from "./trace-stack.ts";
import type {
  ArrayTree,
  Engine,
  OutputsOf,
  Precision,
  Program,
  Programs,
  ProgramState,
  Session,
  StateOf,
  StatePartsOf,
} from "./engine.ts";
import { demandGiven } from "../util/given.ts";
import { oneOf } from "../util/rule.ts";

/** Where the `jax` engine computes: WebAssembly everywhere, WebGPU in browsers that have it. */
export type JaxDevice = "wasm" | "cpu" | "webgpu";

/**
 * The engine that runs everywhere: jax-js compiles each program with its own `jit`.
 *
 * @throws {HypertrainError} for a device that is none, or is not available here.
 */
export async function jaxEngine(device: JaxDevice = "wasm"): Promise<Engine> {
  demandGiven("jaxEngine", { device }, { device: oneOf("wasm", "cpu", "webgpu") });
  guardJit();
  const available = await init(device);
  if (!available.includes(device)) {
    throw inputError(
      `the jax engine's device "${device}" must be available, but this platform has only ${available.join(", ")}; choose one of those`,
    );
  }
  defaultDevice(device);
  return { name: "jax", open: (programs, state, precision) => openSession(programs, state, precision) };
}

function openSession<P extends Programs>(
  programs: P,
  initial: Readonly<Record<string, HostTree>>,
  precision: Precision,
): Session<P> {
  const compiled: Readonly<Record<string, OwnedProgram>> = Object.fromEntries(
    Object.entries(programs).map(([name, program]) => [
      name,
      jit(leavingNoTrace(program) as never) as unknown as OwnedProgram,
    ]),
  );
  const state = toDevice(initial, precision) as ProgramState;

  return {
    async run(name, inputs) {
      const program = compiled[name];
      if (!program) throw new Error(`internal: there is no program "${name}"`);
      const [changed, outputs] = program(tree.ref(state), toDevice(inputs, precision) as ProgramState);
      for (const [part, value] of Object.entries(changed as ProgramState)) {
        // what is not changed is not there
        tree.dispose(state[part]);
        state[part] = value;
      }
      await blockUntilReady(changed as never); // else what no output depends on is put off, step after step
      return (await toHost(outputs)) as OutputsOf<P>[typeof name];
    },
    async read<Part extends keyof StateOf<P> & string>(parts: readonly string[] = Object.keys(state)) {
      const picked = Object.fromEntries(
        parts.filter((part) => part in state).map((part) => [part, tree.ref(state[part] as ArrayTree)]),
      );
      return (await toHost(picked)) as StatePartsOf<P, Part>;
    },
    write(parts) {
      for (const [part, value] of Object.entries(parts)) {
        tree.dispose(state[part]);
        state[part] = toDevice(value, precision);
      }
    },
    dispose() {
      tree.dispose(state);
      for (const program of Object.values(compiled)) program.dispose();
    },
  };
}

type OwnedProgram = Program & { dispose(): void };

const dtypes = {
  float32: { dtype: np.float32, make: (data: HostData) => Float32Array.from(data) },
  float64: { dtype: np.float64, make: (data: HostData) => Float64Array.from(data) },
} as const;

function toDevice(host: HostTree, precision: Precision): ArrayTree {
  if (!(host instanceof HostArray)) {
    return Object.fromEntries(
      Object.entries(host).map(([name, child]) => [name, toDevice(child, precision)]),
    );
  }
  const { data } = host;
  const shape = [...host.shape];
  if (data instanceof Int32Array) return np.array(owned(data), { shape, dtype: np.int32 });
  if (data instanceof Uint32Array) return np.array(owned(data), { shape, dtype: np.uint32 });
  const { dtype, make } = dtypes[precision];
  if (data.length === 0) return np.zeros(shape, { dtype }); // `array` takes none without numbers
  const converted = data.constructor.name.toLowerCase() === `${precision}array` ? owned(data) : make(data);
  return np.array(converted, { shape, dtype });
}

/** jax-js copies what it is given, but its types ask for a plain ArrayBuffer behind the view, which all data here has. */
const owned = <T extends HostData>(data: T) => data as T & { buffer: ArrayBuffer } as never;

async function toHost(arrays: ArrayTree): Promise<HostTree> {
  if (arrays instanceof np.Array) {
    const shape = [...arrays.shape];
    return new HostArray((await arrays.data()) as HostData, shape);
  }
  const entries: [string, HostTree][] = [];
  for (const [name, child] of Object.entries(arrays)) entries.push([name, await toHost(child)]);
  return Object.fromEntries(entries);
}
