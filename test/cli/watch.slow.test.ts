import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import type { PageSnapshot } from "../../src/report/page.ts";
import type { RunPage } from "../../src/report/run-page.ts";
import { start, untilLines, useFolder } from "./command.ts";

useFolder();

const refresh = /<meta http-equiv="refresh"/;

/** The last epoch that a page has numbers of. */
const lastEpochIn = (page: string): number => {
  const snapshot = /id="snapshot">([\s\S]*?)<\/script>/.exec(page)?.[1] as string;
  const [run] = Object.values((JSON.parse(snapshot) as PageSnapshot).json) as RunPage[];
  return run?.trace.at(-1)?.epoch ?? -1;
};

test.skipIf(process.platform === "win32")(
  "--watch: the page grows while the run goes on, and says in the end that it was stopped",
  async () => {
    const flags = [
      "--data",
      "wine",
      "--hidden",
      "4",
      "--epochs",
      "100000",
      "--threads",
      "1",
      "--no-baseline",
    ];
    const { child, finished } = start("tune", ...flags, "--watch", "--out", "run");
    await untilLines("run/report.html", 1);
    const early = readFileSync("run/report.html", "utf8");
    let later = early;
    while (lastEpochIn(later) <= lastEpochIn(early)) {
      await sleep(50);
      later = readFileSync("run/report.html", "utf8");
    }
    expect(early).toMatch(refresh);
    expect(later).toMatch(refresh);
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining("the report grows at run/report.html")]);
    const last = readFileSync("run/report.html", "utf8");
    expect(last).not.toMatch(refresh);
    expect(last).toContain("ended when it was stopped");
  },
);
