import { describe, expect, test } from "vitest";

import { choice } from "../space/choice.ts";
import { integer } from "../space/integer.ts";
import { real } from "../space/real.ts";
import { createSpace } from "../space/space.ts";
import { randomKey } from "../util/random.ts";
import { bestImprovement } from "./best-improvement.ts";
import { conditional, type SearchSpace } from "./conditions.ts";
import { coordinatesOf, randomPoint, settled } from "./coordinates.ts";
import { gpInputs } from "./gp-inputs.ts";
import { gpParameters } from "./gp-parameters.ts";
import { gpSampler } from "./gp-sampler.ts";
import { matern52 } from "./gp/matern52.ts";
import { toLog } from "./gp/parameters.ts";
import { posterior, predict } from "./gp/posterior.ts";
import { logEi } from "./log-ei.ts";
import type { Trial } from "./sampler.ts";

const mixed = conditional(
  createSpace({
    x: real(0.5, { low: 0, high: 1 }),
    n: integer(2, { low: 1, high: 4 }),
    kind: choice("a", { options: ["a", "b", "c"] }),
    extra: real(0.5, { low: 0, high: 1 }),
  }),
  { extra: { of: "kind", in: ["b"] } },
);
const line = createSpace({ x: real(0.5, { low: 0, high: 1 }) });

test("points become inputs: cells, one of each option, the middle for what is missing", () => {
  const { size, first, encode } = gpInputs(mixed);
  expect([size, first]).toEqual([6, [0, 1, 2, 5]]);
  const rows = [
    [0.3, 0.6, 0.9, 0.2],
    [0.3, 0.01, 0.4, 0.2],
  ].map((point) => settled(mixed, point));
  const wanted = [0.3, 0.625, 0, 0, 1, 0.5, 0.3, 0.125, 0, 1, 0, 0.2];
  encode(rows).forEach((input, i) => expect(input).toBeCloseTo(wanted[i] as number, 12));
});

/** Some history of a space, what is known from it, and the highest log EI on a fine grid or in all cells. */
function question(space: SearchSpace, count: number) {
  const { length } = coordinatesOf(space);
  const inputs = gpInputs(space);
  const points = Array.from({ length: count }, (_, i) =>
    settled(space, randomPoint(randomKey(8, "q"), i, length)),
  );
  const losses = Float64Array.from(
    points,
    (point) => Math.sin(9 * (point[0] as number)) + (point[1] ?? 0) ** 2,
  );
  const theta = toLog({
    signalVariance: 1,
    lengthScales: Array.from({ length: inputs.size }, () => 0.4),
    noise: 1e-4,
  });
  const known = posterior({ inputs: inputs.encode(points), targets: losses }, matern52(inputs.size), theta, {
    standardize: true,
  });
  const best = losses.reduce((least, loss) => Math.min(least, loss));
  const score = (all: readonly Float64Array[]) =>
    logEi(predict(known, inputs.encode(all.map((point) => settled(space, point)))), best);
  const history = { points, losses, running: [] };
  return { space, inputs, known, best, history, candidates: 64, key: randomKey(1, "test"), score };
}

describe("the best improvement", () => {
  test("is the highest of a fine grid, on a line", () => {
    for (const count of [3, 6, 10]) {
      const { score, ...asked } = question(line, count);
      const fine = Array.from({ length: 4000 }, (_, i) => Float64Array.of((i + 0.5) / 4000));
      const highest = score(fine).reduce((most, value) => Math.max(most, value));
      expect(score([bestImprovement(asked)])[0]).toBeGreaterThan(highest - 1e-5);
    }
  });

  test("is as high as any of 20,000 points of a mixed space", () => {
    const { score, ...asked } = question(mixed, 12);
    const many = Array.from({ length: 20_000 }, (_, i) => randomPoint(randomKey(2, "many"), i, 4));
    const highest = score(many).reduce((most, value) => Math.max(most, value));
    expect(score([bestImprovement(asked)])[0]).toBeGreaterThan(highest - 0.05);
  });

  test("is no point of the history while there are others", () => {
    const four = createSpace({ a: choice("p", { options: ["p", "q"] }), n: integer(1, { low: 1, high: 2 }) });
    const places = [0.25, 0.75].flatMap((a) => [0.25, 0.75].map((n) => Float64Array.of(a, n)));
    for (let left = 0; left < 4; left++) {
      const { history: _, ...asked } = question(four, 3);
      const points = places.filter((_, i) => i !== left);
      const losses = Float64Array.of(1, 2, 3);
      const point = bestImprovement({ ...asked, history: { points, losses, running: [] } });
      expect([...settled(four, point)]).toEqual([...(places[left] as Float64Array)]);
    }
  });
});

describe("the parameters", () => {
  const kernel = matern52(1);
  const observed = (count: number) => ({
    inputs: Float64Array.from({ length: count }, (_, i) => (i * 0.618) % 1),
    targets: Float64Array.from({ length: count }, (_, i) => Math.cos(5 * ((i * 0.618) % 1))),
  });
  const key = randomKey(1, "parameters");

  test("are a function of the observations, not of what was asked before", () => {
    const used = gpParameters(kernel);
    for (const count of [3, 20, 8]) used(observed(count), key);
    expect(used(observed(15), key)).toEqual(gpParameters(kernel)(observed(15), key));
  });

  test("are fitted at every observation up to twelve, then at 14, 17, 20, …", () => {
    const parameters = gpParameters(kernel);
    const changes = Array.from({ length: 20 }, (_, i) => i + 2).filter(
      (count) => parameters(observed(count), key).join() !== parameters(observed(count - 1), key).join(),
    );
    expect(changes).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 17, 20]);
  });

  test("are those of another fit for another key or other targets", () => {
    const parameters = gpParameters(kernel);
    const { inputs, targets } = observed(6);
    const before = parameters({ inputs, targets }, key);
    expect(parameters({ inputs, targets: targets.map((y, i) => (i === 2 ? y + 1 : y)) }, key)).not.toEqual(
      before,
    );
    expect(parameters({ inputs, targets }, key)).toEqual(before);
  });
});

test("two trials at once are apart", () => {
  const sampler = gpSampler({ startupTrials: 5 });
  const trials = Array.from({ length: 8 }, (_, number): Trial => {
    const x = (number + 0.5) / 8;
    return { number, values: { x }, state: "finished", value: (x - 0.6) ** 2 };
  });
  const next = (number: number) => sampler.suggest({ space: line, trials, seed: 1, number }).x as number;
  const first = next(8);
  trials.push({ number: 8, values: { x: first }, state: "running" });
  expect(first).toBeCloseTo(0.6, 1);
  expect(Math.abs(next(9) - first)).toBeGreaterThan(1e-3);
});
