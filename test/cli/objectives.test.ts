import { expect, test } from "vitest";

import type { StudySpec } from "../../src/api/protocol.ts";
import type { TuneResult } from "../../src/api/result.ts";
import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import { createSearch } from "../../src/search/ask-tell.ts";
import { nsga2 } from "../../src/search/nsga2.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];
const spec: StudySpec = {
  ...{ name: "two", method: "nsga-2", trials: 50, seed: 4 },
  space: { x: { kind: "real", low: 0, high: 1 }, y: { kind: "real", low: 0, high: 1 } },
  objectives: { loss: "minimize", gain: "maximize" },
  bounds: { sum: { most: 1.5 } },
};
const measuresOf = ({ x = 0, y = 0 }: { x?: number; y?: number }) => ({
  loss: x,
  gain: x * (1 - y),
  sum: x + y,
});

test("a study of programs with objectives and bounds tries what a search by ask and tell tries, and knows its front", async () => {
  const space = createSpace({ x: real(0.5, { low: 0, high: 1 }), y: real(0.5, { low: 0, high: 1 }) });
  const search = createSearch(space, nsga2(), {
    ...{ seed: 4, objectives: { loss: "minimize", gain: "maximize" }, bounds: { sum: { most: 1.5 } } },
  });
  {
    await using storage = await openStorage("study.db");
    const desk = studyDesk(storage, performance, () => undefined);
    await desk.create(spec);
    for (let i = 0; i < 50; i++) {
      const own = search.ask();
      const asked = await desk.ask("two", {});
      if (asked.kind !== "trial") throw new Error("a trial was expected");
      expect(asked.values).toEqual(own.values);
      const { loss, ...measures } = measuresOf(own.values);
      search.tell(own.number, { measures: { loss, ...measures } });
      const claim = { study: "two", trial: asked.trial, attempt: asked.attempt };
      if (i === 0) {
        await expect(desk.tell(claim, { loss, measures: { gain: 1 } })).rejects.toThrow(
          'a trial must be told with all that its study follows, but "sum" is missing',
        );
      }
      await desk.tell(claim, { loss, measures });
    }
  }
  const { stdout, stderr } = await call("study", "pareto", "two", "--json", ...store);
  expect(stderr).toBe("");
  const { front } = JSON.parse(stdout) as { front: { number: number; objectives: object }[] };
  expect(front.map(({ number }) => number)).toEqual(search.front.map(({ number }) => number));
  expect(Object.keys(front[0]?.objectives ?? {})).toEqual(["loss", "gain"]);
  const shown = JSON.parse((await call("study", "show", "two", "--json", ...store)).stdout) as {
    trials: { values: { x: number; y: number }; measures: object; beyond?: true }[];
  };
  for (const { values, measures } of shown.trials) expect(measures).toMatchObject(measuresOf(values));
  const beyond = shown.trials.filter((trial) => trial.beyond);
  expect(beyond.length).toBeGreaterThan(0);
  expect(beyond).toEqual(shown.trials.filter(({ values: { x, y } }) => x + y > 1.5));
  const kept = shown.trials.filter(({ values: { x, y } }) => x + y <= 1.5).map(({ values: { x } }) => x);
  const { stdout: told } = await call("study", "show", "two", ...store);
  expect(told).toContain(`best ${Math.min(...kept).toPrecision(4)} by trial`);

  const exported = async (format: string) =>
    (await call("study", "export", "two", "--format", format, ...store)).stdout.trimEnd().split("\n");
  const [head = "", first = ""] = await exported("csv");
  expect(head).toBe("number,state,best,epochs,attempt,gain,sum,seconds,gradients,x,y");
  expect(Number(first.split(",")[5])).toBe(search.trials[0] && measuresOf(search.trials[0].values).gain);
  const [created, ...trials] = (await exported("optuna-journal")).map(
    (line) => JSON.parse(line) as Journalled,
  );
  expect(created?.directions).toEqual([1, 2]);
  for (const [i, { values, system_attrs, state }] of trials.entries()) {
    const { loss, gain, sum } = measuresOf(search.trials[i]?.values ?? {});
    expect([state, values, system_attrs?.constraints]).toEqual([1, [loss, gain], [sum - 1.5]]);
  }
});

interface Journalled {
  readonly directions?: readonly number[];
  readonly state?: number;
  readonly values?: readonly number[];
  readonly system_attrs?: { readonly constraints?: readonly number[] };
}

test.each<[Partial<StudySpec>, string | RegExp]>([
  [
    { method: "hyperband" },
    "objectives and bounds must come with a method that follows them, one of grid, random",
  ],
  [
    { method: "tpe" },
    /several objectives must come with .*, one of grid, random, .*nsga-2.*, but got tpe and 2 objectives; take one of these, or bound/,
  ],
  [
    { bounds: { state: { most: 1 } } },
    'but got "state", which every study has for something else; rename it',
  ],
  [{ bounds: { sum: {} } }, "a bound must be { least: number }, { most: number } or both"],
])("a study of %j is refused", async (change, message) => {
  await using storage = await openStorage("study.db");
  const desk = studyDesk(storage, performance, () => undefined);
  await expect(desk.create({ ...spec, ...change })).rejects.toThrow(message);
});

test.each([
  [["--where", "loss"], /--where must be bounds behind commas/],
  [["--where", "parameters<=9"], /got "parameters": no hyperparameter changes the network/],
  [
    ["--trials", "3"],
    /--trials must come with --store, .* leave the other out; without a store --epochs says/,
  ],
  [["--objectives", "loss,accuracy"], /must say whether accuracy is to be large, .* write max:accuracy/],
  [["--objectives", "loss,acuracy"], /got "acuracy"; did you mean "accuracy"\?/],
  [
    ["--objectives", "loss,latency", ...store],
    /got "latency": no hyperparameter changes the network; add one/,
  ],
  [["--objectives", "loss,parameters", ...store], /got "parameters": no hyperparameter changes the network/],
  [
    ["--objectives", "test loss", ...store],
    /got "test loss": a search that followed the test part would spoil it/,
  ],
  [["--objectives", "loss,acuracy", ...store], /got "acuracy"; did you mean "accuracy"\?/],
  [["--objectives", "loss,loss", ...store], /--objectives must be different names behind commas/],
  [["--where", "seconds<9", ...store], /--where must be bounds behind commas/],
  [["--objectives", "loss", "--method", "tpe", ...store], /--objectives must be left out for tpe/],
  [["--where", "loss<=1", "--method", "hyperband", ...store], /--where must be left out for hyperband/],
])("tune %j is refused in a sentence", async (flags, message) => {
  const { code, stderr } = await call("tune", "--data", "wine", "--method", "nsga-2", ...flags);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

test("a search follows what is told beside the metric, once it is said whether that is to be large", async () => {
  const search = [
    "tune",
    "--data",
    "wine",
    "--hidden",
    "4",
    "--method",
    "random",
    "--no-baseline",
    "--quiet",
  ];
  const run = [...search, "--epochs", "4", "--trial-epochs", "2", "--json"];
  const unsaid = await call(...run, "--objectives", "loss,F1");
  expect([unsaid.code, unsaid.stderr]).toEqual([
    2,
    'error: --objectives must say whether F1 is to be large, but got "loss,F1"; write max:F1\n',
  ]);
  const goals = ["--objectives", "loss,max:F1", "--where", "balanced accuracy>=0.01"];
  const { code, stdout, stderr } = await call(...run, ...goals);
  expect(code, stderr).toBe(0);
  const { front } = JSON.parse(stdout) as TuneResult;
  expect(front?.length).toBeGreaterThan(0);
  for (const { objectives } of front ?? []) {
    expect(Object.keys(objectives)).toEqual(["loss", "F1"]);
    expect(objectives["F1"]).toBeGreaterThan(0);
  }
  const beyond = await call(...run, "--where", "RMSE<=1");
  expect(beyond.stderr).toMatch(
    / must name what is measured of every trial, loss, accuracy, balanced accuracy, F1, seconds, .*"RMSE"/,
  );
});
