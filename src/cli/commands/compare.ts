import { join } from "node:path";

import type { ComparisonDocument, LossCurve } from "../../api/comparison.ts";
import { reasonOf } from "../compare/curve.ts";
import { openCurveFolder, type CurveFolder } from "../compare/folder.ts";
import { openLane, type Lane } from "../compare/lane.ts";
import {
  commandOf,
  DEFAULT_METHODS,
  demandCompared,
  demandFeasible,
  methodsOf,
  pairsOf,
  planOf,
  type CompareFlags,
  type Feasible,
  type Plan,
} from "../compare/plan.ts";
import { openView, type ComparisonView } from "../compare/progress.ts";
import { renderComparison } from "../../report/report.ts";
import { warningsOn } from "../../report/warnings.ts";
import { describeFailure, endOf } from "../../report/standings.ts";
import { remarksOnComparison } from "../compare/remarks.ts";
import { describeStandings, failuresOf, standingsOf } from "../compare/table.ts";
import { INTERRUPTED, listenForInterrupt } from "../terminal/interrupt.ts";
import { writeWhole } from "../../artifacts/disk.ts";
import { pageAssets } from "../../artifacts/page-assets.ts";
import { trackedView } from "../compare/tracked-view.ts";
import type { Config } from "../config/config.ts";
import { knownPartsOf } from "../run/origin.ts";
import { openEngine } from "../registry/engines.ts";
import { openTracking } from "../tracking/open-tracking.ts";
import { inputError } from "../../util/error.ts";
import { leftAside } from "../compare/left-aside.ts";
import { oneLine } from "../../util/text.ts";
import { demandOutsideRuns } from "../files/written-file.ts";
import { readConfig, type Flags } from "../config/read-config.ts";
import { readWritten } from "../config/written-config.ts";

/**
 * Compares methods on one problem at equal time, each from several seeds; with a store, by worker processes.
 *
 * @returns the exit code: 1 if a method failed from any seed, though the others have their table
 */
export async function compare(file: string | undefined, own: CompareFlags, fields: Flags): Promise<number> {
  const read = await readConfig(file, fields, { methods: methodsOf(own.methods ?? DEFAULT_METHODS) });
  demandCompared(fields, read);
  if (read.out !== undefined) await demandOutsideRuns("--out", read.out);
  const { store, artifacts, study, workers = 1, trials: _trials, ...config } = read;
  if (store !== undefined && own.parallel !== undefined) {
    throw inputError(
      `--parallel must be left out with --store, where --workers says how many methods work at once, but got ${oneLine(own.parallel)}; leave one out`,
    );
  }
  const plan = planOf(own, config);
  const feasible = await demandFeasible(plan);
  await using folder = await openCurveFolder(
    config.out ?? `comparisons/${feasible.title.replace(/[^\w.-]+/g, "-")}`,
    plan,
    await knownPartsOf({ config, named: feasible.named }),
  );
  const shownView = await openView(plan);
  await using tracking = await openTracking(config, feasible.title, shownView.note);
  const view = trackedView(shownView, tracking.tracker, folder.path, config, feasible.lossUnit);
  const aside = file === undefined ? undefined : leftAside(oneLine(file), await readWritten(file));
  const ofOptions = [...(aside === undefined ? [] : [aside]), ...feasible.remarks];
  const warnings = [...feasible.named.warnings, ...warningsOn("options", ofOptions)];
  for (const { sentence } of warnings) view.note(`warning: ${sentence}`);
  const { chosen } = feasible.named.supervised?.data.images ?? {};
  if (chosen !== undefined) view.note(chosen);
  let curves: readonly LossCurve[] | undefined;
  try {
    using interrupt = listenForInterrupt(view.note);
    const { signal } = interrupt;
    if (store === undefined) curves = await curvesOf(plan, folder, view, signal);
    else {
      const { storedCurves } = await import("../compare/stored-curves.ts"); // databases are slow to load
      const { named } = feasible;
      const stored = { store, artifacts, study: study ?? `compare-${named.name}-${config.seed}`, workers };
      curves = await storedCurves(
        { ...stored, plan: await withEngine(plan, view.note), pairs: pairsOf(plan), named },
        { view, signal, keep: folder.write },
      );
    }
  } finally {
    view.close();
  }
  if (!curves) {
    process.stderr.write(
      `stopped; the same command${store === undefined ? ` with --out ${folder.path}` : ""} goes on\n`,
    );
    return INTERRUPTED;
  }
  await present(folder.path, { ...feasible, warnings }, plan, curves);
  return curves.some(({ failed }) => failed !== undefined) ? 1 : 0;
}

/**
 * Lets every method work from every seed, `plan.parallel` at once, except where the folder has its curve already.
 *
 * @returns the curves in the order of seeds, then methods; nothing if it was interrupted
 */
async function curvesOf(
  plan: Plan,
  folder: CurveFolder,
  view: ComparisonView,
  signal: AbortSignal,
): Promise<LossCurve[] | undefined> {
  const { config } = plan;
  const pairs = pairsOf(plan);
  const curves: (LossCurve | undefined)[] = await Promise.all(
    pairs.map(({ method, seed }) => folder.read(method, seed)),
  );
  for (const curve of curves) if (curve) view.done(curve, true);
  const open = pairs.map((pair, i) => ({ ...pair, i })).filter(({ i }) => !curves[i]);

  const workIn = async (lane: Lane): Promise<void> => {
    for (let next = open.shift(); next; next = open.shift()) {
      const { method, seed, i } = next;
      const curve = await lane
        .work({ ...plan, config: { ...config, method, seed } }, (point) => view.see(method, seed, point))
        .catch((error: unknown): LossCurve => ({
          method,
          seed,
          points: [],
          trials: 0,
          failed: reasonOf(error),
        }));
      if (!curve) return;
      await folder.write(curve);
      view.done(curve, false);
      curves[i] = curve;
    }
  };
  const lanes = Array.from({ length: Math.min(plan.parallel, open.length) }, () => openLane(signal));
  try {
    await Promise.all(lanes.map(workIn));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  const found = curves.filter((curve) => curve !== undefined);
  return found.length === pairs.length ? found : undefined;
}

/** The engine by its name, so that all workers take the same. */
async function withEngine(plan: Plan, onFallback: (why: string) => void): Promise<Plan> {
  const { name } = await openEngine(plan.config, onFallback);
  return { ...plan, config: { ...plan.config, engine: name as Config["engine"] } };
}

async function present(
  out: string,
  { title, lossUnit, named, warnings }: Feasible & Pick<ComparisonDocument, "warnings">,
  plan: Plan,
  curves: readonly LossCurve[],
): Promise<void> {
  const standings = standingsOf(curves, plan.reach);
  const seconds = Number.isFinite(plan.seconds)
    ? plan.seconds
    : Math.max(...curves.map((curve) => endOf(curve).seconds));
  const report = join(out, "report.html");
  const failures = failuresOf(curves);
  const { valid, test } = named.task.data;
  const remarks = remarksOnComparison(curves, standings, {
    seconds,
    rows: { valid: valid.rows, test: test?.rows },
  });
  const told: ComparisonDocument = {
    ...{ version: 1, title, ...(lossUnit !== undefined && { lossUnit }), seconds, seeds: plan.seeds },
    ...(plan.budgetSteps !== undefined && { gradients: plan.budgetSteps }),
    ...{ standings, failures, remarks, warnings, curves },
    ...{ command: commandOf(plan), report },
  };
  const document = `${JSON.stringify(told)}\n`;
  await writeWhole(report, renderComparison(out, told, await pageAssets()));
  await writeWhole(join(out, "compare.json"), document);
  const said = [...remarks, ...failures.map(describeFailure)].map((text) => `\n  ${text}\n`).join("");
  const unit = lossUnit === undefined ? "" : `\n  ${lossUnit}\n`;
  const table = `\n${describeStandings(standings, process.stdout.columns)}\n${unit}${said}\n  report   ${report}\n`;
  process.stdout.write(plan.config.json ? document : table);
  if (plan.config.json && !plan.config.quiet) process.stderr.write(table);
}
