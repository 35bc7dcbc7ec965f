import { existsSync, statSync } from "node:fs";

import type { TracePoint } from "../../api/trace.ts";
import { readResult } from "../../artifacts/result-file.ts";
import { readOrigin } from "../../artifacts/origin.ts";
import { openRunFolder, runFolder, type RunFolder } from "../../artifacts/run-folder.ts";
import { readTrace } from "../../artifacts/trace-file.ts";
import { thinnedPage, type RunPage } from "../../report/run-page.ts";
import { HypertrainError } from "../../util/error.ts";
import type { Config } from "../config/config.ts";
import { Refusal } from "../http/server.ts";
import { foldersBelow } from "../files/folders-below.ts";
import { goalsIn } from "../study/study-goals.ts";
import { summaryAt, type RunSummary } from "../views/run-summary.ts";

/** The run folders of a folder as a dashboard reads them. */
export interface RunSource {
  list(): Promise<readonly RunSummary[]>;
  run(name: string): Promise<RunPage>;
  /** Changes whenever one of them does. */
  stamp(): Promise<string>;
}

/** Reads run folders below a folder, up to two steps, or the one that it is. */
export function runSource(folder: string): RunSource {
  const found = () => foldersBelow(folder, "run");
  return {
    async list() {
      const runs: RunSummary[] = [];
      for (const [name, path] of await found()) runs.push({ ...(await summaryAt(path)), run: name });
      return runs;
    },
    async run(name) {
      const path = (await found()).get(name);
      if (path === undefined) throw new Refusal(404, "there is no run of this name");
      const { folder: files, config } = await openRunFolder(path);
      const held = runFolder(files.baseline);
      const trace = await readTrace(files.metrics);
      const { refitted } = (await readOrigin(files)) ?? {};
      const goals = goalsIn(config as Pick<Config, "objectives" | "where">); // as every configuration is kept
      return thinnedPage({
        ...{ run: name, config, trace, ...(goals && { goals }) },
        ...(refitted !== undefined && { refitted }),
        baseline: existsSync(held.metrics) ? await readTrace(held.metrics) : [],
        ...(await documentOf(files, trace.at(-1))),
      });
    },
    async stamp() {
      const times = [...(await found())].flatMap(([name, path]) => {
        const { metrics, result } = runFolder(path);
        return [metrics, result].map((file) => {
          const { size = 0, mtimeMs = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
          return `${name}/${size}/${mtimeMs}`;
        });
      });
      return times.join("\n");
    },
  };
}

/** What a run says of itself, if it is of the run as it stands; or else why it is not there. */
async function documentOf(
  folder: RunFolder,
  last: TracePoint | undefined,
): Promise<Pick<RunPage, "document" | "missing">> {
  try {
    const document = await readResult(folder);
    if (!document) return { missing: NOT_YET };
    const { steps } = document.result;
    if (steps === last?.step) return { document };
    return { missing: steps < (last?.step ?? 0) ? GONE_ON : CUT_OFF };
  } catch (error) {
    if (error instanceof HypertrainError) return { missing: error.message };
    throw error;
  }
}

const NOT_YET =
  "What the run says of itself comes with its end; a run of an earlier version that has ended says it after `hypertrain resume`.";

const CUT_OFF =
  "The course of this run ends before its result: its metrics.jsonl was cut off; `hypertrain show` says what can be done.";

const GONE_ON = "The run has gone on since it said something of itself; what it says now comes with its end.";
