import { connect } from "hypertrain/client";
import { expect, test } from "vitest";

import { call, desk, server, x } from "./served-store.ts";

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
    ["failed", 'the objective threw {"toString":a function}, which has no text'],
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
      /^`parallel` of optimize must be a whole number, at least 1, but got /,
    );
  }
  expect(questions).toBe(0);
  const all = Promise.withResolvers<void>();
  const objective = async () => {
    most = Math.max(most, ++now);
    if (now === 5) all.resolve();
    await all.promise;
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
