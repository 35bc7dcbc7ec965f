import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

import type { Engine } from "../../engine/engine.ts";
import { inputError } from "../../util/error.ts";
import { nearest } from "../../util/nearest.ts";
import { describeStep } from "../bench/describe-step.ts";
import { benchEngines, type BenchEngine } from "../bench/engines.ts";
import { measureStep } from "../bench/measure-step.ts";
import { openPeer, type Peer } from "../bench/peer.ts";
import { benchMethods, mnistSize, type BenchMethod } from "../bench/workload.ts";
import { openEngine } from "../registry.ts";
import { onDisk, writeWhole } from "../run-folder/disk.ts";

/** What `hypertrain bench step` accepts, as it was typed. */
export interface BenchStepFlags {
  /** Default `delta-stn`. */
  readonly method?: string;
  /** Default all. */
  readonly engine?: readonly string[];
  /** Whether to measure PyTorch as well. */
  readonly peer?: boolean;
  /** The Python that has PyTorch; default `python3`. */
  readonly python?: string;
  /** Default 10. */
  readonly rounds?: string;
  readonly json?: boolean;
  /** A file for the JSON document. */
  readonly save?: string;
}

/**
 * Measures the steps of a method on the papers' network for MNIST.
 *
 * @returns the exit code
 */
export async function benchStep(flags: BenchStepFlags): Promise<number> {
  const { method, engines: names, rounds, json, save } = readFlags(flags);
  if (save !== undefined) await onDisk(save, () => mkdir(dirname(save), { recursive: true }));
  using peer = flags.peer ? await startPeer(method, flags.python) : undefined;
  const engines = await openAll(names);
  const report = await measureStep({
    method,
    size: mnistSize,
    engines,
    ...(peer && { peer }),
    rhythm: { ...rhythm, rounds, onRound: (round) => note(`round ${round + 1} of ${rounds}`) },
  });
  const document = `${JSON.stringify(report)}\n`;
  process.stdout.write(json ? document : describeStep(report));
  if (json) note(describeStep(report).trimEnd());
  if (save !== undefined) await writeWhole(save, document);
  return 0;
}

/** Steps of 30 ms come ten to a round, those of 400 ms one. */
const rhythm = { share: 300, maxSteps: 10, warmUp: 3, leadIn: 1, rest: 50 } as const;

const note = (line: string) => void process.stderr.write(`${line}\n`);

interface Wanted {
  readonly method: BenchMethod;
  readonly engines: readonly BenchEngine[];
  readonly rounds: number;
  readonly json: boolean;
  readonly save: string | undefined;
}

function readFlags(flags: BenchStepFlags): Wanted {
  const { method = "delta-stn", engine = benchEngines, rounds = "10", json = false, save } = flags;
  if (flags.python !== undefined && !flags.peer) {
    throw inputError(`--python must come with --peer, which needs it, but got only --python ${flags.python}`);
  }
  return {
    method: oneOf("--method", benchMethods, method),
    engines: [...new Set(engine.map((name) => oneOf("--engine", benchEngines, name)))],
    rounds: positiveInteger("--rounds", rounds),
    json,
    save,
  };
}

function oneOf<const T extends string>(flag: string, known: readonly T[], given: string): T {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  throw inputError(`${flag} must be one of ${known.join(", ")}, but got "${given}"${nearest(given, known)}`);
}

function positiveInteger(flag: string, given: string): number {
  const value = given.trim() === "" ? NaN : Number(given);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw inputError(`${flag} must be a positive integer, but got "${given}"`);
}

async function startPeer(method: BenchMethod, python: string | undefined): Promise<Peer> {
  note("starting PyTorch");
  const { sizes, batch } = mnistSize;
  return openPeer({ method, sizes, batch, ...(python !== undefined && { python }) });
}

async function openAll(names: readonly BenchEngine[]): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of names) engines.push(await openEngine({ engine: name }));
  return engines;
}
