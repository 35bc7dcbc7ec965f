import type { Prediction } from "../../artifacts/answers.ts";
import type { Score } from "../../api/trace.ts";
import { cut } from "../../data/quote.ts";
import { formatLoss, formatMetric, formatTable, metricTitle } from "../../report/format.ts";
import { csvText } from "../../util/csv-text.ts";
import { formatNumber } from "../../util/format-number.ts";

/** Answers with all that there is to tell of them. */
export interface Answered {
  readonly prediction: Prediction;
  /** Of images, their paths. */
  readonly files?: readonly string[];
  /** Loss and metric where the truth is known. */
  readonly score?: Score | undefined;
  /** What that loss is in; absent where it is plain, as cross-entropies are. */
  readonly lossUnit?: string;
  /** Why there is none where some seemed to be known. */
  readonly why?: string | undefined;
  readonly warnings: readonly string[];
}

/** The answers in the order of what was asked: of images `file`, then `prediction`, and for classes `probability.CLASS`. */
export function csvOf({ prediction, files }: Answered): string {
  const names = prediction.kind === "classes" ? prediction.classes.map((name) => `probability.${name}`) : [];
  const rows = prediction.values.map((value, i) => [
    ...(files ? [files[i]] : []),
    String(value),
    ...(prediction.kind === "classes" ? (prediction.probabilities[i] as readonly number[]).map(String) : []),
  ]);
  return csvText([[...(files ? ["file"] : []), "prediction", ...names], ...rows]);
}

/** The document of `--json`. */
export const documentOf = ({ prediction, files, score, lossUnit }: Answered) => ({
  rows: prediction.values.length,
  ...(score && { score, ...(lossUnit !== undefined && { lossUnit }) }),
  ...(files && { files }),
  ...prediction,
});

/** Answers that are shown where no file takes them. */
const FEW = 10;

/** What a terminal shows of the answers: the first of them, or where all are, and how good they are. */
export function describe({ prediction, files, score, lossUnit }: Answered, out: string | undefined): string {
  const { length } = prediction.values;
  const shown = prediction.values
    .slice(0, FEW)
    .map((value, i) => [
      files ? cut(files[i] as string) : String(i + 1),
      typeof value === "number" ? String(Number(value.toPrecision(6))) : value,
      ...(prediction.kind === "classes"
        ? [formatNumber((prediction.probabilities[i] as readonly number[]).reduce((a, b) => Math.max(a, b)))]
        : []),
    ]);
  const headings = [
    files ? "file" : "row",
    "prediction",
    ...(prediction.kind === "classes" ? ["probability"] : []),
  ];
  const metric = score?.metric && `, ${metricTitle(score.metric.name)} ${formatMetric(score.metric)}`;
  const measures = Object.entries(score?.measures ?? {})
    .map(([name, value]) => `, ${name} ${formatMetric({ name, value })}`)
    .join("");
  const scored = files ? "images in folders of classes" : "rows with a target";
  const sections = [
    ...(out === undefined ? [formatTable([headings, ...shown])] : []),
    ...(out === undefined && length > FEW
      ? [`  ${length - FEW} more ${files ? "images" : "rows"}; --out FILE.csv writes all`]
      : []),
    ...(out === undefined ? [] : [`  ${length} answers in ${out}`]),
    ...(score ? [`  on the ${scored}: loss ${formatLoss(score.loss)}${metric ?? ""}${measures}`] : []),
    ...(score && lossUnit !== undefined ? [`  ${lossUnit}`] : []),
  ];
  return `\n${sections.join("\n\n")}\n`;
}
