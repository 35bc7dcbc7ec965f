import { describe, expect, test } from "vitest";

import type { ResultPoint, TuneResult } from "../../src/api/result.ts";
import type { HyperPoint, TracePoint } from "../../src/api/trace.ts";
import { parseConfig } from "../../src/cli/config.ts";
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
    space,
    title,
    trace,
    baseline: trace,
  };
}

const drift = (epoch: number): HyperPoint => ({ value: 0.05 + epoch / 100, scale: 1, band: [0.02, 0.3] });
const decay = (epoch: number): HyperPoint => ({ value: 1e-4 * 0.9 ** epoch, scale: 1, band: [1e-6, 1e-3] });

describe("the report", () => {
  test("shows losses, hyperparameters, the comparison, warnings and how to repeat the run", async () => {
    const html = await renderReport(
      invented((epoch) => ({ "dropout.input": drift(epoch), "l2.fc1": decay(epoch) })),
    );
    expect(html.match(/<svg /g)).toHaveLength(2 + 2);
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
    expect(lines.filter((points) => points >= EPOCHS)).toHaveLength(2 * 4);
  });

  test("is one file: no script, nothing from elsewhere", async () => {
    const html = await renderReport(invented((epoch) => ({ "dropout.input": drift(epoch) })));
    expect(html).not.toMatch(/<script|<link|<img|\bsrc=|@import|url\(/i);
    expect(html.replace(/xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:/);
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
