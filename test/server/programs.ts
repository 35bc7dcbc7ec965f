import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { folder } from "./served-store.ts";

/** The Python of this machine; nothing where there is none. */
export const python = ["/usr/bin/python3", "python3"].find(
  (path) => spawnSync(path, ["--version"]).status === 0,
);

/** Runs a program of the Python client. @param amid what is done when it first says something, and then it reads a line @returns what it says */
export function runPython(program: string, url: string, amid?: () => Promise<unknown>): Promise<string> {
  const script = join(folder, "search.py");
  const client = fileURLToPath(new URL("../../python", import.meta.url));
  writeFileSync(
    script,
    `import sys\nsys.path.insert(0, ${JSON.stringify(client)})\nfrom hypertrain_client import ServerError, connect\n${program}`,
  );
  return runProgram(python as string, [script, url], amid);
}

/** Runs a program of the client, as Node itself does. @returns what it says */
export function runNode(program: string, url: string): Promise<string> {
  const script = join(folder, "search.ts");
  const client = new URL("../../src/client/index.ts", import.meta.url).href;
  writeFileSync(script, `import { connect } from ${JSON.stringify(client)};\n${program}`);
  return runProgram(process.execPath, [script, url]);
}

/** Runs a program for half a minute at most. @returns what it says, and what ended it, if it did not end by itself */
async function runProgram(
  program: string,
  args: readonly string[],
  amid = (): Promise<unknown> => Promise.resolve(),
): Promise<string> {
  const child = spawn(program, args, { timeout: 30_000 });
  let said = "";
  child.stdout.once("data", () => void amid().then(() => child.stdin.end("\n")));
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += String(chunk)));
  const signal = await new Promise((resolve) => child.on("close", (_, name) => resolve(name)));
  return signal === null ? said : `${said}${String(signal)}`;
}
