import { dirname } from "node:path";

import type { Engine } from "../../engine/engine.ts";
import type { Compilation, CompileWatch } from "../../engine/onnx/compilation.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { benchTuning, demandPeerTuning, type BenchTuningFlags } from "../bench/bench-tuning.ts";
import { describeStep } from "../bench/describe-step.ts";
import { benchEngines, type BenchEngine } from "../bench/engines.ts";
import { measureStep } from "../bench/measure-step.ts";
import { openPeer, type Peer } from "../bench/peer.ts";
import { measureSearch } from "../bench/search-measure.ts";
import { describeSearch } from "../bench/search-report.ts";
import { hypernetKinds, hypernetWork } from "../bench/hypernet-work.ts";
import { peerArguments, type BenchWork } from "../bench/bench-work.ts";
import { isLanguageModel, languageModels, languageSizes, languageWork } from "../bench/language-work.ts";
import { benchNetworks, networkWork } from "../bench/network-work.ts";
import { benchMethods } from "../bench/bench-methods.ts";
import { ownProcessor } from "../bench/subject.ts";
import { mnistSize, stepWork } from "../bench/workload.ts";
import { oneOf, positiveInteger } from "../config/plain-flags.ts";
import { openEngine } from "../registry/engines.ts";
import { makeFolder } from "../../artifacts/disk.ts";
import { demandWritable } from "../files/written-file.ts";

/** What `hypertrain bench step` accepts, as it was typed. */
export interface BenchStepFlags extends MeasureFlags {
  /** Default `delta-stn`. */
  readonly method?: string;
  /** Default the papers' network for MNIST. */
  readonly network?: string;
  /** What is tuned; default a dropout rate for each place of the network. */
  readonly hyper?: BenchTuningFlags["hyper"];
  /** Default the method's own. */
  readonly perturbations?: BenchTuningFlags["perturbations"];
}

/** What all measurements accept. */
interface MeasureFlags {
  /** Default all. */
  readonly engine?: readonly string[];
  /** Whether to measure PyTorch as well. */
  readonly peer?: boolean;
  /** The Python that has PyTorch; default `python3`. */
  readonly python?: string;
  /** Of the engine onnx, and of PyTorch; default as many as there are cores, of PyTorch what is fastest. */
  readonly threads?: string;
  /** Default 10. */
  readonly rounds?: string;
  readonly json?: boolean;
  /** A file for the JSON document. */
  readonly save?: string;
  /** Writes over a file that is there. */
  readonly force?: boolean;
}

/**
 * Measures the steps of a method on the papers' network for MNIST, or on another by name.
 *
 * @returns the exit code
 */
export async function benchStep(flags: BenchStepFlags): Promise<number> {
  const { method = "delta-stn", network, hyper, perturbations } = flags;
  const known = oneOf("--method", benchMethods, method);
  const tuning = benchTuning(known, { hyper, perturbations });
  const save = await readyToSave(flags);
  if (flags.peer) demandPeerTuning({ hyper, perturbations });
  if (network === undefined) return measure(stepWork(tuning, mnistSize), flags, save);
  const name = oneOf("--network", [...benchNetworks, ...languageModels], network);
  await openEngine({ engine: "jax" }); // whose arrays count the operations
  if (flags.peer && (known === "stn" || (known === "delta-stn" && name === "resnet18"))) {
    throw inputError(
      `--peer must find a step that its program has, but that has no ${known} of ${name}; leave --peer out, or take --method ${name === "resnet18" ? "plain" : "delta-stn or plain"}`,
    );
  }
  const work = isLanguageModel(name) ? languageWork(tuning, languageSizes[name]) : networkWork(tuning, name);
  return measure(work, { ...flags, engine: flags.engine ?? ["onnx"] }, save);
}

/** What `hypertrain bench hypernet` accepts, as it was typed. */
export interface BenchHypernetFlags extends MeasureFlags {
  /** Default `global`. */
  readonly work?: string;
}

/**
 * Measures the steps of hyper-training on the paper's linear model.
 *
 * @returns the exit code
 */
export async function benchHypernet(flags: BenchHypernetFlags): Promise<number> {
  const { work = "global" } = flags;
  const kind = oneOf("--work", hypernetKinds, work);
  return measure(hypernetWork(kind), flags, await readyToSave(flags));
}

/** What `hypertrain bench search` accepts, as it was typed. */
export type BenchSearchFlags = Pick<MeasureFlags, "peer" | "python" | "json" | "save" | "force">;

/**
 * Measures how long samplers take for a suggestion.
 *
 * @returns the exit code
 */
export async function benchSearch(flags: BenchSearchFlags): Promise<number> {
  demandPeer(flags);
  const { peer, python = "python3", json } = flags;
  const save = await readyToSave(flags);
  const report = await measureSearch({ ...(peer && { peer: { python } }), onProgress: note });
  const document = `${JSON.stringify(report)}\n`;
  process.stdout.write(json ? document : describeSearch(report));
  if (json) note(describeSearch(report).trimEnd());
  await save(document);
  return 0;
}

/** Looks at the file for the document before anything is measured. @returns what writes it, where one was named */
async function readyToSave({ save, force }: Pick<MeasureFlags, "save" | "force">): Promise<SaveDocument> {
  const write = await demandWritable({ "--save": save }, { force });
  if (save !== undefined) await makeFolder(dirname(save));
  return async (document) => {
    if (save === undefined) return;
    await write(save, document);
    note(`the document is in ${oneLine(save)}`);
  };
}

type SaveDocument = (document: string) => Promise<void>;

async function measure(work: BenchWork, flags: MeasureFlags, save: SaveDocument): Promise<number> {
  const { engines: names, threads, rounds, json } = readFlags(flags);
  using peer = flags.peer ? await startPeer(work, threads, flags.python) : undefined;
  const compilations: Compilation[] = [];
  const tell = (compilation: Compilation) => void compilations.push(compilation);
  const engines = await openAll(names, threads, { clock: { now: ownProcessor }, tell });
  const report = await measureStep({
    work,
    engines,
    ...(peer && { peer }),
    compilations,
    rhythm: { ...rhythm, rounds, onRound: (round) => note(`round ${round + 1} of ${rounds}`) },
  });
  const document = `${JSON.stringify(report)}\n`;
  process.stdout.write(json ? document : describeStep(report));
  if (json) note(describeStep(report).trimEnd());
  await save(document);
  return 0;
}

/** Steps of 30 ms come ten to a round, those of 400 ms one. */
const rhythm = { share: 300, maxSteps: 10, warmUp: 3, leadIn: 1, rest: 50 } as const;

const note = (line: string) => void process.stderr.write(`${line}\n`);

interface Wanted {
  readonly engines: readonly BenchEngine[];
  readonly threads: number | undefined;
  readonly rounds: number;
  readonly json: boolean;
}

function readFlags(flags: MeasureFlags): Wanted {
  const { engine = benchEngines, threads, rounds = "10", json = false } = flags;
  demandPeer(flags);
  return {
    engines: [...new Set(engine.map((name) => oneOf("--engine", benchEngines, name)))],
    threads: threads === undefined ? undefined : positiveInteger("--threads", threads),
    rounds: positiveInteger("--rounds", rounds),
    json,
  };
}

function demandPeer({ python, peer }: Pick<MeasureFlags, "python" | "peer">): void {
  if (python === undefined || peer) return;
  throw inputError(
    `--python must come with --peer, but got ${oneLine(python)} without it; add it or leave --python out`,
  );
}

async function startPeer(
  { peer }: BenchWork,
  threads: number | undefined,
  python: string | undefined,
): Promise<Peer> {
  note("starting PyTorch");
  return openPeer({
    ...{ script: peer.script, args: peerArguments(peer, threads) },
    ...(python !== undefined && { python }),
  });
}

async function openAll(
  names: readonly BenchEngine[],
  threads: number | undefined,
  watch: CompileWatch,
): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const engine of names) engines.push(await openEngine({ engine, threads }, undefined, watch));
  return engines;
}
