import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { connect, ServerError } from "hypertrain/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { z } from "zod";

import type { Asked } from "../../src/api/protocol.ts";
import { listen, type Server } from "../../src/cli/http/server.ts";
import { openApiOf, studyRoutes, type DescribedRoute } from "../../src/cli/serve/routes.ts";
import { studyDesk, type StudyDesk } from "../../src/cli/serve/study-desk.ts";
import { reachedBy } from "../../src/cli/study/measured-trials.ts";
import { enqueueValues, stopStudy } from "../../src/cli/study/study-acts.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";

const folder = mkdtempSync(join(tmpdir(), "hypertrain-serve-"));
const clock = { time: 0, now: () => clock.time };
let storage: Storage;
let desk: StudyDesk;
let routes: readonly DescribedRoute[];
let server: Server;

beforeAll(async () => {
  storage = await openStorage(join(folder, "study.db"));
  desk = studyDesk(storage, clock, () => {});
  routes = studyRoutes(desk, storage);
  server = await listen(routes, { port: 0 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const x = { kind: "real", low: -5, high: 5 } as const;

/** Entries one of which JSON calls `__proto__`. */
const withProto = (entry: unknown): unknown =>
  JSON.parse(`{"x":${JSON.stringify(entry)},"__proto__":${JSON.stringify(entry)}}`);

/** Asks the server as any program would. */
async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/v1/studies${path}`, {
    method,
    ...(body !== undefined && {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const asked = async (study: string, options = {}): Promise<Extract<Asked, { kind: "trial" }>> => {
  const { body } = await call("POST", `/${study}/ask`, options);
  expect(body).toMatchObject({ kind: "trial" });
  return body as unknown as Extract<Asked, { kind: "trial" }>;
};

test("programs that ask and tell through the client find a minimum, each trial once", async () => {
  const study = await connect(server.url).study({
    name: "a bowl/1",
    space: { x },
    method: "tpe",
    trials: 40,
  });
  const seen: number[] = [];
  const objective = ({
    number,
    values,
  }: {
    readonly number: number;
    readonly values: { readonly x?: unknown };
  }) => {
    seen.push(number);
    if (number === 6) return { loss: Infinity, size: 3, gain: 0.5 };
    if (number === 7) throw new Error("no such luck");
    if (number === 9) return undefined as unknown as number; // JavaScript lets it
    const odd = [null, "1", 1n, [1], { loss: 1, size: "2" }];
    if (number >= 10 && number < 15) return odd[number - 10] as unknown as number;
    return number === 8 ? NaN : (Number(values.x) - 1) ** 2;
  };
  await study.optimize(objective, { parallel: 3 });
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect((await study.best())?.best).toBeLessThan(0.1);
  const { state, trials } = await study.show();
  expect(state).toBe("done");
  expect(trials[6]).toMatchObject({ state: "failed", reason: "its loss was Infinity, size 3, gain 0.5" });
  expect(trials[7]).toMatchObject({ state: "failed", reason: "Error: no such luck" });
  expect(trials[8]).toMatchObject({ state: "failed", reason: "its loss was NaN" });
  expect(trials[9]).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("told with a loss") as string,
  });
  for (const [i, text] of ["null", '"1"', "1n", "[1]", '{"loss":1,"size":"2"}'].entries()) {
    const reason = `an objective must return a number, or an object of a loss and other numbers, but returned ${text}; convert it`;
    expect(trials[10 + i]).toMatchObject({ state: "failed", reason });
  }
  expect(await study.ask()).toBeUndefined();
});

test("whatever an objective throws fails its trial alone", async () => {
  const study = await connect(server.url).study({
    name: "throws",
    ...{ space: { x }, method: "random", trials: 4 },
  });
  const sulky = {
    toString() {
      throw new Error("no text");
    },
  };
  const thrown: readonly unknown[] = [Object.create(null), sulky, Symbol("odd")];
  await study.optimize(({ number }) => {
    if (number === 3) return 1;
    throw thrown[number];
  });
  const { trials } = await study.show();
  expect(trials.map(({ state, reason }) => [state, reason])).toEqual([
    ["failed", "the objective threw {}, which has no text"],
    ["failed", "the objective threw {}, which has no text"],
    ["failed", "Symbol(odd)"],
    ["complete", undefined],
  ]);
});

test("a failure that comes too late, its trial being elsewhere, ends nothing", async () => {
  const study = await connect(server.url).study({
    name: "too late",
    ...{ space: { x }, method: "random", trials: 2 },
  });
  await study.optimize(async ({ number, attempt }) => {
    if (number === 1) return 1;
    await call("POST", "/too%20late/trials/0/tell", { attempt, loss: 2 });
    throw new Error("late");
  });
  expect((await study.show()).trials).toMatchObject([{ best: 2 }, { best: 1 }]);
});

test("a search all of whose trials failed ends with the first reason", async () => {
  const spec = { name: "all fail", space: { x }, method: "random", trials: 2 };
  const study = await connect(server.url).study(spec);
  const objective = ({ number }: { readonly number: number }) => {
    throw new Error(`bad day ${number}`);
  };
  const sentence =
    'a study must have a trial that came to a loss, but all 2 of "all fail" failed, the first because: Error: bad day 0; mend the objective';
  await expect(study.optimize(objective)).rejects.toThrow(sentence);
  await (await connect(server.url).study({ ...spec, trials: 3 })).optimize(() => 1);
});

test("parallel is an integer of at least 1, and no more workers start than there are trials", async () => {
  const spec = { name: "parallel", space: { x }, method: "random", trials: 5 };
  let questions = 0;
  let [now, most] = [0, 0];
  const counting: typeof fetch = (input, init) => {
    if ((input as string).endsWith("/ask")) questions++;
    return fetch(input, init);
  };
  const study = await connect(server.url, { fetch: counting }).study(spec);
  for (const parallel of [0, -1, NaN, 1.5, Infinity, "2" as never]) {
    await expect(study.optimize(() => 1, { parallel })).rejects.toThrow(
      /^parallel must be an integer of at least 1, but got /,
    );
  }
  expect(questions).toBe(0);
  const objective = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return now--;
  };
  await study.optimize(objective, { parallel: 1e9 });
  expect(most).toBe(5);
  expect((await study.show()).trials).toHaveLength(5);
});

test("a URL that no server can have is refused at once", () => {
  for (const url of [
    "",
    "nope",
    "ftp://x",
    "http://",
    "http://x:99999",
    "127.0.0.1:7718",
    undefined as never,
  ]) {
    expect(() => connect(url)).toThrow(/^the server's URL must be as http:.*, but got .*; give the one/);
  }
});

test("a program that is to end hands back what it tries, however long that would take", async () => {
  const study = await connect(server.url).study({ name: "ends", space: { x }, method: "random", trials: 9 });
  const controller = new AbortController();
  const never = new Promise<number>(() => {});
  const objective = ({ number }: { readonly number: number }) => {
    if (number === 2) controller.abort();
    return number === 0 ? 1 : never;
  };
  await study.optimize(objective, { parallel: 2, signal: controller.signal });
  const { trials } = await study.show();
  expect(trials.map(({ state }) => state)).toEqual(["complete", "waiting", "waiting"]);
  await study.optimize(objective, { signal: controller.signal });
  expect((await study.show()).trials).toHaveLength(3);
});

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

/** Removes a study under a program's hands, and lets another of its name give the same trial. */
async function beginAnew(spec: { readonly name: string }) {
  await storage.remove(spec.name);
  await call("POST", "", spec);
  const second = await asked(spec.name);
  expect(second).toMatchObject({ trial: 0, attempt: 1 });
  await desk.keep({ study: spec.name, ...second }, new TextEncoder().encode("of the second"));
  return async () => {
    expect(await storage.trials(spec.name)).toMatchObject([{ state: "running", attempt: 1, curve: [] }]);
    expect(new TextDecoder().decode(await desk.checkpoint({ study: spec.name, trial: 0 }))).toBe(
      "of the second",
    );
  };
}

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

test("the best trial keeps the bounds, whatever beyond them is lower; what else was measured is given beside the loss", async () => {
  const study = await connect(server.url).study({
    name: "bounded",
    ...{ space: { x: { kind: "real", low: 0, high: 1 } }, method: "random", trials: 12, seed: 1 },
    bounds: { size: { least: 0.5 } },
  });
  await study.optimize(({ values }) => ({ loss: Number(values.x), size: Number(values.x) }));
  const { trials } = await study.show();
  const tried = trials.map(({ values }) => Number(values.x));
  expect(trials.map(({ beyond }) => beyond === true)).toEqual(tried.map((x) => x < 0.5));
  const best = Math.min(...tried.filter((x) => x >= 0.5));
  expect(Math.min(...tried)).toBeLessThan(best);
  expect((await study.best())?.best).toBe(best);
  expect((await desk.list()).find(({ name }) => name === "bounded")?.best).toBe(best);
  expect(() => connect(server.url, "secret" as never)).toThrow("connect(url, { token })");
});

test("the front has what no other trial within the bounds beats in all objectives, ordered by the first", async () => {
  const study = await connect(server.url).study({
    name: "two aims",
    ...{ space: { x: { kind: "real", low: 0, high: 1 } }, method: "nsga-2", trials: 24, seed: 3 },
    objectives: { loss: "minimize", gain: "maximize" },
    bounds: { x: { most: 0.8 } },
  });
  const aims = (x: number) => ({ loss: Math.abs(x - 0.3), gain: x, x });
  await study.optimize(({ values }) => aims(Number(values.x)));
  const { trials } = await study.show();
  const kept = trials
    .map(({ number, values }) => ({ number, ...aims(Number(values.x)) }))
    .filter(({ x }) => x <= 0.8);
  const wanted = kept.filter(
    (one) =>
      !kept.some((other) => other.loss <= one.loss && other.gain >= one.gain && other.number !== one.number),
  );
  expect(wanted.length).toBeGreaterThan(2);
  expect(wanted.length).toBeLessThan(kept.length);
  const front = (await study.front()).map(({ number }) => number);
  expect(front).toEqual(wanted.sort((a, b) => a.loss - b.loss).map(({ number }) => number));
  expect((await study.best())?.number).toBe(front[0]);
});

test("what cannot be is refused with a sentence and the right status", async () => {
  const spec = { name: "refused", space: { x }, trials: 2 };
  expect((await call("POST", "", spec)).body).toMatchObject({ name: "refused", created: true });
  expect((await call("POST", "", { ...spec, trials: 3 })).body).toMatchObject({
    name: "refused",
    created: false,
  });
  await storage.create("tuned", { config: {}, trials: 1, space: {}, origin: {} });
  const { trial, attempt } = await asked("refused");
  await call("POST", `/refused/trials/${trial}/points`, { attempt, budget: 0.5, loss: 1 });
  await call("POST", "", { ...spec, name: "full", trials: 1 });
  await asked("full");
  await call("POST", "", { ...spec, name: "over", trials: 1 });
  await call("POST", "/over/trials/0/tell", { attempt: (await asked("over")).attempt, loss: 1 });
  const cases = [
    ["", { ...spec, seed: 5 }, 409, /another space, method, budget or seed/],
    ["", { ...spec, name: "b", method: "tpee" }, 400, /did you mean "tpe"/],
    ["", { ...spec, name: "b", space: {} }, 400, /space must have a hyperparameter/],
    ["", { ...spec, name: "b", space: { x: { ...x, low: 9 } } }, 400, /low < high/],
    ["", { ...spec, name: "b", space: { x: { kind: "real", low: 0, high: 1, log: true } } }, 400, /low > 0/],
    [
      "",
      { ...spec, name: "b", space: { x: { kind: "reel" } } },
      400,
      /^space\.x\.kind must be one of real, integer, choice, but got "reel"; see/,
    ],
    [
      "",
      { ...spec, name: "b", space: { x: { kind: "choice", options: [] } } },
      400,
      /^space\.x\.options must not be empty, but got \[\]; see/,
    ],
    [
      "",
      { ...spec, name: "b", space: { x: { kind: "choice", options: [null] } } },
      400,
      /^space\.x\.options\.0 must be text or a number or true or false, but got null; see/,
    ],
    ["", { ...spec, trials: 0 }, 400, /^trials must be at least 1, but got 0; see/],
    ["", { ...spec, trials: 1.5 }, 400, /^trials must be a whole number, but got 1\.5; see/],
    ["", { name: "b" }, 400, /^space must be an object with an entry for each name, but got nothing; see/],
    ["", { ...spec, name: "x".repeat(201) }, 400, /^name must have at most 200 characters, but got "xxx/],
    ["", { ...spec, name: "b", space: { "": x } }, 400, /^space\. must have a name of 1 to 200/],
    ["", [], 400, /^the body must be an object, but got \[\]; see/],
    [
      "",
      { ...spec, objectives: { loss: "best" } },
      400,
      /^objectives\.loss must be one of minimize, maximize, but got "best"/,
    ],
    ["", { ...spec, nmae: 1 }, 400, /^every field of the body must be a known one, but got "nmae"; see/],
    [
      "",
      { ...spec, name: "b", space: withProto(x) },
      400,
      /^space: "__proto__" is a name that every object has/,
    ],
    ["/refused/enqueue", { values: withProto(1) }, 400, /^values: "__proto__" is a name/],
    [
      "",
      { ...spec, name: "b", method: "nsga-2", objectives: { loss: "maximize" } },
      400,
      /loss must be minimized/,
    ],
    [
      "",
      { ...spec, name: "b", method: "nsga-2", bounds: { q: { least: 2, most: 1 } } },
      400,
      /got "?q >= 2 and <= 1/,
    ],
    ["", { ...spec, name: "b", bounds: withProto({ most: 1 }) }, 400, /^bounds: "__proto__" is a name/],
    ["/nowhere/ask", {}, 404, /no study "nowhere"/],
    ["/tuned/ask", {}, 409, /trained by hypertrain itself/],
    ["/refused/ask", { lease: 0 }, 400, /^lease must be at least 1, but got 0; see/],
    ["/refused/enqueue", { values: { y: 1 } }, 400, /"y"/],
    ["/refused/enqueue", { values: { x: 50 } }, 400, /"x"/],
    [`/refused/trials/${trial}/points`, { attempt, budget: 2, loss: 1 }, 400, /budget must be at most 1/],
    [
      "",
      { ...spec, name: "b", method: "hyperband", budget: 1e300 },
      400,
      /^budget must be at most 1000000000, but got 1e\+300; see/,
    ],
    ["", { ...spec, name: ".." }, 400, /can be seen/],
    ["", { ...spec, name: " " }, 400, /can be seen/],
    ["", { ...spec, name: "a\nb" }, 400, /can be seen/],
    ["/refused/trials/0x0/tell", { attempt, loss: 1 }, 404, /named by its number/],
    ["/refused/trials/0/tell", { attempt, loss: 1, failed: "no" }, 400, /only one/],
    [
      "/refused/trials/0/tell",
      { attempt, failed: "no", measures: { size: 1 } },
      400,
      /^the body: measures must be told/,
    ],
    ["/refused/trials/0/tell", { attempt, handBack: true, measures: {} }, 400, /not with failed or handBack/],
    ["/refused/trials/0/points", { attempt, budget: 0.5, loss: 2 }, 400, /order of their budgets/],
    ["/refused/trials/0/points", { attempt, budget: 0.25, loss: 1 }, 400, /order of their budgets/],
    ["/full/enqueue", { values: { x: 1 } }, 409, /made 1 of its 1, and 0 are waited for.*`hypertrain serve`/],
    ["/over/enqueue", { values: { x: 1 } }, 409, /"over" is done with its 1; create it with more/],
    [`/refused/trials/${trial}/tell`, { attempt }, 400, /told with a loss/],
    ["/refused/trials/99/tell", { attempt: 1, loss: 1 }, 404, /no trial 99/],
  ] as const;
  for (const [path, body, status, sentence] of cases) {
    const answer = await call("POST", path, body);
    expect(answer).toEqual({ status, body: { error: expect.stringMatching(sentence) as string } });
  }
  for (const query of ["?attempt=abc", "?attempt=-1", ""]) {
    expect(await call("PUT", `/refused/trials/${trial}/checkpoint${query}`, {})).toEqual({
      ...{
        status: 400,
        body: { error: expect.stringMatching(/^attempt must be that of the answer/) as string },
      },
    });
  }
  expect((await call("GET", "/nowhere/events")).status).toBe(404);
  expect((await fetch(`${server.url}//`)).status).toBe(404);
  const form = await fetch(`${server.url}/v1/studies`, { method: "POST", body: "{}" });
  expect(form.status).toBe(415);
  const broken = { method: "POST", headers: { "Content-Type": "application/json" } };
  expect((await fetch(`${server.url}/v1/studies`, { ...broken, body: "{" })).status).toBe(400);
  await expect(connect(server.url).study({ ...spec, seed: 5 })).rejects.toBeInstanceOf(ServerError);
});

test("the OpenAPI document has every route, and answers are as it says", async () => {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { readonly paths: object };
  expect(document).toEqual(JSON.parse(JSON.stringify(openApiOf(routes))));
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(
    routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`).sort(),
  );
  const name = "documented";
  await call("POST", "", { name, space: { x, act: { kind: "choice", options: ["a", 1, true] } }, trials: 3 });
  const answers: readonly (readonly [method: string, path: string, body?: object])[] = [
    ["POST", "", { name, space: { x, act: { kind: "choice", options: ["a", 1, true] } }, trials: 3 }],
    ["POST", `/${name}/enqueue`, { values: { x: 2 } }],
    ["POST", `/${name}/ask`, {}],
    ["PUT", `/${name}/trials/0/heartbeat`, { attempt: 1 }],
    ["POST", `/${name}/trials/0/points`, { attempt: 1, budget: 0.5, loss: 2 }],
    ["POST", `/${name}/trials/0/tell`, { attempt: 1, loss: 2 }],
    ["GET", `/${name}`],
    ["GET", ""],
    ["POST", `/${name}/stop`, {}],
  ];
  for (const [method, path, body] of answers) {
    const { reply } = routes.find(
      (route) =>
        route.method === method &&
        route.path === `/v1/studies${path.replace(`/${name}`, "/:study").replace("/0/", "/:trial/")}`,
    ) as { readonly reply: z.ZodType };
    const answer = await call(method, path, body);
    expect(answer.status).toBe(200);
    expect(reply.safeParse(answer.body).error).toBeUndefined();
  }
  expect(await desk.show(name)).toMatchObject({ trials: [{ values: { x: 2 } }] });
});

test("bytes are given by their digest, whichever study keeps them, and not twice to whoever has them", async () => {
  const kept = new TextEncoder().encode("half-way");
  const sha = createHash("sha256").update(kept).digest("hex");
  const study = await connect(server.url).study({ name: "by digest", space: { x }, trials: 2 });
  const trial = await study.ask();
  const at = (digest: string, headers = {}) => fetch(`${server.url}/v1/artifacts/${digest}`, { headers });
  expect(await (await at(sha)).json()).toEqual({
    error: `no study keeps bytes of the digest ${sha}, or not any more; take one that a study shows`,
  });
  expect((await at(sha)).status).toBe(404);
  await trial?.keep(kept);
  expect((await study.show()).trials[0]?.checkpoint).toBe(sha);
  const found = await at(sha);
  expect([found.status, await found.text()]).toEqual([200, "half-way"]);
  expect(Object.fromEntries(found.headers)).toMatchObject({
    ...{ "content-type": "application/octet-stream", "content-length": "8", etag: `"${sha}"` },
  });
  const again = await at(sha, { "If-None-Match": `W/"other", "${sha}"` });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await at(sha, { "If-None-Match": '"other"' })).status).toBe(200);
  for (const odd of [sha.slice(1), sha.toUpperCase(), "..%2fstudy.db"]) {
    const refused = await at(odd);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      {
        error: expect.stringMatching(
          /^bytes must be named by their SHA-256 in 64 .*, but got ".*"; take/,
        ) as string,
      },
    ]);
  }
  await using closed = await listen(routes, { port: 0, token: "secret" });
  const url = `${closed.url}/v1/artifacts/${sha}`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: { Authorization: "Bearer secret" } })).status).toBe(200);
});

test("a server makes no more events than who listens takes", async () => {
  let made = 0;
  async function* events() {
    for (; made < 2000; made++) {
      yield "x".repeat(1e5);
      await Promise.resolve();
    }
  }
  const answer = () => ({ kind: "events", value: events() }) as const;
  await using busy = await listen([{ method: "GET", path: "/events", answer }], { port: 0 });
  const { body } = await fetch(`${busy.url}/events`);
  for (let before = -1; before !== made; await new Promise((resolve) => setTimeout(resolve, 300)))
    before = made;
  expect(made).toBeGreaterThan(0);
  expect(made).toBeLessThan(1500); // what the buffers of both sides hold
  const before = made;
  const reader = body?.getReader();
  while (made === before) await reader?.read(); // and goes on as soon as it is taken
  await reader?.cancel();
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

test("a token that is wrong, or can be in no header, is named in a sentence", async () => {
  await expect(listen(routes, { port: 0, token: "жук" })).rejects.toThrow(
    /^HYPERTRAIN_TOKEN must be of Latin/,
  );
  await using closed = await listen(routes, { port: 0, token: "secret" });
  const study = (token?: string) =>
    connect(closed.url, token === undefined ? {} : { token }).study({ name: "token", space: { x } });
  await expect(study("other")).rejects.toThrow(/^the token must be the one .* but another was given/);
  await expect(study()).rejects.toThrow(/^the token must be the one .* but none was given/);
  expect(() => connect(closed.url, { token: "жук" })).toThrow(/^the token must be of Latin letters/);
  await study("secret");
});

const python = ["/usr/bin/python3", "python3"].find((path) => spawnSync(path, ["--version"]).status === 0);

/** Runs a program of the Python client. @param amid what is done when it first says something, and then it reads a line @returns what it says */
function runPython(program: string, url: string, amid?: () => Promise<unknown>): Promise<string> {
  const script = join(folder, "search.py");
  const client = fileURLToPath(new URL("../../python", import.meta.url));
  writeFileSync(
    script,
    `import sys\nsys.path.insert(0, ${JSON.stringify(client)})\nfrom hypertrain_client import ServerError, connect\n${program}`,
  );
  return runProgram(python as string, [script, url], amid);
}

/** Runs a program of the client, as Node itself does. @returns what it says */
function runNode(program: string, url: string): Promise<string> {
  const script = join(folder, "search.ts");
  const client = new URL("../../src/client/index.ts", import.meta.url).href;
  writeFileSync(script, `import { connect } from ${JSON.stringify(client)};\n${program}`);
  return runProgram(process.execPath, [script, url]);
}

/** Runs a program for half a minute at most. @returns what it says, and what ended it, if it did not end by itself */
async function runProgram(
  program: string,
  args: readonly string[],
  amid = (): Promise<unknown> => Promise.resolve(),
): Promise<string> {
  const child = spawn(program, args, { timeout: 30_000 });
  let said = "";
  child.stdout.once("data", () => void amid().then(() => child.stdin.end("\n")));
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += String(chunk)));
  const signal = await new Promise((resolve) => child.on("close", (_, name) => resolve(name)));
  return signal === null ? said : `${said}${String(signal)}`;
}

test.skipIf(python === undefined)(
  "the Python client asks, reports, tells and fails as the other does",
  async () => {
    const said = await runPython(
      `
for token in ["\u0436\u0443\u043a", "a b", ""]:
    try:
        connect(sys.argv[1], token)
        assert False, token
    except ServerError as error:
        assert error.status == 401 and "Latin letters" in str(error)
for url in ["", "nope", "ftp://x", "http://", "http://x:99999", "127.0.0.1:7718", None]:
    try:
        connect(url)
        assert False, url
    except ServerError as error:
        assert error.status == 0 and str(error).startswith("the server's URL must be as http:"), error

class Sulky(Exception):
    def __str__(self):
        raise ValueError("no text")

def sulks(trial):
    raise Sulky()

real = {"x": {"kind": "real", "low": -5, "high": 5}}
try:
    connect(sys.argv[1]).study("all fail in Python", real, method="random", trials=2).optimize(sulks)
    assert False
except RuntimeError as error:
    assert "all 2 of \\"all fail in Python\\" failed, the first because: Sulky: it has no text; mend" in str(error), error

late = connect(sys.argv[1]).study("late in Python", real, method="random", trials=1)
def tells_and_raises(trial):
    trial.tell(2)
    raise ValueError("late")
late.optimize(tells_and_raises)

client = connect(sys.argv[1])
space = {"x": {"kind": "real", "low": -5, "high": 5}, "n": {"kind": "integer", "low": 1, "high": 3}}
study = client.study("from Python", space, method="random", trials=6, budget=4)
study.enqueue({"x": 1.0, "n": 2})

def objective(trial):
    if trial.number == 1:
        raise ValueError("a bad day")
    if trial.number == 2:
        return {"loss": float("nan"), "size": 3}
    if trial.number == 5:
        return None
    if trial.number == 3:
        trial.keep(b"abc")
    for epoch in range(1, 5):
        go_on = trial.report((trial.values["x"] - 1) ** 2 + 1 / epoch, epoch, size=trial.values["n"])
        assert go_on == (epoch < 4)
    return {"loss": (trial.values["x"] - 1) ** 2, "size": trial.values["n"]}

study.optimize(objective)
assert study.ask() is None
assert study.best()["values"] == {"x": 1.0, "n": 2} and study.best()["best"] == 0, study.best()

aims = {"loss": "minimize", "size": "maximize"}
late = client.study("measured late from Python", space, method="nsga-2", trials=2, objectives=dict(loss="minimize", size="minimize"))
def measured_late(trial):
    if trial.number == 0:
        trial.report(0.5, 1, gain=1)
    return {"size": 3}

late.optimize(measured_late)
first, second = late.show()["trials"]
assert first["state"] == "complete" and first["measures"]["size"] == 3 and first["measures"]["gain"] == 1, first
assert second["state"] == "failed" and "told with a loss" in second["reason"], second

two = client.study("two aims from Python", space, method="nsga-2", trials=20, objectives=aims, bounds={"n": {"most": 2}})
two.optimize(lambda trial: {"loss": abs(trial.values["x"]), "size": trial.values["x"], "n": trial.values["n"]})
told = two.show()["trials"]
assert all(trial.get("beyond", False) == (trial["values"]["n"] > 2) for trial in told) and any("beyond" in trial for trial in told)
kept = sorted((trial for trial in told if "beyond" not in trial), key=lambda trial: abs(trial["values"]["x"]))
front = [trial for i, trial in enumerate(kept) if all(trial["values"]["x"] > one["values"]["x"] for one in kept[:i])]
assert [trial["number"] for trial in two.front()] == [trial["number"] for trial in front], two.front()
assert two.best()["number"] == kept[0]["number"] and len(kept) > len(front)
for odd, says in [
    (dict(objectives={"loss": "maximize"}), "loss must be minimized"),
    (dict(objectives={"loss": "best"}), "objectives.loss"),
    (dict(objectives=aims, method="tpe"), "tpe follows one and got 2"),
    (dict(bounds={"n": {"less": 2}}), "bounds.n"),
    (dict(bounds={"n": {"least": 2}}, method="hyperband"), "follows them"),
]:
    try:
        client.study("odd", space, **dict(dict(method="nsga-2"), **odd))
        assert False, odd
    except ServerError as error:
        assert error.status == 400 and says in str(error), error

try:
    client.study("from Python", {"x": space["x"]})
except ServerError as error:
    assert error.status == 409
    print("fine")
`,
      server.url,
    );
    expect(said).toBe("fine\n");
    expect(await desk.show("from Python")).toMatchObject({
      state: "done",
      trials: [
        { state: "complete", best: 0 },
        { state: "failed", reason: "ValueError: a bad day" },
        { state: "failed", reason: "its loss was nan, size 3" },
        { state: "complete" },
        { state: "complete" },
        { state: "failed", reason: expect.stringContaining("told with a loss") as string },
      ],
    });
  },
);

test.skipIf(python === undefined)(
  "and so it is in Python: another study of the name takes nothing",
  async () => {
    const spec = { name: "begun anew-py", space: { x }, method: "random", trials: 1, budget: 2 };
    const program = `
study = connect(sys.argv[1]).study("begun anew-py", {"x": {"kind": "real", "low": -5, "high": 5}}, method="random", trials=1, budget=2)
trial = study.ask()
print("asked", flush=True)
sys.stdin.readline()
for late in [lambda: trial.report(1, 1), lambda: trial.keep(b"late"), lambda: trial.tell(1), lambda: trial.fail("late")]:
    try:
        late()
    except ServerError as error:
        print(error.status)
`;
    let isUnharmed = () => Promise.resolve();
    const said = await runPython(program, server.url, async () => (isUnharmed = await beginAnew(spec)));
    expect(said).toBe("asked\n409\n409\n409\n409\n");
    await isUnharmed();
  },
);

/** What a proxy, or a page to log in at, answers in the place of a server. */
const pages = {
  refuses: [503, ""],
  greets: [200, "<html>Log in</html>"],
  lists: [200, "[]"],
  breaks: [200, '{"told": tr'],
  "says oops": [500, '"oops"'],
  "says 1": [500, "[1]"],
} as const;

/** What a server does with a request; one that hangs keeps the connection and says nothing, or half of the answer. */
type Manner = "answers" | "hears" | "is deaf" | "hangs" | "hangs half-way" | keyof typeof pages;

/** A server that can be made to fall silent: requests end without an answer, after they were done where `hears` says so. */
async function deafServer() {
  const rule = { of: (_path: string | undefined): Manner => "answers" };
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    const does = rule.of(request.url);
    asked.push(`${request.method} ${request.url?.split("/").at(-1)} ${does}`);
    if (does === "is deaf") return void request.socket.destroy();
    if (does === "hangs") return;
    if (does in pages) {
      const [status, text] = pages[does as keyof typeof pages]; // which it is a key of
      return void response.writeHead(status, { "Content-Type": "text/html" }).end(text);
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, headers } = request;
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      const type = headers["content-type"] ?? "";
      void fetch(`${server.url}${request.url}`, {
        method: method as string,
        headers: { "Content-Type": type },
        ...body,
      }).then(async (reply) => {
        const bytes = Buffer.from(await reply.arrayBuffer());
        if (does === "hears") return request.socket.destroy();
        response.writeHead(reply.status, {
          "Content-Type": reply.headers.get("Content-Type") ?? "",
          "Content-Length": bytes.length,
        });
        if (does === "hangs half-way") response.write(bytes.subarray(0, 1));
        else response.end(bytes);
      });
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, rule, asked },
    [Symbol.dispose]() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

/** Loses the first answer to everything, does not hear it the second time, and answers the third. */
function lossy(deaf: Awaited<ReturnType<typeof deafServer>>): void {
  const heard = new Map<string, number>();
  deaf.rule.of = (path = "") => {
    heard.set(path, (heard.get(path) ?? 0) + 1);
    return (["answers", "hears", "is deaf"] as const)[(heard.get(path) ?? 0) % 3] ?? "answers";
  };
}

test("a client whose every answer is lost asks again, and has each trial once", async () => {
  using deaf = await deafServer();
  lossy(deaf);
  const spec = { name: "lossy", space: { x }, method: "random", trials: 2, budget: 2 };
  const study = await connect(deaf.url).study(spec);
  const seen: number[] = [];
  for (let trial = await study.ask(); trial; trial = await study.ask()) {
    seen.push(trial.number);
    expect(await trial.report(5, 1, { size: 3 })).toBe(true);
    await trial.keep(new Uint8Array([trial.number]));
    if (trial.attempt === 1) await trial.handBack();
    else await trial.tell(trial.number);
  }
  expect(seen).toEqual([0, 0, 1, 1]); // each handed back once
  expect((await study.show()).trials).toMatchObject([
    { attempt: 2, best: 0, state: "complete" },
    { attempt: 2, best: 1, state: "complete" },
  ]);
});

test.skipIf(python === undefined)("so does the Python client", async () => {
  using deaf = await deafServer();
  lossy(deaf);
  expect(
    await runPython(
      `
space = {"x": {"kind": "real", "low": -5, "high": 5}}
study = connect(sys.argv[1]).study("lossy from Python", space, method="random", trials=2, budget=2)
seen = []
trial = study.ask()
while trial is not None:
    seen.append(trial.number)
    assert trial.report(5, 1, size=3)
    trial.keep(b"abc")
    if trial.attempt == 1:
        trial.hand_back()
    else:
        trial.tell(trial.number)
    trial = study.ask()
print(seen, [(trial["attempt"], trial["best"]) for trial in study.show()["trials"]])
sys.stdout.flush()
try:
    connect("http://127.0.0.1:9", patience=0).study("nowhere", space)
except ServerError as error:
    print(error.status, error)
`,
      deaf.url,
    ),
  ).toBe(
    `[0, 0, 1, 1] [(2, 0), (2, 1)]
0 the server http://127.0.0.1:9 must be within reach, but is not: [Errno 111] Connection refused; start it, or check the address
`,
  );
});

/** Cannot go on with trials of the study "refuses", is away from those of "is deaf", and lets others end those of "answers". */
async function unwilling() {
  const deaf = await deafServer();
  deaf.rule.of = (path = "") => {
    const [, manner] = /studies\/(.*?)-.*points$/.exec(decodeURI(path)) ?? [];
    return (manner as Manner | undefined) ?? "answers";
  };
  return deaf;
}

/** What is left of the trials of a study whose program could not report. */
const leftOf = async (manner: Manner, language: string) =>
  (await desk.show(`${manner}-${language}`)).trials.map(({ state, reason }) => [state, reason]);

test("the process ends where a trial could not be reported, and a trial that is the server's fault has not failed", async () => {
  using deaf = await unwilling();
  const program = `
const [, , url] = process.argv;
const space = { x: { kind: "real", low: -5, high: 5 } };
for (const name of ["refuses-js", "is deaf-js", "answers-js"]) {
  const study = await connect(url, { patience: 100 }).study({ name, space, method: "random", trials: 2 });
  const objective = async (trial) => {
    if (trial.number === 1 && name !== "answers-js") return new Promise((resolve) => setTimeout(resolve, 3e5).unref());
    const tell = { attempt: trial.attempt, loss: 2 };
    const body = { method: "POST", body: JSON.stringify(tell), headers: { "Content-Type": "application/json" } };
    if (name === "answers-js") await fetch(url + "/v1/studies/answers-js/trials/" + trial.number + "/tell", body);
    return (await trial.report(1, 1)) ? NaN : 1;
  };
  const { signal } = new AbortController();
  await study.optimize(objective, { parallel: 2, signal }).then(() => console.log("fine"), ({ status }) => console.log(status));
}`;
  expect(await runNode(program, deaf.url)).toBe("503\n0\nfine\n");
  expect(await leftOf("refuses", "js")).toEqual([
    ["running", undefined],
    ["waiting", undefined], // the other one at that time is handed back
  ]);
  expect((await leftOf("is deaf", "js"))[0]).toEqual(["running", undefined]);
  expect(await leftOf("answers", "js")).toEqual([
    ["complete", undefined],
    ["complete", undefined],
  ]);
});

test.skipIf(python === undefined)("and so it does by the Python client", async () => {
  using deaf = await unwilling();
  const program = `
for name in ["refuses-py", "is deaf-py", "answers-py"]:
    study = connect(sys.argv[1], patience=0.1).study(name, {"x": {"kind": "real", "low": -5, "high": 5}}, method="random", trials=2)
    def objective(trial):
        if name == "answers-py":
            trial._client._call("POST", trial._path + "/tell", dict(attempt=trial.attempt, loss=2), answer=dict(told=bool))
        return float("nan") if trial.report(1, 1) else 1
    try:
        study.optimize(objective)
        print("fine")
    except ServerError as error:
        print(error.status)
`;
  expect(await runPython(program, deaf.url)).toBe("503\n0\nfine\n");
  for (const manner of ["refuses", "is deaf"] as const) {
    expect(await leftOf(manner, "py")).toEqual([["running", undefined]]);
  }
  expect(await leftOf("answers", "py")).toEqual([
    ["complete", undefined],
    ["complete", undefined],
  ]);
});

/** Hangs at the first time that something is asked: without a word, or half-way through the answer. */
function hanging(deaf: Awaited<ReturnType<typeof deafServer>>): void {
  const heard = new Set<string>();
  deaf.rule.of = (path = "") => {
    if (heard.has(path)) return "answers";
    heard.add(path);
    return /(ask|tell)$/.test(path) ? "hangs half-way" : "hangs";
  };
}

test("a connection that hangs is given up after a while, for another one", async () => {
  using deaf = await deafServer();
  hanging(deaf);
  const spec = { name: "hanging", space: { x }, method: "random", trials: 1, budget: 2 };
  const study = await connect(deaf.url, { silence: 1000 }).study(spec);
  const trial = await study.ask();
  expect(await trial?.report(5, 1)).toBe(true);
  await trial?.tell(3);
  expect(await desk.show("hanging")).toMatchObject({ trials: [{ attempt: 1, best: 3 }] });
  deaf.rule.of = () => "hangs";
  const hasty = connect(deaf.url, { silence: 50, patience: 100 });
  await expect(hasty.study(spec)).rejects.toThrow("is not: it said nothing for 0.05 seconds; start it");
  await expect(study.enqueue({ x: 1 })).rejects.toThrow(
    /for 1 seconds; .*; it may have heard of this, so look/,
  );
  for (const odd of [{ silence: 0 }, { silence: NaN }, { patience: -1 }])
    expect(() => connect(deaf.url, odd)).toThrow(/^patience must be milliseconds from 0 and silence above 0/);
});

/** How often a server was told that a trial is alive. */
const signsOf = ({ asked }: Awaited<ReturnType<typeof deafServer>>): number =>
  asked.filter((line) => line.startsWith("PUT heartbeat ")).length;

test.skipIf(python === undefined)("and so it is by the Python client", async () => {
  using deaf = await deafServer();
  hanging(deaf);
  const program = `
space = {"x": {"kind": "real", "low": -5, "high": 5}}
study = connect(sys.argv[1], silence=1).study("hanging from Python", space, method="random", trials=1, budget=2)
trial = study.ask()
assert trial.report(5, 1)
trial.tell(3)
`;
  expect(await runPython(program, deaf.url)).toBe("");
  expect(await desk.show("hanging from Python")).toMatchObject({ trials: [{ attempt: 1, best: 3 }] });
  deaf.rule.of = (path = "") => (path.endsWith("/heartbeat") ? "hangs" : "answers");
  const patient = `
import time
space = {"x": {"kind": "real", "low": -5, "high": 5}}
study = connect(sys.argv[1]).study("signs from Python", space, method="random", trials=1)
trial = study.ask(lease=1)
time.sleep(1.5)
trial.tell(1)
`;
  expect(await runPython(patient, deaf.url)).toBe("");
  expect(signsOf(deaf)).toBeGreaterThanOrEqual(2); // the first hangs
  deaf.rule.of = () => "hangs";
  const refused = `
try:
    connect(sys.argv[1], silence=0.05, patience=0.1).study("hanging from Python", {})
except ServerError as error:
    print(error.status, error)
try:
    connect(sys.argv[1], silence=0)
except ValueError as error:
    print(error)
`;
  expect(await runPython(refused, deaf.url))
    .toBe(`0 the server ${deaf.url} must be within reach, but is not: it said nothing for 0.05 seconds; start it, or check the address
patience must be seconds from 0 and silence above 0, but got 60 and 0; leave them out for one minute and ten
`);
});

/** Is busy at the first time that something is asked. */
function busy(deaf: Awaited<ReturnType<typeof deafServer>>): void {
  const heard = new Set<string>();
  deaf.rule.of = (path = "") => {
    const before = heard.size;
    return heard.add(path).size > before ? "refuses" : "answers";
  };
}

test("a server that is busy is asked again for a while, but for what it may have done", async () => {
  using deaf = await deafServer();
  busy(deaf);
  const spec = { name: "busy", space: { x }, method: "random", trials: 1, budget: 2 };
  const study = await connect(deaf.url).study(spec);
  await expect(study.enqueue({ x: 1 })).rejects.toMatchObject({ status: 503 });
  const trial = await study.ask();
  expect(await trial?.report(5, 1)).toBe(true);
  await trial?.keep(new Uint8Array([1]));
  await trial?.tell(3);
  expect(await desk.show("busy")).toMatchObject({ trials: [{ attempt: 1, best: 3 }] });
});

test("an answer that is none of the server's is refused in a sentence", async () => {
  using deaf = await deafServer();
  const spec = { name: "greeted", space: { x }, method: "random", trials: 2, budget: 2 };
  const study = await connect(deaf.url).study(spec);
  const first = await study.ask();
  await first?.keep(new Uint8Array([1]));
  await first?.handBack();
  const trial = await study.ask();
  const acts: readonly (() => Promise<unknown> | undefined)[] = [
    () => connect(deaf.url).study(spec),
    () => study.ask(),
    () => study.show(),
    () => study.enqueue({ x: 1 }),
    () => trial?.checkpoint(),
    () => trial?.keep(new Uint8Array([1])),
    () => trial?.report(5, 1),
    () => trial?.tell(3),
  ];
  for (const manner of ["greets", "lists", "breaks"] as const) {
    deaf.rule.of = () => manner;
    const sentence = `the server ${deaf.url} must be one of hypertrain, but answered ${JSON.stringify(pages[manner][1])}; check the address, and what stands in between`;
    for (const act of acts) await expect(act()).rejects.toMatchObject({ status: 0, message: sentence });
  }
  for (const manner of ["says oops", "says 1"] as const) {
    deaf.rule.of = () => manner;
    await expect(study.show()).rejects.toMatchObject({ status: 500, message: "the server answered 500" });
  }
});

test.skipIf(python === undefined)("and so both are by the Python client", async () => {
  using deaf = await deafServer();
  busy(deaf);
  const program = `
study = connect(sys.argv[1]).study("busy from Python", {"x": {"kind": "real", "low": -5, "high": 5}}, method="random", trials=1, budget=2)
try:
    study.enqueue({"x": 1})
except ServerError as error:
    busy = error.status
first = study.ask()
first.keep(b"1")
first.hand_back()
trial = study.ask()
print(busy, trial.checkpoint(), trial.report(5, 1), flush=True)
acts = [study.ask, study.show, lambda: study.enqueue({"x": 1}), trial.checkpoint, lambda: trial.keep(b"1"), lambda: trial.report(5, 1), lambda: trial.tell(3)]
for manner in range(5):
    sys.stdin.readline() if manner == 0 else None
    for act in acts:
        try:
            print(act())
        except ServerError as error:
            print(error.status, error)
    try:
        study._client._call("POST", "/next", {}, repeats="never")
    except ServerError:
        pass
connect("http://127.0.0.1:9", patience=0).study("nowhere", {})
`;
  const manners = ["greets", "lists", "breaks", "says oops", "says 1"] as const;
  let at = 0;
  const answer = () => {
    deaf.rule.of = (path = "") => (path === "/next" ? (manners[at++] as Manner) : (manners[at] as Manner));
    return Promise.resolve();
  };
  const said = await runPython(program, deaf.url, answer);
  const lines = said.split("\n");
  expect(lines[0]).toBe("503 b'1' True");
  const sentences = manners.map((manner) => {
    const [status, text] = pages[manner];
    return status === 500
      ? "500 the server answered 500"
      : `0 the server ${deaf.url} must be one of hypertrain, but answered ${JSON.stringify(text)}; check the address, and what stands in between`;
  });
  expect(lines.slice(1, 36)).toEqual(
    sentences.flatMap((sentence) => Array.from({ length: 7 }, () => sentence)),
  );
  expect(said.match(/Traceback/g)).toHaveLength(1);
  expect(said).toMatch(
    /ServerError: the server http:\S+ must be within reach, but is not: .*Connection refused; start it, or check the address\n$/,
  );
});

test("values are enqueued once, or refused where the answer is lost", async () => {
  using deaf = await deafServer();
  const study = await connect(deaf.url).study({ name: "enqueued once", space: { x }, trials: 9 });
  deaf.rule.of = () => "hears";
  await expect(study.enqueue({ x: 1 })).rejects.toThrow(
    /within reach, .*; it may have heard of this, so look/,
  );
  expect(await storage.enqueued("enqueued once")).toEqual([{ x: 1 }]);
});

test("a server that stays away is named in one sentence after a while, whatever is asked", async () => {
  using deaf = await deafServer();
  const study = await connect(deaf.url, { patience: 200 }).study({ name: "away", space: { x }, trials: 9 });
  const trial = await study.ask();
  deaf.rule.of = () => "is deaf";
  deaf.asked.length = 0;
  const sentence =
    /^the server http:\S+ must be within reach, but is not: [^;]+; start it, or check the address$/;
  await expect(trial?.tell(1)).rejects.toThrow(sentence);
  expect(deaf.asked).toEqual(Array.from({ length: 3 }, () => "POST tell is deaf")); // at 0, 100 and 300 milliseconds
  await expect(study.optimize(() => 1)).rejects.toMatchObject({ name: "ServerError", status: 0 });
  deaf[Symbol.dispose]();
  const nobody = connect(deaf.url, { patience: 0 });
  await expect(nobody.study({ name: "nowhere", space: { x } })).rejects.toThrow(/is not: ECONNREFUSED;/);
});

test("what programs keep lies where the server was told to, and they get it back", async () => {
  const kept = join(folder, "kept");
  const own = studyDesk(storage, clock, () => {}, `file:${kept}`);
  await own.create({ name: "outside", space: { x }, method: "random", trials: 1 });
  const asked = await own.ask("outside", {});
  if (asked.kind !== "trial") throw new Error("a trial was expected");
  const claim = { study: "outside", trial: asked.trial, attempt: asked.attempt };
  await own.keep(claim, new TextEncoder().encode("half-way"));
  const files = readdirSync(kept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))).toEqual([
    "half-way",
  ]);
  expect(new TextDecoder().decode(await own.checkpoint(claim))).toBe("half-way");
});
