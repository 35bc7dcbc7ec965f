import type { Refit } from "../api/result.ts";
import type { Score } from "../api/trace.ts";
import { formatLoss, formatMetric, metricTitle } from "./format.ts";

/** What training on training and validation data together changed on the test part, of numbers in their own units, and how long it took where it took other steps than the run. */
export const refitSentence = (refit: Refit): string =>
  [gainSentence(refit), ...lengthSentence(refit)].join(" ");

function lengthSentence({ trained }: Refit): string[] {
  if (!trained || trained.steps === trained.before.steps) return [];
  const { steps, rows, before } = trained;
  return [
    `It trained for ${steps} step${steps === 1 ? "" : "s"}, in which each of its ${rows} rows is seen as often as the run's ${before.rows} in ${before.steps}.`,
  ];
}

function gainSentence({ before, after, hold }: Refit): string {
  if (!before || !after) return "The data has no test part, so that nothing says what this gains.";
  const how = hold ? "the values of the best epoch held" : "the schedule found";
  const errors = testErrors(before, after);
  const texts = [before, after].map((score, i) => `${errors.texts[i]}${metricText(score)}`);
  return `Test ${errors.name} before: ${texts[0]}; after training on both parts with ${how}: ${texts[1]}.`;
}

/** That training on both parts was no gain, in one sentence; undefined where it was one. */
export function worseSentence(before: Score, after: Score): string | undefined {
  const { name, values } = testErrors(before, after);
  if (!(values[1] > values[0])) return undefined;
  return `The test ${name} is higher than before: nothing shows that training on the validation rows as well was a gain here. On a small test part that can be chance.`;
}

/** Errors that can be compared: of numbers those in their own units, since the scale of a loss is of the training rows, which are others now. */
function testErrors(before: Score, after: Score) {
  const [was, is] = [before.measures?.["RMSE"], after.measures?.["RMSE"]];
  if (was === undefined || is === undefined) {
    const values = [before.loss, after.loss] as const;
    return { name: "loss", values, texts: values.map(formatLoss) };
  }
  const values = [was, is] as const;
  return { name: "RMSE", values, texts: values.map((value) => formatMetric({ name: "RMSE", value })) };
}

/** What a training with given hyperparameters is called in tables: it held the start, or followed those of another run. */
export const heldTitle = (refit: Refit | undefined): string => {
  if (refit === undefined) return "start held fixed";
  return refit.hold ? "values of the best epoch held" : "trained along the schedule";
};

/** Which epoch it is whose network a run has kept. */
export const keptEpoch = (isRefit: boolean): string => (isRefit ? "last" : "best");

/** What stands for the validation part, its name or its loss: that of a refit holds rows that were trained on. */
export const validText = (text: string, isRefit: boolean): string =>
  isRefit ? `${text} (trained on)` : text;

const metricText = ({ metric }: Score): string =>
  metric ? ` (${metricTitle(metric.name)} ${formatMetric(metric)})` : "";
