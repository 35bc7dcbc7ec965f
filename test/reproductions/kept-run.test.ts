import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { curveIn, keptRun } from "../../reproductions/kept-run.ts";

test("a kept run that diverges is told of, and keeps its curve", async () => {
  const out = await mkdtemp(join(tmpdir(), "kept-"));
  onTestFinished(() => rm(out, { recursive: true }));
  const dataDir = join(out, "text.txt");
  await writeFile(dataDir, "to be or not to be, that is the question\n".repeat(20));
  const notes: string[] = [];
  const folder = join(out, "run");
  await keptRun(
    {
      ...{ dataDir, seed: 1, signal: new AbortController().signal },
      note: (text) => void notes.push(text),
    },
    folder,
    [
      ...["--data", "text", "--model", "lstm", "--hidden", "4", "--method", "fixed"],
      ...["--schedule", "step", "--decay-epochs", "2", "--decay-factor", "1e40"], // learns, and then diverges
    ],
    ["--epochs", "20"],
  );
  expect(notes.at(-1)).toMatch(
    /^the (training|validation) loss must stay finite, but became (NaN|Infinity) at step \d+/,
  );
  expect(curveIn(folder).at(-1)?.bestValid).toBeLessThan(curveIn(folder)[0]?.valid as number);
});
