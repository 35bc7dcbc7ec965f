import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { inputError, workError } from "../../util/error.ts";
import type { Subject, StepKind } from "./subject.ts";

/** The PyTorch program that takes the same steps, in a process of its own. It ends when it is disposed. */
export interface Peer extends Disposable {
  readonly subjects: readonly Subject[];
  readonly torch: string;
  readonly threads: Readonly<Record<string, number>>;
  /** The most memory that it ever held, in MiB. */
  peakResidentMiB(): number;
}

/** How a peer is started. */
export interface PeerOptions {
  /** The program, by its path below `bench/peers/`, which the package does not contain, or from the root. */
  readonly script: string;
  readonly args: readonly string[];
  /** The interpreter; default `python3`. */
  readonly python?: string;
}

/**
 * Starts the peer and waits until it is warm.
 *
 * @throws {HypertrainError} where the program, Python or PyTorch is missing.
 */
export async function openPeer({ script, args, python = "python3" }: PeerOptions): Promise<Peer> {
  const path = resolve(ownScripts, script);
  if (!existsSync(path)) {
    throw inputError(
      "--peer must run in a checkout of the project, but bench/peers is not part of the installed package; clone the repository and run it there",
    );
  }
  const child = spawn(python, [path, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const ask = conversation(child, python, script);
  const { torch, threads, kinds } = (await ask.next()) as Ready;
  let peak = NaN;
  const subjects = kinds.map((kind): Subject => ({
    by: "pytorch",
    ...(isStep(kind) ? { step: kind } : { step: "train", variant: kind }),
    async take(count) {
      ask.say(`step ${count} ${kind}`);
      const { ms, peakResidentMiB } = (await ask.next()) as Taken;
      peak = peakResidentMiB;
      return ms;
    },
  }));
  return { subjects, torch, threads, peakResidentMiB: () => peak, [Symbol.dispose]: () => child.kill() };
}

const ownScripts = fileURLToPath(new URL("../../../bench/peers/", import.meta.url));

interface Ready {
  readonly torch: string;
  readonly threads: Readonly<Record<string, number>>;
  readonly kinds: readonly string[];
}

interface Taken {
  readonly ms: readonly number[];
  readonly peakResidentMiB: number;
}

const isStep = (kind: string): kind is StepKind => ["train", "tune", "product"].includes(kind);

/** A line out, a line of JSON back. */
function conversation(child: ChildProcessWithoutNullStreams, python: string, script: string) {
  let complaint = "";
  child.stderr.on("data", (chunk) => (complaint += chunk));
  child.stdin.on("error", () => {}); // the process is gone, which its output tells
  const failed = new Promise<never>((_, reject) => child.on("error", reject));
  failed.catch(() => {}); // heard below, if anyone is listening
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    say: (line: string) => void child.stdin.write(`${line}\n`),
    async next(): Promise<unknown> {
      const { value, done } = await Promise.race([lines.next(), failed]).catch((cause: Error) => {
        throw inputError(
          `--peer must find Python, but ${python} did not start (${cause.message}); install it, or name it with --python`,
          { cause },
        );
      });
      if (!done) return JSON.parse(value) as unknown;
      throw endedEarly(python, script, complaint.trim().split("\n").at(-1) ?? "");
    },
  };
}

function endedEarly(python: string, script: string, complaint: string): Error {
  if (/No module named 'torch'/.test(complaint)) {
    return inputError(
      `--peer must find PyTorch, but ${python} has none; install it (on Debian python3-torch and libopenblas0-pthread, for /usr/bin/python3), or name a Python that has it with --python`,
    );
  }
  return workError(
    `the PyTorch program must answer, but it ended: ${complaint || "it said nothing"}; try it by itself with ${python} bench/peers/${script} --check`,
  );
}
