import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const slowTests = ["src/**/*.slow.test.ts", "test/**/*.slow.test.ts"];
const tests = ["src/**/*.test.ts", "test/**/*.test.ts"];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^hypertrain$/, replacement: at("./src/index.ts") },
      { find: /^hypertrain\/jax$/, replacement: at("./src/jax.ts") },
      { find: /^hypertrain\/onnx$/, replacement: at("./src/engine/onnx/index.ts") },
      {
        find: /^hypertrain\/(nn|data|testing|artifacts|report|client)$/,
        replacement: at("./src/$1/index.ts"),
      },
    ],
  },
  test: {
    // `npm test` runs the first project; `npm run test:slow` the second, of files that take more than some ten seconds.
    projects: [
      { extends: true, test: { name: "quick", include: tests, exclude: slowTests } },
      { extends: true, test: { name: "slow", include: slowTests, testTimeout: 240_000 } },
    ],
    env: { ORT_DISABLE_TELEMETRY: "1" }, // for tests that start onnxruntime themselves; hypertrain switches it off on its own
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } }, // a browser on a busy machine needs more than the default second
    pool: "forks",
    maxWorkers: 2,
  },
});
