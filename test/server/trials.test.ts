import { connect } from "hypertrain/client";
import { expect, test } from "vitest";

import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import { reachedBy } from "../../src/cli/study/measured-trials.ts";
import { enqueueValues, stopStudy } from "../../src/cli/study/study-acts.ts";
import { asked, beginAnew, call, clock, desk, server, storage, x } from "./served-store.ts";

test("a trial of a scheduler goes on from its checkpoint and its budget", async () => {
  const study = await connect(server.url).study({
    name: "halves",
    space: { x },
    method: "successive-halving",
    budget: 9,
    trials: 9,
  });
  const kept = new Map<number, number>();
  await study.optimize(async (trial) => {
    const before = await trial.checkpoint();
    expect(before?.[0]).toBe(kept.get(trial.number));
    expect(trial.from).toBe(kept.get(trial.number) ?? 0);
    let loss = NaN;
    for (let epoch = trial.from + 1; ; epoch++) {
      loss = Math.abs(Number(trial.values["x"])) + 1 / epoch;
      if (!(await trial.report(loss, epoch))) break;
    }
    await trial.keep(new Uint8Array([trial.to]));
    kept.set(trial.number, trial.to);
    return loss;
  });
  const { trials } = await study.show();
  expect(trials.filter(({ state }) => state === "complete")).toHaveLength(1);
  const least = Math.min(...trials.map(({ values }) => Math.abs(Number(values["x"]))));
  expect(Math.abs(Number((await study.best())?.values["x"]))).toBe(least);
});

test("a program that is silent for longer than its lease loses its trial, and what it says then changes nothing", async () => {
  await call("POST", "", { name: "silent", space: { x }, method: "random", trials: 1 });
  const first = await asked("silent", { lease: 5 });
  const at = `/silent/trials/${first.trial}`;
  expect((await call("POST", "/silent/ask", {})).body).toEqual({ kind: "wait" });
  await desk.watch();
  clock.time += 4000;
  expect((await call("PUT", `${at}/heartbeat`, { attempt: 1 })).status).toBe(200);
  await desk.watch();
  clock.time += 4000;
  await desk.watch(); // it was heard 4 seconds ago
  expect((await call("PUT", `${at}/heartbeat`, { attempt: 1 })).status).toBe(200);
  await desk.watch();
  clock.time += 5001;
  const second = await asked("silent");
  expect(second).toMatchObject({ trial: first.trial, attempt: 2, values: first.values });
  for (const [method, path, body] of [
    ["PUT", "heartbeat", {}],
    ["POST", "points", { budget: 1, loss: 0 }],
    ["POST", "tell", { loss: 0 }],
    ["POST", "tell", { failed: "late" }],
  ] as const) {
    const late = await call(method, `${at}/${path}`, { attempt: 1, ...body });
    expect(late).toEqual({
      status: 409,
      body: { error: expect.stringContaining("went on elsewhere") as string },
    });
  }
  expect((await call("POST", `${at}/tell`, { attempt: 2, loss: 3 })).status).toBe(200);
  expect((await call("POST", `${at}/tell`, { attempt: 2, loss: 3 })).status).toBe(200); // as if the answer had been lost
  for (const other of [{ loss: 4 }, { failed: "no" }, { handBack: true }]) {
    expect((await call("POST", `${at}/tell`, { attempt: 2, ...other })).status).toBe(409);
  }
  expect(await desk.show("silent")).toMatchObject({ trials: [{ best: 3, state: "complete", attempt: 2 }] });
});

test("what a program says of a trial of a deleted study is not taken for that of another study of the name", async () => {
  const spec = { name: "begun anew", space: { x }, method: "random", trials: 1, budget: 2 };
  await call("POST", "", spec);
  const { room, attempt } = await asked(spec.name);
  const isUnharmed = await beginAnew(spec);
  const at = `/${encodeURIComponent(spec.name)}/trials/0`;
  const held = { attempt, room };
  for (const [method, path, body] of [
    ["PUT", "heartbeat", held],
    ["POST", "points", { ...held, budget: 1, loss: 0 }],
    ["POST", "tell", { ...held, loss: 0 }],
    ["POST", "tell", { ...held, handBack: true }],
    ["GET", `checkpoint?room=${room}`],
  ] as const) {
    const sentence = `the study "${spec.name}" must be the one that gave trial 0, but that was deleted, and another begun; ask that one for a trial`;
    expect(await call(method, `${at}/${path}`, body)).toEqual({ status: 409, body: { error: sentence } });
  }
  const bytes = { method: "PUT", body: "late", headers: { "Content-Type": "application/octet-stream" } };
  const url = `${server.url}/v1/studies${at}/checkpoint?attempt=1`;
  expect((await fetch(`${url}&room=${room}`, bytes)).status).toBe(409);
  await isUnharmed();
  expect((await fetch(url, bytes)).status).toBe(200); // by hand, of whichever study has the name
  expect((await call("POST", `${at}/tell`, { attempt, loss: 1 })).status).toBe(200);
});

test("and so it is by the client", async () => {
  const spec = { name: "begun anew-js", space: { x }, method: "random", trials: 1, budget: 2 };
  const study = await connect(server.url).study({ ...spec, space: { x } });
  const trial = await study.ask();
  const isUnharmed = await beginAnew(spec);
  for (const late of [
    () => trial?.report(1, 1),
    () => trial?.keep(new Uint8Array([1])),
    () => trial?.tell(1),
    () => trial?.fail("late"),
  ])
    await expect(late()).rejects.toMatchObject({ status: 409 });
  await isUnharmed();
});

test("a question that is asked several times at once has one answer", async () => {
  await desk.create({ name: "at once", space: { x }, method: "random", trials: 9 });
  const questions = ["a", "b", "a", "a"].map((request) => desk.ask("at once", { request }));
  const numbers = (await Promise.all(questions)).map((answer) => answer.kind === "trial" && answer.trial);
  expect(numbers).toEqual([0, 1, 0, 0]);
  expect(await storage.trials("at once")).toHaveLength(2);
  expect(await desk.ask("at once", { request: "a" })).toMatchObject({ trial: 0 });
  const nowhere = ["a", "a"].map((request) => desk.ask("nowhere", { request }));
  expect((await Promise.allSettled(nowhere)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("a trial of a study begun anew is not taken for the silent one of the study before", async () => {
  const elsewhere = studyDesk(storage, clock, () => {});
  const spec = { name: "silent too", space: { x }, method: "random", trials: 1 };
  const begin = async () => {
    await elsewhere.create(spec);
    return elsewhere.ask(spec.name, { lease: 5 });
  };
  await begin();
  await desk.watch();
  clock.time += 5001;
  await storage.remove(spec.name);
  expect(await begin()).toMatchObject({ trial: 0, attempt: 1 });
  await desk.watch();
  clock.time += 4999;
  await desk.watch();
  expect(await storage.held(spec.name)).toMatchObject([{ trial: 0, attempt: 1 }]);
});

test("a study that was stopped goes on for a program that creates it again", async () => {
  const spec = { name: "stopped", space: { x }, method: "random", trials: 3 };
  const study = await connect(server.url).study(spec);
  expect(await stopStudy(storage, "stopped")).toMatch(/creating it again goes on with it$/);
  expect(await study.ask()).toBeUndefined();
  expect(await enqueueValues(storage, "stopped", ["x=1"])).toMatch(/when it is created again/);
  await desk.create({ ...spec, trials: 2 }); // fewer than there were to be
  expect(await desk.show("stopped")).toMatchObject({ state: "open" });
  await study.optimize(({ values }) => Number(values.x) ** 2);
  expect((await study.show()).trials).toHaveLength(3);
});

test("a study is done as soon as its last trial is told, lost or failed as it may be, and not before", async () => {
  for (const method of ["random", "successive-halving"]) {
    const study = `ends ${method}`;
    await desk.create({ name: study, space: { x }, method, trials: 3, budget: 3 });
    const states: unknown[] = [];
    for (let i = 0; (await storage.find(study))?.state === "open"; i++) {
      const { trial, attempt } = await asked(encodeURIComponent(study));
      const end = i === 1 ? { failed: "a bad day" } : { loss: 3 - trial };
      expect(
        (await call("POST", `/${encodeURIComponent(study)}/trials/${trial}/tell`, { attempt, ...end }))
          .status,
      ).toBe(200);
      states.push((await desk.show(study)).trials.map(({ state }) => state));
    }
    expect(states.at(-1)).toEqual(
      method === "random" ? ["complete", "failed", "complete"] : ["paused", "failed", "complete"],
    );
  }
});

test("a trial that is told again must be told the same, measures as well", async () => {
  await desk.create({ name: "again", space: { x }, method: "random", trials: 3 });
  const tell = async (measures: object) => {
    const told = { attempt: 1, loss: 2, measures };
    return (await call("POST", "/again/trials/0/tell", told)).status;
  };
  await asked("again");
  expect(await tell({ size: 1, weight: 2 })).toBe(200);
  expect(await tell({ weight: 2, size: 1 })).toBe(200);
  expect(await tell({ size: 7, weight: 2 })).toBe(409);
  expect(await tell({})).toBe(409);
});

test("a trial that is told the same several times at once is told once", async () => {
  await call("POST", "", { name: "told at once", space: { x }, method: "random", trials: 3 });
  for (const end of [{ loss: 1 }, { failed: "it broke" }, { handBack: true }]) {
    const { trial, attempt } = await asked("told at once");
    const tell = () => desk.tell({ study: "told at once", trial, attempt }, end);
    await Promise.all([tell(), tell(), tell()]);
  }
  const trials = await storage.trials("told at once");
  expect(trials.map(({ state, curve }) => [state, curve.length])).toEqual([
    ["complete", 1],
    ["failed", 0],
    ["waiting", 0],
  ]);
});

test("what is told without a loss is kept beside the one that was reported, and without any is refused", async () => {
  const study = await connect(server.url).study({
    name: "measured at the end",
    ...{ space: { x }, method: "nsga-2", trials: 3, budget: 2 },
    objectives: { loss: "minimize", size: "minimize" },
  });
  const losses = [0.3, 0.5]; // the lowest is not the last
  await study.optimize(async (trial) => {
    if (trial.number === 2) return { size: 3 };
    for (const [i, loss] of losses.entries()) await trial.report(loss, i + 1, { gain: i });
    return { ...(trial.number === 1 && { loss: 0.4 }), size: 3 };
  });
  const { trials } = await study.show();
  expect(trials[0]).toMatchObject({
    state: "complete",
    best: 0.3,
    measures: { loss: 0.3, size: 3, gain: 0 },
  });
  expect(trials[1]).toMatchObject({
    state: "complete",
    best: 0.3,
    measures: { loss: 0.3, size: 3, gain: 0 },
  });
  expect(trials[2]).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("told with a loss") as string,
  });
  const points = await storage.points("measured at the end", { from: 0, to: 1 });
  expect(points.map(({ budget, point }) => [budget, point.valid])).toEqual([
    [1, { loss: 0.3, measures: { gain: 0 } }],
    [2, { loss: 0.5, measures: { gain: 1, size: 3 } }],
  ]);
  expect(reachedBy(points)).toMatchObject({ loss: 0.3, gain: 0, size: 3 });
  const tell = async (measures?: object) =>
    (await call("POST", "/measured%20at%20the%20end/trials/0/tell", { attempt: 1, measures })).status;
  expect(await tell({ size: 3 })).toBe(200); // as if the answer had been lost
  expect(await tell()).toBe(200);
  expect(await tell({ size: 4 })).toBe(409);
  expect(await tell({ weight: 3 })).toBe(409);
});

test("another server on the same store knows what was reported, and a trial whose program reports out of order fails", async () => {
  const study = await connect(server.url).study({ name: "two servers", space: { x }, trials: 1, budget: 3 });
  const other = studyDesk(storage, clock, () => {});
  await study.optimize(async (trial) => {
    const claim = { study: "two servers", trial: trial.number, attempt: trial.attempt };
    await trial.report(0.2, 2);
    await expect(other.report(claim, { budget: 1, loss: 9 })).rejects.toThrow(
      "in the order of their budgets",
    );
    await trial.report(9, 1);
    return 0;
  });
  expect((await study.show()).trials).toMatchObject([
    {
      state: "failed",
      best: 0.2,
      reason: expect.stringContaining("in the order of their budgets") as string,
    },
  ]);
});
