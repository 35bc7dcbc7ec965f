import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";

import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe.each([
  { entry: "hypertrain", file: "src/index.ts" },
  { entry: "hypertrain/jax", file: "src/jax.ts" },
  { entry: "hypertrain/nn", file: "src/nn/index.ts" },
  { entry: "hypertrain/data", file: "src/data/index.ts" },
  { entry: "hypertrain/report", file: "src/report/index.ts" },
  { entry: "hypertrain/client", file: "src/client/index.ts" },
  { entry: "hypertrain/testing", file: "src/testing/index.ts" },
])("$entry in the browser", async ({ file }) => {
  const { warnings, metafile, text } = await bundle(file);

  test("bundles without an external module or a warning", () => {
    expect(warnings).toEqual([]);
    expect(text.length).toBeGreaterThan(0);
    const external = Object.values(metafile.inputs).flatMap(
      ({ imports }) => imports.filter((found) => found.external && found.path !== "<runtime>"), // esbuild's own helpers
    );
    expect(external.map(({ path }) => path)).toEqual([]);
  });

  test("holds no module of Node, neither imported nor required", () => {
    const builtins = builtinModules.map((name) => name.replace("/", "\\/")).join("|");
    const uses = text.match(
      new RegExp(`(?:\\bfrom|\\bimport|\\brequire)\\b\\s*\\(?\\s*["'](?:node:[^"']*|${builtins})["']`, "g"),
    );
    expect(uses ?? []).toEqual([]);
    expect(
      Object.keys(metafile.inputs).filter((path) => /^src\/(cli|artifacts|data\/node)\//.test(path)),
    ).toEqual([]);
  });

  test("holds nothing of the native engine: neither onnxruntime nor the messages of ONNX", () => {
    const native = /^src\/engine\/onnx\/|node_modules\/(onnxruntime|onnx-buf|@bufbuild)/;
    expect(Object.keys(metafile.inputs).filter((path) => native.test(path))).toEqual([]);
  });

  test("uses no global of Node", () => {
    expect(text.match(/.{0,60}onlyInNode_\w+.{0,30}/g) ?? []).toEqual([]);
  });

  test("loads where there is nothing of Node", () => {
    const page = createContext({ ...inEveryBrowser, navigator: {} });
    runInContext(text, page);
    expect(runInContext("Object.keys(bundled).length", page)).toBeGreaterThan(0);
  });
});

test("hypertrain/onnx is for Node: it needs worker threads", async () => {
  await expect(bundle("src/engine/onnx/index.ts")).rejects.toThrow(/Could not resolve "node:worker_threads"/);
});

const inEveryBrowser = { console, TextEncoder, TextDecoder, URL, performance, structuredClone };

/** The bundler replaces free names alone: a module's own `Buffer` or `process` keeps its name. */
const marked = Object.fromEntries(
  ["Buffer", "process", "setImmediate", "__dirname", "__filename"].map((name) => [
    name,
    `onlyInNode_${name}`,
  ]),
);

async function bundle(file: string) {
  const { warnings, metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    platform: "browser",
    format: "iife",
    globalName: "bundled",
    target: "es2024",
    define: marked,
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return { warnings, metafile, text: outputFiles.map((output) => output.text).join("\n") };
}
