import { expect, test, vi } from "vitest";

import { watched, workProcesses } from "./processes.ts";

test("what a worker says is told by lines, however it is written", async () => {
  const says = ["a rem", "ark, and ano", "ther\n\nerror: half", " and half"];
  const writes = `for (const text of ${JSON.stringify(says)}) {
    process.stderr.write(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.exit(2);`;
  vi.stubEnv("NODE_OPTIONS", `--import data:text/javascript,${encodeURIComponent(writes)}`); // in the worker's place
  const notes: string[] = [];
  const working = workProcesses(
    { store: "none.db", study: "none", workers: 1 },
    {
      signal: new AbortController().signal,
      note: (line) => void notes.push(line),
      progress: () => Promise.resolve(0),
    },
  );
  await expect(working).rejects.toThrow(/^half and half$/);
  vi.unstubAllEnvs();
  expect(notes).toEqual(["a remark, and another"]);
});

test("who watches workers has ended when they are done with, and what they throw comes first", async () => {
  for (const [working, watching, says] of [
    [undefined, "the last look", "the last look"],
    ["no worker", undefined, "no worker"],
    ["no worker", "the last look", "no worker"],
  ] as const) {
    let looked = false;
    const watch = async (ended: AbortSignal) => {
      await new Promise((resolve) => ended.addEventListener("abort", resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
      looked = true;
      if (watching !== undefined) throw new Error(watching);
    };
    const work = working === undefined ? Promise.resolve() : Promise.reject(new Error(working));
    await expect(watched(work, watch)).rejects.toThrow(says);
    expect(looked).toBe(true);
  }
});
