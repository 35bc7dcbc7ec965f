import { pageAssets } from "../../artifacts/page-assets.ts";
import { writeWhole } from "../../artifacts/disk.ts";
import type { RunFolder } from "../../artifacts/run-folder.ts";
import { readTrace } from "../../artifacts/trace-file.ts";
import { holdsHypers, methodOf } from "../../methods/lookup.ts";
import { lossUnitOf } from "../../report/loss-unit.ts";
import { renderReport } from "../../report/report.ts";
import { resultOf } from "../../report/result.ts";
import { bestPoint } from "../../tuners/best.ts";
import type { RunEvent } from "../../tuners/run.ts";
import type { Job } from "./job.ts";
import { networkInWords } from "../networks/network-names.ts";
import { reproduction } from "../config/reproduction.ts";
import { studyGoals } from "../study/study-goals.ts";

/** A report that is written anew while its run goes on. */
export interface LivePage {
  see(event: RunEvent): void;
  /** Waits for what is being written; `stopped` leaves a page that says so and loads itself no more. */
  close(how: "ended" | "stopped"): Promise<void>;
}

/**
 * Writes a run's report after its evaluations, for a browser that loads it anew now and then. A file needs no server, no port and no
 * network, and the page that is open at the end is the report itself.
 *
 * @param note is told where the page is, and why it stays as it is where it cannot be written
 */
export function livePage(
  job: Job,
  folder: RunFolder,
  { clock, note }: { readonly clock: { now(): number }; note(line: string): void },
): LivePage {
  let writing: Promise<void> | undefined;
  let due = -Infinity;
  const write = async (reason: "running" | "stopped"): Promise<void> => {
    const begun = clock.now();
    await writePage(job, folder, reason).catch((error: Error) =>
      note(`warning: the page could not be written: ${error.message}`),
    );
    due = clock.now() + Math.min(MOST_PAUSE, Math.max(LEAST_PAUSE, 10 * (clock.now() - begun)));
  };
  return {
    see(event) {
      if (event.kind === "start") note(`the report grows at ${folder.report}`);
      if ((event.kind !== "start" && event.kind !== "epoch") || writing || clock.now() < due) return;
      writing = write("running").finally(() => (writing = undefined));
    },
    async close(how) {
      await writing;
      if (how === "stopped") await write("stopped");
    },
  };
}

/** Milliseconds between two pages; more where they take long, so that about a tenth of the time goes into them. */
const [LEAST_PAUSE, MOST_PAUSE] = [1000, 10_000];

/** Seconds after which a browser loads the page anew. */
const REFRESH = 3;

async function writePage(
  { config, engine, named, auto }: Job,
  folder: RunFolder,
  reason: "running" | "stopped",
): Promise<void> {
  const trace = await readTrace(folder.metrics);
  const [best, final] = [bestPoint(trace), trace.at(-1)];
  if (!best || !final) return;
  const { space } = named.task.problem;
  const result = resultOf({
    ...{ run: folder.path, report: folder.report, engine: engine.name, space, trace, auto },
    ...{ method: config.method, seed: config.seed, warnings: named.warnings },
    network: networkInWords(config, best.hyperparameters),
    holdsHypers: holdsHypers(config.method),
    end: { reason, best, final },
    lossUnit: named.supervised && lossUnitOf(named.supervised),
    ...(named.report && { data: named.report }),
  });
  const page = renderReport(
    {
      ...{ result, config, space, trace, title: named.name, baseline: [] },
      goals: studyGoals(config, named.task.problem),
      methodTitle: methodOf(config.method).title,
      command: reproduction(config),
      ...(reason === "running" && { refresh: REFRESH }),
    },
    await pageAssets(),
  );
  await writeWhole(folder.report, page);
}
