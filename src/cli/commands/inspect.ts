import { existsSync } from "node:fs";

import type { DataReport } from "../../api/data-report.ts";
import type { TrainingReport } from "../../api/examples-report.ts";
import { warningTitles } from "../../report/warnings.ts";
import { inputError } from "../../util/error.ts";
import { oneLine } from "../../util/text.ts";
import { dataSetOfName } from "../data-sets/data-set-names.ts";
import { describeExamples, describeTable, describeTraining } from "../views/describe-data.ts";
import { flagOf, type FieldName } from "../config/fields.ts";
import { examineData, type Examined } from "../registry/data-sets.ts";
import { taskOn } from "../registry/tasks.ts";
import { isDirectory } from "../files/is-directory.ts";
import { trainingReport } from "../views/training-report.ts";
import { readConfig } from "../config/read-config.ts";

/**
 * Says what data hold, what would become of them and how they would be trained on, without training.
 *
 * @param argument a file with a table, a folder of images, or a data set by name, unless `--data` names it
 * @returns the exit code
 */
export async function inspect(
  argument: string | undefined,
  { json = false, ...flags }: Readonly<Partial<Record<FieldName, unknown>>>,
): Promise<number> {
  const data = namedOnce(argument, flags.data);
  if (flags.target === undefined && isTableFile(data)) {
    throw inputError(
      `${flagOf("target")} must name the column to predict, but is missing; name a column of ${data}, or for a text give \`hypertrain inspect text --data-dir ${data}\``,
    );
  }
  const config = await readConfig(undefined, { ...flags, data });
  const { report, data: examples } = await examineData(config);
  const training = examples && (await trainingReport(config, await taskOn(config, examples)));
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ ...report, ...(training && { training }) }, null, 2)}\n`
      : `${linesOf(report, training, config.folds !== undefined).join("\n")}\n`,
  );
  return 0;
}

/** What is to be looked at, by whichever way it was named. @throws {HypertrainError} unless it was named once. */
function namedOnce(argument: string | undefined, data: unknown): string {
  if (typeof data === "string" && argument === undefined) return data;
  if (argument !== undefined && data === undefined) return argument;
  const got =
    argument === undefined ? "none is named" : `got ${oneLine(argument)} and --data ${oneLine(String(data))}`;
  throw inputError(
    `inspect must get one file, folder or data set to look at, but ${got}; give one, such as \`hypertrain inspect digits\``,
  );
}

const isTableFile = (data: string): boolean =>
  dataSetOfName(data) === undefined && existsSync(data) && !isDirectory(data);

/** What is read, what becomes of it, how it would be trained on, and the sentences, the worst first. */
function linesOf(
  report: Examined["report"],
  training: TrainingReport | undefined,
  folded: boolean,
): string[] {
  const isTable = (one: Examined["report"]): one is DataReport => "columns" in one;
  const { warnings } = report;
  const refused =
    isTable(report) || report.refused === undefined ? [] : [`cannot be trained on: ${report.refused}`];
  return [
    ...(isTable(report) ? describeTable(report) : describeExamples(report, folded)),
    ...(training ? describeTraining(training) : []),
    ...underHeading(warningTitles.data, [...refused, ...warnings]),
    ...underHeading(warningTitles.options, training?.warnings ?? []),
  ];
}

const underHeading = (title: string, sentences: readonly string[]): string[] =>
  sentences.length === 0 ? [] : ["", `${title}:`, ...sentences.map((sentence) => `- ${sentence}`)];
