import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { PageAssets } from "../report/page.ts";
import { workError } from "../util/error.ts";

let found: Promise<PageAssets> | undefined;

/**
 * The script and the stylesheet of pages, as `npm run build` bundled them; in a checkout they are bundled now, once a process, from `dashboard/`.
 *
 * @throws {HypertrainError} where they are missing.
 */
export const pageAssets = (): Promise<PageAssets> => (found ??= loaded());

async function loaded(): Promise<PageAssets> {
  try {
    const { script, style } = await bundled();
    const policy = `default-src 'none'; script-src ${digestOf(script)}; style-src ${digestOf(style)}`;
    return { script, style, policy };
  } catch (cause) {
    throw workError(
      "the page's script must be in the package, or esbuild in a checkout, but is not; install hypertrain anew",
      { cause },
    );
  }
}

async function bundled(): Promise<{ readonly script: string; readonly style: string }> {
  const bundler = new URL("../../scripts/dashboard.ts", import.meta.url); // from src/artifacts; from dist there is none
  if (existsSync(bundler)) {
    const { bundleDashboard } = (await import(bundler.href)) as {
      bundleDashboard(): Promise<{ readonly script: string; readonly style: string }>;
    };
    return bundleDashboard();
  }
  const at = (name: string) => fileURLToPath(new URL(`../dashboard/${name}`, import.meta.url));
  return { script: await readFile(at("main.js"), "utf8"), style: await readFile(at("main.css"), "utf8") };
}

const digestOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
