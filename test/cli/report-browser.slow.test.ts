import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { chromium, type Browser, type Locator } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";

import type { TracePoint } from "../../src/api/trace.ts";
import { pageAssets } from "../../src/artifacts/page-assets.ts";
import { renderReport } from "../../src/report/report.ts";
import { useFolder } from "./command.ts";
import { decay, EPOCHS, invented } from "./invented-run.ts";

const assets = await pageAssets();

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
