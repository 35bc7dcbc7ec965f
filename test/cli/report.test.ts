import { describe, expect, test } from "vitest";

import type { TracePoint } from "../../src/api/trace.ts";
import type { PageSnapshot } from "../../src/report/page.ts";
import { pageAssets } from "../../src/artifacts/page-assets.ts";
import { renderReport } from "../../src/report/report.ts";
import type { RunPage } from "../../src/report/run-page.ts";
import { decay, drift, EPOCHS, invented } from "./invented-run.ts";

const assets = await pageAssets();

/** What a page shows where there is a script. */
const shownIn = (html: string): RunPage => {
  const { json } = JSON.parse(/id="snapshot">([\s\S]*?)<\/script>/.exec(html)?.[1] as string) as PageSnapshot;
  return Object.values(json)[0] as RunPage;
};

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
