import type { TuneResult } from "../../api/result.ts";
import type { TracePoint } from "../../api/trace.ts";
import { demandWhole, readOverview, type RunOverview } from "../../artifacts/overview.ts";
import { readResult } from "../../artifacts/result-file.ts";
import { isOfTune } from "../../artifacts/run-folder.ts";
import {
  epochText,
  formatBytes,
  formatEpochs,
  formatHyper,
  formatLoss,
  formatMetric,
  formatTable,
  metricTitle,
} from "../../report/format.ts";
import { keptEpoch, validText } from "../../report/refit.ts";
import { sentencesOf } from "../../report/sentences.ts";
import { neutralised } from "../../util/text.ts";
import type { Config } from "../config/config.ts";
import { networkInWords } from "../networks/network-names.ts";
import { paint } from "../terminal/paint.ts";
import { summaryOf, type RunSummary } from "../views/run-summary.ts";

/**
 * Shows how far a run is, what it has reached and where its files are, and of one that has ended what it said then.
 *
 * @returns the exit code
 */
export async function show(path: string, { json = false }: { readonly json?: boolean }): Promise<number> {
  const overview = await readOverview(path);
  await demandWhole(overview.folder);
  const summary = summaryOf(overview);
  const { config, first, start, best, last, files } = overview;
  const ended = overview.state === "finished" ? await readResult(overview.folder) : undefined;
  const begun = first?.trial ? start && { hyperparameters: start } : first;
  const text = json
    ? `${JSON.stringify({ ...summary, config, start: begun, best, final: last, files })}\n`
    : paint(neutralised(describe(overview, summary, ended?.result)), process.stdout);
  process.stdout.write(text);
  return 0;
}

function describe(
  { config, first, start, best, last, files, folder }: RunOverview,
  summary: RunSummary,
  result: TuneResult | undefined,
): string {
  const { state, data, method, seed, epochs, of, refitted, lossUnit } = summary;
  const width = process.stdout.columns;
  const network = networkInWords(config as Config, best?.hyperparameters); // a run folder holds a whole one
  const about = [
    ["run", folder.path],
    ["state", state],
    ...(refitted === null ? [] : [["refit of", refitted]]),
    ["data", data ?? "–"],
    ...(network === undefined ? [] : [["network", network]]),
    ["method", method ?? "–"],
    ["seed", String(seed ?? "–")],
    [
      "epochs",
      epochs === null ? "–" : `${formatEpochs(epochs)}${of === null ? "" : ` of ${formatEpochs(of)}`}`,
    ],
  ];
  const rows = [
    ["start", first?.trial ? undefined : first], // a search's first point is of one of its trainings
    ["best", refitted === null ? best : undefined], // its best is its last
    ["last", last],
  ] as const;
  const scores = [
    [
      "",
      "epoch",
      validText("validation loss", refitted !== null),
      "test loss",
      metricTitle(best?.valid.metric?.name ?? "metric"),
    ],
    ...rows.flatMap(([name, point]) => (point ? [[name, ...scoresOf(point)]] : [])),
  ];
  const hypers = Object.entries(best?.hyperparameters ?? {}).map(([name, point]) => {
    const from = start?.[name];
    return [name, from ? formatHyper(from) : "–", "→", formatHyper(point)];
  });
  const sections = [
    about.map(([name, value]) => `  ${(name as string).padEnd(8)} ${value}`).join("\n"),
    ...(best ? [formatTable(scores, { width, spare: [4, 3, 1] })] : []),
    ...(lossUnit === null ? [] : [`  ${lossUnit}`]),
    ...(hypers.length > 0
      ? [
          formatTable([["hyperparameter", "start", "", keptEpoch(refitted !== null)], ...hypers], {
            width,
          }),
        ]
      : []),
    ...(result ? sentencesOf(result).first.map((sentence) => `  ${sentence}`) : []),
    formatTable(files.map(({ name, bytes }) => [name, formatBytes(bytes)])),
    ...(state === "stopped" && isOfTune(config) ? [`  go on with: hypertrain resume ${folder.path}`] : []),
  ];
  return `\n${sections.join("\n\n")}\n`;
}

const scoresOf = ({ valid, test, ...point }: TracePoint): string[] => [
  epochText(point),
  formatLoss(valid.loss),
  formatLoss(test?.loss),
  formatMetric((test ?? valid).metric),
];
