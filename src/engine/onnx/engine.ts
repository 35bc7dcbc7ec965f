import { defaultDevice, init } from "@jax-js/jax";

import { HostArray, type HostData, type HostTree } from "../../util/host-array.ts";
import type { Engine, OutputsOf, Precision, Programs, Session, StateOf, StatePartsOf } from "../engine.ts";
import { channelBlock, type Evaluate } from "./blocked-probe.ts";
import { bind, tracingDevice, type BoundProgram } from "./binding.ts";
import { timedStages, type CompileWatch } from "./compilation.ts";
import type { Target } from "./emitter.ts";
import { fits, flatten, layoutOf, treeOf, type FlatTree, type Layout, type Structure } from "./flat-tree.ts";
import { sharedNumbers, type Leaf, type Numbers } from "./protocol.ts";
import { Thread } from "./thread.ts";
import { ownOptions } from "../../util/given.ts";
import { count, flag, objectWith } from "../../util/rule.ts";

/** How {@link onnxEngine} computes. */
export interface OnnxEngineOptions {
  /** Threads of a matrix product; default as many as the machine has cores, and one for programs with small products only. */
  readonly threads?: number;
  /**
   * Whether convolutions may use operators of onnxruntime's own where this processor has them; default true. Results differ by rounding.
   */
  readonly blockedConvolutions?: boolean;
  /** Told what it takes to compile each program; default nobody. */
  readonly watch?: CompileWatch;
}

const aWatch = objectWith<CompileWatch>("a watch, { clock, tell }", { clock: "object", tell: "function" });

/**
 * The native engine: every program is compiled whole, from jax-js's trace to one ONNX graph, and run by onnxruntime in a worker
 * thread of its own.
 *
 * Some ten times as fast as `jaxEngine` on networks of a million weights. In Node, where onnxruntime has a binary for the platform.
 *
 * @throws {HypertrainError} for an option that is none of these, or whose value is none of its.
 * @throws {Error} where onnxruntime cannot be loaded.
 */
export async function onnxEngine(options: OnnxEngineOptions = {}): Promise<Engine> {
  const rules = { threads: count, blockedConvolutions: flag, watch: aWatch };
  const { threads, blockedConvolutions = true, watch } = ownOptions("onnxEngine", options, rules);
  await init(defaultDevice(), tracingDevice);
  await liveThread().ready;
  const target = blockedConvolutions ? ownTarget : () => Promise.resolve({});
  const threadsOf = ({ largestProduct }: BoundProgram) => threads ?? (largestProduct < SMALL ? 1 : 0);
  return {
    name: "onnx",
    open: (programs, state, precision) =>
      openSession({ thread: liveThread(), threadsOf, target, watch }, programs, state, precision),
  };
}

/** What runs models of one's own in the worker thread of the engines; nothing where onnxruntime cannot be loaded. */
export async function modelRunner(): Promise<Evaluate | undefined> {
  try {
    await liveThread().ready;
  } catch {
    return undefined;
  }
  return (args) => liveThread().ask("evaluate", args);
}

/** How an engine has its programs compiled and run. */
interface Settings {
  readonly thread: Thread;
  readonly threadsOf: (program: BoundProgram) => number;
  readonly target: () => Promise<Target>;
  readonly watch: CompileWatch | undefined;
}

/** What this machine's onnxruntime has beyond ONNX, found out once. */
const ownTarget = (): Promise<Target> =>
  (target ??= channelBlock((args) => liveThread().ask("evaluate", args)).then((block) => ({
    channelBlock: block,
  })));
let target: Promise<Target> | undefined;

/** Floating-point operations of a product that takes about as long as threads take to meet: 0.2 ms of one core. */
const SMALL = 2e7;

/** One worker serves all engines of a process, since onnxruntime is loaded once; another takes its place where it has died. */
const liveThread = (): Thread => (worker = worker === undefined || worker.ended ? Thread.launch() : worker);
let worker: Thread | undefined;
let sessions = 0;

function openSession<P extends Programs>(
  { thread, threadsOf, target, watch }: Settings,
  programs: P,
  initial: Readonly<Record<string, HostTree>>,
  precision: Precision,
): Session<P> {
  const session = sessions++;
  const flat = flatten(initial, precision);
  const state = layoutOf(flat);
  const loaded: Loaded[] = [];
  let numbers = 0;
  thread.tell("open", { session, leaves: shared(flat.leaves) });
  let running: Promise<unknown> | undefined;

  const load = async (name: string, inputs: FlatTree): Promise<Loaded> => {
    const program = programs[name];
    if (!program) throw new Error(`internal: there is no program "${name}"`);
    const layout = layoutOf(inputs);
    const { stage, stages } = timedStages(watch?.clock ?? stopped);
    const bound = await bind(program, state, layout, target, stage);
    const number = numbers++;
    const { model, nodes } = bound;
    await stage("session", () =>
      thread.ask("load", { session, program: number, model, threads: threadsOf(bound) }),
    );
    watch?.tell({ program: name, nodes, stages });
    const entry: Loaded = { name, inputs: layout, number, bound, fed: [] };
    loaded.push(entry);
    return entry;
  };

  return {
    async run(name, inputs) {
      const flat = flatten(inputs, precision);
      const ready = loaded.find((other) => other.name === name && fits(other.inputs, flat));
      const { number, bound, fed } = ready ?? (await load(name, flat)); // a loaded program starts before this returns
      while (running) await running; // it reads the memory in which inputs are written
      flat.leaves.forEach(({ data }, i) => {
        if (fed[i] === data) return; // a full batch comes again and again
        bound.model.inputs[i]?.set(data);
        fed[i] = data;
      });
      const answer = thread.ask("run", { session, program: number });
      running = answer.catch(() => {}).finally(() => (running = undefined));
      return bound.outputs(await answer) as OutputsOf<P>[typeof name];
    },
    async read<Part extends keyof StateOf<P> & string>(
      parts: readonly string[] = Object.keys(state.structure),
    ) {
      const structure = state.structure as Readonly<Record<string, Structure>>;
      const picked = Object.fromEntries(
        parts.filter((part) => part in structure).map((part) => [part, structure[part] as Structure]),
      );
      const leaves = indicesIn(picked);
      const numbers = await thread.ask("read", { session, leaves });
      return treeOf(
        picked,
        (leaf) => new HostArray(numbers[leaves.indexOf(leaf)] as HostData, state.leaves[leaf]?.shape ?? []),
      ) as StatePartsOf<P, Part>;
    },
    write(parts) {
      const { paths, leaves } = flatten(parts, precision);
      const written = leaves.map(({ data }, i) => [state.paths.indexOf(paths[i] as string), data] as const);
      thread.tell("write", { session, leaves: written });
    },
    dispose() {
      thread.tell("close", { session });
    },
  };
}

/** The clock of compilations that nobody watches. */
const stopped = { now: () => 0 };

/** A program that the worker has loaded for inputs of certain shapes. */
interface Loaded {
  readonly name: string;
  readonly inputs: Layout;
  readonly number: number;
  readonly bound: BoundProgram;
  /** The arrays that its inputs were last copied from. */
  readonly fed: (HostData | undefined)[];
}

/** The indices of the leaves of a part of a tree. */
const indicesIn = (structure: Structure): number[] =>
  typeof structure === "number" ? [structure] : Object.values(structure).flatMap(indicesIn);

/** Leaves in memory that threads share, so that they are copied once. */
function shared(leaves: readonly Leaf[]): Leaf[] {
  const memory = sharedNumbers(leaves);
  return leaves.map((leaf, i) => {
    const numbers = memory[i] as Numbers;
    numbers.set(leaf.data);
    return { ...leaf, data: numbers };
  });
}
