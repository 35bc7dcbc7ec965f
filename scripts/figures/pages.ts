/**
 * Takes the pictures of pages in `docs/`, with Chromium:
 *
 *     node scripts/figures/pages.ts RUN [STUDY.db NAME LARGE.db NAME]
 *
 * The run is that of `npm start`, the study one of 300 trials by Hyperband on wine, the large one made up.
 */
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";
import sharp from "sharp";

import { pageAssets } from "../../src/artifacts/page-assets.ts";
import { comparisonSource } from "../../src/cli/dashboard/comparison-source.ts";
import { dashboardRoutes } from "../../src/cli/dashboard/routes.ts";
import { runSource } from "../../src/cli/dashboard/run-source.ts";
import { studySource } from "../../src/cli/dashboard/study-source.ts";
import { listen } from "../../src/cli/http/server.ts";
import { openStorage } from "../../src/storage/open-storage.ts";

const [run = "", store = "", study = "", largeStore = "", large = ""] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

type Size = readonly [width: number, height: number];

/** A part of a page, from the heading with a text or the top on. */
async function picture(url: string, file: string, [width, height]: Size, from?: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.goto(url);
  await page.locator("footer, [aria-label='loss by epoch of 300 trials']").waitFor(); // which come last
  await page.evaluate(() => dispatchEvent(new Event("beforeprint"))); // all charts are drawn for it
  if (from !== undefined)
    await page
      .getByRole("heading", { name: from })
      .evaluate((one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 80));
  await page.waitForTimeout(2000);
  await sharp(await page.screenshot())
    .png({ palette: true, colors: 128, dither: 0 })
    .toFile(file);
  await page.close();
}

/** A dashboard of a store and no runs. */
async function served(place: string, name: string, take: (url: string) => Promise<void>): Promise<void> {
  await using storage = await openStorage(place, { mustExist: true });
  const sources = {
    runs: runSource("none"),
    comparisons: comparisonSource([]),
    studies: studySource(storage),
  };
  await using server = await listen(dashboardRoutes(sources, await pageAssets()), { port: 0 });
  await take(`${server.url}/#/study/${encodeURIComponent(name)}`);
}

await picture(pathToFileURL(`${run}/report.html`).href, "docs/report.png", [1000, 1560]);
if (store !== "") {
  await served(store, study, async (url) => {
    await picture(url, "docs/pictures/dashboard-study.png", [900, 1068]);
    await picture(url, "docs/pictures/dashboard-contour.png", [900, 1060], "Two hyperparameters");
  });
  await served(largeStore, large, (url) => picture(url, "docs/pictures/dashboard-large.png", [900, 1068]));
}
await browser.close();
