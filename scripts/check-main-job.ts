/**
 * Checks what the main job printed and left behind:
 * `npm start -s -- --json --out RUN | node scripts/check-main-job.ts`. Exits with 1 and a list if something is wrong.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { z } from "zod";

const evaluation = z.object({ loss: z.number(), metric: z.object({ name: z.string(), value: z.number() }) });
const outcome = z.object({
  epoch: z.number().nonnegative(),
  train: z.object({ loss: z.number() }),
  valid: evaluation,
  test: evaluation,
  hyperparameters: z.record(z.string(), z.object({ value: z.number(), scale: z.number().nullable() })),
});
const document = z.object({
  run: z.string().min(1),
  method: z.literal("delta-stn"),
  engine: z.string().min(1),
  seed: z.int(),
  steps: z.int().positive(),
  seconds: z.number().positive(),
  stepsPerSecond: z.number().positive(),
  start: z.object({ hyperparameters: z.record(z.string(), z.number()) }),
  best: outcome,
  final: outcome,
  baseline: z.object({ valid: evaluation, test: evaluation }),
});
const runFiles = [
  "config.json",
  "metrics.jsonl",
  "hyperparameters.json",
  "model.safetensors",
  "model.onnx",
  "report.html",
];

const failures = problemsOf(await text(process.stdin));
for (const failure of failures) console.error(`main job: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

function problemsOf(printed: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(printed);
  } catch {
    return [`stdout must be one JSON document, but it starts with ${JSON.stringify(printed.slice(0, 200))}`];
  }
  const { data, error } = document.safeParse(json);
  if (error) return [`the JSON document has another shape:\n${z.prettifyError(error)}`];
  return [...comparisons(data), ...missingFiles(data.run)];
}

function comparisons({ start, best, baseline }: z.infer<typeof document>): string[] {
  const tuned = Object.keys(best.hyperparameters);
  const started = Object.keys(start.hyperparameters);
  const found = [];
  if (tuned.length < 6)
    found.push(`at least 6 hyperparameters must be tuned, but there are ${tuned.join(", ")}`);
  if (tuned.toSorted().join() !== started.toSorted().join()) {
    found.push(
      `start and best must name the same hyperparameters, but have ${started.join(", ")} and ${tuned.join(", ")}`,
    );
  }
  if (!(best.valid.loss < 1.1 * baseline.valid.loss)) {
    found.push(
      `the tuned validation loss must be at most a tenth above the baseline's, but ${best.valid.loss} is against ${baseline.valid.loss}`,
    );
  }
  return found;
}

function missingFiles(run: string): string[] {
  return runFiles
    .filter((name) => !statSync(join(run, name), { throwIfNoEntry: false })?.size)
    .map((name) => `the run folder ${run} must hold ${name} with something in it`);
}
