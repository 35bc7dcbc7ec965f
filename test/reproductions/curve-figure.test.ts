import { expect, test } from "vitest";

import { curveFigure, endOf, thinned } from "../../reproductions/hyper-training-2018/curve-figure.ts";
import { renderSvg } from "../../scripts/figures/render.ts";

const at = (seconds: number, valid: number) => ({
  ...{ step: seconds, seconds, valid, test: valid + 1 },
  ...{ mean: 0, spread: 0 },
});

test("thinned curves keep both ends, and between them steps of a twentieth", () => {
  const points = [100, 101, 104, 105, 106, 110, 110.25, 111].map((seconds) => at(seconds, 0));
  expect(thinned(points).map(({ seconds }) => seconds)).toEqual([100, 105, 110.25, 111]);
});

test("a curve ends where it is on average over the last tenth of its seconds", () => {
  const points = [at(1, 50), at(89, 20), at(90, 4), at(95, 1), at(100, 1)];
  expect(endOf({ method: "any", points })).toEqual({ valid: 2, test: 3 });
});

test("a figure draws every method of its panels, and no other", async () => {
  const panels = [{ title: "one", curves: [{ method: "mine", points: [at(1, 0.5), at(2, 0.6)] }] }];
  const colours = { mine: "#123456", theirs: "#654321" };
  const options = { title: "Losses", subtitle: "", panels, colours, loss: "loss" };
  const svg = await renderSvg(curveFigure({ ...options, domain: [0, 2] }));
  expect([svg.includes("#123456"), svg.includes("#654321")]).toEqual([true, false]);
});
