import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What one method reached on one table from one seed: a line of the results. */
export interface BenchResult {
  readonly data: string;
  readonly method: string;
  /** Of processor time. */
  readonly seconds: number;
  readonly seed: number;
  /** The lowest validation loss; absent where there is none. */
  readonly valid?: number;
  /** The test loss of the same network. */
  readonly test?: number;
  readonly trials?: number;
  readonly gradients?: number;
  /** Why it ended early, if it did. */
  readonly failed?: string;
  /** Of this repository. */
  readonly commit: string;
  /** The machine's mean number of running processes in the minute before the end, this one included. */
  readonly load: number;
  /** Seconds on the clock of the wall, start and reading included. */
  readonly took: number;
}

/** Where results are kept. */
export const RESULTS = fileURLToPath(new URL("../results/defaults.jsonl", import.meta.url));

/** The results of a file; none where there is no file. */
export const readResults = (file: string): BenchResult[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as BenchResult)
    : [];
