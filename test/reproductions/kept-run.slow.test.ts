import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { curveIn, keptRun } from "../../reproductions/kept-run.ts";

/** A folder for a run on a short text, and what is noted of it. */
async function shortText() {
  const out = await mkdtemp(join(tmpdir(), "kept-"));
  onTestFinished(() => rm(out, { recursive: true }));
  const dataDir = join(out, "text.txt");
  await writeFile(dataDir, "to be or not to be, that is the question\n".repeat(20));
  const notes: string[] = [];
  const setting = {
    ...{ dataDir, seed: 1, signal: new AbortController().signal },
    note: (text: string) => void notes.push(text),
  };
  return { setting, notes, folder: join(out, "run") };
}

const FLAGS = ["--data", "text", "--model", "lstm", "--hidden", "4", "--method", "fixed"];

test("a kept run goes on where more is asked for than it has, and not where it has as much", async () => {
  const { setting, notes, folder } = await shortText();
  await keptRun(setting, folder, FLAGS, { epochs: 2 });
  const short = curveIn(folder);
  await keptRun(setting, folder, FLAGS, { epochs: 2 });
  expect(notes.at(-1)).toBe(`${folder} has ended already`);
  await keptRun(setting, folder, FLAGS, { epochs: 4 });
  expect(curveIn(folder).map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4]);
  expect(curveIn(folder).slice(0, 3)).toEqual(short);
  const { seconds } = curveIn(folder).at(-1) ?? { seconds: NaN };
  await keptRun(setting, folder, FLAGS, { seconds });
  expect(notes.at(-1)).toBe(`${folder} has ended already`);
});

test("a kept run that diverges is told of, and keeps its curve", async () => {
  const { setting, notes, folder } = await shortText();
  const diverging = ["--schedule", "step", "--decay-epochs", "2", "--decay-factor", "1e40"]; // learns, and then diverges
  await keptRun(setting, folder, [...FLAGS, ...diverging], { epochs: 20 });
  expect(notes.at(-1)).toMatch(
    /^the (training|validation) loss must stay finite, but became (NaN|Infinity) at step \d+/,
  );
  expect(curveIn(folder).at(-1)?.bestValid).toBeLessThan(curveIn(folder)[0]?.valid as number);
});
