/** What the tool leaves on a machine beside its run folder, and whether it needs a network. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/hypertrain.js", import.meta.url));
const engineModule = new URL("../../src/engine/onnx/engine.ts", import.meta.url).href;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hypertrain-privacy-"));
  for (const name of ["home", "tmp", "work"]) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mainJob = [launcher, "tune", "--epochs", "2", "--engine", "onnx", "--quiet", "--out", "run"];
/** Uses the engine as a library does, without the launcher. */
const libraryJob = [
  "--input-type=module",
  "--eval",
  `import { onnxEngine } from ${JSON.stringify(engineModule)};
   import { HostArray } from ${JSON.stringify(new URL("../../src/util/host-array.ts", import.meta.url).href)};
   const x = new HostArray(Float32Array.of(1, 2), [2]);
   const session = (await onnxEngine()).open({ twice: ({ x }) => [{}, { y: x.add(x.ref) }] }, { x }, "float32");
   console.log([...(await session.run("twice", {})).y.data].join());`,
];

describe("onnxruntime's telemetry is off", () => {
  test("the main job leaves nothing at home, and no log in the temporary folder", () => {
    run(process.execPath, mainJob);
    expect(readdirSync(join(folder, "home"))).toEqual([]);
    expect(readdirSync(join(folder, "tmp"))).toEqual(["node-compile-cache"]); // Node's own, of modules' machine code
    expect(readdirSync(join(folder, "work"))).toEqual(["run"]);
  });

  test("so does the engine in a library", () => {
    expect(run(process.execPath, libraryJob)).toBe("2,4\n");
    for (const place of ["home", "tmp", "work"]) expect(readdirSync(join(folder, place))).toEqual([]);
  });

  test("a worker thread that cannot switch it off is refused before onnxruntime is loaded", () => {
    const inWorker = `import { onnxEngine } from ${JSON.stringify(engineModule)};
      import { parentPort } from "node:worker_threads";
      parentPort.postMessage(await onnxEngine().then(() => "started", ({ code, message }) => code + ": " + message));`;
    const source = `import { Worker } from "node:worker_threads";
      process.env.ORT_DISABLE_TELEMETRY = process.argv[1] ?? "";
      new Worker(new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(inWorker)})), { type: "module" })
        .once("message", (said) => { console.log(said); process.exit(); });`;
    const start = ["--input-type=module", "--eval", source];
    expect(run(process.execPath, start)).toMatch(/^input: ORT_DISABLE_TELEMETRY=1 must stand in the env/);
    expect(readdirSync(join(folder, "home"))).toEqual([]);
    expect(run(process.execPath, [...start, "1"])).toBe("started\n");
    expect(readdirSync(join(folder, "home"))).toEqual([]);
  });
});

const isolates = spawnSync("unshare", ["-rn", "true"]).status === 0;

test.skipIf(!isolates)("the main job needs no network", () => {
  run("unshare", ["-rn", process.execPath, ...mainJob]);
  expect(readdirSync(join(folder, "work/run"))).toEqual(
    expect.arrayContaining(["model.onnx", "report.html"]),
  );
});

/** Runs a program at home in an empty folder. @returns what it printed */
function run(command: string, args: readonly string[]): string {
  const { ORT_DISABLE_TELEMETRY: _switch, XDG_CACHE_HOME: _cache, ...inherited } = process.env;
  const env = { ...inherited, HOME: join(folder, "home"), TMPDIR: join(folder, "tmp") };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: join(folder, "work"),
    env,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) as string });
  return stdout;
}
