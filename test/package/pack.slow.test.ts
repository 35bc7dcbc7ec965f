import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** What a user of the library finds under each entry point. */
const promised: Readonly<Record<string, readonly string[]>> = {
  hypertrain: ["HypertrainError"],
  "hypertrain/jax": ["numpy", "nn", "lax", "grad"],
  "hypertrain/nn": [],
  "hypertrain/data": [],
  "hypertrain/artifacts": ["createRunFolder", "recordRun"],
  "hypertrain/report": ["renderReport"],
  "hypertrain/onnx": ["onnxEngine", "compile", "serialize"],
  "hypertrain/client": ["connect"],
  "hypertrain/testing": [],
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

let project: string;

describe("the packed package, installed in an empty folder", () => {
  beforeAll(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), "hypertrain-pack-")));
    put("package.json", '{ "private": true, "type": "module" }');
    await execute("npm", ["pack", "--silent", "--pack-destination", project], root);
    const tarball = readdirSync(project).find((name) => name.endsWith(".tgz")) as string;
    await execute("npm", [
      "install",
      `./${tarball}`,
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--silent",
    ]);
  }, 180_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test("ships the build and nothing of the sources", () => {
    const home = join(project, "node_modules/hypertrain");
    const shipped = readdirSync(home, { recursive: true, encoding: "utf8" });
    expect(shipped).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "package.json", "bin/hypertrain.js"]),
    );
    expect(readdirSync(home)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(src|test|scripts)$/)]),
    );
    const sources = shipped.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path));
    expect(sources.filter((path) => !path.startsWith("examples/"))).toEqual([]);
  });

  test("every export of package.json is a file", () => {
    const home = join(project, "node_modules/hypertrain");
    const { exports } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { exports: object };
    const targets = Object.values(exports).flatMap((target: string | object) =>
      typeof target === "string" ? [target] : Object.values(target as Record<string, string>),
    );
    expect(targets.filter((target) => !existsSync(join(home, target)))).toEqual([]);
  });

  test("is a library", async () => {
    put(
      "use.mjs",
      `const found = {};
       for (const entry of ${JSON.stringify(Object.keys(promised))}) found[entry] = Object.keys(await import(entry));
       console.log(JSON.stringify(found));`,
    );
    const { stdout, stderr } = await execute("node", ["use.mjs"]);
    expect(stderr).toBe("");
    const found = JSON.parse(stdout) as Record<string, string[]>;
    for (const [entry, names] of Object.entries(promised))
      expect(found[entry]).toEqual(expect.arrayContaining([...names]));
  });

  test("gives a TypeScript project its types", async () => {
    put(
      "typed.ts",
      `import { createSpace, defineProblem, HostArray, HypertrainError, real } from "hypertrain";
       export const code: "input" | "work" = new HypertrainError("input", "").code;
       import { numpy as np } from "hypertrain/jax";
       import type {} from "hypertrain/data";
       import type {} from "hypertrain/report";
       import type {} from "hypertrain/testing";
       export const zero: np.Array = np.zeros([2]);
       export const problem = defineProblem({
         name: "line",
         fields: ["x", "y"],
         space: createSpace({ decay: real(1, { low: 0, high: 2, perturb: "minibatch" }) }),
         noise: {},
         init: () => ({ slope: new HostArray(Float64Array.of(0), [1]) }),
         predict: (layers, { x }) => x.mul(layers.params().slope),
         loss: (prediction, { y }) => np.square(prediction.sub(y)),
         penalty: (_, { decay }) => decay.reshape([]),
       });
       // @ts-expect-error: it would pass if the declarations were not found
       export const wrong: number = code && new HypertrainError("input", "").message;`,
    );
    const compilerOptions = {
      strict: true,
      module: "nodenext",
      target: "es2024",
      noEmit: true,
    };
    put(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, files: ["typed.ts"] }),
    );
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    expect((await execute("node", [compiler])).stdout).toBe("");
  });

  test("is a command with help and a version", async () => {
    const help = await execute("npx", ["--no-install", "hypertrain", "--help"]);
    expect(help.stdout).toMatch(/tune/);
    expect((await execute("npx", ["--no-install", "hypertrain", "--version"])).stdout.trim()).toBe(version);
  });

  test("tunes the bundled digits from the command", async () => {
    const args = ["tune", "--data", "digits", "--hidden", "8", "--epochs", "1", "--json", "--out", "run"];
    const { stdout } = await execute("npx", ["--no-install", "hypertrain", ...args]);
    const { best, engine } = JSON.parse(stdout) as { best: { valid: { loss: number } }; engine: string };
    expect(engine).toBe("onnx");
    expect(best.valid.loss).toBeGreaterThan(0);
    expect(readdirSync(join(project, "run"))).toEqual(expect.arrayContaining(["model.onnx", "report.html"]));
  });

  test("tunes with jax where the optional onnxruntime-node is not installed", async () => {
    rmSync(join(project, "node_modules/onnxruntime-node"), { recursive: true });
    const args = ["tune", "--data", "wine", "--hidden", "4", "--epochs", "1", "--json", "--out", "without"];
    const { stdout, stderr } = await execute("npx", ["--no-install", "hypertrain", ...args]);
    expect(JSON.parse(stdout)).toMatchObject({ engine: "jax" });
    expect(stderr).toMatch(/^the engine onnx does not start here \(Cannot find package 'onnxruntime-node'/m);
    expect(readdirSync(join(project, "without"))).toContain("model.onnx");
  });

  test.skipIf(process.platform === "win32")(
    "doctor's command brings the native engine back",
    async () => {
      const doctor = () => execute("npx", ["--no-install", "hypertrain", "doctor"]);
      const advice =
        /^ +✗ onnx .*install it with `(ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@[\d.]+)`/m;
      const command = advice.exec((await doctor()).stdout)?.[1] as string;
      await execute("sh", ["-c", `unset ONNXRUNTIME_NODE_INSTALL; ${command} --prefer-offline`]);
      expect((await doctor()).stdout).toMatch(/^ +✓ onnx /m);
    },
    120_000,
  );
});

function put(path: string, text: string): void {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs a command on the Node of this test, without what an `npm test` around it leaves in the environment. */
async function execute(command: string, args: readonly string[], cwd = project) {
  const left = /^(npm_(?!config_(cache|registry|userconfig)$)|INIT_CWD|VITEST)/i;
  const inherited = Object.entries(process.env).filter(([name]) => !left.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    ONNXRUNTIME_NODE_INSTALL: "skip", // what only graphics cards need is fetched from elsewhere
  };
  try {
    return await promisify(execFile)(command, args, {
      cwd,
      env,
      maxBuffer: 1e8,
      shell: process.platform === "win32",
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`\`${[command, ...args].join(" ")}\` failed:\n${stdout}${stderr}`, { cause: error });
  }
}
