import { expect, test } from "vitest";

import type { StudySpec } from "../../src/api/protocol.ts";
import { parsed, bodies } from "../../src/cli/serve/schemas.ts";
import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { call, useFolder } from "./command.ts";

useFolder();

const store = ["--store", "study.db"];

/** A program tells the losses of as many trials. */
async function tellTrials(spec: StudySpec, losses: readonly number[]): Promise<void> {
  await using storage = await openStorage("study.db");
  const desk = studyDesk(storage, performance, () => undefined);
  await desk.create(spec);
  for (const loss of losses) {
    const asked = await desk.ask(spec.name, {});
    if (asked.kind !== "trial") throw new Error("a trial was expected");
    await desk.tell(
      { study: spec.name, trial: asked.trial, attempt: asked.attempt },
      { loss, measures: { f1: loss } },
    );
  }
}

const real = (low: number, high: number) => ({ kind: "real", low, high }) as const;
const misleading: StudySpec = {
  name: "s",
  method: "random",
  space: {
    loss: real(10, 11), // losses are from 1 on
    state: { kind: "choice", options: ["on", "off"] },
    "my rate": real(0, 1),
    my_rate: real(2, 3),
    "hyper:loss": real(20, 21),
    f1: real(30, 31),
  },
};

test("a hyperparameter that is called as a column or a measure keeps apart from it in every table", async () => {
  await tellTrials(misleading, [1, 2, 3]);
  const { stdout: csv } = await call("study", "export", "s", "--format", "csv", ...store);
  const [head = "", first = ""] = csv.split("\n");
  expect(head).toBe(
    "number,state,best,epochs,attempt,hyper:loss,hyper:state,my_rate,hyper:my_rate,hyper:hyper:loss,f1",
  );
  expect(first.split(",")[2]).toBe("1");
  expect(Number(first.split(",")[5])).toBeGreaterThan(10);
  const pareto = async (...flags: string[]) =>
    (await call("study", "pareto", "s", "--json", ...store, ...flags)).stdout;
  const { front } = JSON.parse(
    await pareto("--objectives", "loss,hyper:loss", "--where", "hyper:f1>=30,my_rate<=1"),
  ) as {
    front: { objectives: Record<string, number> }[];
  };
  expect(front[0]?.objectives["loss"]).toBe(1);
  expect(front[0]?.objectives["hyper:loss"]).toBeGreaterThan(10);
  expect((await call("study", "show", "s", ...store)).stdout).toMatch(/ hyper:state +my_rate +hyper:my_rate/);
});

test("a name that no study has is told with ten that are there, and how many more", async () => {
  for (let i = 0; i < 12; i++) await tellTrials({ ...misleading, name: `run${i}` }, []);
  const { code, stderr } = await call("study", "show", "zzzzzzzz", ...store);
  expect(code).toBe(2);
  expect(stderr).toMatch(/ it has run0, (run\d+, ){8}run\d+ … and 2 more\n$/);
});

test("a store's only study needs no name, one of several does", async () => {
  const study = (...words: string[]) => call("study", ...words, ...store);
  const none = await study("show");
  expect(none.code).toBe(2);
  await tellTrials(misleading, [3, 1]);
  for (const words of [["show"], ["show", "--json"], ["export"], ["pareto"]]) {
    const [act = "", ...flags] = words;
    const named = await study(act, "s", ...flags);
    expect(named.stdout).not.toBe("");
    expect(await study(act, ...flags)).toEqual(named);
  }
  expect((await study("stop")).stderr).toMatch(/^s is /);
  await tellTrials({ ...misleading, name: "t" }, [2]);
  const several = await study("show");
  expect(several.code).toBe(2);
  expect(several.stderr).toMatch(
    /^error: a study of .*study\.db must be named, but got no name; it has s, t\n$/,
  );
});

test("values are enqueued as --hyper takes numbers: written out, each name once", async () => {
  await tellTrials(misleading, [1]);
  const enqueue = async (...values: string[]) => {
    const { code, stderr } = await call("study", "enqueue", "s", ...values, ...store);
    return `${code} ${stderr}`;
  };
  for (const text of [" ", "0x1", "1_0", "abc", "Infinity", ""]) {
    expect(await enqueue(`my rate=${text}`)).toMatch(
      /^2 error: (a value of "my rate" must be a number|values must be given as)/,
    );
  }
  expect(await enqueue("my rate=0.5", "my rate=0.6")).toBe(
    '2 error: each name must be given once, but got "my rate" twice; leave one out\n',
  );
  expect(await enqueue("my rate=0.5", "hyper:my_rate=2.5", "state=off")).toMatch(/^0 s tries these values/);
  expect(await enqueue("my rate=2.5")).toMatch(/^2 error: /);
});

test("importances of equal losses are refused in a sentence, huge losses are losses like others", async () => {
  const space = { x: real(0, 1), y: real(0, 1) };
  await tellTrials({ name: "equal", space, method: "random" }, Array<number>(12).fill(0.5));
  const equal = await call("study", "importances", "equal", ...store);
  expect(equal.code).toBe(2);
  expect(equal.stderr).toMatch(/nothing tells the best of the 12 trials of "equal" from the rest/);
  const losses = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 1e300 : i % 2 === 0 ? -1e300 : i));
  await tellTrials({ name: "huge", space, method: "random" }, losses);
  const { stdout } = await call("study", "importances", "huge", "--json", ...store);
  const shares = Object.values((JSON.parse(stdout) as { importances: Record<string, number> }).importances);
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
});

test("ranges of no width, and measures called as what every study has, are refused by what is to be done", async () => {
  await expect(tellTrials({ name: "e", space: { x: real(1, 1) } }, [])).rejects.toThrow(
    'low < high must hold for "x", but got low=1, high=1; widen the range, or leave it out',
  );
  await expect(tellTrials({ name: "e", space: { x: real(2, 1) } }, [])).rejects.toThrow("swap them");
  expect(() => parsed(bodies.tell, { attempt: 1, loss: 1, measures: { seconds: 3 } })).toThrow(
    /^measures: no measure may be called trial, .*seconds/,
  );
  expect(parsed(bodies.tell, { attempt: 1, loss: 1, measures: { latency: 3 } })).toBeDefined();
});

test("a study says what its losses are in wherever they are told", async () => {
  const quick = ["--method", "random", "--trials", "1", "--trial-epochs", "1", "--no-baseline", "--quiet"];
  await call("tune", "--data", "diabetes", "--hidden", "4", "--store", "s.db", ...quick);
  const unit = /^ {2}Losses are mean squared errors of the standardised target, of which 1 is .*\.$/m;
  for (const words of [["show"], ["list"], ["pareto"]]) {
    expect((await call("study", ...words, "--store", "s.db")).stdout).toMatch(unit);
  }
  const { stdout } = await call("study", "show", "--store", "s.db", "--json");
  expect((JSON.parse(stdout) as { readonly lossUnit: string }).lossUnit).toMatch(/^Losses are mean squared/);
});
