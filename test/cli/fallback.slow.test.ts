import { readFileSync } from "node:fs";

import { beforeEach, describe, expect, test, vi } from "vitest";

import { start, useFolder } from "./command.ts";

useFolder();

const tiny = ["--data", "wine", "--hidden", "4", "--epochs", "1", "--no-baseline", "--out", "run"];

/** Makes child processes fail to load onnxruntime, in worker threads as well: what is preloaded runs in each thread. */
function breakOnnxruntime(message: string): void {
  const preload = `
    import { registerHooks } from "node:module";
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier === "onnxruntime-node") throw new Error(${JSON.stringify(message)});
        return next(specifier, context);
      },
    });`;
  vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(preload)}`);
}

describe.each([
  ["not installed", "Cannot find package 'onnxruntime-node'"],
  ["for another platform", "onnxruntime.node: cannot open shared object file\nRequire stack:\n- index.js"],
])("where onnxruntime is %s", (_, message) => {
  const reason = message.split("\n")[0] as string;
  beforeEach(() => {
    breakOnnxruntime(message);
    return () => vi.unstubAllEnvs();
  });

  test("a run goes on with jax and says so in one line on stderr", async () => {
    const { code, stdout, stderr } = await start("tune", ...tiny, "--json").finished;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: "jax" });
    expect(JSON.parse(readFileSync("run/config.json", "utf8"))).toMatchObject({ engine: "jax" });
    expect(stderr.split("\n").filter((line) => line.includes("onnx"))).toEqual([
      `the engine onnx does not start here (${reason}); going on with jax, which is slower; \`hypertrain doctor\` says how to install it`,
    ]);
  });

  test("--quiet silences that line, and --json is still one document", async () => {
    const { code, stdout, stderr } = await start("tune", ...tiny, "--quiet", "--json").finished;
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ engine: "jax" });
  });

  test("--quiet alone prints results and nothing else", async () => {
    const { code, stdout, stderr } = await start("tune", ...tiny, "--quiet").finished;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\n +best epoch /);
    expect(stdout).not.toMatch(/onnx/);
  });

  test("the run folder has its model.onnx all the same", async () => {
    expect((await start("tune", ...tiny, "--quiet").finished).code).toBe(0);
    expect(readFileSync("run/model.onnx").includes("fc1.weight")).toBe(true);
  });

  test.each([["--quiet"], ["--json"]])("--engine onnx with %s ends with 2 and one sentence", async (flag) => {
    const { code, stdout, stderr } = await start("tune", ...tiny, "--engine", "onnx", flag).finished;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: the engine onnx must be able to load onnxruntime, but [^\n]+\n$/);
    expect(stderr).toContain(`(${reason})`);
  });

  test("doctor says why, and that jax is taken", async () => {
    const { code, stdout, stderr } = await start("doctor", "--json").finished;
    expect([code, stderr]).toEqual([0, ""]);
    const { engines, ok } = JSON.parse(stdout) as { engines: object[]; ok: boolean };
    expect(ok).toBe(true);
    expect(engines).toEqual([
      { name: "onnx", works: false, auto: false, problem: expect.stringContaining(`(${reason})`) },
      { name: "jax (wasm)", works: true, auto: true, threads: 1, gflops: expect.any(Number) },
    ]);
    expect((await start("doctor").finished).stdout).toMatch(/✗ onnx .*\n.*✓ jax \(wasm\) .*taken unless/);
  });
});
