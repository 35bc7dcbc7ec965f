import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^hypertrain$/, replacement: at("./src/index.ts") },
      { find: /^hypertrain\/jax$/, replacement: at("./src/jax.ts") },
      { find: /^hypertrain\/onnx$/, replacement: at("./src/engine/onnx/index.ts") },
      { find: /^hypertrain\/(nn|data|testing|artifacts|report)$/, replacement: at("./src/$1/index.ts") },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
