import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { chromium, type Browser, type Locator } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";

import type { ResultPoint, TuneResult } from "../../src/api/result.ts";
import type { HyperPoint, TracePoint } from "../../src/api/trace.ts";
import { parseConfig } from "../../src/cli/config/config.ts";
import { pageAssets } from "../../src/artifacts/page-assets.ts";
import type { PageSnapshot } from "../../src/report/page.ts";
import { renderReport } from "../../src/report/report.ts";
import type { RunPage } from "../../src/report/run-page.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";
import { useFolder } from "./command.ts";

const EPOCHS = 20;

/** A run that was never made: losses that fall, hyperparameters that drift. */
function invented(hyperAt: (epoch: number) => Record<string, HyperPoint>, title = "digits") {
  const trace = Array.from({ length: EPOCHS + 1 }, (_, epoch): TracePoint => {
    const score = (factor: number) => ({
      loss: factor * Math.exp(-epoch / 4) + 0.02,
      metric: { name: "accuracy", value: 0.9 },
    });
    return {
      step: 9 * epoch,
      epoch,
      examples: 1152 * epoch,
      gradientEvaluations: 20 * epoch,
      seconds: epoch,
      hyperparameters: hyperAt(epoch),
      ...(epoch > 0 && { train: { loss: score(1.8).loss, penalty: 0.1 } }),
      valid: score(2),
      test: score(2.2),
    };
  });
  const pointOf = ({ epoch, train, valid, test, hyperparameters }: TracePoint): ResultPoint => ({
    epoch,
    ...(train && { train }),
    valid,
    ...(test && { test }),
    hyperparameters: Object.fromEntries(
      Object.entries(hyperparameters).map(([name, { value, scale = null }]) => [name, { value, scale }]),
    ),
  });
  const last = pointOf(trace.at(-1) as TracePoint);
  const names = Object.keys(last.hyperparameters);
  const result: TuneResult = {
    run: "runs/<b>",
    method: "delta-stn",
    engine: "jax",
    seed: 0,
    steps: 9 * EPOCHS,
    seconds: EPOCHS,
    stepsPerSecond: 9,
    ended: "epochs",
    start: {
      hyperparameters: Object.fromEntries(names.map((name) => [name, hyperAt(0)[name]?.value as number])),
    },
    best: last,
    final: last,
    baseline: { ...last, run: "runs/x/baseline" },
    report: "report.html",
    remarks: ["Tuning gained <nothing>"],
    warnings: [
      { about: "options", sentence: "--hyper names <all>" },
      { about: "data", sentence: 'column "<script>alert(1)</script>" is odd & far' },
    ],
  };
  const space = createSpace(
    Object.fromEntries(
      names.map((name) => [
        name,
        name.startsWith("l2")
          ? real(1e-4, { low: 1e-7, high: 0.1, log: true })
          : real(0.1, { low: 0, high: 0.95 }),
      ]),
    ),
  );
  return {
    result,
    config: parseConfig({ data: "a<b>.csv" }, String),
    command: "hypertrain tune",
    methodTitle: "Delta-STN",
    space,
    title,
    trace,
    baseline: trace,
  };
}

const assets = await pageAssets();

/** What a page shows where there is a script. */
const shownIn = (html: string): RunPage => {
  const { json } = JSON.parse(/id="snapshot">([\s\S]*?)<\/script>/.exec(html)?.[1] as string) as PageSnapshot;
  return Object.values(json)[0] as RunPage;
};

const drift = (epoch: number): HyperPoint => ({ value: 0.05 + epoch / 100, scale: 1, band: [0.02, 0.3] });
const decay = (epoch: number): HyperPoint => ({ value: 1e-4 * 0.9 ** epoch, scale: 1, band: [1e-6, 1e-3] });

describe("the report", () => {
  test("says in sentences and tables what the run says, the comparison, warnings and how to repeat the run", () => {
    const html = renderReport(
      invented((epoch) => ({ "dropout.input": drift(epoch), "l2.fc1": decay(epoch) })),
      assets,
    );
    const [said = ""] = html.split('id="snapshot"');
    for (const sentence of [
      "Delta-STN reached a validation loss of",
      "Tuning gained",
      "Tuned by Delta-STN",
      "<code>hypertrain tune</code>",
      "ended after all its epochs",
    ])
      expect(said.replace(/\s+/g, " ")).toContain(sentence);
    const under = (heading: string, sentence: string) =>
      new RegExp(`<h2>${heading}</h2>\\s*<ul>\\s*<li>[^<]*${sentence}</li>\\s*</ul>`);
    expect(said).toMatch(under("About the options", "--hyper names &lt;all&gt;"));
    expect(said).toMatch(under("About the data", "is odd &amp; far"));
  });

  test("holds the points that its charts draw, to seven digits", () => {
    const input = invented((epoch) => ({ "l2.fc1": decay(epoch) }));
    const { trace, baseline, document } = shownIn(renderReport(input, assets));
    expect(trace).toHaveLength(EPOCHS + 1);
    const { train, valid, hyperparameters } = input.trace[7] as TracePoint;
    expect(trace[7]?.train?.loss).toBeCloseTo(train?.loss as number, 6);
    expect(trace[7]?.hyperparameters["l2.fc1"]?.band).toEqual(hyperparameters["l2.fc1"]?.band);
    expect(baseline[7]?.valid.loss).toBeCloseTo(valid.loss, 6);
    expect(document?.logarithmic).toEqual(["l2.fc1"]);
  });

  test("of a run that goes on says so and loads itself anew", () => {
    const input = invented((epoch) => ({ "dropout.input": drift(epoch) }));
    const html = renderReport(
      { ...input, result: { ...input.result, ended: "running" }, refresh: 3 },
      assets,
    );
    expect(html).toContain('<meta http-equiv="refresh" content="3" />');
    expect(html).toContain("The run goes on; after epoch 20");
  });

  test("escapes all text", () => {
    const html = renderReport(
      invented((epoch) => ({ "a<i>&": drift(epoch) }), "<u>title</u>"),
      { ...assets, script: "" },
    );
    expect(html).not.toMatch(/<i>|<u>|<b>"|alert\(1\)<\/script>|a<b>|runs\/<b>/);
    expect(html).toContain("&lt;u&gt;title&lt;/u&gt;");
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("gained &lt;nothing&gt;");
  });

  test("of one hyperparameter for every weight has mean and quantiles, and is small", () => {
    const html = renderReport(
      invented((epoch) => ({
        "l2.each": { value: Array.from({ length: 7850 }, (_, i) => 1e-6 * (1 + i) * (1 + epoch)) },
      })),
      assets,
    );
    const point = shownIn(html).trace[1]?.hyperparameters["l2.each"];
    expect(point?.value).toBeCloseTo(2e-6 * 3925.5, 8);
    expect(point?.band?.map((value) => Math.round(value / 2e-6))).toEqual([786, 7065]);
    expect(html.length - assets.script.length - assets.style.length).toBeLessThan(30_000);
  });

  test("keeps a long run small, and its best point", () => {
    const input = invented((epoch) => ({ "dropout.input": drift(epoch) }));
    const long = Array.from({ length: 20_000 }, (_, i) => {
      const point = input.trace[i % 20] as TracePoint;
      return { ...point, epoch: i, ...(i === 7777 && { valid: { loss: 1e-3 } }) };
    });
    const html = renderReport({ ...input, trace: long, baseline: long }, assets);
    expect(html.length - assets.script.length - assets.style.length).toBeLessThan(200_000);
    const { trace } = shownIn(html);
    expect(trace.length).toBeLessThan(503);
    expect(trace.find(({ epoch }) => epoch === 7777)?.valid.loss).toBe(1e-3);
  });
});

const browser = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== "" && spawnSync(path, ["--version"]).status === 0,
);

describe.skipIf(browser === undefined)("a report in a browser", () => {
  useFolder();

  /** A browser with a report of a run whose layers have long names, as a file. */
  async function opened(): Promise<{ browser: Browser; url: string }> {
    const names = Array.from({ length: 8 }, (_, i) => `l2.a-layer-with-a-rather-long-name-${i}`);
    const input = invented(
      (epoch) => Object.fromEntries(names.map((name) => [name, decay(epoch)])),
      "a-file-with-a-long-name-and-no-blank_".repeat(3),
    );
    writeFileSync("report.html", renderReport(input, assets));
    const found = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => found.close());
    return { browser: found, url: pathToFileURL("report.html").href };
  }

  test("fits phones, by day and by night, and asks nobody for anything", async () => {
    const { browser, url } = await opened();
    const wrong: string[] = [];
    for (const width of [390, 320]) {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
        page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
        page.on("pageerror", (error) => wrong.push(error.message));
        page.on("request", (request) => request.url() !== url && wrong.push(request.url()));
        await page.goto(url);
        const chart = page.getByRole("img", { name: "losses over epochs" });
        await chart.scrollIntoViewIfNeeded();
        await expect.poll(() => inkOf(chart)).toBeGreaterThan(500);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        await page.close();
      }
    }
    expect(wrong).toEqual([]);
  });

  test("of a search with two objectives draws their front, and has their columns", async () => {
    const { browser } = await opened();
    const input = invented(() => ({ "l2.fc1": decay(1) }));
    const trace = input.trace.slice(0, 9).map((point, number): TracePoint => ({
      ...point,
      valid: { loss: 1 + number / 10 },
      trial: { number, epoch: 1, measures: { loss: 1 + number / 10, parameters: number === 5 ? 50 : 100 } },
    }));
    const objectives = ["loss", "parameters"].map((name) => ({ name, largest: false }));
    writeFileSync(
      "search.html",
      renderReport({ ...input, trace, goals: { objectives, bounds: [] } }, assets),
    );
    for (const width of [390, 1100]) {
      const page = await browser.newPage({ viewport: { width, height: 800 } });
      await page.goto(pathToFileURL("search.html").href);
      await page.getByText("Trainings that no other beats in both, the lower the better: 2 of 9.").waitFor();
      const chart = page.getByRole("img", { name: "loss against parameters, with the front of 2 trainings" });
      await chart.scrollIntoViewIfNeeded();
      await expect.poll(() => inkOf(chart)).toBeGreaterThan(100);
      await chart.focus();
      await page.keyboard.press("ArrowRight");
      await page.getByText("training 0: parameters 100, loss 1").waitFor();
      await page.getByRole("row", { name: /^0 1 1\.0000 .* 100 / }).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.close();
    }
  });

  test("is read without its script, is printed whole and light, and is gone through by keys", async () => {
    const { browser, url } = await opened();
    const still = await browser.newPage({ javaScriptEnabled: false });
    await still.goto(url);
    for (const name of ["About this run", "Comparison", "Run it again"])
      await still.getByRole("heading", { name }).waitFor();
    await still.getByRole("row", { name: /^Tuned by Delta-STN 20 0\.0335/ }).waitFor();
    await still.getByText("The charts are drawn by the page's script").waitFor();

    const page = await browser.newPage({ viewport: { width: 800, height: 500 }, colorScheme: "dark" });
    await page.goto(url);
    const last = page.locator("canvas").last();
    expect(await inkOf(last)).toBe(0); // nobody sees it yet
    const first = page.locator("canvas").first();
    await first.scrollIntoViewIfNeeded();
    await expect.poll(() => inkOf(first)).toBeGreaterThan(500);
    expect(await blueOf(first)).toBe(0); // by night it is a lighter one
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await expect.poll(() => inkOf(last)).toBeGreaterThan(500);
    expect(await blueOf(first)).toBeGreaterThan(100);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await expect.poll(() => blueOf(first)).toBe(0);

    await page.getByRole("img", { name: "losses over epochs" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.getByText("training: epoch 2, loss 1.112").waitFor();
    await page.getByText("validation, held at the start 1.233").waitFor(); // the others at the same epoch
    const rows = page.getByRole("row", { name: /Tuned|Starting/ });
    const order = async () => (await rows.allTextContents()).map((text) => text.trim().split(/\s+/)[0]);
    expect(await order()).toEqual(["Tuned", "Starting", "Tuned,"]);
    await page.getByRole("columnheader", { name: "Validation loss" }).getByRole("button").focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("th[aria-sort=ascending]").allTextContents()).toEqual(["Validation loss"]);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const saved = readFileSync(await (await saving).path(), "utf8").split("\n");
    expect(saved[0]).toMatch(/^epoch,step,seconds,train loss,valid loss,test loss,valid accuracy,/);
    expect(saved).toHaveLength(EPOCHS + 3);
  });
});

/** How many pixels of a canvas are drawn. */
const inkOf = (canvas: Locator): Promise<number> => pixelsOf(canvas, undefined);

/** How many have the colour of the validation loss by day. */
const blueOf = (canvas: Locator): Promise<number> => pixelsOf(canvas, [0x2f, 0x5b, 0xea]);

const pixelsOf = (canvas: Locator, color: readonly number[] | undefined): Promise<number> =>
  canvas.evaluate((element, wanted) => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels = (element as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data;
    let count = 0;
    for (let i = 0; pixels && i < pixels.length; i += 4) {
      if (pixels[i + 3] === 255 && (wanted ?? []).every((part, k) => pixels[i + k] === part)) count++;
    }
    return count;
  }, color);
