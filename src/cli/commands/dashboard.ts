import { existsSync, statSync } from "node:fs";

import { pageAssets } from "../../artifacts/page-assets.ts";
import { openStorage } from "../../storage/open-storage.ts";
import { inputError } from "../../util/error.ts";
import { neutralised, oneLine } from "../../util/text.ts";
import { actRoutes } from "../dashboard/act-routes.ts";
import { comparisonSource } from "../dashboard/comparison-source.ts";
import { exportedPage } from "../dashboard/export-page.ts";
import { dashboardRoutes } from "../dashboard/routes.ts";
import { runSource } from "../dashboard/run-source.ts";
import { studySource } from "../dashboard/study-source.ts";
import { listen } from "../http/server.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { demandWritable } from "../files/written-file.ts";
import { readOnlyRemark } from "../study/in-store.ts";

/** What `hypertrain dashboard` accepts. */
export interface DashboardFlags {
  readonly store?: string;
  readonly port?: number;
  readonly host?: string;
  /** Writes the page to a file instead, and ends. */
  readonly export?: string;
  /** Writes over a file that is there. */
  readonly force?: boolean;
}

/** The folder that is shown unless another is named, which the first run makes. */
const RUNS = "runs";

/** Where comparisons are, unless another folder is named. */
const COMPARISONS = "comparisons";

/** The port of dashboards, unless it is said. */
const PORT = 7717;

/**
 * Shows the runs and comparisons of a folder and the studies of a store in a browser, until it is interrupted.
 *
 * @returns the exit code
 */
export async function dashboard(
  folder: string,
  { store, port = PORT, host, export: file, force }: DashboardFlags,
): Promise<number> {
  demandFolder(folder);
  const write = await demandWritable({ "--export": file }, { force });
  await using storage =
    store === undefined ? undefined : await openStorage(store, { mustExist: true, looks: true });
  if (storage?.readOnly) process.stderr.write(neutralised(`${readOnlyRemark(storage)}\n`));
  const sources = {
    runs: runSource(folder),
    comparisons: comparisonSource(folder === RUNS ? [RUNS, COMPARISONS] : [folder]),
    ...(storage && { studies: studySource(storage) }),
  };
  if (file !== undefined) {
    const warn = (sentence: string) => process.stderr.write(neutralised(`warning: ${sentence}\n`));
    await write(file, await exportedPage(sources, await pageAssets(), warn));
    process.stdout.write(neutralised(`the page is in ${oneLine(file)}\n`));
    return 0;
  }
  const token = process.env["HYPERTRAIN_TOKEN"];
  const routes = dashboardRoutes(sources, await pageAssets());
  await using server = await listen([...routes, ...(storage ? actRoutes(storage) : [])], {
    port,
    ...(host !== undefined && { host }),
    ...(token && { token }),
  });
  void sources.studies?.begin().catch(() => undefined); // whoever opens one is told
  const address = `${server.url}/${token ? "#token=…" : ""}`;
  process.stderr.write(neutralised(`the dashboard is at ${address}; Ctrl-C ends it\n`));
  using interrupt = listenForInterrupt(() => {});
  await new Promise((resolve) => interrupt.signal.addEventListener("abort", resolve));
  return 0;
}

function demandFolder(folder: string): void {
  if (folder === RUNS && !existsSync(folder)) return;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw inputError(
    `dashboard must be given a folder with runs, but "${oneLine(folder)}" is ${existsSync(folder) ? "a file" : "not there"}; name another, or leave it out for ${RUNS}`,
  );
}
