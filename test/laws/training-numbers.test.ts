/* A training of a search has one number wherever people read it: that of files, studies and commands, from 0 on. */
import { expect, test } from "vitest";

import { traceRows } from "../../dashboard/csv.ts";
import { follow } from "../../src/cli/progress/progress.ts";
import { describeResult } from "../../src/cli/views/summary.ts";
import type { TracePoint } from "../../src/api/trace.ts";
import { runDocumentOf } from "../../src/report/run-document.ts";
import { runHead, runTables } from "../../src/report/run-markup.ts";
import { resultOf } from "../../src/report/result.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";

/** The best training of three, with its own epoch. */
const [NUMBER, EPOCH] = [41, 7];

const trace = [40, NUMBER, 42].map((number, i): TracePoint => ({
  ...{ step: i, epoch: 100 + i, examples: i, gradientEvaluations: i, seconds: i },
  hyperparameters: { l2: { value: 0.5 } },
  valid: { loss: number === NUMBER ? 1 : 2 },
  trial: { number, epoch: EPOCH, measures: { loss: number === NUMBER ? 1 : 2, parameters: 9 } },
}));
const best = trace[1] as TracePoint;
const space = createSpace({ l2: real(0.5, { low: 0, high: 1 }) });
const objectives = ["loss", "parameters"].map((name) => ({ name, largest: false }));
const result = resultOf({
  ...{ run: "r", report: "r/report.html", method: "random", engine: "jax", seed: 0, space, trace },
  ...{ end: { reason: "epochs" as const, best, final: best }, goals: { objectives, bounds: [] } },
});
const document = runDocumentOf({ result, space, title: "t" });
const words = (markup: string) => markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const csv = traceRows(trace, []);

const places: readonly (readonly [where: string, text: string, pattern: RegExp])[] = [
  ["the sentence on the front", result.remarks.join(" "), /trainings: training (\d+) \(loss 1/],
  ["the terminal's table", describeResult(result), /7 of training (\d+)/],
  ["a report's first sentence", words(runHead("r", document).markup), /at epoch 7 of training (\d+)\./],
  ["a report's tile", words(runHead("r", document).markup), /Best epoch 7 of training (\d+) /],
  ["a report's comparison", words(runTables(document, { config: {}, trace }).markup), /7 of training (\d+)/],
  ["a report's trainings", words(runTables(document, { config: {}, trace }).markup), /l2 (\d+) 7 1\.00/],
  [
    "progress",
    follow({ name: "tuning", timeLimit: Infinity })({ kind: "epoch", trace: best, improved: true }).hypers,
    /training (\d+)/,
  ],
  [
    "a file of its trace",
    `${csv[0]?.indexOf("training")}: ${csv[2]?.[csv[0]?.indexOf("training") ?? 0]}`,
    /3: (\d+)/,
  ],
];

test.each(places)("%s names a training by the number that commands know", (_, text, pattern) => {
  expect(pattern.exec(text)?.[1], text).toBe(String(NUMBER));
});
