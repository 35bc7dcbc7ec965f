import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

const hook = fileURLToPath(new URL("../../src/cli/modules/resolve-hook.ts", import.meta.url));

/** What a user's problem module imports; it reports the `file` that each copy says it is. */
const problem = `
  import { file as core } from "hypertrain";
  import { file as arrays } from "hypertrain/jax";
  import { file as nn } from "hypertrain/nn";
  import { file as data } from "hypertrain/data";
  import { file as artifacts } from "hypertrain/artifacts";
  import { file as report } from "hypertrain/report";
  import { file as client } from "hypertrain/client";
  import { file as onnx } from "hypertrain/onnx";
  import { file as testing } from "hypertrain/testing";
  import { file as jax } from "@jax-js/jax";
  export const found = { core, arrays, nn, data, artifacts, report, client, onnx, testing, jax };`;

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "hypertrain-resolve-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe.each([
  { kind: "a checkout", top: "app/src", extension: "ts" },
  { kind: "a package", top: "app/dist", extension: "js" },
])("in $kind", ({ top, extension }) => {
  beforeEach(() => {
    put("app/package.json", '{ "type": "module" }');
    for (const entry of [
      ...["index", "jax", "nn/index", "data/index", "artifacts/index", "report/index", "client/index"],
      ...["engine/onnx/index", "testing/index"],
    ])
      putModule(`${top}/${entry}.${extension}`);
    putJax("app");
    put(
      `${top}/cli/modules/load.${extension}`,
      `import * as own from "@jax-js/jax";
       import { registerResolveHook } from "./resolve-hook.${extension}";
       registerResolveHook();
       registerResolveHook();
       const { found } = await import(process.argv[2]);
       console.log(JSON.stringify({ ...found, own: own.file }));`,
    );
    const installed = join(root, top, `cli/modules/resolve-hook.${extension}`);
    if (extension === "ts") cpSync(hook, installed);
    else writeFileSync(installed, erased());
  });

  const expected = {
    core: `${top}/index.${extension}`,
    arrays: `${top}/jax.${extension}`,
    nn: `${top}/nn/index.${extension}`,
    data: `${top}/data/index.${extension}`,
    artifacts: `${top}/artifacts/index.${extension}`,
    report: `${top}/report/index.${extension}`,
    client: `${top}/client/index.${extension}`,
    onnx: `${top}/engine/onnx/index.${extension}`,
    testing: `${top}/testing/index.${extension}`,
    jax: "app/node_modules/@jax-js/jax/index.js",
    own: "app/node_modules/@jax-js/jax/index.js",
  };

  test("a module beside which nothing is installed gets our copies", () => {
    put("user/my-problem.ts", problem);
    expect(load("user/my-problem.ts")).toEqual(expected);
  });

  test("a module beside other copies gets ours all the same", () => {
    put("user/my-problem.mjs", problem);
    putJax("user");
    for (const entry of ["index", "jax", "nn", "data", "artifacts", "report", "client", "onnx", "testing"])
      putModule(`user/node_modules/hypertrain/${entry}.js`);
    put(
      "user/node_modules/hypertrain/package.json",
      '{ "type": "module", "exports": { ".": "./index.js", "./*": "./*.js" } }',
    );
    expect(load("user/my-problem.mjs")).toEqual(expected);
  });

  test("a CommonJS module gets the same copies, not CommonJS twins", () => {
    put(
      "user/my-problem.cjs",
      problem
        .replaceAll(/import \{ (.*) as (.*) \} from (.*);/g, "const { $1: $2 } = require($3);")
        .replace("export const found =", "exports.found ="),
    );
    expect(load("user/my-problem.cjs")).toEqual(expected);
  });

  function load(path: string): unknown {
    const script = join(root, top, `cli/modules/load.${extension}`);
    const { stdout, stderr } = spawnSync(process.execPath, [script, pathToFileURL(join(root, path)).href], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }
});

function put(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function putModule(path: string): void {
  put(path, `export const file = ${JSON.stringify(path)};`);
}

function putJax(project: string): void {
  const home = `${project}/node_modules/@jax-js/jax`;
  putModule(`${home}/index.js`);
  put(`${home}/index.cjs`, `exports.file = "${home}/index.cjs";`);
  put(
    `${home}/package.json`,
    '{ "type": "module", "exports": { ".": { "import": "./index.js", "require": "./index.cjs" } } }',
  );
}

/** The hook as the build writes it. */
function erased(): string {
  const { stdout } = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { stripTypeScriptTypes } from "node:module"; import { readFileSync } from "node:fs";
       console.log(stripTypeScriptTypes(readFileSync(${JSON.stringify(hook)}, "utf8")));`,
    ],
    { encoding: "utf8" },
  );
  return stdout;
}
