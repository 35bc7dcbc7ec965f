/** Runs the command line as users do, or in this process where only its words matter. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, onTestFinished, vi } from "vitest";

import { main } from "../../src/cli/main.ts";

const launcher = fileURLToPath(new URL("../../bin/hypertrain.js", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for each test of a file, which is the current one as well. */
export function useFolder(): { path: string } {
  const folder = { path: "" };
  const before = process.cwd();
  beforeEach(() => {
    folder.path = realpathSync(mkdtempSync(join(tmpdir(), "hypertrain-cli-")));
    process.chdir(folder.path);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder.path, { recursive: true, force: true });
  });
  return folder;
}

/** The command in this process. */
export async function call(...argv: readonly string[]): Promise<Finished> {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const err = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const textOf = (spy: typeof out) => spy.mock.calls.map(([chunk]) => String(chunk)).join("");
  try {
    const code = await main(argv);
    return { code, stdout: textOf(out), stderr: textOf(err) };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** The command as a process of its own. */
export function start(...argv: readonly string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [launcher, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const finished = new Promise<Finished>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { child, finished };
}

/** Waits until a file has at least so many lines. */
export async function untilLines(path: string, lines: number): Promise<void> {
  const count = () => (existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : -1);
  while (count() < lines) await sleep(5);
}

/** A run's numbers without what the clock says. */
export function withoutClock(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) =>
      ["seconds", "stepsPerSecond", "run", "report", "crc32"].includes(key) ? undefined : inner,
    ),
  );
}

/** The trace points of a run folder without what the clock says. */
export const traceOf = (run: string): unknown[] =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => withoutClock(JSON.parse(line)));
