import type { Task } from "../../problem/problem.ts";
import type { Tuner } from "../../tuners/tuner.ts";
import type { Operations } from "./operations.ts";

/** What is measured: one method on one problem, here and in PyTorch. */
export interface BenchWork {
  readonly method: string;
  /** Units of every layer of what is trained, the input's first; empty where a network's name tells. */
  readonly sizes: readonly number[];
  /** The network's name, where it has one. */
  readonly network?: string;
  /** Examples of a minibatch. */
  readonly batch: number;
  readonly operations: Operations;
  readonly task: Task;
  /** After `warmupEpochs` without hyperparameter steps, every training step is followed by one. */
  tuner(warmupEpochs: number): Tuner | Promise<Tuner>;
  /** The program of `bench/peers/` that does the same work, and its arguments. */
  readonly peer: PeerProgram;
}

/** A program of `bench/peers/` as a work calls it. */
export interface PeerProgram {
  readonly script: string;
  readonly args: readonly string[];
  /** The flags by which it takes a number of threads. */
  readonly threadFlags: readonly string[];
}

/** All arguments of a peer, so that it gets as many threads as the engines, where a number is asked for. */
export const peerArguments = (
  { args, threadFlags }: PeerProgram,
  threads: number | undefined,
): readonly string[] => [
  ...args,
  ...(threads === undefined ? [] : threadFlags.flatMap((flag) => [flag, String(threads)])),
];
