/** What the names of engines stand for. */
import { readFileSync } from "node:fs";

import type { Engine } from "../../engine/engine.ts";
import { jaxEngine } from "../../engine/jax.ts";
import type { CompileWatch } from "../../engine/onnx/compilation.ts";
import type { OnnxEngineOptions } from "../../engine/onnx/engine.ts";
import { inputError } from "../../util/error.ts";
import type { Config } from "../config/config.ts";

/**
 * The engine of a configuration.
 *
 * @param onFallback is told in one sentence why the native engine does not start, where "auto" leaves the choice
 * @param watch is told what it takes the native engine to compile programs
 */
export const openEngine = (
  { engine, threads }: Pick<Config, "engine" | "threads">,
  onFallback: (why: string) => void = () => {},
  watch?: CompileWatch,
): Promise<Engine> =>
  engines[engine]({ ...(threads !== undefined && { threads }), ...(watch && { watch }) }, onFallback);

type MakeEngine = (native: OnnxEngineOptions, onFallback: (why: string) => void) => Promise<Engine>;

const engines: Readonly<Record<Config["engine"], MakeEngine>> = {
  auto: (native, onFallback) =>
    nativeEngine(native).catch((error: Error) => {
      onFallback(
        `the engine onnx does not start here (${firstLine(error)}); going on with jax, which is slower; \`hypertrain doctor\` says how to install it`,
      );
      return jaxEngine();
    }),
  onnx: (native) =>
    nativeEngine(native).catch((error: Error) => {
      throw inputError(
        `the engine onnx must be able to load onnxruntime, but it does not start here (${firstLine(error)}); install it with \`${installNative()}\`, or tune with --engine jax`,
      );
    }),
  jax: () => jaxEngine(),
};

/** Loaded when it is used: the package onnxruntime-node is optional. */
const nativeEngine = async (options: OnnxEngineOptions): Promise<Engine> =>
  (await import("../../engine/onnx/engine.ts")).onnxEngine(options);

/**
 * The command that installs onnxruntime. Its install script fetches what only graphics cards need, 300 MB on Linux; where that fails, npm
 * leaves the whole package out without a word, since it is optional.
 */
function installNative(): string {
  const { optionalDependencies } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"), // beside src/ and dist/
  ) as { optionalDependencies: Readonly<Record<string, string>> };
  const install = `npm install onnxruntime-node@${optionalDependencies["onnxruntime-node"]}`;
  return process.platform === "win32" ? install : `ONNXRUNTIME_NODE_INSTALL=skip ${install}`;
}

const firstLine = ({ message }: Error): string => message.split("\n")[0] as string;
