import { expect, test } from "vitest";

import { openStorage } from "../../src/storage/open-storage.ts";
import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];

/** ZDT1 (Zitzler, Deb and Thiele 2000): on its front g is 1 and the second objective 1 - √x. */
const zdt1 = (x: number, g: number) => ({
  loss: x,
  measures: { second: g * (1 - Math.sqrt(x / g)), x1: -x },
});

/** A program tells trials of ZDT1: every other one is on the front. */
async function tellStudy(trials: number): Promise<void> {
  await using storage = await openStorage("study.db");
  const desk = studyDesk(storage, performance, () => undefined);
  const space = { x: { kind: "real", low: 0, high: 1 }, g: { kind: "integer", low: 1, high: 9 } } as const;
  await desk.create({ name: "zdt1", space, method: "random", trials, budget: 2 });
  for (let i = 0; i < trials; i++) {
    await desk.enqueue("zdt1", { x: (i + 0.5) / trials, g: 1 + 8 * (i % 2) });
    const asked = await desk.ask("zdt1", {});
    if (asked.kind !== "trial") throw new Error("a trial was expected");
    const { trial, attempt, values } = asked;
    const claim = { study: "zdt1", trial, attempt };
    const told = zdt1(Number(values["x"]), Number(values["g"]));
    await desk.report(claim, { budget: 1, loss: 2 + i, seconds: 3, measures: { second: -9, x1: 0 } }); // not its best
    if (i < trials - 1) await desk.tell(claim, told);
    else await desk.tell(claim, { failed: "a bad day" });
  }
}

interface Front {
  readonly trials: number;
  readonly front: readonly { readonly number: number; readonly objectives: Record<string, number> }[];
}

test("study pareto finds the front of what programs measured, within bounds", async () => {
  await tellStudy(21);
  const front = async (...flags: readonly string[]) => {
    const { stdout, stderr } = await call("study", "pareto", "zdt1", "--json", ...store, ...flags);
    expect(stderr).toBe("");
    return JSON.parse(stdout) as Front;
  };
  const whole = await front("--objectives", "loss,second");
  expect(whole.trials).toBe(20); // the failed one would be on it
  expect(whole.front.map(({ number }) => number)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  for (const { objectives } of whole.front) {
    expect(objectives["second"]).toBeCloseTo(1 - Math.sqrt(objectives["loss"] as number), 12);
  }
  const bounded = await front("--objectives", "loss,second", "--where", "loss>=0.5,second>=0.2");
  expect(bounded.front.map(({ number }) => number)).toEqual([10, 12]);
  const turned = await front("--objectives", "max:x1,second");
  expect(turned.front).toEqual(
    whole.front.map((one) => ({
      ...one,
      objectives: { x1: -(one.objectives["loss"] as number), second: one.objectives["second"] },
    })),
  );
  const { stdout } = await call("study", "pareto", "zdt1", "--objectives", "loss,g", ...store);
  expect(stdout).toMatch(
    /^zdt1: 1 of 20 trials with a loss are on the front\n\n {2}trial +loss +g +x\n {2}0 +0\.02381 +1 +0\.02381\n/,
  );
});

test("a hyperparameter that is called as a measure is hyper:NAME in tables and objectives, and enqueued by that name", async () => {
  {
    await using storage = await openStorage("study.db");
    const desk = studyDesk(storage, performance, () => undefined);
    const space = { x: { kind: "real", low: 0, high: 9 } } as const;
    const objectives = { loss: "minimize", x: "maximize" } as const;
    await desk.create({ name: "alike", space, method: "nsga-2", trials: 3, objectives });
    for (const x of [2, 3]) {
      await desk.enqueue("alike", { x });
      const asked = await desk.ask("alike", {});
      if (asked.kind !== "trial") throw new Error("a trial was expected");
      await desk.tell(
        { study: "alike", trial: asked.trial, attempt: 1 },
        { loss: x, measures: { x: 10 * x } },
      );
    }
  }
  const stdoutOf = async (...argv: readonly string[]) => (await call("study", ...argv, ...store)).stdout;
  expect(await stdoutOf("show", "alike")).toMatch(/ epochs +hyper:x\n/);
  expect(await stdoutOf("export", "alike", "--format", "csv")).toMatch(
    /^number,state,best,epochs,attempt,x,seconds,gradients,hyper:x\n/,
  );
  expect(await stdoutOf("pareto", "alike")).toMatch(/trial +loss +max:x +hyper:x\n {2}0 +2\.000 +20 +2\n/);
  expect(await stdoutOf("pareto", "alike", "--objectives", "max:loss,hyper:x")).toMatch(/ 2 of 2 trials/);
  const { stderr } = await call("study", "enqueue", "alike", "hyper:x=5", ...store);
  expect(stderr).toMatch(/^alike tries these values in a trial to come; 1 waiting\n$/);
});

test("what is no objective or bound is said in one sentence", async () => {
  await tellStudy(2);
  const refused = async (...flags: readonly string[]) => {
    const { code, stderr } = await call("study", "pareto", "zdt1", ...store, ...flags);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused("--objectives", "loss")).toMatch(
    /^error: --objectives must be two or more different names/,
  );
  expect(await refused("--objectives", "loss,loss")).toMatch(/two or more different names/);
  expect(await refused("--objectives", "loss,secnds")).toMatch(/got "secnds".*did you mean.*seconds/);
  expect(await refused("--where", "seconds<10")).toMatch(/^error: --where must be bounds behind commas/);
  expect(await refused("--where", "seconds<=ten")).toMatch(/^error: --where must be bounds/);
});
