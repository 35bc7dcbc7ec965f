import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";

/** What was measured on. */
export interface MachineFacts {
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
}

/** This machine. */
export const thisMachine = (): MachineFacts => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
});

/** The versions of Node, hypertrain and the packages that do the arithmetic, where they are installed. */
export const versions = (): Record<string, string> => ({
  node: process.versions.node,
  hypertrain: versionIn(new URL("../../../package.json", import.meta.url)) ?? "unknown",
  ...packageVersions(["@jax-js/jax", "onnxruntime-node"]),
});

const packageVersions = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const version = versionOfPackage(name);
      return version === undefined ? [] : [[name, version]];
    }),
  );

/** Packages may hide their package.json, so it is looked for above the module that stands for the package. */
function versionOfPackage(name: string): string | undefined {
  const entry = entryOf(name);
  if (entry === undefined) return undefined;
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    const version = versionIn(join(folder, "package.json"));
    if (version !== undefined || folder === dirname(folder)) return version;
  }
}

function entryOf(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined; // not installed
  }
}

function versionIn(file: string | URL): string | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { version?: string }).version;
}
