import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A machine, as far as processes on it can tell it from others; nothing of it leaves the run folder. */
export interface Machine {
  readonly host: string;
  /** A digest of its name and its own number. */
  readonly machine: string;
}

/** A process, in a way that no later process of the same number is taken for it. */
export interface ProcessName extends Machine {
  readonly pid: number;
  /** When the machine was started, where it tells. */
  readonly boot: string;
  /** In which numbers of processes `pid` is one. */
  readonly space: string;
  /** When the process was started, in ticks since the machine was; empty where that is unknown. */
  readonly started: string;
}

/** This machine. */
export function thisMachine(): Machine {
  const own = textOf("/etc/machine-id") || textOf("/var/lib/dbus/machine-id");
  return { host: hostname(), machine: createHash("sha256").update(`${hostname()}\n${own}`).digest("hex") };
}

/** This process. */
export const thisProcess = (): ProcessName => ({
  ...thisMachine(),
  pid: process.pid,
  boot: textOf("/proc/sys/kernel/random/boot_id"),
  space: spaceOfNumbers(),
  started: startOf(process.pid),
});

/** Whether a process has ended for sure; of one on another machine nobody here can tell. */
export function hasEnded({ machine, boot, space, pid, started }: ProcessName): boolean {
  const here = thisProcess();
  if (machine !== here.machine) return false;
  if (boot !== here.boot) return true;
  if (space !== here.space) return false;
  return !exists(pid) || startOf(pid) !== started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is another user's
  }
}

/** The 22nd field, counted behind the name, which may hold blanks and brackets. */
const startOf = (pid: number): string => {
  const text = textOf(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
};

function spaceOfNumbers(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
