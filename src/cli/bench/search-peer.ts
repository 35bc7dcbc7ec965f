import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { inputError, workError } from "../../util/error.ts";
import type { SearchResult } from "./search-report.ts";
import { spreadOf } from "./statistics.ts";

/** What Optuna is asked to do. */
export interface OptunaOptions {
  readonly dimensions: number;
  readonly trials: number;
  readonly seed: number;
  /** The interpreter; default `python3`. */
  readonly python?: string;
}

/** What it took. */
export interface OptunaTimes {
  /** Of Optuna and Python. */
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly SearchResult[];
}

/**
 * Measures Optuna in a process of its own.
 *
 * @throws {HypertrainError} where the program, Python or Optuna is missing.
 */
export async function askOptuna(options: OptunaOptions): Promise<OptunaTimes> {
  const { python = "python3", ...numbers } = options;
  if (!existsSync(program)) {
    throw inputError(
      "--peer must run in a checkout of the project, but bench/peers is not part of the installed package; clone the repository and run it there",
    );
  }
  const flags = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(python, [program, "--samplers", "random", "tpe", ...flags], {
    maxBuffer: 2 ** 26,
  }).catch((cause: Error & { code?: unknown; stderr?: string }) => {
    throw refusal(python, cause);
  });
  const { versions, results } = JSON.parse(stdout) as Said;
  return { versions, results: results.map(resultOf) };
}

const program = fileURLToPath(new URL("../../../bench/peers/optuna_search.py", import.meta.url));

interface Said {
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly SaidOf[];
}

interface SaidOf {
  readonly sampler: string;
  readonly ms: readonly number[];
  /** Milliseconds of processor time, all trials together. */
  readonly cpu: number;
  readonly best: number;
}

const resultOf = ({ sampler, ms, cpu, best }: SaidOf): SearchResult => ({
  by: "optuna",
  sampler,
  before: 0,
  trials: ms.length,
  mean: ms.reduce((sum, one) => sum + one, 0) / ms.length,
  cpu: cpu / ms.length,
  best,
  ...spreadOf(ms),
});

function refusal(python: string, cause: Error & { code?: unknown; stderr?: string }): Error {
  if (cause.code === "ENOENT") {
    return inputError(
      `--peer must find Python, but ${python} did not start; install it, or name it with --python`,
      { cause },
    );
  }
  if (/No module named 'optuna'/.test(cause.stderr ?? "")) {
    return inputError(
      `--peer must find Optuna, but ${python} has none; install it (on Debian python3-optuna, for /usr/bin/python3), or name a Python that has it with --python`,
      { cause },
    );
  }
  const complaint = cause.stderr?.trim().split("\n").at(-1) || cause.message;
  return workError(
    `the Optuna program must answer, but it ended: ${complaint}; try it by itself with ${python} bench/peers/optuna_search.py`,
    { cause },
  );
}
