import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import type { TracePoint } from "../../api/trace.ts";
import { openRunFolder, runFolder } from "../../artifacts/run-folder.ts";
import { readTrace } from "../../artifacts/trace-file.ts";
import { Refusal } from "../http/server.ts";
import { summaryAt, type RunSummary } from "../run-summary.ts";

/** A run with its trace, thinned, and that of the same training with the hyperparameters held. */
export interface RunPage {
  readonly run: string;
  readonly config: unknown;
  readonly trace: readonly TracePoint[];
  readonly baseline: readonly TracePoint[];
}

/** The run folders of a folder as a dashboard reads them. */
export interface RunSource {
  list(): Promise<readonly RunSummary[]>;
  run(name: string): Promise<RunPage>;
  /** Changes whenever one of them does. */
  stamp(): Promise<string>;
}

/** The most points of a trace. */
const MOST_POINTS = 1000;

/** Reads run folders below a folder, or the one that it is. */
export function runSource(folder: string): RunSource {
  const names = async (): Promise<readonly string[]> => {
    if (existsSync(runFolder(folder).config)) return ["."];
    if (!existsSync(folder)) return [];
    const found = await readdir(folder);
    return found.filter((name) => existsSync(runFolder(join(folder, name)).config)).sort();
  };
  return {
    async list() {
      const runs: RunSummary[] = [];
      for (const name of await names()) runs.push({ ...(await summaryAt(join(folder, name))), run: name });
      return runs;
    },
    async run(name) {
      if (!(await names()).includes(name)) throw new Refusal(404, "there is no run of this name");
      const { folder: files, config } = await openRunFolder(join(folder, name));
      const held = runFolder(files.baseline);
      return {
        ...{ run: name, config, trace: thinned(await readTrace(files.metrics)) },
        baseline: existsSync(held.metrics) ? thinned(await readTrace(held.metrics)) : [],
      };
    },
    async stamp() {
      const times = (await names()).map((name) => {
        const { metrics } = runFolder(join(folder, name));
        const { size = 0, mtimeMs = 0 } = statSync(metrics, { throwIfNoEntry: false }) ?? {};
        return `${name}/${size}/${mtimeMs}`;
      });
      return times.join("\n");
    },
  };
}

/** Every so-manieth point, first and last always; without what fills a page and no chart shows. */
function thinned(trace: readonly TracePoint[]): readonly TracePoint[] {
  const stride = Math.ceil(trace.length / MOST_POINTS);
  return trace
    .filter((_, i) => i === 0 || (trace.length - 1 - i) % stride === 0)
    .map(({ hyperparameters, ...point }) => ({
      ...point,
      hyperparameters: Object.fromEntries(
        Object.entries(hyperparameters).map(([name, { value, band }]) => [
          name,
          { value: Array.isArray(value) ? meanOf(value as readonly number[]) : value, ...(band && { band }) },
        ]),
      ),
    }));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
