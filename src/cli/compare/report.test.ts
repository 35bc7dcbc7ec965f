import { expect, test } from "vitest";

import type { LossCurve } from "../../api/comparison.ts";
import { renderComparison } from "./report.ts";
import { standingsOf } from "./table.ts";

const curve = (seed: number, points: LossCurve["points"]): LossCurve => ({
  ...{ method: "delta-stn", seed, points, trials: 1 },
  ...(points.length === 0 && { failed: "there was no time" }),
});

const pageOf = (curves: readonly LossCurve[]) =>
  renderComparison({
    ...{ title: "digits", curves, standings: standingsOf(curves), seconds: 2, seeds: curves.length },
    command: "hypertrain compare",
  });

test("a comparison with nothing to draw says so in the place of its chart", async () => {
  const point = { seconds: 1, gradientEvaluations: 10, valid: { loss: 0.5 } };
  const drawn = await pageOf([curve(0, [point]), curve(1, [point])]);
  expect(drawn).toContain("<svg");
  expect(drawn).not.toContain("nothing to draw");
  const empty = await pageOf([curve(0, [point]), curve(1, [])]);
  expect(empty).not.toContain("<figure");
  expect(empty).toContain("nothing to draw");
});
