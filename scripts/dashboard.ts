/** Bundles the dashboard's page: from `dashboard/` to one script and one stylesheet. */
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** The page's script and style, in memory. */
export async function bundleDashboard(): Promise<{ readonly script: string; readonly style: string }> {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
    entryPoints: ["dashboard/main.tsx"],
    outdir: "dist/dashboard",
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "eof",
    logLevel: "silent",
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { script: textOf(".js"), style: textOf(".css") };
}
