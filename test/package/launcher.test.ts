import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../../bin", import.meta.url));

/** Makes a process say that it is an old Node, before its main module loads. */
const pretend20 = `data:text/javascript,${encodeURIComponent(
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });',
)}`;
const asOldNode = ["--import", pretend20];

const echoMain = `
  export async function main(argv: readonly string[]): Promise<number> {
    process.stdout.write(JSON.stringify(argv));
    return 7;
  }`;
/** Says when it runs, then counts signals; ends a while after the first one, with the count as exit code. */
const waitingMain = `
  export function main() {
    return new Promise((resolve) => {
      let signals = 0;
      const count = () => { if (signals++ === 0) setTimeout(() => { clearInterval(alive); resolve(10 + signals); }, 300); };
      process.on("SIGINT", count).on("SIGTERM", count);
      const alive = setInterval(() => {}, 1000);
      process.stdout.write(String(process.pid) + "\\n");
    });
  }`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hypertrain-launcher-"));
  cpSync(bin, join(root, "bin"), { recursive: true });
  put("package.json", '{ "type": "module" }');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("on a Node that is new enough", () => {
  test("a checkout runs src/cli/main.ts with the arguments and its exit code", () => {
    put("src/cli/main.ts", echoMain);
    put("dist/cli/main.js", "throw new Error('dist must not run in a checkout')");
    expectResult(launch([], "tune", "--json", "a b"), 7, '["tune","--json","a b"]', "");
  });

  test("a package without src/ runs dist/cli/main.js", () => {
    put("dist/cli/main.js", echoMain.replace("argv: readonly string[]): Promise<number>", "argv)"));
    expectResult(launch([]), 7, "[]", "");
  });

  test("a package that is not built says so", () => {
    const { status, stderr } = launch([]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^hypertrain must be built .*npm run build.*\n$/);
  });

  test("what main throws is printed and exits with 1", () => {
    put("src/cli/main.ts", "export async function main() { throw new Error('internal: oops'); }");
    const { status, stderr } = launch([]);
    expect(status).toBe(1);
    expect(stderr).toContain("internal: oops");
  });

  test("a long output reaches a pipe whole", () => {
    put(
      "src/cli/main.ts",
      "export async function main() { process.stdout.write('x'.repeat(3_000_000)); return 0; }",
    );
    const { status, stdout } = launch([]);
    expect(status).toBe(0);
    expect(stdout.length).toBe(3_000_000);
  });
});

describe("on an older Node", () => {
  test("one sentence says what to do", () => {
    put("src/cli/main.ts", echoMain);
    const { status, stdout, stderr } = launch(asOldNode);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^hypertrain needs Node 24 or later, but found 20\.1\.0: .*npm install node@24.*nodejs\.org\.\n$/,
    );
  });

  test.skipIf(process.platform === "win32").each(["node_modules/node", "../node_modules/node"])(
    "the installed package in %s takes over",
    (folder) => {
      const outer = root;
      root = join(outer, "inner");
      cpSync(bin, join(root, "bin"), { recursive: true });
      put("package.json", '{ "type": "module" }');
      put("src/cli/main.ts", echoMain);
      installNode(folder, "24.0.0");
      const result = launch(asOldNode, "tune", "x");
      root = outer;
      expectResult(result, 7, '["tune","x"]', "");
    },
  );

  test("an installed `node` that is too old is left alone", () => {
    put("src/cli/main.ts", echoMain);
    installNode("node_modules/node", "22.0.0");
    expect(launch(asOldNode).status).toBe(2);
  });

  test.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
    "%s to the launcher reaches the command once, and the launcher waits for its exit code",
    async (signal) => {
      put("src/cli/main.ts", waitingMain);
      installNode("node_modules/node", "24.0.0");
      const { launcher } = await launchWaiting();
      launcher.kill(signal);
      expect(await ended(launcher)).toEqual([11, null]);
    },
  );

  test.skipIf(process.platform === "win32")(
    "a command that dies of a signal takes the launcher with it",
    async () => {
      put("src/cli/main.ts", waitingMain);
      installNode("node_modules/node", "24.0.0");
      const { launcher, child } = await launchWaiting();
      process.kill(child, "SIGKILL");
      expect(await ended(launcher)).toEqual([null, "SIGKILL"]);
    },
  );

  test.skipIf(process.platform === "win32")(
    "a launcher killed with SIGKILL leaves no command behind",
    async () => {
      put("src/cli/main.ts", waitingMain);
      installNode("node_modules/node", "24.0.0");
      const { launcher, child } = await launchWaiting();
      launcher.kill("SIGKILL");
      await ended(launcher);
      await expect.poll(() => isRunning(child), { timeout: 5000 }).toBe(false);
    },
  );

  test.skipIf(process.platform === "win32")(
    "a command whose launcher is killed ends in good order",
    async () => {
      const written = join(root, "signal");
      put(
        "src/cli/main.ts",
        waitingMain.replace(
          "const count = () => {",
          `const count = () => { process.getBuiltinModule("fs").writeFileSync(${JSON.stringify(written)}, "heard");`,
        ),
      );
      installNode("node_modules/node", "24.0.0");
      const { launcher, child } = await launchWaiting();
      launcher.kill("SIGKILL");
      await expect.poll(() => isRunning(child), { timeout: 5000 }).toBe(false);
      expect(existsSync(written)).toBe(true);
    },
  );
});

function put(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Puts a package `node` in `folder` that claims `version` and runs the Node of this test. */
function installNode(folder: string, version: string): void {
  put(join(folder, "package.json"), JSON.stringify({ name: "node", version }));
  put(join(folder, "bin/node"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  chmodSync(join(root, folder, "bin/node"), 0o755);
}

const command = (nodeArgs: readonly string[], args: readonly string[]): string[] => [
  ...nodeArgs,
  join(root, "bin/hypertrain.js"),
  ...args,
];

function launch(nodeArgs: readonly string[], ...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, command(nodeArgs, args), { encoding: "utf8", maxBuffer: 1e8 });
}

async function launchWaiting() {
  const launcher = spawn(process.execPath, command(asOldNode, []), { stdio: ["ignore", "pipe", "inherit"] });
  const child = await new Promise<number>((resolve) =>
    launcher.stdout.once("data", (line: Buffer) => resolve(Number(line))),
  );
  return { launcher, child };
}

function ended(launcher: ReturnType<typeof spawn>): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve) => launcher.once("exit", (code, signal) => resolve([code, signal])));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function expectResult(
  { status, stdout, stderr }: SpawnSyncReturns<string>,
  code: number,
  out: string,
  err: string,
): void {
  expect({ status, stdout, stderr }).toEqual({ status: code, stdout: out, stderr: err });
}
