import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { workError } from "../../util/error.ts";

/** The dashboard's page: a script and a stylesheet. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** The page as `npm run build` bundled it; in a checkout it is bundled now, from `dashboard/`. */
export async function dashboardAssets(): Promise<Assets> {
  const bundler = new URL("../../../scripts/dashboard.ts", import.meta.url); // from src/cli/dashboard; from dist there is none
  if (existsSync(bundler)) {
    const { bundleDashboard } = (await import(bundler.href)) as { bundleDashboard(): Promise<Assets> };
    return bundleDashboard();
  }
  const at = (name: string) => fileURLToPath(new URL(`../../dashboard/${name}`, import.meta.url));
  try {
    return { script: await readFile(at("main.js"), "utf8"), style: await readFile(at("main.css"), "utf8") };
  } catch (cause) {
    throw workError("the package must hold the dashboard's page, but does not; install hypertrain anew", {
      cause,
    });
  }
}

/** The page around script and style, from a server. */
export const pageOf = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${title}</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/main.css">
</head>
<body><div id="app"></div><script src="/main.js"></script></body>
</html>
`;

/** The page's icon. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 3c3 8 6 10 12 10" fill="none" stroke="#2f5bea" stroke-width="2.5"/></svg>`;
