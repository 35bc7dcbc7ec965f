import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { pathToFileURL } from "node:url";

import { chromium, type Locator, type Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";

import type { ComparisonDocument, MethodStanding } from "../../src/api/comparison.ts";
import { comparisonHead } from "../../src/report/comparison-markup.ts";
import { decodeTable, type WireTable } from "../../src/api/columns.ts";
import type { StudyNote } from "../../src/cli/dashboard/study-columns.ts";
import { listen, type Route } from "../../src/cli/http/server.ts";
import { real } from "../../src/space/real.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import type { TrialRecord } from "../../src/study/next-segment.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { call, start, useFolder } from "./command.ts";

useFolder();

const browser = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== "" && spawnSync(path, ["--version"]).status === 0,
);

const space = { rate: real(0.1, { low: 0.01, high: 1, log: true }), drop: real(0.1, { low: 0, high: 0.9 }) };

async function beginStudy(storage: Storage, trials: readonly TrialRecord[] = []): Promise<void> {
  await storage.create("my study", { trials: 40, space, config: {}, origin: {} }, undefined, trials);
}

/** A trial that is trained to its end. */
async function addTrial(
  storage: Storage,
  loss: number,
  { study = "my study", measures }: { study?: string; measures?: Readonly<Record<string, number>> } = {},
): Promise<void> {
  const claimed = await storage.claim(study, "{}", (trials) => {
    const number = trials.length;
    const values = { rate: 0.01 + number / 100, drop: number / 50 };
    const trial = {
      ...{ number, values, state: "waiting" as const },
      ...{ attempt: 0, deaths: 0, to: 2, curve: [], ...(measures && { measures: {} }) },
    };
    return { kind: "segment", trial, changed: [trial], decision: { kind: "start", to: 2 } };
  });
  if (claimed.kind !== "segment") throw new Error("a segment was expected");
  for (const epoch of [1, 2]) {
    const point = { step: epoch, epoch, examples: epoch, gradientEvaluations: epoch, seconds: epoch };
    await storage.report(claimed.claim, epoch, {
      ...point,
      valid: { loss: loss / epoch, ...(measures && { measures }) },
      hyperparameters: {},
    });
  }
  await storage.tell(claimed.claim, { kind: "trained", complete: true });
}

/** A dashboard of a process of its own. */
async function dashboardAt(...args: readonly string[]): Promise<string> {
  const { child } = start("dashboard", ...args, "--port", "0");
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      const [, url] = /is at (http:\S+?)\/;/.exec(String(chunk)) ?? [];
      if (url !== undefined) resolve(url);
      else reject(new Error(String(chunk)));
    });
  });
}

/** How many pixels of a canvas are drawn. */
const inkOf = (canvas: Locator): Promise<number> =>
  canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels = (element as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data;
    return pixels?.filter((value, i) => i % 4 === 3 && value > 0).length ?? 0;
  });

/** Waits until nothing stands beyond the sides of a phone. */
const fitsPhone = (page: Page): Promise<void> =>
  expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

async function tableAt(url: string, after?: StudyNote & { rows: number }): Promise<WireTable<StudyNote>> {
  const since = after ? `?after=${after.version}&count=${after.count}&rows=${after.rows}` : "";
  return decodeTable(await (await fetch(`${url}/api/studies/my%20study/table${since}`)).arrayBuffer());
}

test("a dashboard tells a study's trials by columns, then only those that changed, and a trial with its curve", async () => {
  await using storage = await openStorage("study.db");
  await beginStudy(storage);
  await addTrial(storage, 3);
  await addTrial(storage, 2);
  const url = await dashboardAt("--store", "study.db");
  const overview = async (): Promise<unknown> => (await fetch(`${url}/api/overview`)).json();
  expect(await overview()).toMatchObject({
    runs: [],
    studies: [{ name: "my study", state: "open", of: 40, best: 1 }],
  });
  const first = await tableAt(url);
  expect(first.rows).toBe(2);
  expect(Object.fromEntries(first.columns.map(({ name, values }) => [name, [...values]]))).toMatchObject({
    ...{ trial: [0, 1], loss: [1.5, 1], epochs: [2, 2], drop: [0, 0.02] },
  });
  await addTrial(storage, 8);
  const second = await tableAt(url, { ...first.note, rows: 2 });
  expect([...(second.columns[0]?.values ?? [])]).toEqual([2]);
  expect(await tableAt(url, { ...second.note, rows: 3 })).toMatchObject({ rows: 0 });
  await storage.remove("my study");
  await beginStudy(storage);
  await addTrial(storage, 5);
  const anew = await tableAt(url, { ...second.note, rows: 3 });
  expect([anew.rows, anew.note.count === second.note.count]).toEqual([1, false]);
  expect(await overview()).toMatchObject({ studies: [{ best: 2.5 }] });
  await storage.remove("my study");
  expect(await overview()).toMatchObject({ studies: [] });
  await beginStudy(storage);
  await addTrial(storage, 7); // after as many changes as before
  expect(await overview()).toMatchObject({ studies: [{ best: 3.5 }] });
  const page: unknown = await (await fetch(`${url}/api/studies/my%20study/trials/0`)).json();
  expect(page).toMatchObject({ trial: { number: 0 }, points: [{ budget: 1 }, { budget: 2 }], worker: null });
  expect((await fetch(`${url}/api/studies/yours/curves`)).status).toBe(404);
  expect((await fetch(`${url}/api/studies/my%20study/trials/9`)).status).toBe(404);
});

test("a large study comes in parts, and only what is seen of its table is in the page", async () => {
  await using storage = await openStorage("study.db");
  const trials = Array.from({ length: 5000 }, (_, number): TrialRecord => ({
    ...{
      number,
      values: { rate: 0.011 + number / 1e4, drop: 0.1 },
      state: "complete",
      attempt: 1,
      deaths: 0,
    },
    ...{ to: 1, curve: [{ budget: 1, loss: 1 + number / 100 }] },
  }));
  await beginStudy(storage, trials);
  const url = await dashboardAt("--store", "study.db");
  const first = await tableAt(url);
  expect(first).toMatchObject({ rows: 1000, note: { more: true } });
  const others = { ...first.note, rows: 1000 };
  expect(await tableAt(url, others)).toMatchObject({ rows: 4000, note: { more: false } });
  expect(await tableAt(url, { ...others, count: "of another server" })).toMatchObject({ rows: 1000 });
  expect((await fetch(`${url}/api/studies/my%20study/trials/7`)).status).toBe(200);
  if (browser === undefined) return;
  const opened = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
  onTestFinished(() => opened.close());
  const page = await opened.newPage();
  await page.goto(`${url}/#/study/my%20study`);
  await page.getByText("5000 of 5000 trials").waitFor();
  await expect.poll(() => page.locator(".table tbody tr").count()).toBeGreaterThan(10);
  expect(await page.locator(".table tbody tr").count()).toBeLessThan(40);
});

test("what people do to a study is done once, said, and refused where it is impossible or of another page", async () => {
  await using storage = await openStorage("study.db");
  await beginStudy(storage);
  await addTrial(storage, 3);
  const claimed = await storage.claim(
    "my study",
    JSON.stringify({ client: "a test", lease: 60 }),
    (trials) => {
      const trial = {
        ...(trials[0] as TrialRecord),
        number: 1,
        state: "waiting" as const,
        curve: [],
        attempt: 0,
      };
      return { kind: "segment", trial, changed: [trial], decision: { kind: "start", to: 2 } };
    },
  );
  if (claimed.kind !== "segment") throw new Error("a segment was expected");
  const url = await dashboardAt("--store", "study.db");
  const act = async (path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${url}/api/studies/my%20study${path}`, {
      ...{ method: "POST", body: JSON.stringify(body) },
      headers: { "Content-Type": "application/json", ...headers },
    });
    return [response.status, Object.values((await response.json()) as object)[0]];
  };
  expect(await act("/stop", {}, { Origin: "http://evil.example" })).toMatchObject([
    403,
    expect.stringMatching(/only pages/) as unknown,
  ]);
  expect(await act("/stop", {}, { "Content-Type": "text/plain" })).toEqual([
    415,
    expect.stringMatching(/must be JSON/) as unknown,
  ]);
  expect((await storage.find("my study"))?.state).toBe("open");
  expect(await act("/trials/1/note", { text: " too long a step " })).toEqual([200, "the note is kept"]);
  expect(await act("/note", { text: "x".repeat(10_001) })).toEqual([
    400,
    expect.stringMatching(/at most 10000/) as unknown,
  ]);
  expect(await storage.notes("my study")).toEqual([{ trial: 1, text: "too long a step" }]);
  expect(await act("/trials/1/retry")).toEqual([
    400,
    expect.stringMatching(/must have failed, but trial 1/) as unknown,
  ]);
  expect(await act("/trials/1/fail")).toEqual([200, expect.stringMatching(/gives it up/) as unknown]);
  expect(await storage.beat(claimed.claim)).toBe(false);
  expect(await act("/trials/1/retry")).toEqual([200, expect.stringMatching(/start anew/) as unknown]);
  expect(await act("/trials/x/fail")).toEqual([400, expect.stringMatching(/by its number/) as unknown]);
  expect(await act("/enqueue", { values: ["rate=0.2"] })).toEqual([
    200,
    expect.stringMatching(/1 waiting/) as unknown,
  ]);
  expect(await act("/enqueue", { values: ["rate=2"] })).toEqual([
    400,
    expect.stringMatching(/rate/) as unknown,
  ]);
  expect(await storage.enqueued("my study")).toEqual([{ rate: 0.2 }]);
  expect(await act("/stop")).toEqual([200, expect.stringMatching(/is stopped/) as unknown]);
  expect((await storage.find("my study"))?.state).toBe("stopped");
  expect(await act("/delete", { name: "my" })).toEqual([
    400,
    expect.stringMatching(/named twice/) as unknown,
  ]);
  expect(await act("/delete", { name: "my study" })).toEqual([200, "my study is deleted"]);
  expect(await storage.find("my study")).toBeUndefined();
});

test.skipIf(browser === undefined)(
  "buttons act on trials and studies, notes are kept, and the workers' timeline is drawn",
  async () => {
    await using storage = await openStorage("study.db");
    await beginStudy(storage);
    for (const loss of [3, 2]) await addTrial(storage, loss);
    const url = await dashboardAt("--store", "study.db");
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    const page = await opened.newPage();
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    await page.goto(`${url}/#/study/my%20study`);
    await page.getByRole("img", { name: "2 segments of 1 workers over time" }).waitFor();
    await page.locator(".table a").first().click();
    await page.getByRole("heading", { name: "Trial 1" }).waitFor();
    await page.getByLabel("A note on trial 1").fill("the best\nof two");
    await page.getByRole("button", { name: "Keep the note" }).click();
    await page.getByText("the note is kept").waitFor();
    await page.getByText("Try values like these").click();
    await page.getByLabel("drop").fill("0.3");
    await page.getByRole("button", { name: "Enqueue" }).click();
    await page.getByText("1 waiting").waitFor();
    await expect.poll(() => storage.enqueued("my study")).toEqual([{ rate: 0.02, drop: 0.3 }]);
    await page.getByRole("link", { name: "my study" }).click();
    await page.getByText("the best of two").waitFor();
    await page.getByRole("button", { name: "Stop the study" }).click();
    await page.getByText("my study is stopped").waitFor();
    await page.getByRole("button", { name: "Delete…" }).click();
    const button = page.getByRole("button", { name: "Delete my study" });
    await expect.poll(() => button.isDisabled()).toBe(true);
    await page.getByLabel("Write its name").fill("my study");
    await button.click();
    await page.getByText("There is nothing here yet").waitFor();
    await expect.poll(() => storage.list()).toEqual([]);
    expect(wrong).toEqual([]);
  },
);

test.skipIf(browser === undefined)(
  "the unit of losses stands wherever these do, and how many trials failed and why",
  async () => {
    await using storage = await openStorage("study.db");
    await beginStudy(storage);
    await addTrial(storage, 3);
    const lossUnit = "Losses are mean squared errors of one-hot classes.";
    const trial = { values: { rate: 0.1, drop: 0.1 }, attempt: 1, deaths: 0, to: 2 };
    const curve = [{ budget: 1, loss: 0.5 }];
    await storage.create("in units", { trials: 3, space, config: {}, origin: {}, lossUnit }, undefined, [
      { ...trial, number: 0, state: "complete", curve },
      { ...trial, number: 1, state: "failed", curve, reason: "the loss was not finite at step 9" },
      { ...trial, number: 2, state: "failed", curve: [], reason: "the loss was not finite at step 1" },
    ]);
    const url = await dashboardAt("--store", "study.db");
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    const page = await opened.newPage({ viewport: { width: 390, height: 800 } });
    await page.goto(url);
    await page.getByText(`in units: ${lossUnit}`, { exact: true }).waitFor();
    await fitsPhone(page);
    await page.getByRole("link", { name: "in units" }).click();
    await page.getByText(lossUnit, { exact: true }).waitFor();
    await page.getByText("1 complete, 2 failed (1 without a finite loss)").waitFor();
    await fitsPhone(page);
    await page.goto(`${url}/#/study/in%20units/trial/2`);
    await page
      .getByText("failed: the loss was not finite at step 1. Claimed 1 time, trained to 0 of 2.")
      .waitFor();
    await page.getByText(lossUnit, { exact: true }).waitFor();
    await page.goto(`${url}/#/study/my%20study`);
    await page.getByText("1 complete").waitFor();
    expect(await page.getByText(lossUnit).count()).toBe(0);
    await page.goto(`${url}/#/compare/study%3Ain%20units/study%3Amy%20study`);
    await page.getByText(`in units: ${lossUnit}`, { exact: true }).waitFor();
  },
);

test("a server answers nobody but pages of its own and who knows its token", async () => {
  const routes: readonly Route[] = [
    { method: "GET", path: "/x/:y", answer: () => ({ kind: "json", value: 1 }) },
  ];
  const statusOf = (url: string, headers: Readonly<Record<string, string>>) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(`${url}/x/1`, { headers }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
  await using open = await listen(routes, { port: 0 });
  const { host } = new URL(open.url);
  expect(await statusOf(open.url, {})).toBe(200);
  expect(await statusOf(open.url, { Origin: `http://${host}` })).toBe(200);
  expect(await statusOf(open.url, { Origin: "http://evil.example" })).toBe(403);
  expect(await statusOf(open.url, { Origin: "null" })).toBe(403);
  expect(await statusOf(open.url, { Host: "evil.example" })).toBe(403);
  await using closed = await listen(routes, { port: 0, token: "secret" });
  expect(await statusOf(closed.url, {})).toBe(401);
  expect(await statusOf(closed.url, { Authorization: "Bearer secreu" })).toBe(401);
  expect(await statusOf(closed.url, { Authorization: "Bearer secret", Host: "machine.example" })).toBe(200);
  expect((await fetch(`${open.url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${open.url}/x/1`, { method: "POST" })).status).toBe(405);
  await expect(listen(routes, { port: Number(new URL(open.url).port) })).rejects.toThrow(
    /another program has it/,
  );
  await expect(listen(routes, { port: 0, host: "0.0.0.0" })).rejects.toThrow(/must have a token/);
});

test("an exported page lists a damaged run, which is named on stderr, and says why", async () => {
  mkdirSync("runs/cut", { recursive: true });
  writeFileSync("runs/cut/config.json", "{");
  const { code, stdout, stderr } = await call("dashboard", "--export", "all.html");
  expect([code, stdout]).toEqual([0, "the page is in all.html\n"]);
  expect(stderr).toMatch(/^warning: cut has no page: runs\/cut\/config\.json must be /);
  const [, snapshot = ""] =
    /id="snapshot"[^>]*>(.*?)<\/script>/s.exec(readFileSync("all.html", "utf8")) ?? [];
  const reason = stderr.slice("warning: cut has no page: ".length, -1);
  expect(JSON.parse(snapshot)).toMatchObject({
    json: {
      "/api/overview": expect.objectContaining({
        runs: [expect.objectContaining({ run: "cut", state: "damaged" })],
      }) as object,
    },
    refusals: { "/api/runs/cut": reason },
  });
  if (browser === undefined) return;
  const opened = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
  onTestFinished(() => opened.close());
  const page = await opened.newPage();
  await page.goto(pathToFileURL("all.html").href);
  await page.getByRole("link", { name: "cut" }).click();
  await page.getByText(reason).waitFor();
});

test("an exported page takes the place of no store, nor of a file that belongs to one", async () => {
  await using storage = await openStorage("study.db");
  await beginStudy(storage);
  symlinkSync("study.db", "link.db");
  for (const [store, file] of [
    ["study.db", "./study.db"],
    ["link.db", "study.db"],
    ["study.db", "study.db-wal"],
  ] as const) {
    expect(await call("dashboard", "--store", store, "--export", file, "--force")).toMatchObject({
      code: 2,
      stderr: `error: --export must be no file of a database, but ${file} is one of SQLite's; name another\n`,
    });
  }
  expect((await storage.list()).length).toBe(1);
});

test.skipIf(browser === undefined)(
  "an exported page shows all of it without a server, whatever a study is called",
  async () => {
    await using storage = await openStorage("study.db");
    await beginStudy(storage);
    for (let i = 0; i < 12; i++) await addTrial(storage, 12 - i);
    await storage.create("</script><b>", { trials: 1, space, config: {}, origin: {} });
    expect(await call("dashboard", "--store", "study.db", "--export", "all.html")).toMatchObject({ code: 0 });
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    const page = await opened.newPage({ colorScheme: "dark" });
    const wrong: string[] = [];
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => request.url().startsWith("file:") || wrong.push(request.url()));
    await page.goto(pathToFileURL("all.html").href);
    await page.getByRole("link", { name: "</script><b>" }).waitFor();
    for (const name of ["my study", "</script><b>"]) await page.getByLabel(`compare ${name}`).check();
    await page.getByRole("link", { name: "Compare 2" }).click();
    await page.getByRole("img", { name: "lowest loss so far of 2 runs and studies" }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "my study" }).click();
    await page.getByText("PED-ANOVA").waitFor();
    await page.getByRole("img", { name: "lowest loss over rate and drop" }).waitFor();
    await page.getByText("no other beats in both").waitFor();
    const axes = page.getByRole("img", { name: "parallel coordinates of 12 trials" });
    await axes.scrollIntoViewIfNeeded();
    const box = await axes.boundingBox();
    if (!box) throw new Error("the axes must be seen");
    await page.mouse.move(box.x + 60, box.y + box.height - 20); // the lower part of the first axis
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + box.height / 2);
    await page.mouse.up();
    await page.getByText(/^[3-9] of 12 trials$/).waitFor();
    await page.locator(".table a").first().click();
    await page.getByRole("heading", { name: "Trial" }).waitFor();
    expect(wrong).toEqual([]);
  },
);

test.skipIf(browser === undefined)(
  "a study of programs shows what they measured, on a phone as well, and a wrong address leads back",
  async () => {
    await using storage = await openStorage("study.db");
    const study = "of programs";
    await storage.create(study, { trials: 40, space, asked: { method: "random", seed: 0, budget: 2 } });
    const losses = [1e300, -3, 2, 0.5, -1e-9, 4, 7, 1e8, 3, 3, 3, 1];
    for (const [i, loss] of losses.entries()) {
      await addTrial(storage, loss, { study, measures: { size: 5 + i, "F1 of all": i / 20 } });
    }
    const url = await dashboardAt("--store", "study.db");
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    const page = await opened.newPage({ viewport: { width: 390, height: 800 } });
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    for (const [hash, sentence] of [
      ["#/study/nowhere", /no study of this name/],
      ["#/%zz", /an address must name a run/],
      ["#/run/nowhere", /no run of this name/],
      ["#/study/of%20programs/trial/99", /no trial 99/],
    ] as const) {
      await page.goto(`${url}/${hash}`);
      await page.getByText(sentence).waitFor();
      await fitsPhone(page);
      await page.getByRole("link", { name: "All runs and studies" }).click();
      await page.getByRole("cell", { name: "-3", exact: true }).waitFor(); // the best
    }
    await fitsPhone(page);
    await page.getByRole("link", { name: study }).click();
    await page.getByLabel("show").selectOption("F1 of all");
    const history = page.getByRole("img", { name: "F1 of all of 12 trials in their order" });
    await expect.poll(() => inkOf(history)).toBeGreaterThan(200);
    await page.getByLabel("filter of trials").fill('"F1 of all">=0.3 loss<1');
    await page.getByText("1 of 12 trials").waitFor();
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("of-programs.csv");
    expect(readFileSync(await saved.path(), "utf8")).toBe(
      "trial,state,loss,epochs,attempt,rate,drop,size,F1 of all,seconds,gradients\n11,complete,0.5,2,1,0.12,0.22,16,0.55,2,2\n",
    );
    await page.getByLabel("filter of trials").fill("");
    await page.getByLabel("show").selectOption("loss");
    await page.getByText("lowest loss · ▲ 1 above").first().waitFor(); // of 5e299
    await page.getByRole("img", { name: "lowest loss of 12 trials in their order" }).focus();
    for (const [key, tip] of [
      ["ArrowRight", "trial 0: trial 0, lowest loss 5e299"],
      ["ArrowRight", "trial 1: trial 1, lowest loss -3"],
      ["ArrowLeft", "trial 0: trial 0"],
      ["ArrowLeft", "trial 11: trial 11, lowest loss 0.5"],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByText(tip).waitFor();
    }
    for (const name of [/^lowest loss of 12 /, /^lowest loss over \w+ and \w+$/, /^loss against seconds/]) {
      const chart = page.getByRole("img", { name });
      await chart.scrollIntoViewIfNeeded();
      await expect.poll(() => inkOf(chart)).toBeGreaterThan(200);
    }
    await page.getByText(/ 1 above 37\d,\d{3},\d{3} count as that\.$/).waitFor();
    await fitsPhone(page);
    await page.getByRole("button", { name: "Stop the study" }).click();
    await page.getByText("programs get no more trials").waitFor();
    await page.locator(".table a").first().click();
    await page.getByRole("row", { name: "F1 of all 0.05" }).waitFor();
    await page.getByRole("img", { name: "size by epoch" }).waitFor();
    await fitsPhone(page);
    await page.goto(`${url}/#/compare/study%3Aof%20programs`);
    await page.getByRole("img", { name: "lowest loss so far of 1 runs" }).waitFor();
    await fitsPhone(page);
    expect(wrong).toEqual([]);
  },
  120_000,
);

/** As `compare` writes it. */
const compared: ComparisonDocument = {
  ...{ version: 1, title: "wine", seconds: 2, seeds: 2, command: "hypertrain compare --seeds 2" },
  ...{ report: "comparisons/c/report.html", remarks: ["Still improving: stn."], failures: [], warnings: [] },
  curves: [0, 1].flatMap((seed) =>
    ["stn", "fixed"].map((method) => ({
      ...{ method, seed, trials: 1 },
      points: [1, 2].map((seconds) => ({
        ...{ seconds, gradientEvaluations: 10 * seconds },
        valid: { loss: (method === "stn" ? 0.5 : 0.9) / seconds + seed / 8 },
      })),
    })),
  ),
  standings: [
    ["stn", 0.3125],
    ["fixed", 0.5125],
  ].map(([method, median]) => {
    const middle = { median, lower: median, upper: median } as MethodStanding["valid"];
    return {
      method: method as string,
      seeds: 2,
      valid: middle,
      trials: middle,
      gradientEvaluations: middle,
      reached: [],
    };
  }),
};

test("a folder shows runs and comparisons up to two steps below it, but none within one of them", async () => {
  const folders = ["runs/a", "runs/a/baseline", "b", "one/two/three", ".hidden", "comparisons/c/run"];
  for (const folder of folders) {
    mkdirSync(`work/${folder}`, { recursive: true });
    writeFileSync(`work/${folder}/config.json`, "{}");
  }
  writeFileSync("work/comparisons/c/compare.json", JSON.stringify(compared));
  mkdirSync("work/d");
  writeFileSync("work/d/compare.json", JSON.stringify(compared));
  const url = await dashboardAt("work");
  const at = async (path: string) => (await fetch(`${url}/api/${path}`)).json() as Promise<Found>;
  interface Found {
    readonly runs: readonly { readonly run: string }[];
    readonly comparisons: readonly { readonly name: string }[];
  }
  const { runs, comparisons } = await at("overview");
  expect(runs.map(({ run }) => run)).toEqual(["b", "runs/a"]);
  expect(comparisons.map(({ name }) => name)).toEqual(["comparisons/c", "d"]);
  expect(await at("comparisons/comparisons%2Fc")).toMatchObject({ standings: compared.standings });
});

test("a comparison that an earlier version wrote, without warnings, has none", async () => {
  const { warnings: _warnings, ...earlier } = compared;
  mkdirSync("comparisons/c", { recursive: true });
  writeFileSync("comparisons/c/compare.json", JSON.stringify(earlier));
  const url = await dashboardAt();
  const shown = (await (await fetch(`${url}/api/comparisons/c`)).json()) as ComparisonDocument;
  expect(shown.warnings).toEqual([]);
  expect(comparisonHead("c", shown).toString()).toContain("reached the lowest validation loss");
});

test.skipIf(browser === undefined)("a comparison has its medians, its tables and every seed", async () => {
  mkdirSync("comparisons/c", { recursive: true });
  writeFileSync("comparisons/c/compare.json", JSON.stringify(compared));
  const url = await dashboardAt();
  const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
  onTestFinished(() => opened.close());
  const page = await opened.newPage({ viewport: { width: 390, height: 800 } });
  await page.goto(url);
  await page.getByRole("link", { name: "c", exact: true }).click();
  await page.getByText("stn reached the lowest validation loss, 0.3125 in the median").waitFor();
  const chart = page.getByRole("img", { name: "lowest validation loss of each method against time" });
  await expect.poll(() => inkOf(chart)).toBeGreaterThan(200);
  await page.getByText("Still improving: stn.").waitFor();
  await page.getByRole("row", { name: "fixed 0.4500 0.5750" }).waitFor();
  await page.getByText("hypertrain compare --seeds 2").waitFor();
  await fitsPhone(page);
  writeFileSync("comparisons/c/compare.json", JSON.stringify({ ...compared, version: 2 }));
  await page
    .getByText(/must be of version 1, but is of 2; the command that made it writes it anew/)
    .waitFor();
  await page.getByRole("link", { name: "All runs and studies" }).click();
  await page.getByRole("row", { name: "damaged, or of another version" }).waitFor();
});

test.skipIf(browser === undefined)(
  "a study opens on its own objectives and knows its best within its bounds; a comparison of nothing says what to do",
  async () => {
    await using storage = await openStorage("study.db");
    const study = "two aims";
    const objectives = [
      { name: "loss", largest: false },
      { name: "gain", largest: true },
    ];
    const goals = { objectives, bounds: [{ name: "size", most: true, value: 10 }] };
    await storage.create(study, {
      trials: 40,
      space,
      asked: { method: "nsga-2", seed: 0, budget: 2, goals },
    });
    // Losses are halved by the end. Trials 0 and 4 are beyond the bound; the others are all on the front.
    for (const [loss, gain, size] of [
      [2, 9, 11],
      [8, 5, 10],
      [9, 6, 3],
      [4, 3, 9],
      [1, 1, 20],
      [10, 8, 1],
    ] as const) {
      await addTrial(storage, loss, { study, measures: { gain, size } });
    }
    const url = await dashboardAt("--store", "study.db");
    const { studies } = (await (await fetch(`${url}/api/overview`)).json()) as { studies: readonly object[] };
    expect(studies).toMatchObject([{ name: study, best: 2 }]);
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    const page = await opened.newPage();
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    await page.goto(`${url}/#/study/two%20aims`);
    await page.getByText("least loss, most gain, where size ≤ 10").waitFor();
    await page.locator(".tiles").getByRole("link", { name: "trial 3" }).waitFor();
    await page
      .getByText(
        "gain the higher, loss the lower the better: 4 of 4 within the bounds; the 2 beyond them are orange",
      )
      .waitFor();
    const front = page.getByRole("img", { name: "loss against gain, with the front of 4 trials" });
    await front.scrollIntoViewIfNeeded();
    await expect.poll(() => inkOf(front)).toBeGreaterThan(200);
    await page.getByLabel("across").last().selectOption("size");
    await page.getByRole("img", { name: "loss against size, with the front of 3 trials" }).waitFor();
    await page.getByText("Trials beyond the bounds are left out.").waitFor();
    await page.getByLabel("filter of trials").fill("bounds=broken");
    await page.getByText("2 of 6 trials").waitFor();
    await page.goto(`${url}/#/compare/`);
    await page.getByText("Tick runs or studies in the overview").waitFor();
    expect(wrong).toEqual([]);
  },
);

test.skipIf(browser === undefined)(
  "a browser shows a run and a study, and what changes while it looks",
  async () => {
    const flags = ["--data", "wine", "--hidden", "4", "--epochs", "2", "--threads", "1"];
    await call("tune", ...flags, "--quiet", "--out", "runs/first");
    await using storage = await openStorage("study.db");
    await beginStudy(storage);
    for (const loss of [3, 2, 4]) await addTrial(storage, loss);
    const url = await dashboardAt("--store", "study.db");
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    const page = await opened.newPage({ viewport: { width: 390, height: 800 } });
    const wrong: string[] = [];
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(error.message));
    await page.goto(url);
    await page.getByRole("link", { name: "first" }).click();
    await page.getByRole("img", { name: "dropout.input over epochs" }).waitFor();
    await fitsPhone(page);
    await page.getByText("validation, held at the start").waitFor();
    for (const name of ["About this run", "Comparison", "Measures", "Columns", "Run it again"])
      await page.getByRole("heading", { name }).waitFor();
    await page.getByText("The response was not checked").waitFor();
    await page.getByText(/^hypertrain tune --data wine .*--epochs 2/).waitFor();
    await page.getByText("ended after all its epochs").waitFor();
    const recalled = page.getByRole("table").nth(1).locator("tbody th");
    const parts = await recalled.allTextContents();
    for (const _ of ["up", "down"]) await page.getByRole("button", { name: "balanced accuracy" }).click();
    expect((await recalled.allTextContents()).toSorted()).toEqual(parts.toSorted());
    await fitsPhone(page);
    await page.goBack();
    await page.getByRole("link", { name: "my study" }).click();
    await page.getByText("3 of 3 trials").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("loss<1.8");
    await page.getByText("2 of 3 trials").waitFor();
    await addTrial(storage, 1); // which the open page hears of
    await page.getByText("3 of 4 trials").waitFor(); // maybe after the first of the trial's two losses
    const cells = (column: number) => page.locator(`.table tbody td:nth-child(${column})`).allTextContents();
    await expect.poll(() => cells(3)).toEqual(["0.5", "1", "1.5"]);
    await page.getByRole("button", { name: "drop" }).click();
    await expect.poll(() => cells(1)).toEqual(["0", "1", "3"]);
    await expect.poll(() => inkOf(page.locator("canvas").first())).toBeGreaterThan(200);
    await fitsPhone(page);
    await page.locator(".table a").first().click();
    await page.getByRole("heading", { name: "Trial 0" }).waitFor();
    expect(wrong).toEqual([]);
  },
  120_000, // a run is trained first
);
