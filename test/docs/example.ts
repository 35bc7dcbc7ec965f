import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "../..");
const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);

/** Runs a program of `examples/` in a folder where nothing is installed. @returns what it prints */
export function runExample(name: string, folder: string, ...argv: readonly string[]): string {
  writeFileSync(
    join(folder, "main.mjs"),
    `import { registerResolveHook } from ${url("src/cli/modules/resolve-hook.ts")};\nregisterResolveHook();\nawait import(${url(`examples/${name}`)});\n`,
  );
  return execFileSync(process.execPath, ["main.mjs", ...argv], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}
