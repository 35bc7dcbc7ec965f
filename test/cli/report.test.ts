import { spawnSync } from "node:child_process";

import { chromium } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";

import type { ResultPoint, TuneResult } from "../../src/api/result.ts";
import type { HyperPoint, TracePoint } from "../../src/api/trace.ts";
import { parseConfig } from "../../src/cli/config.ts";
import type { NumberTable } from "../../src/report/page.ts";
import { renderReport } from "../../src/report/report.ts";
import { real } from "../../src/space/real.ts";
import { createSpace } from "../../src/space/space.ts";

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
    warnings: ['column "<script>alert(1)</script>" is odd & far'],
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

/** The numbers that a page holds. */
const numbersOf = (html: string) =>
  JSON.parse(/id="numbers">([\s\S]*?)<\/script>/.exec(html)?.[1] as string) as Record<string, NumberTable>;

const drift = (epoch: number): HyperPoint => ({ value: 0.05 + epoch / 100, scale: 1, band: [0.02, 0.3] });
const decay = (epoch: number): HyperPoint => ({ value: 1e-4 * 0.9 ** epoch, scale: 1, band: [1e-6, 1e-3] });

describe("the report", () => {
  test("shows losses, hyperparameters, the comparison, warnings and how to repeat the run", async () => {
    const html = await renderReport(
      invented((epoch) => ({ "dropout.input": drift(epoch), "l2.fc1": decay(epoch) })),
    );
    expect(html.match(/<svg /g)).toHaveLength(2 * 2 + 1 + 2); // losses and weight decays in both scales
    for (const name of ["training", "validation", "test", "fixed start"])
      expect(html).toContain(`>${name}</text>`);
    expect(html).toContain('stroke="var(--valid)"');
    expect(html).toContain("stroke-dasharray");
    expect(html).toContain("Tuned by Delta-STN");
    expect(html).toContain("hypertrain tune");
    expect(html).toContain("prefers-color-scheme: dark");
  });

  test("draws every curve through its points", async () => {
    const html = await renderReport(invented((epoch) => ({ "dropout.input": drift(epoch) })));
    const lines = [...html.matchAll(/aria-label="[^"]*loss[^"]*".*?<\/svg>/gs)].flatMap(([svg]) =>
      [...svg.matchAll(/ d="(M[^"]*L[^"]*)"/g)].map(([, d]) => (d as string).split("L").length),
    );
    expect(lines.filter((points) => points >= EPOCHS)).toHaveLength(2 * 2 * 4);
  });

  test("is one file: nothing from elsewhere, also through its script", async () => {
    const html = await renderReport(invented((epoch) => ({ "dropout.input": drift(epoch) })));
    expect(html).not.toMatch(
      /<link|<img|\bsrc=|@import|(?<!Object)url\(|fetch\(|import\(|XMLHttp|http-equiv/i,
    );
    expect(html.match(/<script\b[^>]*>/g)).toEqual([
      '<script type="application/json" id="numbers">',
      "<script>",
    ]);
  });

  test("says where a plot lies, so that its numbers are shown where the curves are", async () => {
    const html = await renderReport(invented((epoch) => ({ "l2.fc1": decay(epoch) })));
    const svgs = [...html.matchAll(/<svg [^>]*data-plot="([^"]*)"[^>]*>.*?<\/svg>/gs)];
    expect(svgs).toHaveLength(2 * 2 + 2);
    for (const [svg, plot] of svgs) {
      const [left, top, width, height, low, high] = (plot as string).split(" ").map(Number) as number[];
      expect([low, high]).toEqual([0, EPOCHS]);
      const [box] = /viewBox="([^"]*)"/.exec(svg) as RegExpExecArray;
      const [, , whole, tall] = box.slice(9, -1).split(" ").map(Number) as number[];
      expect((left as number) + (width as number)).toBeLessThanOrEqual(whole as number);
      expect((top as number) + (height as number)).toBeLessThanOrEqual(tall as number);
      const curves = [...svg.matchAll(/ d="(M[^"]*L[^"]*)"/g)].map(([, d]) =>
        (d as string).split(/[ML]/).slice(1),
      );
      const curve = curves.find((points) => points.length === EPOCHS + 1) as string[]; // a point for each epoch, from 0
      curve.forEach((point, epoch) => {
        expect(Number(point.split(",")[0])).toBeCloseTo((epoch / EPOCHS) * (width as number), 1);
      });
    }
  });

  test("gives away the numbers of its charts", async () => {
    const input = invented((epoch) => ({ "l2.fc1": decay(epoch) }));
    const html = await renderReport(input);
    const { trace } = numbersOf(html);
    expect(trace?.columns).toEqual([
      ...[
        "epoch",
        "training",
        "validation",
        "test",
        "validation accuracy",
        "test accuracy",
        "fixed start",
        "l2.fc1",
      ],
    ]);
    const { train, valid, test } = input.trace[7] as TracePoint;
    expect(trace?.rows[7]).toEqual([
      ...[7, train?.loss, valid.loss, test?.loss, 0.9, 0.9, valid.loss, decay(7).value],
    ]);
  });

  test("of a search: the best so far never rises, and the start line is where the search would have started", async () => {
    const input = invented((epoch) => ({ "dropout.input": { value: 0.9 - (epoch % 5) / 100 } }));
    const trace = input.trace.map((point, i) => ({
      ...point,
      valid: { loss: 1 + Math.cos(i) },
      trial: { number: Math.floor(i / 5), epoch: i % 5 },
    }));
    const start = { hyperparameters: { "dropout.input": 0.05 } };
    const html = await renderReport({
      ...input,
      result: { ...input.result, start, trainings: 5 },
      trace,
      baseline: [],
    });
    const { columns = [], rows = [] } = numbersOf(html).trace ?? {};
    const best = rows.map((row) => row[columns.indexOf("best so far")]);
    expect(best).toEqual(
      trace.map((_, i) => Math.min(...trace.slice(0, i + 1).map(({ valid }) => valid.loss))),
    );
    expect(html).toContain(">best so far</text>");
    const card = /<figure class="card">.*?<\/figure>/s.exec(html)?.[0] ?? "";
    const ticks = [...card.matchAll(/translate\(-6,([\d.]+)\)"[^>]*>([\d.]+)<\/text>/g)].map(
      ([, y, text]) => ({
        y: Number(y) - 3, // a label's baseline is 3 below its tick
        value: Number(text),
      }),
    );
    const [low, high] = [ticks[0], ticks.at(-1)] as [(typeof ticks)[0], (typeof ticks)[0]];
    const dotted = /<line transform="translate\(0,([\d.]+)\)"[^>]*stroke="var\(--faint\)"/.exec(card)?.[1];
    const value = low.value + ((Number(dotted) - low.y) / (high.y - low.y)) * (high.value - low.value);
    expect(value).toBeCloseTo(0.05, 3);
  });

  test("of a run that goes on says so and loads itself anew", async () => {
    const input = invented((epoch) => ({ "dropout.input": drift(epoch) }));
    const html = await renderReport({ ...input, result: { ...input.result, ended: "running" }, refresh: 3 });
    expect(html).toContain('<meta http-equiv="refresh" content="3" />');
    expect(html).toContain("The run goes on; after epoch 20");
  });

  test("escapes all text", async () => {
    const html = await renderReport(invented((epoch) => ({ "a<i>&": drift(epoch) }), "<u>title</u>"));
    expect(html).not.toMatch(/<i>|<u>|<b>"|alert\(1\)<\/script>|a<b>|runs\/<b>/);
    expect(html).toContain("&lt;u&gt;title&lt;/u&gt;");
    expect(html).toContain("a&lt;i&gt;&amp;");
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("gained &lt;nothing&gt;");
  });

  test("copes with 26 hyperparameters, with none, and with one for every weight", async () => {
    const many = await renderReport(
      invented((epoch) =>
        Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`dropout.fc${i}`, drift(epoch)])),
      ),
    );
    expect(many.match(/<figure class="card">/g)).toHaveLength(26);
    const none = await renderReport(invented(() => ({})));
    expect(none).not.toContain("Hyperparameters</h2>");
    const each = await renderReport(
      invented((epoch) => ({
        "l2.each": { value: Array.from({ length: 7850 }, (_, i) => 1e-6 * (1 + i) * (1 + epoch)) },
      })),
    );
    expect(each).toContain("10 % to the 90 % quantile");
    expect(each.length).toBeLessThan(300_000);
  });

  test("keeps a long run small", async () => {
    const input = invented((epoch) => ({ "dropout.input": drift(epoch) }));
    const long = Array.from({ length: 20_000 }, (_, i) => ({
      ...(input.trace[i % 20] as TracePoint),
      epoch: i,
    }));
    const html = await renderReport({ ...input, trace: long, baseline: long });
    expect(html.length).toBeLessThan(300_000);
  });
});

const browser = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== "" && spawnSync(path, ["--version"]).status === 0,
);

test.skipIf(browser === undefined)(
  "a report fits a phone: tables scroll in themselves, and labels can be read",
  async () => {
    const names = Array.from({ length: 8 }, (_, i) => `l2.a-layer-with-a-rather-long-name-${i}`);
    const html = await renderReport(
      invented(
        (epoch) => Object.fromEntries(names.map((name) => [name, decay(epoch)])),
        "a-file-with-a-long-name-and-no-blank_".repeat(3),
      ),
    );
    const opened = await chromium.launch({ executablePath: browser as string, args: ["--no-sandbox"] });
    onTestFinished(() => opened.close());
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await opened.newPage({ viewport: { width: 390, height: 800 }, colorScheme });
      await page.setContent(html);
      const seen = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        heights: [...document.querySelectorAll("svg text")].flatMap(
          (text) => text.getBoundingClientRect().height || [],
        ),
      }));
      expect(seen.width).toBe(390);
      expect(seen.heights.length).toBeGreaterThan(20);
      expect(Math.min(...seen.heights)).toBeGreaterThan(11);
    }
  },
);
