import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { connect, ServerError } from "hypertrain/client";
import { expect, test } from "vitest";
import type { z } from "zod";

import { listen } from "../../src/cli/http/server.ts";
import { openApiOf } from "../../src/cli/serve/routes.ts";
import { studyDesk } from "../../src/cli/serve/study-desk.ts";
import { asked, call, clock, desk, folder, routes, server, storage, x } from "./served-store.ts";

/** Entries one of which JSON calls `__proto__`. */
const withProto = (entry: unknown): unknown =>
  JSON.parse(`{"x":${JSON.stringify(entry)},"__proto__":${JSON.stringify(entry)}}`);

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
