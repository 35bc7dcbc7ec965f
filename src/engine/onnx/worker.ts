/*
 * The worker thread of the engine `onnx`: the only module that imports onnxruntime. `session.run` blocks the thread that it is called
 * in, so that models run here and the caller's event loop stays free.
 */
import { parentPort } from "node:worker_threads";

import { InferenceSession, Tensor } from "onnxruntime-node";

import { mapValues } from "../../util/record.ts";
import { usableCores } from "./cores.ts";
import type { OnnxType } from "./model.ts";
import {
  SENTINEL,
  type WorkerAnswer,
  type Connected,
  type Feed,
  type Leaf,
  type Numbers,
  type Place,
  type Question,
  type RequestName,
  type Requests,
  type Result,
  type TextLeaf,
} from "./protocol.ts";

/** A leaf of the state: what it holds, and memory for what it will hold where that may not be written over what it holds. */
interface Slot {
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
  now: Tensor;
  next: Tensor | undefined;
}

/** A model that is ready to run. */
interface Loaded {
  readonly feeds: readonly Feed[];
  readonly inputs: readonly Numbers[];
  /** Nothing to run where every result is an argument or a constant. */
  readonly onnx: InferenceSession | undefined;
  /** Where onnxruntime writes each result of the model, by its name. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Results that are elsewhere already, and must be copied. */
  readonly copied: readonly Result[];
}

interface Target extends Place {
  readonly dtype: OnnxType;
  /** Whether it is written over what is there. */
  readonly inPlace: boolean;
  readonly shape: readonly number[];
}

interface Open {
  readonly slots: readonly Slot[];
  readonly programs: Map<number, Loaded>;
}

const cores = usableCores();
const sessions = new Map<number, Open>();

const answers: {
  [Name in RequestName]: (args: Requests[Name]["args"]) => Promise<Requests[Name]["answer"]>;
} = {
  async evaluate({ bytes, feeds, wanted }) {
    const onnx = await InferenceSession.create(bytes, { ...settings(1), graphOptimizationLevel: "all" }); // as another program would
    try {
      const names = wanted ?? onnx.outputNames;
      const results = await onnx.run(mapValues(feeds, fedTensor), names);
      return names.map((name) => numbersOf(results[name] as Tensor).slice());
    } finally {
      await onnx.release();
    }
  },
  async open({ session, leaves }) {
    sessions.set(session, { slots: leaves.map(slotOf), programs: new Map() });
    return undefined;
  },
  async load({ session, program, model, threads }) {
    find(session).programs.set(program, await load(model, threads || cores));
    return undefined;
  },
  async run({ session, program }) {
    const { slots, programs } = find(session);
    return step(programs.get(program) as Loaded, slots);
  },
  async read({ session, leaves }) {
    const { slots } = find(session);
    return leaves.map((index) => numbersOf((slots[index] as Slot).now).slice());
  },
  async write({ session, leaves }) {
    const { slots } = find(session);
    for (const [index, data] of leaves) numbersOf((slots[index] as Slot).now).set(data);
    return undefined;
  },
  async close({ session }) {
    const { programs } = find(session);
    sessions.delete(session);
    await Promise.all([...programs.values()].map(({ onnx }) => onnx?.release()));
    return undefined;
  },
};

function find(session: number): Open {
  const found = sessions.get(session);
  if (!found) throw new Error(`internal: session ${session} is not open`);
  return found;
}

const slotOf = ({ dtype, shape, data }: Leaf): Slot => ({
  dtype,
  shape,
  now: tensorOf(dtype, data, shape),
  next: undefined,
});

async function load({ bytes, feeds, inputs, results }: Connected, threads: number): Promise<Loaded> {
  const targets = new Map<string, Target>();
  const copied: Result[] = [];
  for (const result of results) {
    const { from, to, dtype } = result;
    if (from.kind !== "computed" || targets.has(from.name)) {
      copied.push(result);
      continue;
    }
    targets.set(from.name, { ...to, dtype, inPlace: from.inPlace, shape: from.shape });
  }
  const onnx = targets.size === 0 ? undefined : await InferenceSession.create(bytes, settings(threads));
  return { feeds, inputs, onnx, targets, copied };
}

const settings = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  executionMode: "sequential",
  graphOptimizationLevel: "disabled", // the passes have left it nothing, and it took as long as the rest of a session
  enableCpuMemArena: true, // else temporaries of some MB come from the system in every step, page by page
  enableMemPattern: false,
  extra: {
    session: {
      force_spinning_stop: "1", // else the threads of one model get in the way of the next
      disable_quant_qdq: "1", // else it looks for what is quantised, of which there is nothing: a tenth of a large session
    },
  },
  logSeverityLevel: 3, // errors
});

/** Runs a model. Results for the state land in the leaves' own memory, or in spare memory that then becomes the leaves' own. */
async function step(
  { feeds, inputs, onnx, targets, copied }: Loaded,
  slots: readonly Slot[],
): Promise<readonly Numbers[]> {
  const slot = ({ index }: Place) => slots[index] as Slot;
  const input = ({ index }: Place) => inputs[index] as Numbers;
  const fed = feeds.map(({ name, from, dtype, shape }): [string, Tensor] => [
    name,
    from.kind === "state" ? slot(from).now : tensorOf(dtype, input(from), shape),
  ]);
  const fetched = new Map<string, Tensor>();
  for (const [name, to] of targets) {
    if (to.kind === "call") {
      fetched.set(name, emptyTensor(to.dtype, to.shape));
      continue;
    }
    const tensor = to.inPlace ? slot(to).now : spare(slot(to));
    fetched.set(name, tensorOf(slot(to).dtype, numbersOf(tensor), to.shape));
  }
  if (onnx) await runInto(onnx, Object.fromEntries(fed), Object.fromEntries(fetched));

  const numbersAt = (from: Result["from"]): Numbers => {
    if (from.kind === "constant") return from.data;
    if (from.kind === "computed") return numbersOf(fetched.get(from.name) as Tensor);
    return from.place.kind === "state" ? numbersOf(slot(from.place).now) : input(from.place);
  };
  const copies = copied.map(({ to, from }) => [to, numbersAt(from).slice()] as const); // before leaves change
  const outputs: Numbers[] = [];
  for (const [name, to] of targets) {
    if (to.kind === "call") outputs[to.index] = numbersOf(fetched.get(name) as Tensor);
    else if (!to.inPlace) exchange(slot(to));
  }
  for (const [to, numbers] of copies) {
    if (to.kind === "state") numbersOf(slot(to).now).set(numbers);
    else outputs[to.index] = numbers;
  }
  return outputs;
}

/**
 * Runs a model whose results all have memory of their own.
 *
 * Once the results are written there, onnxruntime-node 1.30 makes a new array of every one of them as well, in the order of
 * outputs: 38 MB, a tenth to a fifth of a training step, for the state of an STN with two million weights. It stops with an error at an
 * output that it cannot turn into an array, and so the first output is a sequence.
 */
async function runInto(
  onnx: InferenceSession,
  feeds: InferenceSession.FeedsType,
  results: Record<string, Tensor>,
): Promise<void> {
  try {
    await onnx.run(feeds, { [SENTINEL]: null, ...results });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("Non tensor type")) throw error;
  }
}

const spare = (slot: Slot): Tensor => (slot.next ??= emptyTensor(slot.dtype, slot.shape));

function exchange(slot: Slot): void {
  [slot.now, slot.next] = [spare(slot), slot.now];
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

const tensorOf = (dtype: OnnxType, data: Numbers, shape: readonly number[]): Tensor =>
  new Tensor(dtype as "float32", data as Float32Array, shape);

const fedTensor = (leaf: Leaf | TextLeaf): Tensor =>
  leaf.dtype === "string"
    ? new Tensor("string", [...leaf.data], leaf.shape)
    : tensorOf(leaf.dtype, leaf.data, leaf.shape);

function emptyTensor(dtype: OnnxType, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tensorOf(dtype, new arrays[dtype as keyof typeof arrays](size) as Numbers, shape);
}

const numbersOf = (tensor: Tensor): Numbers => tensor.data as Numbers;

let last: Promise<void> = Promise.resolve();

parentPort?.on("message", ({ number, name, args }: Question) => {
  const answer = (message: WorkerAnswer, moved: readonly ArrayBuffer[] = []) =>
    parentPort?.postMessage(message, moved);
  const work = answers[name] as (args: unknown) => Promise<readonly Numbers[] | undefined>;
  last = last
    .then(() => work(args))
    .then(
      (value) =>
        answer(
          { number, value },
          value?.map(({ buffer }) => buffer as ArrayBuffer),
        ), // what is answered has memory of its own
      (error: unknown) => answer({ number, error: error instanceof Error ? error.message : String(error) }),
    );
});
parentPort?.postMessage("ready");
