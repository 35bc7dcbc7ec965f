/**
 * Builds what `npm pack` ships: `dist/` mirrors `src/` file by file, with declarations, and holds the dashboard's page; `schema/` gets the JSON Schema of the
 * config file. Run it with `npm run build`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { bundleDashboard } from "./dashboard.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
node("node_modules/typescript/bin/tsc", "--project", "tsconfig.build.json");
const { script, style } = await bundleDashboard();
mkdirSync(`${root}dist/dashboard`);
writeFileSync(`${root}dist/dashboard/main.js`, script);
writeFileSync(`${root}dist/dashboard/main.css`, style);
if (existsSync(`${root}scripts/schema.ts`)) node("scripts/schema.ts");

function node(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
